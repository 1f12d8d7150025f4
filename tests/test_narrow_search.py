"""Delta debugging asked in the abstract: what it returns holds, and nothing of it can go."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, log2

from hypothesis import given
from hypothesis import strategies as st

from tlswire.narrow.search import boundary, single, smallest

THINGS = list(range(40))


@given(st.sets(st.sampled_from(THINGS), min_size=1, max_size=4))
def test_what_is_needed_together_is_found_whole(needed: set[int]) -> None:
    assert sorted(smallest(THINGS, lambda some: needed <= set(some))) == sorted(needed)


@given(st.sets(st.sampled_from(THINGS), min_size=1, max_size=8))
def test_one_of_several_is_found_alone(enough: set[int]) -> None:
    found = smallest(THINGS, lambda some: bool(enough & set(some)))
    assert len(found) == 1
    assert found[0] in enough


@given(st.sampled_from(THINGS))
def test_one_costs_a_logarithm(culprit: int) -> None:
    asked = []

    def holds(some: Sequence[int]) -> bool:
        asked.append(some)
        return culprit in some

    assert smallest(THINGS, holds) == [culprit]
    assert len(asked) <= ceil(log2(len(THINGS))) + 1


def test_no_single_one_is_said_as_such() -> None:
    assert single(THINGS, lambda some: {3, 30} <= set(some)) == []
    assert single([], lambda some: True) == []


@given(st.integers(0, 999))
def test_a_boundary_is_found_or_hemmed_in(most: int) -> None:
    assert boundary(0, 1000, lambda n: n <= most, 10) == (most, most + 1)
    low, high = boundary(0, 1000, lambda n: n <= most, 4)
    assert low <= most < high
    assert high - low <= 63
