"""One connection made: the flight sent, the answer heard out and understood.

The same `Session` that reads captures reads the answer. It stops by its own choice at the
client's next message, and never sends more than the flight.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from tlswire import result
from tlswire.ending import Ending
from tlswire.findings import ended_by, history, messages
from tlswire.flow import Flow
from tlswire.opening import opened
from tlswire.player import Flight
from tlswire.replay.plans import Plan
from tlswire.result import Attempt
from tlswire.seen import Seen, understand
from tlswire.session import Session
from tlswire.sources.wire import Address
from tlswire.states import AWAITED
from tlswire.transcript import Entry, alert_of
from tlswire.variants import Edit, Sending
from tlswire.way import Way


class Tried(NamedTuple):
    """One connection made: what it looked like, and the contract's account of it."""

    seen: Seen
    attempt: Attempt


def attempt(
    planned: Plan,
    addresses: list[Address],
    variant: str = "exact",
    changed: Sending | None = None,
) -> Tried:
    """Send the flight once, as captured or changed, the plan's way, and understand the answer."""
    leaves = changed or Sending(planned.flight)
    way = planned.way if leaves.mss is None else replace(planned.way, mss=leaves.mss)
    seen = send(leaves.flight, addresses, way, planned.chosen.flow.number)
    return Tried(seen, _account(seen, variant, leaves.edits))


def send(flight: Flight, addresses: list[Address], way: Way, number: int = 0) -> Seen:
    """Open the way, send one flight, hear the answer out.

    A preamble that fails is an answer too. Raises TargetError when nothing can leave.
    """
    session = Session()
    with opened(addresses, session, way) as opening:
        opening.wire.flow.number = number
        if opening.ready:
            opening.wire.send(flight.pieces)
            opening.wire.listen(lambda: answered(session))
    return heard(opening.wire.flow, session)


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
        preamble=_spoken(seen),
        outcome=seen.ending.outcome,
        stopped_at=seen.ending.stopped_at,
        ended_by=ended_by(seen.ending),
        history=history(seen.transcript, seen.ending),
        elapsed_ms=round(1000 * max(0.0, seen.until - seen.flow.started), 3),
        messages=messages(seen.transcript, seen.ending),
    )


def _spoken(seen: Seen) -> result.Spoken | None:
    said = seen.preamble
    if said is None:
        return None
    return result.Spoken(
        protocol=said.protocol, steps=said.steps, refused=said.refused, awaits=said.awaits
    )
