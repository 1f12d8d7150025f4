"""Experiments carried out: one change at a time, until one passes, then the exact hello again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tlswire.comparison import Proof, candidates, same_end
from tlswire.errors import TargetError
from tlswire.experiments import MOST, Experiment, ordered
from tlswire.replay.attempts import attempt
from tlswire.replay.plans import Plan
from tlswire.result import Attempt
from tlswire.seen import Seen
from tlswire.sources.wire import Address
from tlswire.variants import Sending


class Trials(NamedTuple):
    """What the experiments brought: their attempts, and the proof if one passed."""

    attempts: tuple[Attempt, ...] = ()
    proof: Proof | None = None
    notes: tuple[str, ...] = ()


def experiment(
    planned: Plan,
    addresses: list[Address],
    exact: Seen,
    table: Sequence[Experiment],
) -> Trials:
    """Try the changes that make sense, until one passes; then send the exact hello again."""
    tried: list[Attempt] = []
    refused: list[str] = []
    try:
        for each, changed in _worth_trying(planned, exact, table):
            done = attempt(planned, addresses, each.variant, changed)
            tried.append(done.attempt)
            if each.passed(done.seen):
                control = attempt(planned, addresses)
                tried.append(control.attempt)
                proof = Proof(each, done.seen, control.seen, tuple(refused))
                return _weigh(tuple(tried), exact, proof)
            refused.append(each.told)
    except TargetError as error:
        return Trials(tuple(tried), notes=(f"the experiments were broken off: {error}",))
    return Trials(tuple(tried), notes=_in_vain(refused))


def _worth_trying(
    planned: Plan, exact: Seen, table: Sequence[Experiment]
) -> Iterator[tuple[Experiment, Sending]]:
    """Yield what to try, at most `MOST` and nothing twice."""
    made: list[Sending] = []
    for each in ordered(table, exact, candidates(exact) if table else ()):
        changed = each.change(planned.flight, planned.target.address) if len(made) < MOST else None
        if changed is not None and changed not in made:
            made.append(changed)
            yield each, changed


def _in_vain(refused: Sequence[str]) -> tuple[str, ...]:
    if not refused:
        return ()
    return (
        f"tried one at a time, none passed: {'; '.join(refused)}. Two things may be in the way at "
        "once",
    )


def _weigh(tried: tuple[Attempt, ...], exact: Seen, proof: Proof) -> Trials:
    if same_end(exact.ending, proof.control.ending):
        return Trials(tried, proof)
    note = "the exact hello did not end the same way twice: nothing is proved by the change"
    return Trials(tried, notes=(note,))
