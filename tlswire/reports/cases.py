"""What a page tells at length: one case a kind of failure, a replay, a narrowing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tlswire.reports import played as played_on
from tlswire.result import Attempt, Cause, Connection, Document, Group, Narrowing, Replay, Verdict

#: A capture without a failure shows so many handshakes at length.
MOST_HEALTHY = 3


class Case(NamedTuple):
    """A connection told at length, those it stands for, and what a replay of it found."""

    connection: Connection
    numbers: tuple[int, ...]
    verdict: Verdict
    replay: Replay | None = None
    servers: int = 1
    narrowing: Narrowing | None = None

    @property
    def cause(self) -> Cause | None:
        """Return the best cause, None when none is named."""
        return self.verdict.causes[0] if self.verdict.causes else None

    @property
    def failed(self) -> bool:
        """Tell whether the handshake failed or never was TLS."""
        return self.connection.outcome in ("failed", "not_tls")

    @property
    def exact(self) -> Attempt | None:
        """Return the attempt that sent the bytes as captured, or a hello of our own for none."""
        attempts = self.replay.attempts if self.replay else ()
        return next((a for a in attempts if a.variant in played_on.FIRST), None)

    @property
    def played(self) -> Attempt | None:
        """Return the attempt that was played farthest."""
        return played_on.farthest(self.replay.attempts) if self.replay else None


def cases(document: Document) -> list[Case]:
    """Return the cases of a document: its replays, else its kinds of failure, else a few others."""
    by_id = {connection.id: connection for connection in document.connections}
    if document.replays:
        return list(_replayed(document.replays, by_id))
    if document.narrowings:
        return list(_narrowed(document.narrowings, by_id))
    failed = list(_kinds(document, by_id))
    return failed or [alone(c) for c in document.connections[:MOST_HEALTHY]]


def _kinds(document: Document, by_id: dict[int, Connection]) -> Iterator[Case]:
    """Yield one case for what fails alike, whichever the server, the most frequent first."""
    kinds: dict[object, list[Group]] = {}
    for group in document.summary.failures:
        if group.connections[0] in by_id:
            kinds.setdefault((group.stopped_at, group.ended_by, group.cause), []).append(group)
    counted = [(sum(len(g.connections) for g in kind), kind) for kind in kinds.values()]
    for _, kind in sorted(counted, key=lambda one: -one[0]):
        first = by_id[kind[0].connections[0]]
        numbers = tuple(sorted(n for group in kind for n in group.connections))
        yield Case(first, numbers, first.verdict, servers=len({g.server for g in kind}))


def alone(connection: Connection) -> Case:
    """Return a connection as a case that stands for no other."""
    return Case(connection, (connection.id,), connection.verdict)


def _replayed(done: Iterable[Replay], by_id: dict[int, Connection]) -> Iterator[Case]:
    for replay in done:
        members = [by_id[number] for number in replay.connections if number in by_id]
        if members:
            yield Case(_foremost(members), replay.connections, replay.verdict, replay)


def _narrowed(done: Iterable[Narrowing], by_id: dict[int, Connection]) -> Iterator[Case]:
    for each in done:
        members = [by_id[number] for number in each.connections if number in by_id]
        if members:
            yield Case(_foremost(members), each.connections, each.verdict, narrowing=each)


def _foremost(members: list[Connection]) -> Connection:
    return next((c for c in members if c.outcome == "failed"), members[0])
