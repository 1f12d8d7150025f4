"""What a captured server did, as a script: what it said after what, in which pieces, how it ended.

Bytes are the captured ones. Reads a capture and a transcript; opens no socket and plays nothing.
"""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

from tlswire.errors import SelectionError
from tlswire.flight import Piece
from tlswire.flow import Flow, How, Segment, Sink, Who
from tlswire.language import say
from tlswire.seen import Seen
from tlswire.sources.capture import open_capture
from tlswire.sources.tcp import Conversations
from tlswire.transcript import NOT_MESSAGES, Entry

#: Of a server's stream so much is played, in bytes.
LONGEST = 1 << 20
#: Pauses longer than these seconds are cut; shorter ones than the others are the network's own.
LONGEST_PAUSE, SHORTEST_PAUSE = 60.0, 0.005
_SESSION_ID_AT = 4 + 2 + 32 + 1  # in a ServerHello, from its message header on


class Turn(NamedTuple):
    """What is said in one go, once the client has said so much."""

    runs: int  # times that the client spoke, where it was not TLS yet
    entries: int  # TLS messages of the client
    offset: int
    pieces: tuple[Piece, ...]


class End(NamedTuple):
    """How the server's side of the connection ended, so many seconds after its last word."""

    how: Literal["fin", "rst"] | None  # None: it stayed open
    pause: float = 0.0
    after_client: bool = False  # it only followed the client
    runs: int = 0  # what the client had said by then, as for a turn
    entries: int = 0


class Script(NamedTuple):
    """A captured server's side."""

    seen: Seen
    turns: tuple[Turn, ...]
    end: End
    session_id: tuple[int, int] | None = None  # where its hello repeats the client's: place, length


class _Tape:
    """Keeps the beginning of a server's stream."""

    def __init__(self) -> None:
        self.stream = bytearray()
        self.done = False

    def receive(self, who: Who, data: bytes, at: float, frame: int) -> None:
        if who == "server":
            self.stream += data
            self.done = len(self.stream) >= LONGEST

    def lost(self, who: Who, length: int, at: float, frame: int) -> None:
        self.done = self.done or who == "server"

    def closed(self, who: Who, how: How, at: float, frame: int) -> None: ...


def read_script(capture: str, seen: Seen) -> Script:
    """Read a capture once more for one server's bytes. Raises SelectionError, CaptureError."""
    if capture == "-":
        raise SelectionError(say("serve reads its capture twice: give a file, not standard input"))
    number, wanted = seen.flow.number, _Tape()
    unwanted = _Tape()
    unwanted.done = True

    def opened(flow: Flow) -> Sink:
        return wanted if flow.number == number else unwanted

    conversations = Conversations(opened)
    conversations.follow(open_capture(capture).packets())
    conversations.finish()
    return write_script(seen, bytes(wanted.stream))


def write_script(seen: Seen, stream: bytes) -> Script:
    """Return the script of one connection whose server's stream is given."""
    return Script(seen, tuple(_turns(seen, stream)), _end(seen), _session_id(seen))


def _turns(seen: Seen, stream: bytes) -> list[Turn]:
    flow, turns = seen.flow, list[Turn]()
    said = [e for e in seen.transcript.entries if e.who == "client" and _is_said(e)]
    mine = sorted((s for s in flow.server.segments if s.at <= _silent_from(seen)), key=_frame)
    place = 0
    for segment in mine:
        start, end = max(place, segment.offset), min(segment.offset + segment.length, len(stream))
        if start >= end:
            continue  # said before
        runs = _runs(flow, segment)
        entries = sum(_before(entry, segment) for entry in said)
        piece = Piece(stream[place:end], _pause(flow, segment))
        if turns and (turns[-1].runs, turns[-1].entries) == (runs, entries):
            turns[-1] = turns[-1]._replace(pieces=(*turns[-1].pieces, piece))
        else:
            turns.append(Turn(runs, entries, place, (piece,)))
        place = end
    if turns and place < len(stream) and len(mine) == len(flow.server.segments):
        rest = (*turns[-1].pieces, Piece(stream[place:]))
        turns[-1] = turns[-1]._replace(pieces=rest)
    return turns


def _silent_from(seen: Seen) -> float:
    """Return when a client that was kept waiting had left: what came then it never heard."""
    ending, client = seen.ending, seen.flow.client
    if ending.how != "silence" or ending.side == "client":
        return math.inf
    left = [client.fin_at, *(reset.at for reset in client.resets)]
    return min((at for at in left if at is not None), default=math.inf)


def _is_said(entry: Entry) -> bool:
    return entry.what not in NOT_MESSAGES


def _frame(segment: Segment) -> tuple[int, float]:
    return segment.frame, segment.at


def _before(entry: Entry, segment: Segment) -> bool:
    return (entry.frame, entry.at) < (segment.frame, segment.at)


def _runs(flow: Flow, segment: Segment) -> int:
    """Return how many times the client had spoken, one run until the server speaks again."""
    both = [(s, "client") for s in flow.client.segments] + [
        (s, "server") for s in flow.server.segments
    ]
    runs, last = 0, "server"
    for each, who in sorted(both, key=lambda one: _frame(one[0])):
        if _frame(each) >= _frame(segment):
            break
        runs += who == "client" and last == "server"
        last = who
    return runs


def _pause(flow: Flow, segment: Segment) -> float:
    """Return the seconds since the last word of anybody."""
    both = [*flow.client.segments, *flow.server.segments]
    before = [s.at for s in both if _frame(s) < _frame(segment)]
    return _bounded(segment.at - max(before, default=flow.opened_at or segment.at))


def _bounded(seconds: float) -> float:
    return min(seconds, LONGEST_PAUSE) if seconds >= SHORTEST_PAUSE else 0.0


def _end(seen: Seen) -> End:
    flow = seen.flow
    server, client = flow.server, flow.client
    resets = [r.at for r in server.resets if r.sequence_fits]
    ended = server.fin_at if server.fin_at is not None else min(resets, default=None)
    if ended is None:
        return End(None)
    how: Literal["fin", "rst"] = "fin" if server.fin_at is not None else "rst"
    left = [at for at in (client.fin_at, *(r.at for r in client.resets)) if at is not None]
    words = [s.at for s in (*client.segments, *server.segments) if s.at <= ended]
    last = max(words, default=flow.opened_at or ended)
    then = Segment(1 << 62, ended, 0, 0)
    said = (e for e in seen.transcript.entries if e.who == "client" and _is_said(e))
    entries = sum(entry.at <= ended for entry in said)
    follows = any(at <= ended for at in left)
    return End(how, _bounded(ended - last), follows, _runs(flow, then), entries)


def _session_id(seen: Seen) -> tuple[int, int] | None:
    hello, answer = seen.transcript.client_hello, seen.transcript.server_hello
    if hello is None or answer is None:
        return None
    own = answer.fields.get("session_id", b"")
    if not own or own != hello.fields.get("session_id"):
        return None
    return answer.spans[0][0] + _SESSION_ID_AT, len(own)
