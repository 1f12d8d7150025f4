"""A capture in, what was found out: every TLS connection, how it ended and why."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from tlswire import findings, preambles
from tlswire.causes import diagnose
from tlswire.causes.case import Case
from tlswire.ending import Ending, judge, refused_preamble
from tlswire.flow import Endpoint, Flow, Sink
from tlswire.offer import Offer, read_offer
from tlswire.preambles import Preamble
from tlswire.result import Connection, Datagrams, Document, Summary, Verdict
from tlswire.session import Session
from tlswire.sources.capture import open_capture
from tlswire.sources.tcp import Conversations
from tlswire.transcript import Transcript

#: Ports on which TLS is usual: a conversation there is listed even when it carried no TLS byte.
TLS_PORTS = frozenset(
    {443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 2376, 3269, 4433, 4443, 5061, 5223}
    | {5349, 5671, 5986, 6443, 6514, 6697, 8243, 8443, 8883, 9443, 10443, 50636}
)


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


@dataclass(slots=True)
class Scan:
    """All that one capture holds."""

    name: str
    seen: list[Seen] = field(default_factory=list)
    packets: int = 0
    last_at: float = 0.0
    notes: list[str] = field(default_factory=list)
    datagrams: tuple[Datagrams, ...] = ()

    def listed(self, *, all_tcp: bool = False) -> list[Seen]:
        """Return the conversations that belong in a report, by number."""
        speakers = {s.flow.server.endpoint for s in self.seen if s.spoke_tls}
        return [s for s in self.seen if all_tcp or _belongs(s, speakers)]


def _belongs(seen: Seen, speakers: set[Endpoint]) -> bool:
    if seen.spoke_tls or seen.transcript.foreign:
        return True
    server = seen.flow.server.endpoint
    if server.port in TLS_PORTS or server in speakers:
        return True
    wanted = seen.preamble is not None and seen.preamble.refused is not None
    return wanted or _asks_for_tls(seen.transcript.cleartext.get("server", b""))


def _asks_for_tls(reply: bytes) -> bool:
    """Tell whether a cleartext answer complains that TLS was due: nginx's and Apache's words."""
    text = reply[:2048].lower()
    return b"http request was sent to https" in text or b"speaking plain http to an ssl" in text


def scan(source: str | Path | BinaryIO, progress: Callable[[int], None] | None = None) -> Scan:
    """Read a capture to its end. Raises CaptureError when it is none."""
    capture = open_capture(source)
    found = Scan(str(source) if isinstance(source, str | Path) else "-")
    sessions: dict[int, Session] = {}

    def opened(flow: Flow) -> Sink:
        sessions[flow.number] = Session(midway=not flow.saw_syn)
        flows.append(flow)
        return sessions[flow.number]

    flows: list[Flow] = []
    conversations = Conversations(opened)
    for packet in capture:
        conversations.packet(packet)
        found.packets, found.last_at = packet.number, max(found.last_at, packet.at)
    conversations.finish()
    for flow in sorted(flows, key=lambda f: f.number):
        found.seen.append(understand(flow, sessions[flow.number], found.last_at))
    found.notes.extend(capture.notes)
    return found


def understand(flow: Flow, session: Session, until: float) -> Seen:
    """Settle one conversation: its transcript, its preamble, how it ended."""
    transcript = session.end(until)
    hello = transcript.client_hello
    seen = Seen(flow, session, transcript, judge(transcript, flow, until), until=until)
    seen.offer = read_offer(hello) if hello is not None else None
    before = transcript.cleartext
    if any(before.values()):
        seen.preamble = preambles.recognise(before.get("client", b""), before.get("server", b""))
        if hello is None and seen.preamble is not None and seen.preamble.refused:
            seen.ending = refused_preamble(seen.ending)
    return seen


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


def decode(source: str | Path | BinaryIO, *, all_tcp: bool = False) -> Document:
    """Return everything found in a capture, as the contract's document."""
    found = scan(source)
    chosen = list(explain(found.listed(all_tcp=all_tcp)))
    return document(found, chosen)


def document(found: Scan, chosen: list[Seen]) -> Document:
    """Return the contract's document of the chosen conversations."""
    connections = tuple(findings.connection(seen) for seen in chosen)
    return Document(
        capture=found.name, connections=connections, summary=summarise(found, connections)
    )


def summarise(found: Scan, connections: tuple[Connection, ...]) -> Summary:
    """Count outcomes and group equal failures."""
    counts = dict.fromkeys(("established", "failed", "incomplete", "not_tls"), 0)
    for connection in connections:
        counts[connection.outcome] += 1
    return Summary(
        packets=found.packets,
        connections=len(connections),
        tcp_without_tls=len(found.seen) - len(connections),
        failures=findings.group(connections),
        datagrams=found.datagrams,
        notes=tuple(found.notes),
        **counts,
    )
