"""What is told where no smallest change was found: nothing sent, nothing failing, nothing passing.

Says how far it came and what to do next. Sends nothing.
"""

from __future__ import annotations

from typing import Final

from tlswire.experiments.plain import Good
from tlswire.few import together
from tlswire.language import mark, say
from tlswire.narrow.bench import Bench
from tlswire.narrow.narrowing import Narrowing
from tlswire.narrow.telling import change, result
from tlswire.replay.plans import Plan
from tlswire.result import Narrowing as Result
from tlswire.result import Verdict

UNLIKELY_CONTENT: Final = mark(
    "No hello passed, however plain: what stands in the way is not what this ClientHello offers."
)
ELSEWHERE: Final = mark(
    "Replay it: the experiments of replay also try what comes before TLS. "
    "Then look at the server itself and at what stands before it."
)


def unsent(planned: Plan, allowed: int, why: str, *, unreached: bool = False) -> Result:
    """Nothing was sent, and why."""
    return Result(
        connections=planned.connections,
        target=str(planned.target),
        allowed=allowed,
        unreached=unreached,
        verdict=Verdict(summary=say("Nothing was sent: {why}.", why=why)),
        notes=tuple(note for note in planned.flight.notes if note != why),
    )


def passed(planned: Plan, bench: Bench) -> Result:
    """The hello as captured passes: there is nothing to narrow."""
    verdict = Verdict(
        summary=say("The server goes on with the hello as captured: from here nothing fails."),
        next_step=say(
            "Narrow from the client's own network, or replay several times: it may "
            "fail only sometimes."
        ),
    )
    return result(planned, bench, verdict=verdict)


def unreached(planned: Plan, bench: Bench) -> Result:
    """No connection came about."""
    verdict = Verdict(summary=say("{target} could not be reached.", target=planned.target))
    return result(planned, bench, unreached=True, verdict=verdict)


def nothing_passes(planned: Plan, bench: Bench, good: Good | None) -> Result:
    """None of the good hellos passed."""
    summary = (
        say(UNLIKELY_CONTENT)
        if good is None
        else say("The good hello ({told}) does not pass either.", told=good.told)
    )
    return result(planned, bench, verdict=Verdict(summary=summary, next_step=say(ELSEWHERE)))


def spent(
    planned: Plan, bench: Bench, found: Narrowing | None, why: str, more: int | None = None
) -> Result:
    """It was not brought to an end: why, what is known so far, how many connections might do."""
    so_far = [d for fault in found.faults for d in fault] if found is not None else []
    told = say(" So far: {names}.", names=together(d.told for d in so_far)) if so_far else ""
    return result(
        planned,
        bench,
        good=found.good.told if found is not None else None,
        smallest_failing=tuple(change(d) for d in so_far),
        verdict=Verdict(
            summary=f"{why[:1].upper()}{why[1:]}.{told}",
            next_step=say("Allow more: --connections {number}.", number=more) if more else None,
        ),
    )
