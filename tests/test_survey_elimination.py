"""Elimination against servers that are a rule, with every set, order and preference drawn."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence

import pytest

from tlswire.survey.elimination import Taken, deal, eliminate, plainly, side_by_side


class Rule:
    """A server that picks by its own order, or by the client's; counts what it is asked."""

    def __init__(self, order: Sequence[int], whose: str) -> None:
        self.order, self.whose, self.asked = list(order), whose, 0

    async def __call__(self, offered: Sequence[int]) -> int | None:
        self.asked += 1
        common = [member for member in offered if member in self.order]
        if not common:
            return None
        return common[0] if self.whose == "client" else min(common, key=self.order.index)


def find(rule: Rule, expected: Sequence[int], runs: int | None) -> Taken:
    async def run() -> Taken:
        first = await rule(expected)
        assert first is not None
        if runs is None:
            return await plainly(expected, first, rule)
        return await side_by_side(expected, first, runs, lambda member: 1.0, rule)

    return asyncio.run(run())


@pytest.mark.parametrize("runs", [None, 1, 3, 10])
@pytest.mark.parametrize("whose", ["server", "client"])
@pytest.mark.parametrize("seed", range(12))
def test_the_set_the_order_and_whose_it_is(runs: int | None, whose: str, seed: int) -> None:
    draw = random.Random(seed)
    expected = draw.sample(range(1000), 200)
    accepted = draw.sample(expected, draw.randint(1, 40))
    rule = Rule(accepted, whose)
    taken = find(rule, expected, runs)
    assert set(taken.members) == set(accepted)
    assert taken.preference == (whose if len(accepted) > 1 else None)
    if whose == "server":
        assert list(taken.members) == accepted


@pytest.mark.parametrize("whose", ["server", "client"])
def test_the_plain_way_costs_two_more_than_what_is_accepted(whose: str) -> None:
    rule = Rule(list(range(44))[::-1], whose)
    find(rule, range(370), None)
    assert rule.asked == 44 + 2


def test_the_expected_order_costs_one_question_a_neighbourhood() -> None:
    rule = Rule(range(0, 88, 2), "server")
    assert list(find(rule, range(100), 10).members) == list(range(0, 88, 2))
    assert rule.asked <= 44 + 10 + 10 + 1


def test_one_that_picks_what_was_not_offered_is_not_asked_for_ever() -> None:
    async def mad(offered: Sequence[int]) -> int | None:
        return 4711

    assert asyncio.run(eliminate(range(9), mad)) == []


def test_one_that_changes_its_mind_comes_to_an_end() -> None:
    draw = random.Random(7)

    async def fickle(offered: Sequence[int]) -> int | None:
        return draw.choice([*offered, None])

    taken = asyncio.run(side_by_side(range(50), 0, 5, lambda member: 1.0, fickle))
    assert set(taken.members) <= set(range(50))


def test_dealing_keeps_the_order_and_loses_nobody() -> None:
    members = list(range(100))
    dealt = deal(members, 7, lambda member: 1.0 if member < 20 else 0.02)
    assert [member for run in dealt for member in run] == members
    assert 6 <= len(dealt) <= 7
    heavy = [sum(member < 20 for member in run) for run in dealt]
    assert max(heavy) <= 4


def test_what_weighs_a_run_stands_alone() -> None:
    dealt = deal(range(30), 6, lambda member: 10.0 if member in (4, 20) else 1.0)
    assert [4] in dealt
    assert [20] in dealt
    assert [member for run in dealt for member in run] == list(range(30))


class Short(Rule):
    """A server that reads no more than the first so many of a list, and says nothing of it."""

    def __init__(self, order: Sequence[int], whose: str, most: int) -> None:
        super().__init__(order, whose)
        self.most = most

    async def __call__(self, offered: Sequence[int]) -> int | None:
        return await super().__call__(offered[: self.most])


@pytest.mark.parametrize("whose", ["server", "client"])
@pytest.mark.parametrize("most", [128, 150, 200, 369])
@pytest.mark.parametrize("accepted", [[3, 1, 300], [5], [0, 1, 2, 3, 340, 369], [7, 127]])
def test_a_server_that_cuts_a_long_list_gives_itself_away(
    whose: str, most: int, accepted: list[int]
) -> None:
    taken = find(Short(accepted, whose, most), range(370), None)
    whole = set(taken.members) == set(accepted)
    assert whole or taken.contradicted
    assert taken.contradicted or most > 150 or max(accepted) > 369 - most


@pytest.mark.parametrize("whose", ["server", "client"])
def test_one_that_reads_it_all_does_not(whose: str) -> None:
    for accepted in ([3], [3, 1, 300], list(range(0, 370, 7))):
        assert not find(Rule(accepted, whose), range(370), None).contradicted
