"""What a replay would send, and to whom: equal hellos to one server are one plan.

Reads the capture once more for the bytes, and sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple, TypeAlias

from msgspec import structs

from tlswire.decode import Scan
from tlswire.errors import SelectionError
from tlswire.flight import Flight, Tape, first_flight, length_of
from tlswire.flow import Endpoint, Flow, Sink
from tlswire.language import say
from tlswire.replay.routes import Asked, Route, routes, stages
from tlswire.seen import Seen
from tlswire.sources.capture import open_capture
from tlswire.sources.tcp import Conversations
from tlswire.variants import Edit, apart, apply, open_hello, recut, sni
from tlswire.way import Way

#: The captured connection, its target, the name asked for -> a hello of our own, if one is due.
Instead: TypeAlias = Callable[[Seen, Endpoint, str | None], Flight | None]
#: Connections of one group whose bytes are looked at, until one is whole.
CANDIDATES = 3


class Plan(NamedTuple):
    """One replay to be: equal hellos to one server. Without a flight, `flight.notes` says why."""

    members: tuple[Seen, ...]
    chosen: Seen  # whose bytes are sent and whose end is compared
    target: Endpoint
    flight: Flight
    way: Way = Way()
    why_not: str | None = None  # None when the flight goes out
    others: tuple[Route, ...] = ()  # more targets that a repeated replay goes to
    edits: tuple[Edit, ...] = ()  # what the user changed in the captured flight
    ours: bool = False  # the client sent no whole hello: the flight is one of our own

    @property
    def everywhere(self) -> list[Plan]:
        """Return a plan for every target: this one's own, and the others."""
        return [self, *(self._replace(target=o.target, way=o.way) for o in self.others)]

    @property
    def connections(self) -> tuple[int, ...]:
        """Return the numbers of the connections that it stands for."""
        return tuple(sorted(seen.flow.number for seen in self.members))

    def speaking(self, preamble: str) -> Way:
        """Return the way with another preamble to the target; a proxy on our side stays."""
        tunnel = self.way.stages[:1] if self.way.proxy is not None else ()
        spoken = stages(self.chosen, self.target, preamble)
        return replace(self.way, stages=(*tunnel, *spoken))

    @property
    def dialled(self) -> Endpoint:
        """Return whom to connect to: the target, or the proxy before it."""
        return self.way.proxy or self.target


def plan(
    found: Scan,
    chosen: Sequence[Seen],
    asked: Asked = Asked(),  # noqa: B008
    way: Way = Way(),  # noqa: B008
    tapes: Mapping[int, Tape] | None = None,
    instead: Instead | None = None,
) -> list[Plan]:
    """Return what a replay would send, and send nothing: one plan for equal hellos to one server.

    The bytes come from `tapes` by connection number, else the capture is read once more; where a
    client sent no hello, `instead` may give one of our own. Raises
    SelectionError for a target that is none, CaptureError when the capture is gone.
    """
    groups = [sorted(g, key=lambda s: (not s.failed, s.flow.number)) for g in group(chosen)]
    if tapes is None:
        tapes = record(found, [seen for members in groups for seen in members[:CANDIDATES]])
    return [_planned(members, tapes, asked, way, instead) for members in groups]


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
    if hello is None:
        said = seen.preamble.protocol if seen.preamble is not None else None
        return seen.ending.stopped_at, seen.ending.side, seen.ending.how, said
    if offer is None or hello.troubles:
        return (hello.body,)
    extensions = tuple(sorted(offer.extensions))
    resuming = b"\0" if offer.session_id else b""
    return offer._replace(extensions=extensions, session_id=resuming, size=0)


def record(found: Scan, wanted: Iterable[Seen]) -> dict[int, Tape]:
    """Read the capture once more for the bytes of these connections' first flights.

    Raises SelectionError for standard input, which cannot be read twice.
    """
    tapes = {seen.flow.number: Tape(length_of(seen.transcript)) for seen in wanted}
    if not any(not tape.done for tape in tapes.values()):
        return tapes
    if found.name == "-":
        raise SelectionError(
            say("a replay reads its capture twice: give a file, not standard input")
        )
    unwanted = Tape(0)

    def opened(flow: Flow) -> Sink:
        return tapes.get(flow.number, unwanted)

    conversations = Conversations(opened)
    conversations.follow(open_capture(found.name).packets())
    conversations.finish()
    return tapes


def _planned(
    members: Sequence[Seen],
    tapes: Mapping[int, Tape],
    asked: Asked,
    way: Way,
    instead: Instead | None,
) -> Plan:
    candidates = members[:CANDIDATES]
    flights = [first_flight(s.transcript, s.flow, tapes[s.flow.number]) for s in candidates]
    best = next((i for i, flight in enumerate(flights) if flight), 0)
    flight, chosen = flights[best], candidates[best]
    chosen, flight, edits = _renamed(chosen, flight, asked.server_name)
    gone, *others = routes(chosen, asked, way)
    own = instead(chosen, gone.target, asked.server_name) if instead and not flight else None
    why_not = gone.why_not if flight else flight.notes[0]
    if own is not None:
        flight, why_not = own, None
    if flight and way.segments is not None:
        flight = recut(flight, way.segments)
    flight = apart(flight)
    return Plan(
        *(tuple(members), chosen, gone.target, flight, gone.way, why_not, tuple(others), edits),
        ours=own is not None,
    )


def _renamed(seen: Seen, flight: Flight, name: str | None) -> tuple[Seen, Flight, tuple[Edit, ...]]:
    """Ask for another name, or for none; whoever judges the answer hears of the new one."""
    hello = open_hello(flight) if name is not None and flight else None
    if hello is None or seen.offer is None:
        return seen, flight, ()
    edits = sni(hello, name or None)
    offer = seen.offer._replace(server_name=name or None)
    return structs.replace(seen, offer=offer), apply(flight, edits), edits
