"""Which groups a version takes: curves, hybrids, and those of RFC 7919 by the primes they get.

A server shows one group a connection, as it does with suites. Asks through a `Prober`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from tlswire import certificates
from tlswire.codes import GROUPS, Group, Version
from tlswire.suites import SUITES
from tlswire.survey import registry
from tlswire.survey.elimination import Ask, deal, eliminate, plainly, side_by_side
from tlswire.survey.versions import UNLIKELY, Prober


async def find_groups(prober: Prober) -> None:
    """Find every group that is taken; which of DHE's, only where the server heeds them."""
    version = prober.found.version
    if version >= Version.tls_1_3:
        await _find(prober, registry.GROUPS_13, registry.USUAL_GROUPS_13, _picks_of_13(prober))
    elif version > Version.ssl_3_0:
        elliptic = [s for s in prober.found.suites if SUITES[s].key_exchange.startswith("ECDHE")]
        if elliptic:
            await _find_curves(prober, elliptic)
        finite = [s for s in prober.found.suites if SUITES[s].key_exchange == "DHE"]
        if finite and not prober.polite:
            await _find_finite_fields(prober, finite)


async def _find(prober: Prober, offered: tuple[int, ...], usual: tuple[int, ...], ask: Ask) -> None:
    first = await ask(usual)
    expected = (*usual, *(group for group in offered if group not in usual))
    if first is None:  # only groups that nobody expects, if any
        shown = await asyncio.gather(
            *(eliminate(run, ask) for run in deal(expected, 1, _group_weight, FEW))
        )
        prober.found.groups = tuple(group for run in shown for group in run)
        return
    if prober.polite:
        taken = await plainly(usual, first, ask)
    else:
        taken = await side_by_side(expected, first, 4, _group_weight, ask, FEW)
    prober.found.groups, prober.found.groups_preference = taken.members, taken.preference


def _picks_of_13(prober: Prober) -> Ask:
    """Without a share the server asks for the group that it wants (RFC 8446 4.2.8)."""

    async def pick(groups: Sequence[int]) -> int | None:
        question = prober.question(prober.found.suites)
        answer = await prober.caller.ask(question._replace(groups=tuple(groups), shares=()))
        return answer.group if prober.is_of_version(answer) else None

    return pick


async def _find_curves(prober: Prober, suites: Sequence[int]) -> None:
    """Ask with RSA's suites where there are any: an ECDSA key wants its own curve named too.

    Without it the server has no certificate for the client (RFC 8422 section 5.1), so it is
    named last; what the server ranks behind it cannot be told then.
    """
    others = [s for s in suites if SUITES[s].authentication != "ECDSA"]
    companion = None if others else await _curve_of_the_key(prober, suites)
    ask = _curves_with(prober, others or suites, companion)
    await _find(prober, registry.CURVES, registry.USUAL_CURVES, ask)
    prober.found.curve_of_key = companion


async def _curve_of_the_key(prober: Prober, suites: Sequence[int]) -> int | None:
    answer = await prober.caller.ask(prober.question(suites), whole=True)
    leaf = certificates.read(answer.chain[0]) if answer.chain else None
    name = (leaf.curve or "").lower() if leaf is not None else ""
    return next((number for number, own in GROUPS.items() if own.lower() == name), None)


def _curves_with(prober: Prober, suites: Sequence[int], companion: int | None) -> Ask:
    async def pick(groups: Sequence[int]) -> int | None:
        named = groups if companion is None or companion in groups else (*groups, companion)
        question = prober.question(suites)._replace(groups=tuple(named))
        answer = await prober.caller.ask(question, whole=True)
        taken = prober.is_of_version(answer) and answer.group in groups
        return answer.group if taken else None

    return pick


async def _find_finite_fields(prober: Prober, suites: Sequence[int]) -> None:
    """Tell the groups of RFC 7919 by the size of the prime that each gets."""
    answers = await asyncio.gather(
        *(
            prober.caller.ask(prober.question(suites)._replace(groups=(group,)))
            for group in registry.FINITE_FIELDS
        )
    )
    for answer in answers:
        prober.keep(answer)
    taken = [
        group
        for group, answer in zip(registry.FINITE_FIELDS, answers, strict=True)
        if prober.is_of_version(answer) and answer.dh_bits == FINITE_SIZES[group]
    ]
    if len({answer.dh_bits for answer in answers}) > 1:  # it heeds what is offered
        prober.found.groups += tuple(taken)


def _group_weight(group: int) -> float:
    return 1.0 if group in registry.COMMON_GROUPS else UNLIKELY


#: Groups in one list: more than so many some servers do not read.
FEW: Final = 16
#: The prime of each group of RFC 7919, in bits.
FINITE_SIZES: Final[dict[int, int]] = {
    Group.ffdhe2048: 2048,
    Group.ffdhe3072: 3072,
    Group.ffdhe4096: 4096,
    Group.ffdhe6144: 6144,
    Group.ffdhe8192: 8192,
}
