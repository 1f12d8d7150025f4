"""What a cause looks at, and what it answers. Every cause file speaks in these words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

from tlswire.ending import Ending
from tlswire.flow import Flow, Who
from tlswire.offer import Offer
from tlswire.result import Addressee, Confidence, Evidence, Remedy
from tlswire.transcript import AlertSeen, Entry, Transcript, alert_of

#: Stages of the catalogue, in the order in which a handshake passes them.
Stage = Literal[
    "tcp",
    "preamble",
    "client_hello",
    "server_hello",
    "certificate",
    "client_certificate",
    "finished",
    "after",
]


class Cited(NamedTuple):
    """A remedy as a cause file writes it: to whom, and what to do."""

    who: Addressee
    text: str

    @property
    def remedy(self) -> Remedy:
        """Return it as a result."""
        return Remedy(who=self.who, text=self.text)


class Finding(NamedTuple):
    """A cause that fits: how sure, and the facts it rests on."""

    confidence: Confidence
    evidence: tuple[Evidence, ...]


class Refuted(NamedTuple):
    """A cause that was looked for and cannot be, and why."""

    why: str


class Case(NamedTuple):
    """One connection that is to be explained; `others` went to the same server."""

    transcript: Transcript
    flow: Flow
    ending: Ending
    offer: Offer | None
    until: float
    others: Sequence[Ending] = ()

    @property
    def alert(self) -> AlertSeen | None:
        """Return the alert that ended it, when it was in the clear."""
        return alert_of(self.ending.entry) if self.ending.entry is not None else None

    def alerted(self, who: Who, *codes: int) -> bool:
        """Tell whether `who` ended it with one of these alerts, in the clear."""
        alert = self.alert
        return self.ending.side == who and alert is not None and alert.code in codes

    def said(self, what: str, who: Who | None = None) -> Entry | None:
        """Return the first message of that name."""
        for entry in self.transcript.entries:
            if entry.what == what and who in (None, entry.who):
                return entry
        return None

    def extension(self, number: int) -> dict[str, Any] | None:
        """Return the body of an extension of the ClientHello."""
        hello = self.transcript.client_hello
        return hello.extension(number) if hello is not None else None

    @property
    def server_name(self) -> str | None:
        """Return the name the client asked for (RFC 6066 section 3)."""
        return self.offer.server_name if self.offer is not None else None


def cite(entry: Entry | None, text: str) -> Evidence:
    """Return a fact with the place in the capture that shows it."""
    if entry is None:
        return Evidence(text=text)
    offset, length = entry.spans[0] if entry.spans else (entry.offset, entry.length)
    frame = entry.frame or None
    return Evidence(text=text, frame=frame, sender=entry.who, offset=offset, length=length)
