"""A captured hello and a wire in, results out: does the server answer from here as it did there?

The exact bytes of the first flight go to the captured server, or to the target that was named,
and to nobody else. Where the keys can be ours the handshake is played to the last message: up to
TLS 1.2 with the exact hello, in TLS 1.3 with its twin.

    course.py     one plan carried out: the steps below in their order, and what all of it says
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

from collections.abc import Callable, Mapping, Sequence

from msgspec import structs

from tlswire.decode import Scan
from tlswire.experiments import EXPERIMENTS
from tlswire.flight import Tape
from tlswire.flow import Endpoint
from tlswire.language import say
from tlswire.replay import unsaid
from tlswire.replay.attempts import OURS, send
from tlswire.replay.course import members, perform
from tlswire.replay.own import Own
from tlswire.replay.plans import Plan, group, plan
from tlswire.replay.routes import Asked, parse_target
from tlswire.result import Replay
from tlswire.seen import Seen
from tlswire.states import TCP_CONNECT
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


def _still_gone(planned: Plan, before: Replay) -> Replay:
    note = say("the target could not be reached a moment ago, and was not called again")
    return structs.replace(before, connections=planned.connections, notes=(*members(planned), note))


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
