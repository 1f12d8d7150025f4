"""A capture read by two processes, each a half of it, and told as one process would.

The second steps over the first half's packets, so it counts them as they are counted, and reads
on from the first packet behind the middle as if the capture began there. The first, at that
packet, takes nothing more but what belongs to conversations that it has begun, and ends with the
last of them. What both saw of one conversation, the first knows from its beginning: what the
second told of it is left out, and its numbers move up.

The result is that of one process, in the same order. Where that cannot be warranted (a bound was
reached, fragments lay across the middle, the file holds keys) `TornError` is raised, and whoever
asked reads the capture once more. Must never tell what it is not sure of.
"""

from __future__ import annotations

import heapq
import os
import pickle
import struct
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, cast

from tlswire.decode import Scan, tell_datagrams
from tlswire.language import say
from tlswire.skim import Skim, Teller, Told
from tlswire.sources.capture import open_capture
from tlswire.sources.datagrams import Datagrams
from tlswire.sources.halting import Halting
from tlswire.sources.stream import Overlap
from tlswire.sources.watch import Watch

#: Files smaller than this, in bytes, are read faster by one process.
LARGE: Final = 32 << 20
#: Where the second half begins, as a part of the file: stepping over the first costs something.
MIDDLE: Final = 0.54
#: Containers whose packets can be stepped over.
SKIPPED: Final = frozenset({"pcap", "pcap, nanoseconds", "pcap, modified", "pcapng"})
_LENGTH: Final = struct.Struct("<I")
_PLACE: Final = struct.Struct("<q")


class TornError(Exception):
    """The halves do not fit together: the capture must be read by one process."""


class Rest(NamedTuple):
    """What the second half's process says in the end."""

    packets: int
    began_at: float
    last_at: float
    notes: tuple[str, ...]
    datagrams: Datagrams
    began: tuple[tuple[int, bytes, int | None], ...]  # number, key and ISN of each conversation
    torn: bool


def divisible(path: str, jobs: int | None) -> bool:
    """Tell whether a capture is to be read in halves, and can be; None: where it is worth it."""
    if not hasattr(os, "fork") or not Path(path).is_file():
        return False
    if jobs is None:
        jobs = len(os.sched_getaffinity(0)) if Path(path).stat().st_size >= LARGE else 1
    if jobs < 2:
        return False
    capture = open_capture(path)
    capture.close()
    return capture.format in SKIPPED


def follow(
    path: str, found: Scan, watch: Watch, teller: Teller, overlap: Overlap
) -> Iterator[Told]:
    """Yield what is told of every conversation, as `skim.follow` does.

    Raises TornError, after some may have been yielded, when the halves do not fit.
    """
    middle = int(Path(path).stat().st_size * MIDDLE)
    asks, tells = os.pipe()
    with cast(BinaryIO, tempfile.TemporaryFile()) as spool:
        child = os.fork()
        if not child:
            os.close(asks)
            os._exit(_second(path, middle, tells, spool, teller, overlap))
        os.close(tells)
        try:
            first = _First(path, middle, asks, watch, teller, overlap)
            yield from first.before()
            late = list(first.after())
            _wait(child, watch)
            child = 0
            yield from _join(first, late, spool, found, watch)
        finally:
            os.close(asks)
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
        middle: int,
        asks: int,
        watch: Watch,
        teller: Teller,
        overlap: Overlap,
    ) -> None:
        self._file = Halting(Path(path), middle, lambda: _ask(asks))
        super().__init__(open_capture(cast(BinaryIO, self._file), watch), teller, overlap)
        self._batches = self.capture.batches(self.conversations.unwanted)
        self.known: dict[bytes, int | None] = {}  # as `Conversations.known`, at the middle
        self.count = 0

    def before(self) -> Iterator[Told]:
        """Yield what is over before the middle."""
        for packets in self._batches:
            self.conversations.follow(packets)
            yield from self.told()
            if self._file.halted:
                break
        self.known, self.count = self.conversations.known(), self.conversations.count
        self.conversations.begin_no_more()

    def after(self) -> Iterator[Told]:
        """Yield what is over behind the middle."""
        while self.conversations.busy:
            packets = next(self._batches, None)
            if packets is None:
                break
            self.conversations.follow(packets)
            yield from self.told()
        self.conversations.finish()
        yield from self.told()


def _second(
    path: str,
    middle: int,
    tells: int,
    spool: BinaryIO,
    teller: Teller,
    overlap: Overlap,
) -> int:
    """Read the second half into the spool; return an exit code."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first half's process decides
    try:
        reading = _Reading(open_capture(path), teller, overlap)
        place = reading.capture.skip_to(middle, reading.conversations.unwanted)
        os.write(tells, _PLACE.pack(-1 if place is None else place))
        if place is None:
            return 1
        _read_second(reading, spool)
        spool.flush()
    except Exception:
        return 1
    return 0


def _read_second(reading: _Reading, spool: BinaryIO) -> None:
    conversations, began = reading.conversations, list[tuple[int, bytes, int | None]]()

    def write() -> None:
        told = list(reading.told())
        began.extend((each.number, each.key, each.isn) for each in told)
        _put(spool, told)

    for packets in reading.capture.batches(conversations.unwanted):
        conversations.follow(packets)
        write()
    conversations.finish()
    write()
    notes = (*reading.capture.notes, *conversations.notes)
    rest = Rest(
        conversations.packets,
        conversations.began,
        conversations.last_at,
        notes,
        conversations.datagrams,
        tuple(sorted(began)),
        reading.torn,
    )
    _put(spool, rest)


# -- both ----------------------------------------------------------------------------------


def _join(
    first: _First, late: list[Told], spool: BinaryIO, found: Scan, watch: Watch
) -> Iterator[Told]:
    """Yield the rest of the first half and the second one, in the order of one process."""
    conversations = first.conversations
    found.packets, found.began = conversations.packets, conversations.began
    found.conversations, found.last_at = conversations.count, conversations.last_at
    if watch.over:
        yield from late
        found.notes += [*first.capture.notes, *conversations.notes]
        found.notes.append(
            say("stopped by the user after {number} bytes", number=first.capture.bytes_read)
        )
        found.datagrams = tell_datagrams(conversations.datagrams)
        return
    rest = _last(spool)
    if rest.torn or first.torn or 0 < rest.last_at < conversations.last_at:
        raise TornError
    numbers = _renumber(first, rest)
    theirs = (told for told in _stored(spool) if told.number in numbers)
    moved = (told._replace(number=numbers[told.number]) for told in theirs)
    yield from heapq.merge(late, moved, key=lambda told: (told.over_frame, told.number))
    found.packets, found.last_at = rest.packets, max(found.last_at, rest.last_at)
    found.began = found.began or rest.began_at
    found.conversations = first.count + len(numbers)
    found.notes += rest.notes
    datagrams = conversations.datagrams
    datagrams.join(rest.datagrams)
    found.datagrams = tell_datagrams(datagrams)


def _renumber(first: _First, rest: Rest) -> dict[int, int]:
    """Return the numbers of the second half's own conversations: the first knows the others."""
    known, numbers, following = dict(first.known), dict[int, int](), count(first.count)
    for number, key, isn in rest.began:
        if key in known and (isn is None or known[key] in (None, isn)):
            continue
        known.pop(key, None)
        known.pop(_reverse(key), None)
        numbers[number] = next(following)
    return numbers


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


def _stored(spool: BinaryIO) -> Iterator[Told]:
    """Yield what was written before the last, some at a time."""
    spool.seek(0)
    while True:
        (length,) = _LENGTH.unpack(spool.read(_LENGTH.size))
        told = pickle.loads(spool.read(length))
        spool.seek(_LENGTH.size, os.SEEK_CUR)
        if not isinstance(told, list):
            return
        yield from told


def _ask(asks: int) -> int:
    """Return where the second half begins. Raises TornError when there is none."""
    told = os.read(asks, _PLACE.size)
    place: int = _PLACE.unpack(told)[0] if len(told) == _PLACE.size else -1
    if place < 0:
        raise TornError
    return place


def _wait(child: int, watch: Watch) -> None:
    """Wait for the second half. Raises TornError when it could not be read."""
    if watch.over:
        _end(child)
        return
    _, status = os.waitpid(child, 0)
    if status:
        raise TornError


def _end(child: int) -> None:
    import signal

    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
