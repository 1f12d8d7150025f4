"""The course of one replay: played, sent again, changed, asked in clear, and what all that says.

What each step is stands in a module of its own; here is their order, and what is made of them. Must
never decide by itself what a cause is.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from msgspec import structs

from tlswire.comparison import Comparison, compare, same_end
from tlswire.conclusion import broken_off, conclude, fares, retell, unsent
from tlswire.errors import BrokenOffError, BudgetError, TargetError
from tlswire.experiments import Experiment
from tlswire.experiments.situations import told_behind
from tlswire.findings import ended_by
from tlswire.language import say
from tlswire.replay import chains, late, patience, pool, silence, unsaid
from tlswire.replay.attempts import Tried
from tlswire.replay.own import Own
from tlswire.replay.plans import Plan
from tlswire.replay.played import Played, accounts, farthest, odd, play, play_again
from tlswire.replay.repeats import Repeats
from tlswire.replay.trials import Trials, experiment
from tlswire.result import Attempt, FirstDifference, Replay, Verdict
from tlswire.seen import Seen
from tlswire.sources.dialling import Address, resolve
from tlswire.states import TCP_CONNECT
from tlswire.vain import weigh_refusals


class Course(NamedTuple):
    """What was done for one plan, and what came of each step."""

    planned: Plan
    addresses: list[Address]
    played: Played
    end: Tried  # the try that went farthest
    again: Repeats
    trials: Trials
    clear: unsaid.InClear
    waited: late.Late

    @property
    def exact(self) -> Seen:
        """Return what the captured bytes met."""
        return self.played.exact.seen


def perform(
    planned: Plan,
    experiments: Sequence[Experiment] = (),
    repeat: int = 1,
    own: Own | None = None,
) -> Replay:
    """Carry out one plan."""
    own = own or Own()
    if planned.why_not is not None:
        return _unsent(planned, planned.why_not)
    try:
        addresses = resolve(*planned.dialled)
        played = play(patience.patient(planned), addresses, own)
    except BrokenOffError:
        return structs.replace(_unsent(planned, ""), verdict=broken_off(planned.chosen))
    except BudgetError as error:
        return _unsent(planned, str(error))
    except TargetError as error:
        return _unsent(planned, str(error), reached=False)
    return _told(_go_on(planned, addresses, played, experiments, repeat, own), own)


def _go_on(
    planned: Plan,
    addresses: list[Address],
    played: Played,
    experiments: Sequence[Experiment],
    repeat: int,
    own: Own,
) -> Course:
    """Do what is to be done when the exact hello was heard out."""
    exact, end = played.exact.seen, farthest(played, planned)
    again = play_again(played, planned, own, repeat)
    settled = again.differ or told_behind(exact, end.seen)
    table = () if settled else unsaid.worth(planned, exact, experiments)
    trials = experiment(planned, addresses, exact, table)
    clear, waited = _besides(planned, addresses, exact, experiments)
    return Course(planned, addresses, played, end, again, trials, clear, waited)


def _told(course: Course, own: Own) -> Replay:
    planned, end = course.planned, course.end.seen
    if own.store is not None:
        planned.chosen.judge_chain(own.store, end.transcript)
    compared = compare(planned.chosen, end)
    verdict = _verdict(course, compared, own)
    fate = fares(planned.chosen, end, compared, verdict)
    tried = (*course.clear.attempts, *course.waited.attempts, *course.trials.attempts)
    return Replay(
        connections=planned.connections,
        target=str(planned.target),
        outcome=fate.outcome,
        stopped_at=fate.stopped_at,
        ended_by=ended_by(fate),
        attempts=(*accounts(course.played, planned, own), *tried),
        reproduced=compared.same,
        first_difference=_difference(compared),
        repeats=course.again.answers,
        verdict=pool.weigh(verdict, course.again),
        notes=tuple(_notes(course)),
    )


def _verdict(course: Course, compared: Comparison, own: Own) -> Verdict:
    """Conclude from the hello that went farthest, then let each step say what it makes of that."""
    captured, exact, end = course.planned.chosen, course.exact, course.end.seen
    told = conclude(captured, end, compared, course.trials.proof or course.played.shown.proof)
    verdict = _weigh_trials(told, exact, course.trials)
    verdict = late.weigh(unsaid.weigh(verdict, course.clear), course.waited)
    verdict = patience.weigh(verdict, captured, exact)
    verdict = chains.weigh(verdict, captured, end, own)
    return retell(told, verdict, captured, end, compared)


def _notes(course: Course) -> Iterator[str]:
    yield from members(course.planned)
    yield from course.planned.flight.notes
    yield from _which(course.addresses, course.exact)
    yield from course.exact.flow.notes
    yield from odd(course.played, course.end)
    yield from (*course.again.notes, *course.waited.notes, *course.trials.notes)


def _weigh_trials(verdict: Verdict, exact: Seen, trials: Trials) -> Verdict:
    """Say what the changes that were tried in vain, and the questions, leave of the causes."""
    verdict = weigh_refusals(
        *(verdict, exact, trials.refused),
        gone=trials.gone,
        narrows=trials.narrows,
        nothing_helps=trials.nothing_helps,
        unasked=trials.unasked,
    )
    if trials.silence is not None and trials.proof is None:
        return silence.weigh(verdict, trials.silence)
    return verdict


def _besides(
    planned: Plan, addresses: list[Address], exact: Seen, experiments: Sequence[Experiment]
) -> tuple[unsaid.InClear, late.Late]:
    """Ask what the exact hello's own failure is no reason to ask: in clear, and after a wait."""
    if not experiments:
        return unsaid.InClear(), late.Late()
    try:
        clear = unsaid.in_clear(planned, addresses, exact)
        return clear, late.ask(planned, addresses, exact)
    except TargetError:
        return unsaid.InClear(), late.Late()


def _which(addresses: list[Address], seen: Seen) -> Iterator[str]:
    if len(addresses) > 1:
        used = seen.flow.server.endpoint
        yield say(
            "the target's name has {number} addresses; {used} was used",
            number=len(addresses),
            used=used,
        )


def _unsent(planned: Plan, why: str, reached: bool = True) -> Replay:
    """Say why nothing was sent; an attempt that never got to the target is one all the same."""
    never = Attempt(
        variant="exact", outcome="failed", stopped_at=TCP_CONNECT, history="", elapsed_ms=0.0
    )
    return Replay(
        connections=planned.connections,
        target=str(planned.target),
        outcome=None if reached else never.outcome,
        stopped_at=None if reached else never.stopped_at,
        attempts=() if reached else (never,),
        verdict=unsent(planned.chosen, why),
        notes=tuple(note for note in planned.flight.notes if note != why),
    )


def members(planned: Plan) -> Iterator[str]:
    """Say for how many connections a plan stands."""
    count = len(planned.members)
    if count > 1 and planned.ours:
        yield say("stands for {count} connections whose clients came no further", count=count)
    elif count > 1:
        ended = sum(same_end(s.ending, planned.chosen.ending) for s in planned.members)
        number = planned.chosen.flow.number
        yield (
            say(
                "stands for {count} connections with the same offer; the bytes are those "
                "of connection {number}, and {ended} of {count} ended as it did",
                count=count,
                number=number,
                ended=ended,
            )
        )


def _difference(compared: Comparison) -> FirstDifference | None:
    told = compared.difference
    return FirstDifference(**told._asdict()) if told is not None else None
