"""How large a hello may be, found by padding the good one, and what would make it fit.

Padding is an extension itself (RFC 7685): where a little of it fails already, it is not the size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from tlswire.codes import ExtensionType
from tlswire.language import say
from tlswire.narrow.differences import Difference
from tlswire.narrow.mixing import SIZE, mix
from tlswire.narrow.search import boundary
from tlswire.variants.shape import BARE, padded

if TYPE_CHECKING:
    from tlswire.narrow.narrowing import Narrowing

#: Connections spent on the boundary: fewer where many are used up already.
USUAL, FEWEST, MOST = 19, 4, 11


class Limit(NamedTuple):
    """`passes` and `fails` are sizes in bytes of message; `means` make the hello small enough."""

    passes: int
    fails: int
    means: list[Difference]
    is_size: bool = True


def limit(search: Narrowing) -> Limit:
    """Find the boundary between the good hello's size and the failing one's."""
    good, bench = search.good, search.bench

    def holds(size: int) -> bool:
        return bench.passes(
            padded(good.shape, size),
            say("{told}, padded to {size} bytes", told=good.told, size=size),
        )

    least = good.shape.size + BARE
    if not holds(least):
        return Limit(good.shape.size, least, _paddings(search), is_size=False)
    questions = max(FEWEST, min(MOST, USUAL - FEWEST - len(bench.steps)))
    low, high = boundary(least, search.bad.size, holds, questions)
    return Limit(low, high, _means(search, low))


def _paddings(search: Narrowing) -> list[Difference]:
    return [d for d in search.all if d.toggles[0].member == ExtensionType.padding]


def _means(search: Narrowing, most: int) -> list[Difference]:
    """Return the one thing to leave out that brings the hello to `most` bytes, or several."""
    bad, good = search.bad, search.good.shape
    sizes = {
        n: mix(bad, good, {t for f in (*search.fixes, d) for t in f.toggles}).size
        for n, d in enumerate(search.all)
        if SIZE not in d.toggles and d not in search.fixes
    }
    enough = [n for n, size in sizes.items() if size <= most]
    if enough:
        return [search.all[max(enough, key=lambda n: sizes[n])]]
    return _several(search, most, sorted(sizes, key=lambda n: sizes[n]))


def _several(search: Narrowing, most: int, order: list[int]) -> list[Difference]:
    taken: list[Difference] = []
    for n in order:
        taken.append(search.all[n])
        made = {t for d in (*search.fixes, *taken) for t in d.toggles}
        if mix(search.bad, search.good.shape, made).size <= most:
            return taken
    return taken
