"""Experiments carried out: one change at a time, until one passes, then both once more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, NamedTuple

from tlswire import variants
from tlswire.codes import Alert
from tlswire.comparison import same_end
from tlswire.conclusion import candidates
from tlswire.errors import TargetError
from tlswire.experiments import MOST, MOST_SILENT, Experiment, clear, controls, ordered, went_on
from tlswire.experiments.changes import Change, edit, everything
from tlswire.experiments.clear import AT_ALL
from tlswire.experiments.controls import smaller
from tlswire.experiments.plain import PLAIN
from tlswire.experiments.silence import LARGER, SMALLER, silent
from tlswire.experiments.situations import (
    alerted,
    answered,
    chose_no_certificate,
    mute,
    refused,
    spoke_tls,
    told_why,
)
from tlswire.language import in_turn, mark, say
from tlswire.proof import Proof
from tlswire.replay.attempts import attempt
from tlswire.replay.plans import Plan
from tlswire.replay.silence import Asked, Silence, ask
from tlswire.result import Attempt
from tlswire.seen import Seen
from tlswire.sources.dialling import Address
from tlswire.states import TCP_CONNECT
from tlswire.variants import Sending

EXACT_NOT_TWICE: Final = mark(
    "the exact hello did not end the same way twice: nothing is proved by the change"
)
CHANGED_NOT_TWICE: Final = mark(
    "the changed hello did not end the same way twice: nothing is proved by the change"
)
CONTENT: Final = mark(
    "with only what a handshake needs offered the server goes on: something "
    "else that this hello holds is in the way, or its size"
)
UNTRIED: Final = mark("left undone, what might have shown the cause: {told}")
ONCE: Final = mark(
    "with {told} the server went on, once: that the hello as captured fails and this one passes "
    "again was not tried, so that nothing is proved"
)
HELLO: Final = mark(
    "a plain hello of today passes: something that this hello holds, or lacks, is in the way"
)
GONE: Final = mark("the target took no further connection: the experiments were broken off")
UNASKED: Final = mark(
    "the server leaves a connection on which nothing was sent as soon: it is not this hello"
)
ANYTHING: Final = mark(
    "with {change} the server goes on, and with a cipher suite that nobody has, at the same size, "
    "too: that is not what was in the way. The size may be, or somebody knows this client's "
    "fingerprint"
)
NOTHING_HELPS: Final = mark(
    "tried one at a time, none passed: {told}. All that is common among servers, offered at once, "
    "is refused as well"
)
TWO_THINGS: Final = mark(
    "tried one at a time, none passed: {told}. Two things may be in the way at once"
)
#: What a server says that has no key to serve with.
KEYLESS: Final = (Alert.handshake_failure, Alert.internal_error)
#: After a silence: seconds in which an answer is awaited at least, and the part of the usual wait.
SOON, LESS = 2.0, 0.4
#: What is sent is nothing; who leaves then leaves soon, if not a moment later than before.
WAIT, AS_SOON, MOMENT = "wait", 1.5, 0.3
#: So many changes that pass for another reason than their own are enough.
DOUBTS: Final = 2


class Trials(NamedTuple):
    """What the experiments brought: their attempts, and the proof if one passed."""

    attempts: tuple[Attempt, ...] = ()
    proof: Proof | None = None
    notes: tuple[str, ...] = ()
    silence: Silence | None = None
    refused: tuple[Experiment, ...] = ()  # changed, and it made no difference
    gone: bool = False  # the target took no connection after the exact hello
    narrows: bool = False  # something in the hello decides, and no experiment found what
    nothing_helps: bool = False  # with all that is common offered it is refused as well
    unasked: bool = False  # the server leaves a connection on which nothing was sent, as soon


@dataclass
class _Search:
    """The search for a change that passes: connections made so far, and what was refused."""

    planned: Plan
    addresses: list[Address]
    exact: Seen
    tried: list[Attempt] = field(default_factory=list)
    sent: list[Sending] = field(default_factory=list)
    refused: list[Experiment] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    trying: Experiment | None = None  # what the last connection was to try
    passing: Experiment | None = None  # what passed once, and is to be seen a second time
    gone: bool = False  # the target takes no connection any more
    doubts: list[str] = field(default_factory=list)  # what passes shows another thing than it is to
    settled: bool = False  # a control passed: it is known what decides
    found: str = ""  # what the hello as a whole shows, where no single change passes
    narrows: bool = False
    nothing_helps: bool = False
    unasked: bool = False

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
        if why is None or (why.row.variant == SMALLER and not self._for_its_size(why)):
            return None
        return self._prove(why.row, why.tried.seen, why.sent)

    def _for_its_size(self, smaller: Asked) -> bool:
        """Tell whether a smaller hello is answered for its size, and not for what it leaves out.

        Padded to the captured size it is left without an answer then, too.
        """
        padded = controls.as_before(self.planned.flight, smaller.sent)
        return padded is None or not spoke_tls(self._attempt(LARGER, padded))

    def change(self, table: Sequence[Experiment]) -> Proof | None:
        """Change one thing at a time until a change passes."""
        if self._refused_what_was_taken() and self._passes(controls.fresh, "fresh"):
            self.found = controls.REMEMBERED
            return None
        for each, changed in self._worth_trying(AT_ALL if self.silence.drops_all else table):
            self.trying = each
            seen = self._attempt(each.variant, changed)
            if seen.ending.stopped_at == TCP_CONNECT:
                self.gone = True
                return None
            if not each.passed(seen):
                self.refused.append(each)
                if each.variant == WAIT and self._leaves_unasked(seen):
                    self.unasked = True
                    return None
                continue
            self.passing = each
            proof = self._weighed(each, changed, seen)
            self.passing = None
            if proof is not None or self.settled or len(self.doubts) >= DOUBTS:
                return proof
        if not self.doubts:
            self._try_the_whole()
        return None

    def _weighed(self, row: Experiment, changed: Sending, passed: Seen) -> Proof | None:
        """Return the proof, when what passes by the way does not make it doubtful."""
        for control in row.controls:
            variant, passes = control.variant or row.variant, control.passed or row.passed
            if self._passes(control.change, variant, passes):
                if control.settles:
                    self.doubts.append(say(control.told))
                    self.settled = True
                return None
        other = None
        if controls.changes_bytes(row) and not told_why(self.exact):
            other = controls.other_bytes(self.planned.flight, row, changed)
            if other is not None and row.passed(self._attempt("suites", other)):
                self.doubts.append(say(ANYTHING, change=row.changed))
                return None
            row = row if row.of_size else self._by_size(row, changed)
        return self._prove(row, passed, changed)._replace(
            not_the_bytes=other is not None and not row.of_size
        )

    def _by_size(self, row: Experiment, changed: Sending) -> Experiment:
        """Return the row of the size, where the change passes for being smaller alone.

        Padded a little it passes, so padding is no trouble; padded to the captured size it fails.
        """
        for padded, passes in (
            (controls.as_before(self.planned.flight, changed), False),
            (controls.as_before(self.planned.flight, changed, least=True), True),
        ):
            if padded is None or row.passed(self._attempt(row.variant, padded)) != passes:
                return row
        return smaller(row, self.exact)

    def _leaves_unasked(self, seen: Seen) -> bool:
        """Tell whether a server that was sent nothing left as soon as one that had the hello."""
        if seen.ending.how not in ("fin", "rst") or seen.ending.side == "network":
            return False
        return _lasted(seen) <= AS_SOON * _lasted(self.exact) + MOMENT

    def _refused_what_was_taken(self) -> bool:
        """Tell whether the server answered the captured hello, and refuses it now."""
        stuck = refused(self.exact) or mute()(self.exact)
        return stuck and answered(self.planned.chosen)

    def _try_the_whole(self) -> None:
        """See whether less of everything passes, or more of it, where no single change did."""
        if chose_no_certificate(self.exact):
            self._offer_everything()
        if not self.refused or not refused(self.exact):
            return
        if self._passes(edit(variants.essential), "extension"):
            self.found, self.narrows = CONTENT, True
        elif any(self._passes(change, "plain") for change in PLAIN):
            self.found, self.narrows = HELLO, True
        elif not answered(self.planned.chosen) and self._passes(controls.fresh, "fresh"):
            self.found = controls.REMEMBERED
        elif alerted(*KEYLESS)(self.exact):
            self._offer_everything()

    def _offer_everything(self) -> None:
        rich = everything(self.planned.flight, self.planned.target.address)
        if rich is not None and rich not in self.sent:
            self.narrows = went_on(self._attempt("suites", rich))
            self.nothing_helps = not self.narrows

    def _passes(
        self, change: Change, variant: str, passed: Callable[[Seen], bool] = went_on
    ) -> bool:
        """Tell whether a change passes; one that makes no difference does not."""
        changed = change(self.planned.flight, self.planned.target.address)
        if changed is None or changed in self.sent:
            return False
        return passed(self._attempt(variant, changed))

    def _attempt(self, variant: str, changed: Sending) -> Seen:
        planned = _impatient(self.planned) if variant == WAIT else self.planned
        done = attempt(planned, self.addresses, variant, changed)
        self.tried.append(done.attempt)
        return done.seen

    def _prove(self, row: Experiment, passed: Seen, sent: Sending) -> Proof:
        """Send the exact hello and the changed one once more: chance does not repeat itself."""
        control = attempt(self.planned, self.addresses)
        again = attempt(self.planned, self.addresses, row.variant, sent)
        self.tried += (control.attempt, again.attempt)
        return Proof(row, passed, control.seen, again.seen, tuple(self.refused))

    def undone(self, table: Sequence[Experiment]) -> str:
        """Say what a search that was broken off did not come to."""
        if self.passing is not None:
            return say(ONCE, told=self.passing.changed)
        later = [each for each, _ in self._worth_trying(table)]
        rows = [e for e in (self.trying, *later) if e is not None and e not in self.refused]
        return say(UNTRIED, told=in_turn(row.changed for row in rows)) if rows else ""

    def _worth_trying(self, table: Sequence[Experiment]) -> Iterator[tuple[Experiment, Sending]]:
        """Yield what to try, at most so many and nothing twice."""
        left = candidates(self.exact) if table else ()
        most = MOST_SILENT if silent(self.exact) else MOST
        port = self.planned.chosen.flow.server.endpoint.port
        for each in (*clear.rows(self.exact, port), *ordered(table, self.exact, left)):
            few = len(self.sent) - len(self.asked) < most
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
    search = _Search(_impatient(planned) if silent(exact) else planned, addresses, exact)
    try:
        proof = search.ask() or search.change(table)
    except TargetError as error:
        broken = say("the experiments were broken off: {error}", error=error)
        notes = tuple(filter(None, (broken, search.undone(table))))
        return Trials(tuple(search.tried), None, notes, search.silence)
    tried = tuple(search.tried)
    if proof is None:
        vain = tuple(search.refused)
        return Trials(
            *(tried, None, _in_vain(search), search.silence, vain, search.gone),
            narrows=search.narrows or bool(search.doubts),
            nothing_helps=search.nothing_helps,
            unasked=search.unasked,
        )
    return _weigh(tried, exact, proof)._replace(silence=search.silence)


def _lasted(seen: Seen) -> float:
    return seen.until - (seen.flow.accepted_at or seen.flow.started)


def _impatient(planned: Plan) -> Plan:
    """Wait less for what was silent once: who does answer a change answers soon."""
    patience = planned.way.timeout
    sooner = min(patience, max(SOON, patience * LESS))
    return planned._replace(way=replace(planned.way, timeout=sooner))


def _in_vain(search: _Search) -> tuple[str, ...]:
    told = in_turn(row.changed for row in search.refused) if search.refused else ""
    if search.gone:
        return (say(GONE),)
    if search.unasked:
        return (say(UNASKED),)
    if search.doubts:
        return tuple(dict.fromkeys(search.doubts))
    if search.found:
        return (say(search.found),)
    if search.nothing_helps:
        return (say(NOTHING_HELPS, told=told),)
    return (say(TWO_THINGS, told=told),) if told else ()


def _weigh(tried: tuple[Attempt, ...], exact: Seen, proof: Proof) -> Trials:
    if not same_end(exact.ending, proof.control.ending):
        return Trials(tried, notes=(say(EXACT_NOT_TWICE),))
    once_more = proof.experiment.passed(proof.again)
    if not once_more and not same_end(proof.passed.ending, proof.again.ending):
        return Trials(tried, notes=(say(CHANGED_NOT_TWICE),))
    return Trials(tried, proof)
