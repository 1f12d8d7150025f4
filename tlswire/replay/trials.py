"""Experiments carried out: one change at a time, until one passes, then the exact hello again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tlswire import variants
from tlswire.comparison import Proof, same_end, went_on
from tlswire.errors import TargetError
from tlswire.experiments import Experiment
from tlswire.replay.attempts import attempt
from tlswire.replay.plans import Plan
from tlswire.result import Attempt
from tlswire.seen import Seen
from tlswire.sources.wire import Address
from tlswire.variants import Edit


class Trials(NamedTuple):
    """What the experiments brought: their attempts, and the proof if one passed."""

    attempts: tuple[Attempt, ...] = ()
    proof: Proof | None = None
    notes: tuple[str, ...] = ()


def experiment(
    planned: Plan,
    addresses: list[Address],
    timeout: float,
    exact: Seen,
    table: Sequence[Experiment],
) -> Trials:
    """Try the changes that make sense, until one passes; then send the exact hello again."""
    tried: list[Attempt] = []
    try:
        for each, edits in _worth_trying(planned, exact, table):
            changed = attempt(planned, addresses, timeout, each.variant, edits)
            tried.append(changed.attempt)
            if went_on(changed.seen):
                control = attempt(planned, addresses, timeout)
                tried.append(control.attempt)
                return _weigh(tuple(tried), exact, Proof(each, changed.seen, control.seen))
    except TargetError as error:
        return Trials(tuple(tried), notes=(f"the experiments were broken off: {error}",))
    return Trials(tuple(tried))


def _worth_trying(
    planned: Plan, exact: Seen, table: Sequence[Experiment]
) -> Iterator[tuple[Experiment, tuple[Edit, ...]]]:
    fitting = [each for each in table if each.applies(exact)]
    hello = variants.open_hello(planned.flight) if fitting else None
    for each in fitting:
        edits = each.edits(hello) if hello is not None else ()
        if edits:
            yield each, edits


def _weigh(tried: tuple[Attempt, ...], exact: Seen, proof: Proof) -> Trials:
    if same_end(exact.ending, proof.control.ending):
        return Trials(tried, proof)
    note = "the exact hello did not end the same way twice: nothing is proved by the change"
    return Trials(tried, notes=(note,))
