"""One conversation as it is understood: facts, transcript, preamble, ending, verdict.

Captures and live replays meet here: both bring a flow and a session.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tlswire import preambles
from tlswire.causes import diagnose
from tlswire.causes.case import Case
from tlswire.ending import Ending, judge, refused_preamble
from tlswire.flow import Flow
from tlswire.offer import Offer, read_offer
from tlswire.preambles import Preamble
from tlswire.result import Verdict
from tlswire.session import Session
from tlswire.transcript import Transcript


@dataclass(slots=True)
class Seen:
    """One conversation of the capture, with all that was understood of it."""

    flow: Flow
    session: Session
    transcript: Transcript
    ending: Ending
    offer: Offer | None = None
    preamble: Preamble | None = None
    until: float = 0.0
    verdict: Verdict | None = None

    @property
    def spoke_tls(self) -> bool:
        """Tell whether any TLS byte was seen."""
        return bool(self.transcript.messages)

    @property
    def server(self) -> str:
        """Return the server's `ip:port`."""
        return str(self.flow.server.endpoint)

    @property
    def failed(self) -> bool:
        """Tell whether the handshake failed or never was TLS."""
        return self.ending.outcome in ("failed", "not_tls")


def understand(flow: Flow, session: Session, until: float) -> Seen:
    """Settle one conversation: its transcript, its preamble, how it ended."""
    transcript = session.end(until)
    hello = transcript.client_hello
    seen = Seen(flow, session, transcript, judge(transcript, flow, until), until=until)
    seen.offer = read_offer(hello) if hello is not None else None
    before = transcript.cleartext
    if any(before.values()):
        seen.preamble = preambles.recognise(before.get("client", b""), before.get("server", b""))
        seen.ending = _weigh_cleartext(seen)
    return seen


def _weigh_cleartext(seen: Seen) -> Ending:
    """A server that refused the preamble, or said what nobody asked for, ended it by that."""
    ending, preamble = seen.ending, seen.preamble
    if seen.transcript.client_hello is None:
        return refused_preamble(ending) if preamble and preamble.refused else ending
    invited = preamble.server_end if preamble else 0
    uninvited = len(seen.transcript.cleartext.get("server", b"")) > invited
    if ending.side == "server" and ending.how in ("fin", "rst") and uninvited:
        return ending._replace(how="non_tls")
    return ending


def explain(chosen: list[Seen]) -> Iterator[Seen]:
    """Give each conversation its verdict; the others to the same server are told to the causes."""
    by_server: dict[str, list[Ending]] = {}
    for seen in chosen:
        by_server.setdefault(seen.server, []).append(seen.ending)
    for seen in chosen:
        others = [e for e in by_server[seen.server] if e is not seen.ending]
        case = Case(seen.transcript, seen.flow, seen.ending, seen.offer, seen.until, others)
        seen.verdict = diagnose(case)
        yield seen
