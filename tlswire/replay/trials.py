"""Experiments carried out: one change at a time, until one passes, then both once more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from tlswire import variants
from tlswire.comparison import same_end
from tlswire.conclusion import candidates
from tlswire.errors import TargetError
from tlswire.experiments import MOST, Experiment, clear, ordered, went_on
from tlswire.experiments.changes import edit
from tlswire.experiments.situations import refused
from tlswire.language import in_turn, mark, say
from tlswire.proof import Proof
from tlswire.replay.attempts import attempt
from tlswire.replay.plans import Plan
from tlswire.replay.silence import Asked, Silence, ask
from tlswire.result import Attempt
from tlswire.seen import Seen
from tlswire.sources.wire import Address
from tlswire.states import TCP_CONNECT
from tlswire.variants import Sending

EXACT_NOT_TWICE: Final = mark(
    "the exact hello did not end the same way twice: nothing is proved by the change"
)
CHANGED_NOT_TWICE: Final = mark(
    "the changed hello did not end the same way twice: nothing is proved by the change"
)
MISPLACED: Final = mark(
    "the same extension at another place passes as well: the server minds the order of extensions"
)
CONTENT: Final = mark(
    "with only what a handshake needs offered the server goes on: something "
    "else that this hello holds is in the way, or its size"
)
GONE: Final = mark("the target took no further connection: the experiments were broken off")
TWO_THINGS: Final = mark(
    "tried one at a time, none passed: {told}. Two things may be in the way at once"
)


class Trials(NamedTuple):
    """What the experiments brought: their attempts, and the proof if one passed."""

    attempts: tuple[Attempt, ...] = ()
    proof: Proof | None = None
    notes: tuple[str, ...] = ()
    silence: Silence | None = None
    refused: tuple[Experiment, ...] = ()  # changed, and it made no difference
    gone: bool = False  # the target took no connection after the exact hello
    narrows: bool = False  # something in the hello decides, and no experiment found what


@dataclass
class _Course:
    """The connections made so far, and what was refused."""

    planned: Plan
    addresses: list[Address]
    exact: Seen
    tried: list[Attempt] = field(default_factory=list)
    sent: list[Sending] = field(default_factory=list)
    refused: list[Experiment] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    gone: bool = False  # the target takes no connection any more
    misplaced: bool = False  # what was left out passes at another place
    content: bool = False  # less of everything passes

    @property
    def silence(self) -> Silence:
        return Silence(self.exact, tuple(self.asked))

    def ask(self) -> Proof | None:
        """Ask what a silence asks for; return the proof where one answer explains it."""
        for each in ask(self.planned, self.addresses, self.exact):
            self.asked.append(each)
            self.tried.append(each.tried.attempt)
            self.sent.append(each.sent)
            if each.settles:
                break
            if not each.passed:
                self.refused.append(each.row)
        why = self.silence.explained_by
        return self._prove(why.row, why.tried.seen, why.sent) if why is not None else None

    def change(self, table: Sequence[Experiment]) -> Proof | None:
        """Change one thing at a time until a change passes."""
        for each, changed in self._worth_trying(table):
            done = attempt(self.planned, self.addresses, each.variant, changed)
            self.tried.append(done.attempt)
            if done.seen.ending.stopped_at == TCP_CONNECT:
                self.gone = True
                return None
            if each.passed(done.seen):
                self.misplaced = self._passes_elsewhere(each)
                return None if self.misplaced else self._prove(each, done.seen, changed)
            self.refused.append(each)
        self.content = self._passes_bare()
        return None

    def _passes_elsewhere(self, row: Experiment) -> bool:
        """Tell whether a control passes: then it is not what the row changes."""
        for control in row.controls:
            changed = control(self.planned.flight, self.planned.target.address)
            if changed is None:
                continue
            done = attempt(self.planned, self.addresses, row.variant, changed)
            self.tried.append(done.attempt)
            if went_on(done.seen):
                return True
        return False

    def _passes_bare(self) -> bool:
        """Tell whether only what a handshake needs passes, where no single change did."""
        changed = edit(variants.essential)(self.planned.flight, self.planned.target.address)
        if changed is None or changed in self.sent or not self.refused or not refused(self.exact):
            return False
        done = attempt(self.planned, self.addresses, "extension", changed)
        self.tried.append(done.attempt)
        return went_on(done.seen)

    def _prove(self, row: Experiment, passed: Seen, sent: Sending) -> Proof:
        """Send the exact hello and the changed one once more: chance does not repeat itself."""
        control = attempt(self.planned, self.addresses)
        again = attempt(self.planned, self.addresses, row.variant, sent)
        self.tried += (control.attempt, again.attempt)
        return Proof(row, passed, control.seen, again.seen, tuple(self.refused))

    def _worth_trying(self, table: Sequence[Experiment]) -> Iterator[tuple[Experiment, Sending]]:
        """Yield what to try, at most `MOST` and nothing twice."""
        left = candidates(self.exact) if table else ()
        port = self.planned.chosen.flow.server.endpoint.port
        for each in (*clear.rows(self.exact, port), *ordered(table, self.exact, left)):
            few = len(self.sent) - len(self.asked) < MOST
            host = self.planned.target.address
            changed = each.change(self.planned.flight, host) if few else None
            if changed is not None and changed not in self.sent:
                self.sent.append(changed)
                yield each, changed


def experiment(
    planned: Plan, addresses: list[Address], exact: Seen, table: Sequence[Experiment]
) -> Trials:
    """Try the changes that make sense, until one passes; then both hellos once more.

    A silence is asked about first. Without a table nothing is tried.
    """
    if not table:
        return Trials()
    course = _Course(planned, addresses, exact)
    try:
        proof = course.ask() or course.change(table)
    except TargetError as error:
        broken = say("the experiments were broken off: {error}", error=error)
        return Trials(tuple(course.tried), None, (broken,), course.silence)
    tried = tuple(course.tried)
    if proof is None:
        vain = tuple(course.refused)
        return Trials(
            *(tried, None, _in_vain(course), course.silence, vain, course.gone),
            narrows=course.misplaced or course.content,
        )
    return _weigh(tried, exact, proof)._replace(silence=course.silence)


def _in_vain(course: _Course) -> tuple[str, ...]:
    told = in_turn(row.changed for row in course.refused) if course.refused else ""
    if course.gone:
        return (say(GONE),)
    if course.misplaced:
        return (say(MISPLACED),)
    if course.content:
        return (say(CONTENT),)
    return (say(TWO_THINGS, told=told),) if told else ()


def _weigh(tried: tuple[Attempt, ...], exact: Seen, proof: Proof) -> Trials:
    if not same_end(exact.ending, proof.control.ending):
        return Trials(tried, notes=(say(EXACT_NOT_TWICE),))
    once_more = proof.experiment.passed(proof.again)
    if not once_more and not same_end(proof.passed.ending, proof.again.ending):
        return Trials(tried, notes=(say(CHANGED_NOT_TWICE),))
    return Trials(tried, proof)
