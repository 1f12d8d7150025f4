"""A capture in, what was found out: every TLS connection, how it ended and why."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from tlswire import findings
from tlswire.errors import CaptureError
from tlswire.flow import Endpoint, Flow, Sink
from tlswire.result import Connection, Datagrams, Document, Summary
from tlswire.seen import Seen, explain, understand
from tlswire.session import Session
from tlswire.sources.capture import Capture, open_capture
from tlswire.sources.tcp import Conversations
from tlswire.states import PREAMBLE

if TYPE_CHECKING:
    from tlswire.keys.keylog import KeyLog

#: Ports on which TLS is usual: a conversation there is listed even when it carried no TLS byte.
TLS_PORTS = frozenset(
    {443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 2376, 3269, 4433, 4443, 5061, 5223}
    | {5349, 5671, 5986, 6443, 6514, 6697, 8243, 8443, 8883, 9443, 10443, 50636}
)


#: Packets read before the conversations that ended with them are handed out.
BATCH = 4096
#: Of the cleartext of a conversation that may not belong in a report so much is kept, in bytes.
WAITING_CLEARTEXT = 2048


@dataclass(slots=True)
class Scan:
    """All that one capture holds."""

    name: str
    seen: list[Seen] = field(default_factory=list)
    packets: int = 0
    last_at: float = 0.0
    notes: list[str] = field(default_factory=list)
    datagrams: tuple[Datagrams, ...] = ()
    conversations: int = 0

    def listed(self, *, all_tcp: bool = False) -> list[Seen]:
        """Return the conversations that belong in a report, by number."""
        speakers = {s.flow.server.endpoint for s in self.seen if s.spoke_tls}
        return [s for s in self.seen if all_tcp or belongs(s, speakers)]


def listed(conversations: Iterable[Seen], *, all_tcp: bool = False) -> Iterator[Seen]:
    """Yield the conversations that belong in a report, each as soon as that is known."""
    speakers: set[Endpoint] = set()
    waiting: list[Seen] = []
    for seen in conversations:
        if seen.spoke_tls:
            speakers.add(seen.flow.server.endpoint)
        if all_tcp or belongs(seen, speakers):
            yield seen
        else:
            seen.transcript.shorten_cleartext(WAITING_CLEARTEXT)
            waiting.append(seen)
    yield from (seen for seen in waiting if seen.flow.server.endpoint in speakers)


def belongs(seen: Seen, speakers: Container[Endpoint]) -> bool:
    """Tell whether a conversation belongs in a report; `speakers` are servers that speak TLS."""
    if seen.spoke_tls or seen.transcript.foreign:
        return True
    server = seen.flow.server.endpoint
    if server.port in TLS_PORTS or server in speakers:
        return True
    asked = seen.ending.outcome == "failed" and seen.ending.stopped_at == PREAMBLE
    return asked or _asks_for_tls(seen.transcript.cleartext.get("server", b""))


def _asks_for_tls(reply: bytes) -> bool:
    """Tell whether a cleartext answer complains that TLS was due: nginx's and Apache's words."""
    text = reply[:2048].lower()
    return b"http request was sent to https" in text or b"speaking plain http to an ssl" in text


def scan(
    source: str | Path | BinaryIO,
    progress: Callable[[int], None] | None = None,
    *,
    keylog: str | Path | None = None,
    rsa_keys: Sequence[str | Path] = (),
) -> Scan:
    """Read a capture to its end, and keep every conversation. Raises what `follow` raises."""
    found = Scan(str(source) if isinstance(source, str | Path) else "-")
    conversations = follow(source, found, progress, keylog=keylog, rsa_keys=rsa_keys)
    found.seen = sorted(conversations, key=lambda seen: seen.flow.number)
    return found


def follow(
    source: str | Path | BinaryIO,
    found: Scan,
    progress: Callable[[int], None] | None = None,
    *,
    keylog: str | Path | None = None,
    rsa_keys: Sequence[str | Path] = (),
) -> Iterator[Seen]:
    """Yield each conversation of a capture as it ends, and keep none; `found` learns the rest.

    Protected messages are read with the secrets inside the capture, those of the file `keylog`,
    and the RSA private keys of the files `rsa_keys`; a key log beside the capture is left alone.
    Raises CaptureError when it is no capture, or a file of keys is none.
    """
    capture = open_capture(source)
    secrets = gather_secrets(capture, keylog, rsa_keys)
    open_sessions: dict[int, Session] = {}
    over: list[Flow] = []

    def opened(flow: Flow) -> Sink:
        session = open_sessions[flow.number] = Session(midway=not flow.saw_syn, secrets=secrets)
        return session

    def understood() -> Iterator[Seen]:
        for flow in over:
            yield understand(flow, open_sessions.pop(flow.number), found.last_at)
        over.clear()

    conversations = Conversations(opened, over.append)
    notes: list[str] = []
    for _ in _batches(capture, conversations):
        found.packets, found.last_at = conversations.packets, conversations.last_at
        if progress is not None:
            progress(capture.bytes_read)
        for seen in understood():
            notes += _tell_secrets(seen)
            yield seen
    found.conversations = conversations.count
    asked = keylog is not None or bool(rsa_keys)
    found.notes += [*capture.notes, *conversations.notes, *_tell_gathered(secrets, asked), *notes]
    found.datagrams = _datagrams(conversations)


def _batches(capture: Capture, conversations: Conversations) -> Iterator[None]:
    """Read some packets at a time, and in the end finish what is still open."""
    packets, before = capture.packets(), -1
    while before != conversations.packets:
        before = conversations.packets
        conversations.follow(islice(packets, BATCH))
        yield
    conversations.finish()
    yield


def gather_secrets(
    capture: Capture, keylog: str | Path | None, rsa_keys: Sequence[str | Path]
) -> KeyLog | None:
    """Return all secrets that are at hand, None when there can be none. Raises CaptureError."""
    if keylog is None and not rsa_keys and capture.format != "pcapng":
        return None
    from tlswire.keys.keylog import KeyLog

    secrets = KeyLog(capture.secrets)  # grows while the capture is read
    if keylog is not None:
        secrets.read(_read_file(keylog))
    for path in rsa_keys:
        secrets.add_rsa_key(_read_file(path), str(path))
    return secrets


def _read_file(path: str | Path) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise CaptureError(f"cannot read {path}: {error.strerror}") from error


def _tell_gathered(secrets: KeyLog | None, asked: bool) -> Iterator[str]:
    """Say what is wrong with the secrets as a whole; `asked` when the user brought some."""
    if secrets is not None and secrets.junk:
        yield f"key log: {secrets.junk} lines that are none were passed over"
    if secrets is not None and asked and not secrets.used:
        yield "the secrets given open nothing in this capture"


def _tell_secrets(seen: Seen) -> Iterator[str]:
    """Say what the secrets could not do for a connection."""
    yield from (f"connection {seen.flow.number}: {note}" for note in seen.transcript.notes)


def _datagrams(conversations: Conversations) -> tuple[Datagrams, ...]:
    return tuple(
        Datagrams(protocol=kind, server=str(server), conversations=count)
        for kind, servers in conversations.datagrams.counts().items()
        for server, count in sorted(servers.items(), key=str)
    )


def decode(
    source: str | Path | BinaryIO,
    *,
    all_tcp: bool = False,
    keylog: str | Path | None = None,
    rsa_keys: Sequence[str | Path] = (),
) -> Document:
    """Return everything found in a capture, as the contract's document."""
    found = scan(source, keylog=keylog, rsa_keys=rsa_keys)
    chosen = list(explain(found.listed(all_tcp=all_tcp)))
    return document(found, chosen)


def document(found: Scan, chosen: list[Seen], left_out: int = 0) -> Document:
    """Return the contract's document of the chosen conversations; so many were left out."""
    connections = tuple(findings.connection(seen) for seen in chosen)
    return Document(
        capture=found.name, connections=connections, summary=summarise(found, connections, left_out)
    )


def summarise(found: Scan, connections: tuple[Connection, ...], left_out: int = 0) -> Summary:
    """Count outcomes and group equal failures."""
    counts = dict.fromkeys(("established", "failed", "incomplete", "not_tls"), 0)
    for connection in connections:
        counts[connection.outcome] += 1
    return Summary(
        packets=found.packets,
        connections=len(connections),
        tcp_without_tls=found.conversations - len(connections) - left_out,
        left_out=left_out,
        failures=findings.group(connections),
        datagrams=found.datagrams,
        notes=tuple(found.notes),
        **counts,
    )
