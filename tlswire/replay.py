"""A captured hello and a wire in, results out: does the server answer from here as it did there?

The exact bytes of the first flight go to the captured server, or to the target that was named,
and to nobody else. A replay stops by its own choice at the client's next message: it has no keys.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from tlswire import result, variants
from tlswire.comparison import Comparison, Proof, by_choice, compare, conclude, same_end
from tlswire.decode import Scan
from tlswire.ending import Ending
from tlswire.errors import SelectionError, TargetError
from tlswire.experiments import EXPERIMENTS, Experiment
from tlswire.findings import ended_by, history, messages
from tlswire.flow import Endpoint, Flow, Sink
from tlswire.player import Flight, Tape, first_flight, length_of
from tlswire.result import Attempt, FirstDifference, Replay, Verdict
from tlswire.seen import Seen, understand
from tlswire.session import Session
from tlswire.sources.capture import open_capture
from tlswire.sources.tcp import Conversations
from tlswire.sources.wire import Address, Wire, resolve
from tlswire.states import AWAITED, TCP_CONNECT
from tlswire.transcript import Entry, alert_of
from tlswire.variants import Edit

#: Seconds to wait for a connection, and again for an answer.
PATIENCE = 5.0
#: Connections of one group whose bytes are looked at, until one is whole.
CANDIDATES = 3


class Plan(NamedTuple):
    """One replay to be: equal hellos to one server. Without a flight, `flight.notes` says why."""

    members: tuple[Seen, ...]
    chosen: Seen  # whose bytes are sent and whose end is compared
    target: Endpoint
    flight: Flight

    @property
    def connections(self) -> tuple[int, ...]:
        """Return the numbers of the connections that it stands for."""
        return tuple(sorted(seen.flow.number for seen in self.members))


class Tried(NamedTuple):
    """One connection made: what it looked like, and the contract's account of it."""

    seen: Seen
    attempt: Attempt


# -- what to send to whom ----------------------------------------------------------------


def plan(
    found: Scan,
    chosen: Sequence[Seen],
    target: str | None = None,
    tapes: Mapping[int, Tape] | None = None,
) -> list[Plan]:
    """Return what a replay would send, and send nothing: one plan for equal hellos to one server.

    The bytes come from `tapes` by connection number, else the capture is read once more. Raises
    SelectionError for a target that is none, CaptureError when the capture is gone.
    """
    groups = [sorted(g, key=lambda s: (not s.failed, s.flow.number)) for g in group(chosen)]
    if tapes is None:
        tapes = record(found, [seen for members in groups for seen in members[:CANDIDATES]])
    return [_planned(members, tapes, target) for members in groups]


def group(chosen: Sequence[Seen]) -> list[list[Seen]]:
    """Put connections together whose hellos offer the same to the same server."""
    groups: dict[tuple[object, ...], list[Seen]] = {}
    for seen in chosen:
        groups.setdefault((seen.server, *shape(seen)), []).append(seen)
    return list(groups.values())


def shape(seen: Seen) -> tuple[object, ...]:
    """Return what a hello offers, without what differs from one connection to the next.

    Browsers shuffle their extensions, so their order is no part of it (RFC 8446 section 4.2).
    """
    hello, offer = seen.transcript.client_hello, seen.offer
    if hello is None or offer is None or hello.troubles:
        return (hello.body if hello is not None else None,)
    extensions = tuple(sorted(offer.extensions))
    resuming = b"\0" if offer.session_id else b""
    return offer._replace(extensions=extensions, session_id=resuming, size=0)


def record(found: Scan, wanted: Iterable[Seen]) -> dict[int, Tape]:
    """Read the capture once more for the bytes of these connections' first flights."""
    tapes = {seen.flow.number: Tape(length_of(seen.transcript)) for seen in wanted}
    if not any(not tape.done for tape in tapes.values()):
        return tapes
    if found.name == "-":
        raise SelectionError("a replay reads its capture twice: give a file, not standard input")
    unwanted = Tape(0)

    def opened(flow: Flow) -> Sink:
        return tapes.get(flow.number, unwanted)

    conversations = Conversations(opened)
    conversations.follow(open_capture(found.name).packets())
    conversations.finish()
    return tapes


def _planned(members: Sequence[Seen], tapes: Mapping[int, Tape], target: str | None) -> Plan:
    where = parse_target(target, members[0].flow.server.endpoint)
    candidates = members[:CANDIDATES]
    flights = [first_flight(s.transcript, s.flow, tapes[s.flow.number]) for s in candidates]
    best = next((i for i, flight in enumerate(flights) if flight), 0)
    return Plan(tuple(members), candidates[best], where, flights[best])


def parse_target(target: str | None, captured: Endpoint) -> Endpoint:
    """Read `host`, `host:port`, `[v6]:port`; what is not said is as captured."""
    if target is None:
        return captured
    host, port = target, ""
    if target.startswith("["):
        host, _, port = target[1:].partition("]")
        port = port.removeprefix(":")
    elif target.count(":") == 1:
        host, _, port = target.partition(":")
    if not host or (port and not (port.isdecimal() and 0 < int(port) < 1 << 16)):
        raise SelectionError(
            f"{target!r} is no target: write host:port, or [address]:port for IPv6"
        )
    return Endpoint(host, int(port) if port else captured.port)


# -- sending it --------------------------------------------------------------------------


def replay(
    found: Scan,
    chosen: Sequence[Seen],
    target: str | None = None,
    *,
    timeout: float = PATIENCE,
    experiments: bool = True,
    tapes: Mapping[int, Tape] | None = None,
    told: Callable[[Replay], None] | None = None,
) -> list[Replay]:
    """Send every group's hello again, and say what came of it; `told` hears each as it is done.

    `timeout` in seconds bounds each connection attempt and each answer. A target that cannot be
    reached is a result like any other (`unreached`). Raises as `plan` does.
    """
    done = []
    for planned in plan(found, chosen, target, tapes):
        done.append(perform(planned, timeout, EXPERIMENTS if experiments else ()))
        if told is not None:
            told(done[-1])
    return done


def perform(planned: Plan, timeout: float, experiments: Sequence[Experiment] = ()) -> Replay:
    """Carry out one plan."""
    if not planned.flight:
        return _unsent(planned, planned.flight.notes[0])
    try:
        addresses = resolve(*planned.target)
        exact = attempt(planned, addresses, timeout)
        more, proof = _experiment(planned, addresses, timeout, exact.seen, experiments)
    except TargetError as error:
        return _unsent(planned, str(error), reached=False)
    compared = compare(planned.chosen, exact.seen)
    return Replay(
        connections=planned.connections,
        target=str(planned.target),
        attempts=(exact.attempt, *more),
        reproduced=compared.same,
        first_difference=_difference(compared),
        verdict=conclude(planned.chosen, exact.seen, compared, proof),
        notes=(*_members(planned), *planned.flight.notes, *exact.seen.flow.notes),
    )


def _unsent(planned: Plan, why: str, reached: bool = True) -> Replay:
    """Say why nothing was sent; an attempt that never got to the target is one all the same."""
    never = Attempt(
        variant="exact", outcome="failed", stopped_at=TCP_CONNECT, history="", elapsed_ms=0.0
    )
    return Replay(
        connections=planned.connections,
        target=str(planned.target),
        attempts=() if reached else (never,),
        verdict=Verdict(summary=f"{why[:1].upper()}{why[1:]}."),
        notes=planned.flight.notes[1:] if reached else planned.flight.notes,
    )


def _members(planned: Plan) -> Iterator[str]:
    count = len(planned.members)
    if count > 1:
        ended = sum(same_end(s.ending, planned.chosen.ending) for s in planned.members)
        number = planned.chosen.flow.number
        yield (
            f"stands for {count} connections with the same offer; the bytes are those of "
            f"connection {number}, and {ended} of {count} ended as it did"
        )


def _difference(compared: Comparison) -> FirstDifference | None:
    told = compared.difference
    return FirstDifference(**told._asdict()) if told is not None else None


def attempt(
    planned: Plan,
    addresses: list[Address],
    timeout: float,
    variant: str = "exact",
    edits: tuple[Edit, ...] = (),
) -> Tried:
    """Send the flight once, with these edits, and understand the answer."""
    flight = variants.apply(planned.flight, edits) if edits else planned.flight
    seen = send(flight, addresses, timeout, number=planned.chosen.flow.number)
    return Tried(seen, _account(seen, variant, edits))


def send(flight: Flight, addresses: list[Address], timeout: float, number: int = 0) -> Seen:
    """Connect, send one flight, hear the answer out; raises TargetError when nothing can leave."""
    session = Session()
    with Wire(addresses, session, timeout=timeout) as wire:
        wire.flow.number = number
        wire.send(flight.pieces)
        wire.listen(lambda: answered(session))
    return heard(wire.flow, session)


def heard(flow: Flow, session: Session) -> Seen:
    """Understand a replay's conversation; when our own message is due, it stopped by choice."""
    entries = session.transcript.entries
    until = entries[-1].at if entries else flow.last_at
    seen = understand(flow, session, until)
    state = seen.transcript.state
    if seen.ending.how == "capture_end" and _ours(session):
        seen.ending = Ending("incomplete", state)
    return seen


def answered(session: Session) -> bool:
    """Tell whether there is nothing more to wait for: it is our turn, or it is over."""
    return _ours(session) or any(_is_end(entry) for entry in session.transcript.entries)


def _ours(session: Session) -> bool:
    transcript = session.end(0.0)
    spoken = "server" in transcript.spoke
    return spoken and AWAITED[transcript.state] == "client" and not transcript.unfinished["server"]


def _is_end(entry: Entry) -> bool:
    alert = alert_of(entry)
    return entry.who == "server" and (
        entry.what == "not_tls" or (alert is not None and alert.fatal)
    )


def _account(seen: Seen, variant: str, edits: Iterable[Edit]) -> Attempt:
    return Attempt(
        variant=variant,
        edits=tuple(
            result.Edit(offset=e.offset, old=e.old.hex(), new=e.new.hex(), why=e.why) for e in edits
        ),
        outcome=seen.ending.outcome,
        stopped_at=seen.ending.stopped_at,
        ended_by=ended_by(seen.ending),
        history=history(seen.transcript, seen.ending),
        elapsed_ms=round(1000 * max(0.0, seen.until - seen.flow.started), 3),
        messages=messages(seen.transcript),
    )


# -- experiments -------------------------------------------------------------------------


def _experiment(
    planned: Plan,
    addresses: list[Address],
    timeout: float,
    exact: Seen,
    table: Sequence[Experiment],
) -> tuple[list[Attempt], Proof | None]:
    """Try the changes that make sense, until one passes; then send the exact hello again."""
    tried: list[Attempt] = []
    hello = variants.open_hello(planned.flight) if any(e.applies(exact) for e in table) else None
    for experiment in table:
        edits = experiment.edits(hello) if hello is not None and experiment.applies(exact) else ()
        if not edits:
            continue
        changed = attempt(planned, addresses, timeout, experiment.variant, edits)
        tried.append(changed.attempt)
        if by_choice(changed.seen.ending):
            control = attempt(planned, addresses, timeout)
            tried.append(control.attempt)
            again = same_end(exact.ending, control.seen.ending)
            return tried, Proof(experiment, changed.seen, control.seen) if again else None
    return tried, None


# -- what an exit code needs -------------------------------------------------------------


def unreached(done: Replay) -> bool:
    """Tell whether the target was tried and no connection to it came about."""
    return bool(done.attempts) and all(a.stopped_at == TCP_CONNECT for a in done.attempts)


def failed(done: Replay) -> bool:
    """Tell whether the hello as captured failed again, or was answered with something else."""
    exact = [a for a in done.attempts if a.variant in ("exact", "twin")]
    return any(a.outcome in ("failed", "not_tls") for a in exact)


def conclusive(done: Replay) -> bool:
    """Tell whether the exact attempt says anything: it failed, or got to our next message."""
    return failed(done) or any(a.ended_by is None for a in done.attempts if a.variant == "exact")
