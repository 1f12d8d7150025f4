"""Between a hello that fails and one that passes: which of their differences decide.

Two searches. Put into the good hello, which part of the failing one makes it fail? Taken from the
good hello, which change makes the failing one pass? What is found is tried once more, and so is
the hello as captured.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from tlswire.experiments import went_on
from tlswire.experiments.plain import Good
from tlswire.few import few, together
from tlswire.language import counted, say
from tlswire.narrow.bench import Bench
from tlswire.narrow.differences import Difference, differences
from tlswire.narrow.mixing import SIZE, Toggle, mix
from tlswire.narrow.search import smallest
from tlswire.narrow.sizes import Between, Limit, limit
from tlswire.replay.attempts import Tried
from tlswire.variants.shape import Shape

#: Changes that are named of a longer list.
NAMED: Final = 3


class Narrowing:
    """One search between two hellos; `fixes` passes, and `faults` says what fails by itself."""

    def __init__(self, bench: Bench, bad: Shape, good: Good, failure: Tried) -> None:
        self.bench, self.bad, self.good = bench, bad, good
        self.failures = [failure]  # one for each fault, the latest last
        self.all = differences(bad, good.shape)
        self.fixes: list[Difference] = []
        self.faults: list[tuple[Difference, ...]] = []
        self.limit: Limit | None = None

    # -- asking --------------------------------------------------------------------------

    def changed(self, taken: Iterable[Difference]) -> Shape:
        """Return the failing hello with things taken from the good one."""
        return mix(self.bad, self.good.shape, toggles(taken))

    def passes(self, taken: Sequence[Difference]) -> bool:
        """Tell whether the failing hello passes with these things changed."""
        told = (
            say("the failing hello, but: {listed}", listed=listed(taken))
            if taken
            else say("the failing hello")
        )
        return self.bench.passes(self.changed(taken), told)

    def fails(self, kept: Sequence[Difference]) -> bool:
        """Tell whether the good hello fails as the bad one does with these things of it."""
        return self.bench.alike(self._kept(kept), self.failures[-1])

    def fails_as_one(self, kept: Sequence[Difference]) -> bool:
        """Tell whether the good hello fails with these things as with one of the faults."""
        seen = self._kept(kept)
        return any(self.bench.alike(seen, failure) for failure in self.failures)

    def unwelcome(self, kept: Sequence[Difference]) -> bool:
        """Tell whether the good hello does not pass with these things of the failing one."""
        return not went_on(self._kept(kept).seen)

    def _kept(self, kept: Sequence[Difference]) -> Tried:
        wanted = toggles(kept)
        taken = toggles(self.all) - wanted
        shape = mix(self.bad, self.good.shape, taken, keep_size=SIZE in wanted)
        told = say("{told}, but as captured in: {fields}", told=self.good.told, fields=fields(kept))
        return self.bench.tried(shape, told)

    # -- searching -----------------------------------------------------------------------

    def search(self) -> None:
        """Find what fails by itself, one thing after the other, until the rest passes."""
        while not self.passes(self.fixes):
            shape = self.changed(self.fixes)
            self.failures.append(self.bench.tried(shape, ""))
            rest = [d for d in self.all if d not in self.fixes and not self._settled(d)]
            fault = smallest(rest, self.fails) if rest else []
            if not fault or not self.fails(fault):
                self.fixes = smallest(self.all, self.passes)
                break
            self.faults.append(tuple(fault))
            self._mend(fault)
        self._drop_idle()

    def _settled(self, difference: Difference) -> bool:
        return self.limit is not None and difference.toggles == (SIZE,)

    def _mend(self, fault: Sequence[Difference]) -> None:
        """Take from the good hello what ends this fault: one of its parts will do."""
        sized = len(fault) == 1 and fault[0].toggles == (SIZE,)
        if sized and not self.passes([*self.fixes, fault[0]]):
            self._fit()
        elif len(fault) == 1:
            self.fixes.append(fault[0])
        else:
            self.fixes.append(next((d for d in fault if self.passes([*self.fixes, d])), fault[0]))

    def _fit(self) -> None:
        """The hello is too large for something: find how large it may be, and what fits."""
        between = Between(self.bad, self.good, self.all, self.fixes)
        self.limit = limit(self.bench, between)
        self.fixes += self.limit.means

    def is_means(self, difference: Difference) -> bool:
        """Tell whether a thing is left out only to make the hello small enough."""
        return self.limit is not None and self.limit.is_size and difference in self.limit.means

    def _drop_idle(self) -> None:
        """Drop what was taken on the way and turns out not to be needed."""
        for fix in [d for d in self.fixes if not self.is_means(d)]:
            rest = [d for d in self.fixes if d is not fix]
            if rest and self.passes(rest):
                self.fixes = rest


def toggles(taken: Iterable[Difference]) -> set[Toggle]:
    """Return all toggles of some differences."""
    return {toggle for difference in taken for toggle in difference.toggles}


def listed(taken: Sequence[Difference]) -> str:
    """Return what is changed, the first few by name."""
    told = together(d.told for d in taken[:NAMED])
    left = len(taken) - NAMED
    if left <= 0:
        return told
    return counted("{told}; and {number} more", "{told}; and {number} more", left, told=told)


def fields(kept: Sequence[Difference]) -> str:
    """Return the fields of some differences, the first few by name."""
    names = list(dict.fromkeys(f"{d.field} {d.member}" if d.member else d.field for d in kept))
    return few(names, NAMED)
