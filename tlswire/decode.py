"""A capture in, what was found out: every TLS connection, how it ended and why."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Container, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO, TypeAlias

from msgspec import Struct

from tlswire import findings
from tlswire.errors import CaptureError
from tlswire.flow import Endpoint, Flow, Sink
from tlswire.language import reason, say
from tlswire.observed import Datagrams, Summary
from tlswire.seen import Seen, explain, understand
from tlswire.session import Session
from tlswire.sources.capture import Capture, open_capture
from tlswire.sources.datagrams import Datagrams as Conversed
from tlswire.sources.stream import Overlap
from tlswire.sources.tcp import Conversations
from tlswire.sources.watch import Watch
from tlswire.states import PREAMBLE
from tlswire.tally import Tally

if TYPE_CHECKING:
    from pathlib import Path

    from tlswire.keys.keylog import KeyLog
    from tlswire.result import Document
    from tlswire.sources.merged import Merged

#: Ports on which TLS is usual: a conversation there is listed even when it carried no TLS byte.
TLS_PORTS = frozenset(
    {443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 2376, 3269, 4433, 4443, 5061, 5223}
    | {5349, 5671, 5986, 6443, 6514, 6697, 8243, 8443, 8883, 9443, 10443, 50636}
)


#: A capture: a file, `-`, a stream, or several files read as one in the order of time.
Source: TypeAlias = "str | Path | BinaryIO | tuple[str, ...]"
#: Conversations that may turn out to belong in a report when others are known: so many wait.
MOST_WAITING = 10_000
#: Of the cleartext of a conversation that may not belong in a report so much is kept, in bytes.
WAITING_CLEARTEXT = 2048


class Scan(Struct):
    """All that one capture holds."""

    name: str
    seen: list[Seen] = []
    packets: int = 0
    last_at: float = 0.0
    notes: list[str] = []
    datagrams: tuple[Datagrams, ...] = ()
    conversations: int = 0
    began: float = 0.0  # the first conversation's first packet
    secrets: list[bytes] = []  # key logs inside the capture
    left_out: int = 0  # belong in a report, and were not asked for

    def listed(self, *, all_tcp: bool = False) -> list[Seen]:
        """Return the conversations that belong in a report, by number."""
        speakers = {s.flow.server.endpoint for s in self.seen if s.spoke_tls}
        return [s for s in self.seen if all_tcp or belongs(s, speakers)]


def listed(conversations: Iterable[Seen], *, all_tcp: bool = False) -> Iterator[Seen]:
    """Yield the conversations that belong in a report, each as soon as that is known."""
    speakers: set[Endpoint] = set()
    waiting: deque[Seen] = deque(maxlen=MOST_WAITING)
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
    server = seen.flow.server.endpoint
    return server.port in TLS_PORTS or server in speakers or belongs_anywhere(seen)


def belongs_anywhere(seen: Seen) -> bool:
    """Tell whether a conversation belongs in a report whoever its server is."""
    if seen.spoke_tls or seen.transcript.foreign:
        return True
    asked = seen.ending.outcome == "failed" and seen.ending.stopped_at == PREAMBLE
    return asked or _asks_for_tls(seen.transcript.cleartext.get("server", b""))


def _asks_for_tls(reply: bytes) -> bool:
    """Tell whether a cleartext answer complains that TLS was due: nginx's and Apache's words."""
    text = reply[:2048].lower()
    return b"http request was sent to https" in text or b"speaking plain http to an ssl" in text


def scan(
    source: Source,
    watch: Watch | None = None,
    *,
    keylog: str | Path | None = None,
    rsa_keys: Sequence[str | Path] = (),
    overlap: Overlap = "first",
) -> Scan:
    """Read a capture to its end, and keep every conversation. Raises what `follow` raises."""
    found = Scan(name_of(source))
    conversations = follow(source, found, watch, keylog=keylog, rsa_keys=rsa_keys, overlap=overlap)
    found.seen = sorted(conversations, key=lambda seen: seen.flow.number)
    return found


def name_of(source: Source) -> str:
    """Return what a capture is called; several are called by the first and their number."""
    if isinstance(source, tuple):
        if len(source) == 1:
            return source[0]
        return say("{names} and {more} more", names=source[0], more=len(source) - 1)
    return str(source) if isinstance(source, str | os.PathLike) else "-"


def follow(
    source: Source,
    found: Scan,
    watch: Watch | None = None,
    *,
    keylog: str | Path | None = None,
    rsa_keys: Sequence[str | Path] = (),
    overlap: Overlap = "first",
) -> Iterator[Seen]:
    """Yield each conversation of a capture as it ends, and keep none; `found` learns the rest.

    Protected messages are read with the secrets inside the capture, those of the file `keylog`,
    and the RSA private keys of the files `rsa_keys`; a key log beside the capture is left alone.
    Where bytes were sent twice and differ, those that came `overlap` count. `watch` may end it
    early: what was found until then is told. Raises CaptureError when it is no capture, or a file
    of keys is none.
    """
    watch = watch or Watch()
    capture = _open(source, watch)
    secrets = gather_secrets(capture, keylog, rsa_keys)
    open_sessions: dict[int, Session] = {}
    over: list[Flow] = []

    def opened(flow: Flow) -> Sink:
        session = open_sessions[flow.number] = Session(midway=flow.midway, secrets=secrets)
        return session

    def understood() -> Iterator[Seen]:
        for flow in over:
            yield understand(flow, open_sessions.pop(flow.number), flow.until)
        over.clear()

    conversations = Conversations(opened, over.append, overlap=overlap)
    notes: list[str] = []
    for _ in _batches(capture, conversations):
        found.packets, found.last_at = conversations.packets, conversations.last_at
        found.conversations = conversations.count - conversations.skipped
        found.began = conversations.began
        for seen in understood():
            notes += _tell_secrets(seen)
            yield seen
    asked = keylog is not None or bool(rsa_keys)
    found.secrets = capture.secrets or []
    found.notes += [*capture.notes, *conversations.notes, *_tell_gathered(secrets, asked), *notes]
    if watch.over:
        found.notes.append(
            say("stopped by the user after {number} bytes", number=capture.bytes_read)
        )
    found.datagrams = tell_datagrams(conversations.datagrams)


def _open(source: Source, watch: Watch) -> Capture | Merged:
    if not isinstance(source, tuple):
        return open_capture(source, watch)
    from tlswire.sources.merged import Merged

    return Merged(source, watch)


def _batches(capture: Capture | Merged, conversations: Conversations) -> Iterator[None]:
    """Read some packets at a time, and in the end finish what is still open."""
    for packets in capture.batches(conversations.unwanted):
        conversations.follow(packets)
        yield
    conversations.finish()
    yield


def gather_secrets(
    capture: Capture | Merged, keylog: str | Path | None, rsa_keys: Sequence[str | Path]
) -> KeyLog | None:
    """Return all secrets that are at hand, None when there can be none. Raises CaptureError."""
    if keylog is None and not rsa_keys and capture.secrets is None:
        return None
    from tlswire.keys.keylog import KeyLog

    secrets = KeyLog(() if capture.secrets is None else capture.secrets)
    if keylog is not None:
        secrets.read(_read_file(keylog))
    for path in rsa_keys:
        secrets.add_rsa_key(_read_file(path), str(path))
    return secrets


def _read_file(path: str | Path) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise CaptureError(
            say("cannot read {path}: {error}", path=path, error=reason(error))
        ) from error


def _tell_gathered(secrets: KeyLog | None, asked: bool) -> Iterator[str]:
    """Say what is wrong with the secrets as a whole; `asked` when the user brought some."""
    if secrets is not None and secrets.junk:
        yield say(
            "key log: {number} lines that hold no secret were passed over", number=secrets.junk
        )
    if secrets is not None and asked and not secrets.used:
        yield say("the secrets given open nothing in this capture")


def _tell_secrets(seen: Seen) -> Iterator[str]:
    """Say what the secrets could not do for a connection."""
    yield from (
        say("connection {number}: {note}", number=seen.flow.number, note=note)
        for note in seen.transcript.notes
    )


def tell_datagrams(seen: Conversed) -> tuple[Datagrams, ...]:
    """Return how many DTLS and QUIC conversations each server had."""
    return tuple(
        Datagrams(protocol=kind, server=str(server), conversations=count)
        for kind, servers in seen.counts().items()
        for server, count in sorted(servers.items(), key=str)
    )


def decode(
    source: Source,
    *,
    all_tcp: bool = False,
    keylog: str | Path | None = None,
    rsa_keys: Sequence[str | Path] = (),
) -> Document:
    """Return everything found in a capture, as the contract's document."""
    found = scan(source, keylog=keylog, rsa_keys=rsa_keys)
    chosen = list(explain(found.listed(all_tcp=all_tcp)))
    return document(found, chosen)


def document(found: Scan, chosen: Iterable[Seen], show: findings.Show | None = None) -> Document:
    """Return the contract's document of the chosen conversations; `show` makes the messages."""
    from tlswire.result import Document

    tally = Tally()
    connections = tuple(tally.count(findings.connection(seen, show=show)) for seen in chosen)
    return Document(capture=found.name, connections=connections, summary=summarise(found, tally))


def summarise(found: Scan, tally: Tally) -> Summary:
    """Return what the whole capture holds, of which the chosen connections were counted."""
    return Summary(
        packets=found.packets,
        connections=tally.connections,
        tcp_without_tls=found.conversations - tally.connections - found.left_out,
        left_out=found.left_out,
        failures=tally.groups(),
        datagrams=found.datagrams,
        notes=tuple(found.notes),
        **tally.outcomes,
    )
