"""Delta debugging: the smallest set of things for which something holds, asked as seldom as can be.

Knows nothing of hellos. Presumes that what holds for a set holds for every larger one; where that
is not so the answer still holds, and may not be the smallest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

Thing = TypeVar("Thing")
Holds = Callable[[Sequence[Thing]], bool]


def smallest(things: Sequence[Thing], holds: Holds[Thing]) -> list[Thing]:
    """Return a smallest subset for which `holds`, which it does for all; earlier ones preferred.

    One culprit costs log2(n)+1 questions; several go by QuickXplain (Junker 2004).
    """
    one = single(things, holds)
    return one if one else _quick([], [], list(things), holds)


def single(things: Sequence[Thing], holds: Holds[Thing]) -> list[Thing]:
    """Return the one thing for which it holds alone, [] where no such one was found by halving."""
    left = list(things)
    while len(left) > 1:
        half = left[: (len(left) + 1) // 2]
        left = half if holds(half) else left[len(half) :]
    return left if left and holds(left) else []


def first(things: Sequence[Thing], holds: Holds[Thing]) -> list[Thing]:
    """Return the first thing for which it holds alone, [] for none: for few things."""
    return next(([thing] for thing in things if holds([thing])), [])


def _quick(
    known: list[Thing], added: list[Thing], things: list[Thing], holds: Holds[Thing]
) -> list[Thing]:
    """Return what `known` needs of `things` to hold; `added` is what came to `known` last."""
    if added and holds(known):
        return []
    if len(things) <= 1:
        return things
    middle = (len(things) + 1) // 2
    first, second = things[:middle], things[middle:]
    later = _quick(known + first, first, second, holds)
    sooner = _quick(known + later, later, first, holds)
    return sooner + later


def boundary(low: int, high: int, holds: Callable[[int], bool], questions: int) -> tuple[int, int]:
    """Halve between a number that holds and a higher one that does not; return how far it came."""
    while high - low > 1 and questions > 0:
        middle = (low + high) // 2
        if holds(middle):
            low = middle
        else:
            high = middle
        questions -= 1
    return low, high
