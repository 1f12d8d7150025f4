"""What a relay can be asked to do wrong, to one side's stream: written as a line, done to bytes.

    SPEC    = [SIDE ":"] ACTION          SIDE is whose bytes: client or server; both without it
    ACTION  = "delay=" DURATION          every piece this much later
            | "split=" N                 pieces of N bytes, each in a write of its own
            | "cut@" PLACE               the stream ends there, with a FIN
            | "stall@" PLACE             nothing passes from there on
            | "reset@" PLACE             both connections are reset there
            | "corrupt@" PLACE           the byte there has all its bits flipped
    PLACE   = N | MESSAGE ["+" N]        a byte of the stream, or of a message from its record on

Sans-IO: bytes in, steps out. What a message is, a session of its own reads before anything passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Literal, NamedTuple

from tlswire.errors import SelectionError
from tlswire.flow import Who
from tlswire.language import mark, say
from tlswire.records import HEADER
from tlswire.session import Session
from tlswire.transcript import LETTERS, Entry

Action = Literal["delay", "split", "cut", "stall", "reset", "corrupt"]
#: What happens at a place, and what it is called when it is told.
AT_A_PLACE: dict[str, str] = {
    "cut": mark("fault {fault}: closed at byte {offset} of {whose}"),
    "stall": mark("fault {fault}: let nothing more pass at byte {offset} of {whose}"),
    "reset": mark("fault {fault}: reset both connections at byte {offset} of {whose}"),
    "corrupt": mark("fault {fault}: flipped the bits of one byte at byte {offset} of {whose}"),
}
WHOSE = {"client": mark("the client's stream"), "server": mark("the server's stream")}
#: Entries whose span is that of their record, header included.
RECORDS = frozenset({"change_cipher_spec", "alert", "application_data", "early_data", "encrypted"})
SPEC = re.compile(
    r"(?:(?P<side>client|server):)?"
    r"(?:delay=(?P<delay>\d+(?:\.\d+)?)(?P<unit>ms|s)|split=(?P<split>[1-9]\d{0,8})"
    r"|(?P<action>cut|stall|reset|corrupt)@(?:(?P<message>[a-z_]+)(?:\+(?P<plus>\d{1,9}))?"
    r"|(?P<offset>\d{1,12})))"
)
FORMS = mark(
    "delay=200ms, split=N, cut@PLACE, stall@PLACE, reset@PLACE or corrupt@PLACE, where PLACE is a "
    "byte's number or a message such as server_hello or certificate+20; client: or server: before "
    "it says whose bytes"
)


class Fault(NamedTuple):
    """One thing to do wrong to the bytes of a side; `message` None: `offset` counts the stream."""

    side: Who | None
    action: Action
    amount: float = 0.0  # seconds of a delay, bytes of a piece
    message: str | None = None
    offset: int = 0
    text: str = ""


class Step(NamedTuple):
    """What to do next: pass `data` on after `delay` seconds, then what `end` says."""

    data: bytes
    delay: float = 0.0
    end: Literal["cut", "stall", "reset"] | None = None


def parse(text: str) -> Fault:
    """Read one fault. Raises SelectionError, which names the forms."""
    found = SPEC.fullmatch(text.strip())
    if found is None or (found["message"] and found["message"] not in LETTERS):
        raise SelectionError(say("'{text}' is no fault: {forms}", text=text, forms=say(FORMS)))
    side: Who | None = found["side"]  # type: ignore[assignment]
    if found["delay"]:
        seconds = float(found["delay"]) / (1000 if found["unit"] == "ms" else 1)
        return Fault(side, "delay", seconds, text=text)
    if found["split"]:
        return Fault(side, "split", int(found["split"]), text=text)
    offset = int(found["offset"] or found["plus"] or 0)
    return Fault(side, found["action"], 0.0, found["message"], offset, text)  # type: ignore[arg-type]


class Spoiler:
    """Does to one side's stream what was asked; `done` says in words what it did."""

    def __init__(self, who: Who, faults: Sequence[Fault], scout: Session) -> None:
        """Begin; `scout` reads what both sides send, before it passes."""
        own = [fault for fault in faults if fault.side in (None, who)]
        self.done: list[str] = []
        self._who: Who = who
        self._scout = scout
        self._delay = sum(fault.amount for fault in own if fault.action == "delay")
        sizes = [int(fault.amount) for fault in own if fault.action == "split"]
        self._size = min(sizes) if sizes else 0
        self._places = [fault for fault in own if fault.action in AT_A_PLACE]
        self._held = bytearray()
        self._passed = 0  # stream bytes that went on
        self._read = 0  # entries of the scout that were looked at
        self._last_end = -1  # of the last entry
        self._ended = False

    def feed(self, data: bytes, at: float) -> Iterator[Step]:
        """Take the next bytes of the stream, and yield what to do."""
        if self._ended:
            return
        self._scout.receive(self._who, data, at)
        self._held += data
        self._locate()
        waits = any(fault.message is not None for fault in self._places)
        until = self._passed + len(self._held)
        if waits and not self._scout.done:
            until = max(self._passed, min(until, self._scout.whole_until(self._who)))
        yield from self._pass(until)

    def finish(self) -> Iterator[Step]:
        """The stream is over: yield what was still held."""
        if not self._ended:
            yield from self._pass(self._passed + len(self._held))

    @property
    def missed(self) -> list[str]:
        """Return what could not be done: the stream never came to the place."""
        return [fault.text for fault in self._places] if not self._ended else []

    def _locate(self) -> None:
        """Put numbers in place of the messages that have come."""
        entries = self._scout.transcript.entries
        for entry in entries[self._read :]:
            if entry.who == self._who and entry.spans:
                self._places = [
                    fault._replace(message=None, offset=fault.offset + self._start(entry))
                    if fault.message and fault.message in (entry.what, entry.guess)
                    else fault
                    for fault in self._places
                ]
                self._last_end = sum(entry.spans[-1])
        self._read = len(entries)

    def _start(self, entry: Entry) -> int:
        """Return where an entry begins: with its record, unless another came first in it."""
        begin = entry.spans[0][0]
        alone = not entry.hidden and entry.what not in RECORDS and begin != self._last_end
        return max(0, begin - HEADER) if alone else begin

    def _pass(self, until: int) -> Iterator[Step]:
        for fault in sorted((f for f in self._places if f.message is None), key=_offset):
            if fault.offset >= until:
                break
            self._places.remove(fault)
            self.done.append(
                say(
                    AT_A_PLACE[fault.action],
                    fault=fault.text,
                    offset=fault.offset,
                    whose=say(WHOSE[self._who]),
                )
            )
            if fault.action == "corrupt":
                self._corrupt(fault.offset)
                continue
            yield from self._pieces(fault.offset)
            self._ended = True
            yield Step(b"", self._delay, fault.action)  # type: ignore[arg-type]
            return
        yield from self._pieces(until)

    def _corrupt(self, offset: int) -> None:
        if offset >= self._passed:
            self._held[offset - self._passed] ^= 0xFF

    def _pieces(self, until: int) -> Iterator[Step]:
        count = max(0, until - self._passed)
        data = bytes(self._held[:count])
        del self._held[:count]
        self._passed += count
        size = self._size or max(count, 1)
        for start in range(0, count, size):
            yield Step(data[start : start + size], self._delay)


def _offset(fault: Fault) -> int:
    return fault.offset
