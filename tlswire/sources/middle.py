"""A place inside a file from which it can be read, guessed by what follows there.

Where a packet begins, a chain of headers goes on for as far as one looks. Bytes that a packet
carries may look so too, if somebody wants them to: whoever reads from a guessed place must have it
proved by the chain from the file's beginning.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NamedTuple

#: Files smaller than this, in bytes, are read faster by one process.
LARGE = 32 << 20
#: How many bytes are looked at, and so many of them for a beginning.
WINDOW, SEARCHED = 1 << 19, 1 << 18
#: A chain has so many links at least, where the file does not end before.
LINKS = 2

#: What says where a packet would end that began at a place in a buffer; 0: none begins there. What
#: the buffer's end cuts may be one.
EndOf = Callable[[bytes, int], int]


class Middle(NamedTuple):
    """Where a packet seems to begin, and what must be known to read on from there."""

    place: int
    manner: object  # as `Capture.manner` gives it there, if it is true


def wants_two(path: str, jobs: int | None) -> bool:
    """Tell whether a file is to be read by two processes; without a number, whether that pays."""
    if not hasattr(os, "fork") or not os.path.isfile(path):
        return False
    if jobs is None:
        return os.stat(path).st_size >= LARGE and len(os.sched_getaffinity(0)) > 1
    return jobs > 1


def find_chain(window: bytes, end_of: EndOf, stride: int) -> int | None:
    """Return the first place in a window from which a chain leads to its end, None without one."""
    starts = range(0, min(SEARCHED, len(window)), stride)
    return next((start for start in starts if _leads_on(window, start, end_of)), None)


def _leads_on(window: bytes, position: int, end_of: EndOf) -> bool:
    links, size = 0, len(window)
    while position < size:
        position = end_of(window, position)
        if not position:
            return False
        links += 1
    return links >= LINKS or position == size
