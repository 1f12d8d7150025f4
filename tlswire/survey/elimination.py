"""Which of many things a server takes, and in which order, with as few questions as may be.

A server shows one accepted thing a connection: k of them need k+1 questions, the last to be sure
that there are no more, and asking on without what was shown gives the order for free. To be done
sooner the list is dealt into runs of the expected order that are asked side by side; where the
expectation was wrong the runs are merged by asking for their heads. Knows no TLS and no socket.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple

from tlswire.surveyed import Preference

#: Offers a list, and returns what the server picked of it; None when it takes none.
Ask = Callable[[Sequence[int]], Awaitable[int | None]]

#: A list is no longer than this: wolfSSL reads 150 suites of a hello, and says nothing.
LONGEST: Final = 128


class Taken(NamedTuple):
    """What is accepted: in the server's order where it has one, else in the expected order."""

    members: tuple[int, ...] = ()
    preference: Preference | None = None  # None: one thing, or none: nobody prefers anything
    contradicted: bool = False  # by the last answer: of a long list not everything was read


async def eliminate(offered: Sequence[int], ask: Ask) -> list[int]:
    """Ask for the list, then without what was shown, until nothing is: k+1 questions."""
    left, shown = list(offered), []
    while left:
        picked = await ask(left)
        if picked is None or picked not in left:
            break
        shown.append(picked)
        left.remove(picked)
    return shown


async def plainly(expected: Sequence[int], first: int, ask: Ask) -> Taken:
    """Find everything with k+2 questions in all; `first` answered the whole expected list.

    The last offers the whole list backwards, what was refused before what was taken: a server that
    reads a long list to its end takes nothing of the former, one that does not gives itself away.
    """
    left = [member for member in expected if member != first]
    shown = [first, *await eliminate(left, ask)]
    refused = [member for member in expected if member not in shown]
    if len(shown) == 1 and len(expected) <= LONGEST:
        return Taken(tuple(shown))
    last = await ask([*refused[::-1], *shown[::-1]])
    members, preference = await _weigh(expected, shown, last)
    return Taken(members, preference if len(shown) > 1 else None, last not in shown)


async def _weigh(
    expected: Sequence[int], shown: list[int], reverse: int | None
) -> tuple[tuple[int, ...], Preference]:
    """Say whose order it is: the client's when the order shown was that of the offer."""
    if reverse == shown[0]:
        return tuple(shown), "server"
    in_order = sorted(shown, key=expected.index)
    return tuple(in_order), "client" if reverse == shown[-1] else "mixed"


async def side_by_side(
    expected: Sequence[int],
    first: int,
    runs: int,
    weight: Callable[[int], float],
    ask: Ask,
    most: int = LONGEST,
) -> Taken:
    """Find everything in about k/runs rounds; `first` was picked of the expected list.

    Every run is offered backwards: what is picked forwards then was the server's own wish. No
    list is longer than `most`: some servers read no more of it, and say nothing.
    """
    left = [member for member in expected if member != first]
    dealt = deal(left, runs, weight, most)
    backwards = [*_heaviest(left, most - 1, weight)[::-1], first]
    back, shown = await asyncio.gather(
        ask(backwards),
        asyncio.gather(*(eliminate(run[::-1], ask) for run in dealt)),
    )
    runs_shown = [run for run in shown if run]
    if not runs_shown:
        return Taken((first,))
    members = [first, *(member for run in runs_shown for member in run)]
    if not set(members[1:]) & set(backwards):  # it was asked backwards with nothing it takes
        backwards = [*members[1:most][::-1], first]
        back = await ask(backwards)
    if back == first:
        return Taken(tuple(await merged([[first], *runs_shown], ask)), "server")
    in_order = tuple(sorted(members, key=expected.index))
    offered = all(run == sorted(run, key=expected.index, reverse=True) for run in runs_shown)
    wished = next(member for member in backwards if member in members)
    if offered and back == wished and first == in_order[0]:
        return Taken(in_order, "client")
    if len(expected) > most >= len(members):  # it may not have read what `first` was picked of
        there, again = await asyncio.gather(ask(in_order), ask(in_order[::-1]))
        if there == again:
            return Taken(tuple(await merged([[first], *runs_shown], ask)), "server")
    return Taken(in_order, "mixed")


def _heaviest(members: list[int], most: int, weight: Callable[[int], float]) -> list[int]:
    """Return the members that weigh most, in their order."""
    if len(members) <= most:
        return members
    kept = set(sorted(members, key=weight, reverse=True)[:most])
    return [member for member in members if member in kept]


def deal(
    members: Sequence[int], runs: int, weight: Callable[[int], float], most: int = LONGEST
) -> list[list[int]]:
    """Cut a list into runs of about equal weight; what weighs a whole run stands alone.

    One alone costs one question and one round, taken or not.
    """
    share = sum(map(weight, members)) / max(1, runs)
    dealt: list[list[int]] = [[]]
    full = 0.0
    for member in members:
        heavy = weight(member) >= share and runs > 1
        filled = len(dealt[-1]) >= most or (full >= share and len(dealt) < runs)
        if dealt[-1] and (heavy or filled):
            dealt.append([])
            full = 0.0
        dealt[-1].append(member)
        full = share if heavy else full + weight(member)
        if heavy:
            dealt.append([])
            full = 0.0
    return [run for run in dealt if run]


async def merged(runs: list[list[int]], ask: Ask) -> list[int]:
    """Put ordered runs together: where neighbours are in order already, one question each."""
    while len(runs) > 1:
        pairs = itertools.pairwise(runs)
        right = await asyncio.gather(*(_follows(a[-1], b[0], ask) for a, b in pairs))
        runs = _join(runs, right)
        if len(runs) > 1:
            runs = await _merge_neighbours(runs, ask)
    return runs[0]


async def _follows(before: int, after: int, ask: Ask) -> bool:
    return await ask([after, before]) == before


def _join(runs: list[list[int]], right: Sequence[bool]) -> list[list[int]]:
    """Join the runs whose neighbours are in order."""
    joined = [list(runs[0])]
    for run, follows in zip(runs[1:], right, strict=True):
        if follows:
            joined[-1] += run
        else:
            joined.append(list(run))
    return joined


async def _merge_neighbours(runs: list[list[int]], ask: Ask) -> list[list[int]]:
    pairs = [runs[at : at + 2] for at in range(0, len(runs), 2)]
    return list(await asyncio.gather(*(_merge(pair, ask) for pair in pairs)))


async def _merge(runs: list[list[int]], ask: Ask) -> list[int]:
    """Merge two ordered runs by asking which of their heads comes first, or swap them whole."""
    if len(runs) == 2 and await _follows(runs[1][-1], runs[0][0], ask):
        return runs[1] + runs[0]
    left, merged = [list(run) for run in runs], []
    while len(left) > 1:
        heads = [run[0] for run in left]
        picked = await ask(heads[::-1])
        at = heads.index(picked) if picked in heads else 0
        merged.append(left[at].pop(0))
        left = [run for run in left if run]
    return merged + (left[0] if left else [])
