"""A capture read by two processes, each a half of it, and told as one process would.

The second reads from a place near the middle where a packet seems to begin, as if the capture
began there. The first, when it comes to that place, knows whether a packet begins there; from then
on it takes nothing more but what belongs to conversations that it has begun, and ends with the last
of them. What both saw of one conversation, the first knows from its beginning: what the second told
of it is left out, and its numbers move up.

The result is that of one process, in the same order. Where that cannot be warranted (no packet
began there, a bound was reached, fragments lay across the middle, the file holds keys) `TornError`
is raised, and whoever asked reads the capture once more. Must never tell what it is not sure of:
what is told of a conversation may hold no number of a packet.
"""

from __future__ import annotations

import heapq
import os
import pickle
import struct
from bisect import bisect
from collections.abc import Container, Iterator
from copy import deepcopy
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, cast

from tlswire.decode import Scan, tell_datagrams
from tlswire.language import say
from tlswire.skim import Skim, Teller, Told
from tlswire.sources.capture import open_capture
from tlswire.sources.datagrams import Datagrams
from tlswire.sources.halting import Halting
from tlswire.sources.middle import Middle
from tlswire.sources.remarks import Remarks
from tlswire.sources.stream import Overlap
from tlswire.sources.tcp import NEVER
from tlswire.sources.unwanted import Unwanted
from tlswire.sources.watch import Watch

#: Files smaller than this, in bytes, are read faster by one process.
LARGE: Final = 32 << 20
#: Where the second half begins, as a part of the file: the first reads on behind it.
MIDDLE: Final = 0.49
_LENGTH: Final = struct.Struct("<I")


class TornError(Exception):
    """The halves do not fit together: the capture must be read by one process."""


class Rest(NamedTuple):
    """What the second half's process says in the end."""

    packets: int
    began_at: float
    last_at: float
    reached: Middle | None
    faults: int
    remarks: Remarks
    datagrams: Datagrams
    conversations: int
    stray: int
    torn: bool


class Mark(NamedTuple):
    """By what a conversation is known to both halves, and its first and last packet."""

    number: int
    key: bytes
    isn: int | None
    first_frame: int
    last_frame: int


def middle_of(path: str, jobs: int | None) -> Middle | None:
    """Return where a capture is to be divided; None where it cannot be.

    Without a number of jobs it is to be where that is worth it.
    """
    if not hasattr(os, "fork") or not Path(path).is_file():
        return None
    size = Path(path).stat().st_size
    if jobs is None:
        jobs = len(os.sched_getaffinity(0)) if size >= LARGE else 1
    if jobs < 2:
        return None
    capture = open_capture(path)
    try:
        return capture.find_middle(int(size * MIDDLE))
    finally:
        capture.close()


def follow(
    path: str, middle: Middle, found: Scan, watch: Watch, teller: Teller, overlap: Overlap
) -> Iterator[Told]:
    """Yield what is told of every conversation, as `skim.follow` does.

    Raises TornError, after some may have been yielded, when the halves do not fit.
    """
    import tempfile

    with cast(BinaryIO, tempfile.TemporaryFile()) as spool:
        child = os.fork()
        if not child:
            os._exit(_second(path, middle, spool, teller, overlap))
        try:
            first = _First(path, middle, watch, teller, overlap)
            yield from first.before()
            _wait(child, watch)
            child = 0
            yield from _join(first, spool, found, watch)
        finally:
            if child:
                _end(child)


# -- one half ------------------------------------------------------------------------------


class _Reading(Skim):
    """Conversations being read, and whether they may be read so."""

    @property
    def torn(self) -> bool:
        """Tell whether something was seen that another half would see otherwise."""
        conversations = self.conversations
        bounded = conversations.evicted or conversations.fragments
        return bool(bounded or conversations.skipped or self.capture.secrets)


class _First(_Reading):
    """The first half, and behind the middle what it had begun."""

    def __init__(
        self,
        path: str,
        middle: Middle,
        watch: Watch,
        teller: Teller,
        overlap: Overlap,
    ) -> None:
        self.path, self.middle, self._watch = path, middle, watch
        self._file = Halting(path, middle.place)
        super().__init__(open_capture(cast(BinaryIO, self._file), watch), teller, overlap)
        self._batches = self.capture.batches(self.conversations.unwanted)
        self.known: dict[bytes, int | None] = {}  # as `Conversations.known`, at the middle
        self.count = self.packets = 0  # likewise
        self.remarks = Remarks()

    def before(self) -> Iterator[Told]:
        """Yield what is over before the middle. Raises TornError where no packet begins there."""
        for packets in self._batches:
            self.conversations.follow(packets)
            yield from self.told()
            if self._file.halted:
                break
        if not self._watch.over and (self.capture.reached != self.middle or self.capture.faults):
            raise TornError
        self.known, self.count = self.conversations.known(), self.conversations.count
        self.packets, self.remarks = self.conversations.packets, deepcopy(self.capture.remarks)
        self.conversations.begin_no_more()

    def after(self, last: int, until: float = 0.0) -> Iterator[Told]:
        """Yield what is over behind the middle: up to a packet's number, and at the very end."""
        while self.conversations.busy and self.conversations.packets < last:
            packets = next(self._batches, None)
            if packets is None:
                break
            self.conversations.follow(packets)
            yield from self.told()
        self.conversations.last_at = max(self.conversations.last_at, until)
        self.conversations.finish()
        yield from self.told()


def _second(
    path: str,
    middle: Middle,
    spool: BinaryIO,
    teller: Teller,
    overlap: Overlap,
) -> int:
    """Read the second half into the spool; return an exit code."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first half's process decides
    try:
        reading = _Reading(open_capture(path), teller, overlap)
        reading.capture.go(middle.place)
        _read_second(reading, spool)
        spool.flush()
    except Exception:
        return 1
    return 0


def _read_second(reading: _Reading, spool: BinaryIO) -> None:
    conversations = reading.conversations

    def write() -> None:
        told = list(reading.told())
        if told:
            _put(spool, [_mark(each) for each in told])
            _put(spool, told)

    for packets in reading.capture.batches(conversations.unwanted):
        conversations.follow(packets)
        write()
    conversations.finish()
    write()
    capture = reading.capture
    rest = Rest(
        conversations.packets,
        conversations.began,
        conversations.last_at,
        capture.reached,
        len(capture.faults),
        capture.remarks,
        conversations.datagrams,
        conversations.count,
        conversations.stray,
        reading.torn,
    )
    _put(spool, rest)


# -- both ----------------------------------------------------------------------------------


def _join(first: _First, spool: BinaryIO, found: Scan, watch: Watch) -> Iterator[Told]:
    """Yield the rest of the first half and the second one, in the order of one process."""
    if watch.over:
        yield from _break_off(first, found)
        return
    conversations, rest = first.conversations, _last(spool)
    if rest.torn or first.torn or 0 < rest.last_at < conversations.last_at:
        raise TornError
    faults, shared = _look_again(first, rest), _share(first, spool)
    late = list(first.after(max(shared.last, rest.stray) + first.packets, rest.last_at))
    if first.torn:
        raise TornError
    if watch.over:
        yield from late
        yield from _break_off(first, found)
        return
    moved = (_move(told, first, shared) for told in _stored(spool, shared.numbers))
    yield from heapq.merge(late, moved, key=lambda told: (told.over_frame, told.number))
    found.packets, found.last_at = first.packets + rest.packets, conversations.last_at
    found.began = conversations.began or rest.began_at
    found.conversations = first.count + rest.conversations - len(shared.numbers)
    found.notes += faults
    found.notes += first.remarks.join(rest.remarks, first.packets).told()
    datagrams = conversations.datagrams
    datagrams.join(rest.datagrams)
    found.datagrams = tell_datagrams(datagrams)


def _break_off(first: _First, found: Scan) -> Iterator[Told]:
    """Yield what is open in the first half; who watches wants no more."""
    conversations = first.conversations
    yield from first.after(0)
    found.packets, found.began = conversations.packets, conversations.began
    found.conversations, found.last_at = conversations.count, conversations.last_at
    found.notes += [*first.capture.notes, *conversations.notes]
    found.notes.append(
        say("stopped by the user after {number} bytes", number=first.capture.bytes_read)
    )
    found.datagrams = tell_datagrams(conversations.datagrams)


def _look_again(first: _First, rest: Rest) -> list[str]:
    """Return what is wrong at the end of the file, with the numbers that its packets have.

    Raises TornError where the second half found anything wrong before.
    """
    if not rest.faults:
        return []
    assert rest.reached is not None
    capture, unwanted = open_capture(first.path), Unwanted()
    capture.go(rest.reached.place)
    unwanted.number = first.packets + rest.packets
    if any(True for batch in capture.batches(unwanted) for _ in batch):
        raise TornError
    if rest.reached.manner != first.middle.manner or rest.faults != len(capture.faults):
        raise TornError
    return capture.faults


class Shared(NamedTuple):
    """What of the second half's conversations the first knows from their beginning."""

    numbers: list[int]  # as the second has them, in order
    last: int  # no packet behind this one belongs to a conversation that is open at the middle


def _share(first: _First, spool: BinaryIO) -> Shared:
    """Find out what both halves saw: a conversation's SYN, or none, tells where it began."""
    known, numbers, last = first.known, list[int](), 0
    for number, key, isn, first_frame, last_frame in sorted(_marks(spool, known)):
        own = key not in known or (isn is not None and known[key] not in (None, isn))
        if own:
            known.pop(key, None)
            known.pop(_reverse(key), None)
        else:
            numbers.append(number)
        if first.conversations.is_open(key):
            last = max(last, first_frame if own else last_frame)
    return Shared(numbers, last)


def _move(told: Told, first: _First, shared: Shared) -> Told:
    """Return what the second half told, by the numbers that one process counts."""
    before = first.packets
    return told._replace(
        number=told.number + first.count - bisect(shared.numbers, told.number),
        first_frame=told.first_frame + before,
        last_frame=told.last_frame + before,
        over_frame=min(told.over_frame + before, NEVER),
    )


def _mark(told: Told) -> Mark:
    return Mark(told.number, told.key, told.isn, told.first_frame, told.last_frame)


def _reverse(key: bytes) -> bytes:
    half = (len(key) - 4) // 2
    return key[half:-4] + key[:half] + key[-2:] + key[-4:-2]


def _put(spool: BinaryIO, thing: object) -> None:
    """Write one thing, its length on both sides: it can be read from either end."""
    data = pickle.dumps(thing, pickle.HIGHEST_PROTOCOL)
    length = _LENGTH.pack(len(data))
    spool.write(length + data + length)


def _last(spool: BinaryIO) -> Rest:
    """Return what was written last."""
    spool.seek(-_LENGTH.size, os.SEEK_END)
    (length,) = _LENGTH.unpack(spool.read(_LENGTH.size))
    spool.seek(-_LENGTH.size - length, os.SEEK_END)
    rest = pickle.loads(spool.read(length))
    assert isinstance(rest, Rest)
    return rest


def _marks(spool: BinaryIO, known: Container[bytes]) -> Iterator[Mark]:
    """Yield the marks of what may be known."""
    for marks in _lists(spool, 0):
        yield from (mark for mark in marks if mark.key in known)


def _stored(spool: BinaryIO, but: Container[int]) -> Iterator[Told]:
    """Yield what was told, some at a time."""
    for told in _lists(spool, 1):
        yield from (each for each in told if each.number not in but)


def _lists(spool: BinaryIO, which: int) -> Iterator[list[Any]]:
    """Yield the lists written before the last thing: marks (0) or what was told (1)."""
    spool.seek(0)
    for turn in count():
        head = spool.read(_LENGTH.size)
        if not head:
            return
        (length,) = _LENGTH.unpack(head)
        if turn % 2 != which:
            spool.seek(length, os.SEEK_CUR)
        elif isinstance(things := pickle.loads(spool.read(length)), list):
            yield things
        spool.seek(_LENGTH.size, os.SEEK_CUR)


def _wait(child: int, watch: Watch) -> None:
    """Wait for the second half. Raises TornError when it could not be read."""
    watch.waiting = True
    try:
        status = 0 if watch.over else os.waitpid(child, 0)[1]
    except KeyboardInterrupt:
        watch.over = True
    finally:
        watch.waiting = False
    if watch.over:
        _end(child)
    elif status:
        raise TornError


def _end(child: int) -> None:
    import signal

    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
