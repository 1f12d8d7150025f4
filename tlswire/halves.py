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
from bisect import bisect
from collections.abc import Callable, Iterator
from copy import deepcopy
from operator import itemgetter
from typing import Any, BinaryIO, Final, NamedTuple, cast

from tlswire.decode import Scan, tell_datagrams
from tlswire.handed import Handed, Rest
from tlswire.language import say
from tlswire.skim import Skim, Teller, Told, UnfitError
from tlswire.sources.capture import open_capture
from tlswire.sources.halting import Halting
from tlswire.sources.middle import Middle
from tlswire.sources.remarks import Remarks
from tlswire.sources.stream import Overlap
from tlswire.sources.table import NEVER
from tlswire.sources.unwanted import Unwanted
from tlswire.sources.watch import Watch

#: Where the second half begins, as a part of the file: the first reads on behind it.
MIDDLE: Final = 0.495
#: By what the conversations of both halves are put in order.
_NUMBER, _OVER_FRAME = Told._fields.index("number"), Told._fields.index("over_frame")


class TornError(UnfitError):
    """The halves do not fit together: the capture must be read by one process."""


def middle_of(path: str) -> Middle | None:
    """Return where a capture is to be divided; None where it cannot be."""
    capture = open_capture(path)
    try:
        return capture.find_middle(int(os.stat(path).st_size * MIDDLE))
    finally:
        capture.close()


def follow(
    path: str, middle: Middle, found: Scan, watch: Watch, teller: Teller, overlap: Overlap
) -> Iterator[Told]:
    """Yield what is told of every conversation, as `skim.follow` does.

    Raises TornError, after some may have been yielded, when the halves do not fit.
    """
    handed = Handed()
    pid = os.fork()
    if not pid:
        os._exit(_second(path, middle, handed, teller, overlap))
    second = _Process(pid)
    try:
        first = _First(path, middle, watch, teller, overlap)
        yield from first.before()
        late = list(first.meanwhile(second.has_ended))
        second.wait(watch)
        yield from _join(first, late, handed, found, watch)
    finally:
        second.end()
        handed.close()


class _Process:
    """The process of the second half."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._status: int | None = None

    def has_ended(self) -> bool:
        """Tell whether it has ended by now."""
        return self._ask(os.WNOHANG)

    def wait(self, watch: Watch) -> None:
        """Wait for its end, or that of who watches. Raises TornError when it was no good one."""
        watch.waiting = True
        try:
            if not watch.over:
                self._ask(0)
        except KeyboardInterrupt:
            watch.over = True
        finally:
            watch.waiting = False
        if self._status and not watch.over:
            raise TornError

    def end(self) -> None:
        """End it, if it has not ended."""
        if not self.has_ended():
            import signal

            os.kill(self._pid, signal.SIGKILL)
            self._ask(0)

    def _ask(self, options: int) -> bool:
        if self._status is None:
            ended, status = os.waitpid(self._pid, options)
            self._status = status if ended else None
        return self._status is not None


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

    def meanwhile(self, ended: Callable[[], bool]) -> Iterator[Told]:
        """Yield what is over behind the middle, until the other half was read."""
        yield from self._go_on(ended)

    def after(self, last: int, until: float = 0.0) -> Iterator[Told]:
        """Yield what is over behind the middle: up to a packet's number, and at the very end."""
        conversations = self.conversations
        yield from self._go_on(lambda: conversations.packets >= last)
        conversations.last_at = max(conversations.last_at, until)
        conversations.finish()
        yield from self.told()

    def _go_on(self, enough: Callable[[], bool]) -> Iterator[Told]:
        while self.conversations.busy and not enough():
            packets = next(self._batches, None)
            if packets is None:
                return
            self.conversations.follow(packets)
            yield from self.told()


def _second(path: str, middle: Middle, handed: Handed, teller: Teller, overlap: Overlap) -> int:
    """Read the second half and hand it over; return an exit code."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first half's process decides
    try:
        reading = _Reading(open_capture(path), teller, overlap)
        reading.capture.go(middle.place)
        _hand_over(reading, handed)
    except Exception:
        return 1
    return 0


def _hand_over(reading: _Reading, handed: Handed) -> None:
    capture, conversations = reading.capture, reading.conversations
    for packets in capture.batches(conversations.unwanted):
        conversations.follow(packets)
        handed.tell(list(reading.told()))
    conversations.finish()
    handed.tell(list(reading.told()))
    handed.end(
        Rest(
            packets=conversations.packets,
            conversations=conversations.count,
            began_at=conversations.began,
            last_at=conversations.last_at,
            reached=capture.reached,
            faults=len(capture.faults),
            remarks=capture.remarks,
            datagrams=conversations.datagrams,
            stray=conversations.stray,
            torn=reading.torn,
        )
    )


# -- both ----------------------------------------------------------------------------------


def _join(
    first: _First, late: list[Told], handed: Handed, found: Scan, watch: Watch
) -> Iterator[Told]:
    """Yield the rest of the first half and the second one, in the order of one process."""
    conversations = first.conversations
    if not watch.over:
        rest = handed.rest()
        if rest.torn or 0 < rest.last_at < conversations.last_at:
            raise TornError
        faults, shared = _look_again(first, rest), _share(first, handed)
        late += first.after(max(shared.last, rest.stray) + first.packets, rest.last_at)
    if watch.over:
        yield from late
        yield from _break_off(first, found)
        return
    if first.torn:
        raise TornError
    moved = _move(handed.told(but=frozenset(shared.numbers)), first, shared)
    yield from heapq.merge(late, moved, key=itemgetter(_OVER_FRAME, _NUMBER)) if late else moved
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


def _share(first: _First, handed: Handed) -> Shared:
    """Find out what both halves saw: a conversation's SYN, or none, tells where it began."""
    known, numbers, last = first.known, list[int](), 0
    for number, key, isn, first_frame, last_frame in sorted(handed.marks(known)):
        own = key not in known or (isn is not None and known[key] not in (None, isn))
        if own:
            known.pop(key, None)
            known.pop(_reverse(key), None)
        else:
            numbers.append(number)
        if first.conversations.is_open(key):
            last = max(last, first_frame if own else last_frame)
    return Shared(numbers, last)


def _move(second: Iterator[tuple[Any, ...]], first: _First, shared: Shared) -> Iterator[Told]:
    """Yield what the second half told, by the numbers that one process counts."""
    before, count, known = first.packets, first.count, shared.numbers
    for number, first_frame, last_frame, over_frame, key, isn, content in second:
        yield Told(
            number + count - bisect(known, number),
            first_frame + before,
            last_frame + before,
            min(over_frame + before, NEVER),
            *(key, isn, content),
        )


def _reverse(key: bytes) -> bytes:
    half = (len(key) - 4) // 2
    return key[half:-4] + key[:half] + key[-2:] + key[-4:-2]
