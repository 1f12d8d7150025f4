"""A captured hello and a wire in, results out: does the server answer from here as it did there?

The exact bytes of the first flight go to the captured server, or to the target that was named,
and to nobody else. Where the keys can be ours the handshake is played to the last message: up to
TLS 1.2 with the exact hello, in TLS 1.3 with its twin.

    plans.py      what to send to whom
    routes.py     to whom, and what is said to them before TLS
    attempts.py   one connection made, played on and understood
    played.py     one hello as far as it goes: exact, as a twin, with a client certificate
    twins.py      the hello with keys of our own
    chains.py     what our roots say of a chain that was refused
    late.py       the hello after a silent wait, as captured
    patience.py   as long as the captured client waited
    identity.py   the client certificate that the user gave
    own.py        what the user gives: that certificate, keys, roots
    repeats.py    the same many times, round all addresses
    answers.py    who answered: tries that are alike, and wherein others differ
    pool.py       what it means when some were taken and some refused
    silence.py    what to ask when nobody answers, and what it rules out
    trials.py     one thing changed at a time, to prove a cause
    unsaid.py     where the client never came to its hello
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import structs

from tlswire.comparison import Comparison, compare, same_end
from tlswire.conclusion import broken_off, conclude, fares, retell, unsent
from tlswire.decode import Scan
from tlswire.errors import BrokenOffError, BudgetError, TargetError
from tlswire.experiments import EXPERIMENTS, Experiment
from tlswire.experiments.situations import told_behind
from tlswire.findings import ended_by
from tlswire.flight import Tape
from tlswire.flow import Endpoint
from tlswire.language import say
from tlswire.replay import chains, late, patience, pool, silence, unsaid
from tlswire.replay.attempts import OURS, send
from tlswire.replay.own import Own
from tlswire.replay.plans import Plan, group, plan
from tlswire.replay.played import accounts, farthest, odd, play, play_again
from tlswire.replay.routes import Asked, parse_target
from tlswire.replay.trials import Trials, experiment
from tlswire.result import Attempt, FirstDifference, Replay, Verdict
from tlswire.seen import Seen
from tlswire.sources.dialling import Address, resolve
from tlswire.states import TCP_CONNECT
from tlswire.vain import weigh_refusals
from tlswire.way import Way

__all__ = [
    "Asked",
    "Plan",
    "conclusive",
    "failed",
    "group",
    "parse_target",
    "perform",
    "plan",
    "replay",
    "send",
    "unreached",
]


def replay(
    found: Scan,
    chosen: Sequence[Seen],
    asked: Asked = Asked(),  # noqa: B008
    way: Way = Way(),  # noqa: B008
    *,
    experiments: bool = True,
    repeat: int = 1,
    command: str = "",
    own: Own | None = None,
    tapes: Mapping[int, Tape] | None = None,
    told: Callable[[Replay], None] | None = None,
) -> list[Replay]:
    """Send every group's hello again, and say what came of it; `told` hears each as it is done.

    `repeat` is how often the exact hello is sent before the experiments, at least once to every
    address of the targets when there are several. A target that cannot be reached is a result
    like any other (`unreached`). `command` is what did all this, for whoever does it again.
    Raises as `plan` does.
    """
    own = own or Own()
    done: list[Replay] = []
    gone: dict[Endpoint, Replay] = {}
    for planned in plan(found, chosen, asked, way, tapes, unsaid.hello):
        if planned.why_not is None and planned.dialled in gone:
            done.append(_still_gone(planned, gone[planned.dialled]))
        else:
            done.append(perform(planned, EXPERIMENTS if experiments else (), repeat, own))
        if command:
            again = f"{command} -c {planned.chosen.flow.number}"
            done[-1] = structs.replace(done[-1], reproduce=again)
        if unreached(done[-1]):
            gone[planned.dialled] = done[-1]
        if told is not None:
            told(done[-1])
        if way.pace is not None and way.pace.broken:
            break
    return done


def perform(
    planned: Plan,
    experiments: Sequence[Experiment] = (),
    repeat: int = 1,
    own: Own | None = None,
) -> Replay:
    """Carry out one plan."""
    own = own or Own()
    why = planned.why_not
    if why is not None:
        return _unsent(planned, why)
    try:
        addresses = resolve(*planned.dialled)
        played = play(patience.patient(planned), addresses, own)
    except BrokenOffError:
        return structs.replace(_unsent(planned, ""), verdict=broken_off(planned.chosen))
    except BudgetError as error:
        return _unsent(planned, str(error))
    except TargetError as error:
        return _unsent(planned, str(error), reached=False)
    exact, end = played.exact.seen, farthest(played, planned)
    again = play_again(played, planned, own, repeat)
    settled = again.differ or told_behind(exact, end.seen)
    table = () if settled else unsaid.worth(planned, exact, experiments)
    trials = experiment(planned, addresses, exact, table)
    clear, waited = _besides(planned, addresses, exact, experiments)
    if own.store is not None:
        planned.chosen.judge_chain(own.store, end.seen.transcript)
    compared = compare(planned.chosen, end.seen)
    told = conclude(planned.chosen, end.seen, compared, trials.proof or played.shown.proof)
    verdict = _weigh_trials(told, exact, trials)
    verdict = late.weigh(unsaid.weigh(verdict, clear), waited)
    verdict = patience.weigh(verdict, planned.chosen, exact)
    verdict = chains.weigh(verdict, planned.chosen, end.seen, own)
    verdict = retell(told, verdict, planned.chosen, end.seen, compared)
    heard = (*_members(planned), *planned.flight.notes, *_which(addresses, exact))
    fate = fares(planned.chosen, end.seen, compared, verdict)
    return Replay(
        connections=planned.connections,
        target=str(planned.target),
        outcome=fate.outcome,
        stopped_at=fate.stopped_at,
        ended_by=ended_by(fate),
        attempts=(
            *accounts(played, planned, own),
            *(*clear.attempts, *waited.attempts, *trials.attempts),
        ),
        reproduced=compared.same,
        first_difference=_difference(compared),
        repeats=again.answers,
        verdict=pool.weigh(verdict, again),
        notes=(
            *heard,
            *exact.flow.notes,
            *odd(played, end),
            *again.notes,
            *waited.notes,
            *trials.notes,
        ),
    )


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


def _still_gone(planned: Plan, before: Replay) -> Replay:
    note = say("the target could not be reached a moment ago, and was not called again")
    return structs.replace(
        before, connections=planned.connections, notes=(*_members(planned), note)
    )


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


def _members(planned: Plan) -> Iterator[str]:
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


# -- what an exit code needs -------------------------------------------------------------


def unreached(done: Replay) -> bool:
    """Tell whether the targets were tried and no connection to any of them came about."""
    places = {a.stopped_at for a in done.attempts} | {a.stopped_at for a in done.repeats}
    return places == {TCP_CONNECT}


def failed(done: Replay) -> bool:
    """Tell whether the hello as captured failed again, or was answered with something else."""
    exact = [a for a in done.attempts if a.variant in ("exact", OURS, "twin")]
    outcomes = {a.outcome for a in exact} | {a.outcome for a in done.repeats}
    if done.outcome is not None and any(a.variant == OURS for a in exact):
        outcomes.add(done.outcome)
    return bool(outcomes & {"failed", "not_tls"})


def conclusive(done: Replay) -> bool:
    """Tell whether the exact attempt says anything: it failed, or got to our next message."""
    return failed(done) or any(
        a.ended_by is None for a in done.attempts if a.variant in ("exact", OURS)
    )
