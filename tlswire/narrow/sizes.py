"""How large a hello may be, found by padding the good one, and what would make it fit.

Padding is an extension itself (RFC 7685): where a little of it fails already, it is not the size.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tlswire.codes import ExtensionType
from tlswire.experiments.plain import Good
from tlswire.language import say
from tlswire.narrow.bench import Bench
from tlswire.narrow.differences import Difference
from tlswire.narrow.mixing import SIZE, mix
from tlswire.narrow.search import boundary
from tlswire.variants.shape import BARE, Shape, padded

#: Connections spent on the boundary: fewer where many are used up already.
USUAL, FEWEST, MOST = 19, 4, 11


class Limit(NamedTuple):
    """`passes` and `fails` are sizes in bytes of message; `means` make the hello small enough."""

    passes: int
    fails: int
    means: list[Difference]
    is_size: bool = True


class Between(NamedTuple):
    """The two hellos, what they differ in, and what of that is taken from the good one already."""

    bad: Shape
    good: Good
    differences: Sequence[Difference]
    taken: Sequence[Difference]

    def mixed(self, *more: Difference) -> Shape:
        """Return the failing hello with what is taken, and with more."""
        toggles = {t for d in (*self.taken, *more) for t in d.toggles}
        return mix(self.bad, self.good.shape, toggles)


def limit(bench: Bench, between: Between) -> Limit:
    """Find the boundary between the good hello's size and the failing one's."""
    good = between.good

    def holds(size: int) -> bool:
        return bench.passes(
            padded(good.shape, size),
            say("{told}, padded to {size} bytes", told=good.told, size=size),
        )

    least = good.shape.size + BARE
    if not holds(least):
        return Limit(good.shape.size, least, _paddings(between), is_size=False)
    questions = max(FEWEST, min(MOST, USUAL - FEWEST - len(bench.steps)))
    low, high = boundary(least, between.bad.size, holds, questions)
    return Limit(low, high, _means(between, low))


def _paddings(between: Between) -> list[Difference]:
    return [d for d in between.differences if d.toggles[0].member == ExtensionType.padding]


def _means(between: Between, most: int) -> list[Difference]:
    """Return the one thing to leave out that brings the hello to `most` bytes, or several."""
    every = between.differences
    sizes = {
        n: between.mixed(d).size
        for n, d in enumerate(every)
        if SIZE not in d.toggles and d not in between.taken
    }
    enough = [n for n, size in sizes.items() if size <= most]
    if enough:
        return [every[max(enough, key=lambda n: sizes[n])]]
    return _several(between, most, sorted(sizes, key=lambda n: sizes[n]))


def _several(between: Between, most: int, order: list[int]) -> list[Difference]:
    found: list[Difference] = []
    for n in order:
        found.append(between.differences[n])
        if between.mixed(*found).size <= most:
            return found
    return found
