"""What a cause looks at, and what it answers. Every cause file speaks in these words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, NamedTuple, Protocol

from tlswire import certificates, preambles
from tlswire.causes import story, wording
from tlswire.certificates import Certificate
from tlswire.codes import Alert, AlertLevel
from tlswire.ending import PATIENCE, Ending
from tlswire.flow import Flow, Who
from tlswire.language import mark, say
from tlswire.offer import Offer
from tlswire.preambles import Preamble
from tlswire.result import Addressee, Confidence, Evidence, Remedy
from tlswire.transcript import AlertSeen, Entry, Transcript, alert_of
from tlswire.trust import Judged

#: Silence is measured up to here, in seconds: later times belong to another day's capture.
BELIEVED = 3600.0
LASTING = {"for": mark("for {time}"), "within": mark("within {time}")}
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
        return Remedy(who=self.who, text=say(self.text))


class Finding(NamedTuple):
    """A cause that fits: how sure, the facts it rests on, and why in a clause of a sentence.

    `weight` orders findings of equal confidence: how well this one fits, from 0 to 100.
    """

    confidence: Confidence
    evidence: tuple[Evidence, ...]
    why: str
    weight: int = 50


class Refuted(NamedTuple):
    """A cause that was looked for and cannot be, and why."""

    why: str


def likeness(offer: Offer) -> int:
    """Return a number that is the same for offers with the same lists."""
    lists = offer.versions, offer.suites, offer.groups, offer.signature_algorithms, offer.alpn
    return hash((*lists, frozenset(offer.extensions)))


class Neighbour(NamedTuple):
    """Another connection to the same server: what was offered, what was chosen, how it ended."""

    ending: Ending
    client: str
    server_name: str | None = None
    likeness: int | None = None
    version: int | None = None
    suite: int | None = None
    traits: frozenset[str] = frozenset()  # of its ClientHello, where that is known whole
    preamble: str | None = None  # the dialogue before TLS


class Case(NamedTuple):
    """One connection that is to be explained; `others` and `neighbours` went to the same server."""

    transcript: Transcript
    flow: Flow
    ending: Ending
    offer: Offer | None
    until: float
    others: Sequence[Ending] = ()
    neighbours: Sequence[Neighbour] = ()
    client_serves_tls: bool = False  # the client's address is a TLS server of the capture
    trust: Judged | None = None  # what the client's own store says of the server's chain
    revealed: Transcript | None = None  # what a replay saw of the server behind the encryption

    # -- how it ended ------------------------------------------------------------------

    @property
    def alert(self) -> AlertSeen | None:
        """Return the alert that ended it, when it was in the clear.

        A server's alert of which only the length is known is weighed as the most usual one.
        """
        if self.unread and self.ending.side == "server":
            return AlertSeen(AlertLevel.fatal, Alert.handshake_failure)
        return alert_of(self.ending.entry) if self.ending.entry is not None else None

    @property
    def unread(self) -> bool:
        """Tell whether an alert in clear ended it that the capture does not hold (`one_sided`)."""
        entry = self.ending.entry
        return self.ending.how == "alert" and entry is not None and entry.what == "lost"

    @property
    def unseen(self) -> Who | None:
        """Return the side of which the capture holds no packet."""
        flow = self.flow
        return "client" if not flow.client.packets else None if flow.server.packets else "server"

    def alerted(self, who: Who, *codes: int) -> bool:
        """Tell whether `who` ended it with one of these alerts, in the clear."""
        alert = self.alert
        return self.ending.side == who and alert is not None and alert.code in codes

    def stopped(self, *states: str) -> bool:
        """Tell whether one of these messages was awaited at the end."""
        return self.ending.stopped_at in states

    def ended(self, side: str, *hows: str) -> bool:
        """Tell whether `side` ended it in one of these ways."""
        return self.ending.side == side and self.ending.how in hows

    @property
    def ended_at(self) -> float:
        """Return when it ended, in seconds since the epoch; the end of the capture for silence."""
        return self.ending.entry.at if self.ending.entry is not None else self.until

    @property
    def waited(self) -> float:
        """Return the seconds from the last message, or the TCP handshake, to the end."""
        before = [e.at for e in self.transcript.messages if e.at < self.ended_at]
        since = max(before, default=self.flow.opened_at or self.flow.started)
        return max(0.0, self.ended_at - since)

    def lasting(self, preposition: Literal["for", "within"]) -> str:
        """Return the wait in words: "for 3.1 s", or that of a capture merged from several days.

        Silence that nobody ended lasts to the end of the capture, which tells nothing when a
        merged capture ends long after this connection.
        """
        if self.ending.entry is None and self.waited > BELIEVED:
            return say("to the end of the capture, which holds nothing more of it")
        return say(LASTING[preposition], time=wording.seconds(self.waited))

    @property
    def closing(self) -> Evidence:
        """Return the end itself as evidence."""
        return cite(self.ending.entry, self.told)

    @property
    def told(self) -> str:
        """Return where, who and how, as the beginning of a sentence."""
        side = self.ending.side
        spoken = self.opening(side) if side == "client" or side == "server" else b""
        return story.ending(self.ending, self.flow, spoken)

    @property
    def left_at_once(self) -> Literal["fin", "rst"] | None:
        """Return how the client left when that was its first act after the handshake.

        A close_notify does not count: that is how a client leaves that only wanted to see whether
        the server is there.
        """
        since = self.transcript.established_at
        if since is None:
            return None
        after = [e for e in self.transcript.entries if e.at >= since and e.who == "client"]
        first = next((e for e in after if not _ends_handshake(e)), None)
        if first is None or first.at - since >= PATIENCE:
            return None
        return "rst" if first.what == "rst" else "fin" if first.what == "fin" else None

    @property
    def unused(self) -> bool:
        """Tell whether TCP opened and the client never sent a byte."""
        opened = self.flow.opened_at is not None and self.hello is None
        return opened and self.flow.client.sent == 0

    @property
    def served_others(self) -> bool:
        """Tell whether another connection to the same server was established."""
        return any(other.outcome == "established" for other in self.others)

    @property
    def served(self) -> tuple[Neighbour, ...]:
        """Return the connections to the same server that were established."""
        return tuple(n for n in self.neighbours if n.ending.outcome == "established")

    @property
    def served_alike(self) -> bool:
        """Tell whether the same offer under the same name was served in another connection."""
        if self.offer is None:
            return False
        own = (likeness(self.offer), self.offer.server_name)
        return any((n.likeness, n.server_name) == own for n in self.served)

    def served_after(self, protocol: str) -> bool:
        """Tell whether all that the same server served began in clear with this protocol."""
        begun = [n.preamble or "" for n in self.served]
        return bool(begun) and all(name.startswith(protocol) for name in begun)

    def served_with(self, trait: str) -> bool:
        """Tell whether the same server served a ClientHello that has the trait."""
        return any(trait in n.traits for n in self.served if n.likeness is not None)

    def served_without(self, trait: str) -> bool:
        """Tell whether the same server served a ClientHello without the trait, and none with it."""
        known = [n.traits for n in self.served if n.likeness is not None]
        return bool(known) and not any(trait in traits for traits in known)

    def refused_without(self, trait: str) -> bool:
        """Tell whether the same server refused a ClientHello without the trait in the same way."""
        own = self.ending._replace(entry=None, began=None)
        return any(
            n.ending == own and n.likeness is not None and trait not in n.traits
            for n in self.neighbours
        )

    @property
    def served_other_name(self) -> str | None:
        """Return another name under which the same server served, when it never served this one."""
        names = {n.server_name for n in self.served if n.likeness is not None}
        if self.server_name in names or (self.server_name is None and None in names):
            return None
        return min((name for name in names if name), default=None)

    # -- what was said -----------------------------------------------------------------

    def said(self, what: str, who: Who | None = None) -> Entry | None:
        """Return the first message of that name."""
        for entry in self.transcript.entries:
            if entry.what == what and who in (None, entry.who):
                return entry
        return None

    @property
    def hello(self) -> Entry | None:
        """Return the ClientHello, where the capture has all of it."""
        hello = self.transcript.client_hello
        return hello if hello is not None and not hello.cut else None

    def extension(self, number: int) -> dict[str, Any] | None:
        """Return the body of an extension of the ClientHello."""
        return self.hello.extension(number) if self.hello is not None else None

    @property
    def server_name(self) -> str | None:
        """Return the name the client asked for (RFC 6066 section 3)."""
        return self.offer.server_name if self.offer is not None else None

    def opening(self, who: Who) -> bytes:
        """Return what a side said in clear where TLS was due: before it, or instead of it.

        The dialogue by which both agreed to begin TLS is no such thing.
        """
        transcript, preamble = self.transcript, self.preamble
        clear = transcript.cleartext.get(who, b"")
        if preamble is not None and not preamble.awaits and not preamble.refused:
            clear = clear[preamble.client_end if who == "client" else preamble.server_end :]
        return clear or transcript.foreign.get(who, b"")

    def named(self, who: Who) -> str | None:
        """Return the name of the cleartext a side said."""
        return preambles.name_bytes(self.opening(who), who) if self.opening(who) else None

    def spoken(self, who: Who, text: str) -> Evidence:
        """Return a fact about what a side said in clear, with the frame in which it began to."""
        began = self.transcript.cleartext_from.get(who)
        said = self.said("not_tls", who)
        frame = began[1] if began is not None else said.frame if said is not None else None
        return Evidence(text=text, frame=frame or None, sender=who, offset=0)

    @property
    def preamble(self) -> Preamble | None:
        """Return the dialogue before TLS, where one was recognised."""
        return self.transcript.preamble

    @property
    def asked_in_clear(self) -> bool:
        """Tell whether the client asked for TLS in clear, in a dialogue that is known."""
        preamble = self.preamble
        return preamble is not None and not (preamble.awaits or "").startswith("client")

    @property
    def chain(self) -> tuple[Certificate, ...]:
        """Return the server's certificates, in the clear or as a replay saw them; leaf first."""
        own = self.certificates_of("server")
        if own or self.revealed is None:
            return own
        return certificates.read_chain(self.revealed.certificates("server"))

    def certificates_of(self, who: Who) -> tuple[Certificate, ...]:
        """Return a side's certificates, where they were sent in the clear; its own first."""
        return certificates.read_chain(self.transcript.certificates(who))

    @property
    def client_certificate(self) -> Entry | None:
        """Return the client's Certificate message, or the hidden record that must begin with it."""
        clear = self.said("certificate", "client")
        if clear is not None or not self.transcript.client_authenticates:
            return clear
        own = (e for e in self.transcript.entries if e.who == "client" and e.what == "encrypted")
        return next((e for e in own if e.guess in (None, "certificate")), None)


class CauseModule(Protocol):
    """What every cause file has; its docstring is its page."""

    ID: str
    STAGE: Stage
    SUMMARY: str  # the clause that says why, its blanks to be filled
    REMEDIES: tuple[Cited, ...]
    SPLIT_BY: tuple[str, ...]  # the replay variants that would tell it from its neighbours

    def look(self, case: Case) -> Finding | Refuted | None:
        """Say whether this cause explains the case; None when it has nothing to do with it."""


def _ends_handshake(entry: Entry) -> bool:
    return entry.what in ("finished", "change_cipher_spec") or entry.guess == "finished"


def cite(entry: Entry | None, text: str) -> Evidence:
    """Return a fact with the place in the capture that shows it."""
    if entry is None:
        return Evidence(text=text)
    offset, length = entry.spans[0] if entry.spans else (entry.offset, entry.length)
    frame = entry.frame or None
    return Evidence(text=text, frame=frame, sender=entry.who, offset=offset, length=length or None)
