"""Connections told by their likeness to one that was worked out: what makes a busy wire cheap.

Most handshakes are few stories told over and over. The first of a story is worked out; one like it
that completed is told with its own ends, name and time, while its packets are all that was kept of
it. A failure's cause may lie in what two of one story do not share: so it must have the same sight
as well, and come to the same server in the same company.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import Final, NamedTuple, TypeAlias

from msgspec import structs

from tlswire.flow import Endpoint, Flow
from tlswire.likeness import Remembered
from tlswire.live.sight import sight
from tlswire.result import Connection, Verdict
from tlswire.seen import Company, Seen
from tlswire.sources.kept import Ends, Kept

#: Failures that are remembered; then all are forgotten.
MOST_FAILURES = 4096


class Like(NamedTuple):
    """What was told of one connection, and whether its server spoke TLS."""

    connection: Connection
    spoke_tls: bool = True


class _Unlike(Enum):
    """What two of one story do not share: how they are told."""

    UNLIKE = "unlike"


UNLIKE: Final = _Unlike.UNLIKE
#: What a failure shares with those that are told like it.
_Look: TypeAlias = tuple[bytes, tuple[int, bool]]


class Alike:
    """Remembers what was told of each story, and gives `told` those like it.

    `told`, which gets the server as well, says False of one that is to be worked out all the same.
    """

    def __init__(self, told: Callable[[Kept, Endpoint, Like], bool], company: Company) -> None:
        self._told, self._company = told, company
        self._remembered: Remembered[Connection | _Unlike] = Remembered()
        self._failures: dict[_Look, Like] = {}
        self._asked: dict[int, tuple[bytes, int]] = {}  # sight and last packet, by number

    def recognise(self, kept: Kept) -> bool:
        """Tell of a connection that is over; False where it is to be worked out."""
        told, name = self._remembered.recall(kept) or (UNLIKE, None)
        ends = kept.ends
        like = self._failure(kept, ends) if told is UNLIKE else self._success(told, ends, name)
        if like is None:
            return False
        own = structs.replace(
            like.connection,
            id=kept.number,
            client=str(ends.client),
            server=str(ends.server),
            started=kept.packets[0][1],
            server_name=like.connection.server_name if told is UNLIKE else name,
        )
        return self._told(kept, ends.server, Like(own, like.spoke_tls))

    def _success(self, told: Connection, ends: Ends, name: str | None) -> Like | None:
        """Return one that completed, if one more to this server teaches nothing.

        What a failure to this server may be compared with must have been seen as well.
        """
        met = self._company.has_met(ends.server, ends.client.address, name)
        return Like(told) if met else None

    def _failure(self, kept: Kept, ends: Ends) -> Like | None:
        """Return one that failed in the same way as this one, for the same reason."""
        seen = sight(kept)
        if seen is None:
            return None
        like = self._failures.get((seen, self._company.standing(ends.server, ends.client.address)))
        if like is None:
            self._asked[kept.number] = seen, kept.packets[-1][0]
        return like

    def learn(self, seen: Seen, connection: Connection | None = None) -> None:
        """Remember what was told of a connection that was worked out; None: nothing is shared."""
        flow, completed = seen.flow, seen.ending.outcome == "established"
        shared = completed and connection is not None and not connection.verdict.causes
        self._remembered.learn(flow, connection if connection and shared else UNLIKE)
        asked, last_frame = self._asked.pop(flow.number, (b"", -1))
        settled = flow.last_frame == last_frame and self._company.is_full_of(seen)
        if connection is not None and seen.failed and settled:
            if len(self._failures) >= MOST_FAILURES:
                self._failures.clear()
            client, server = flow.client.endpoint.address, flow.server.endpoint
            look = asked, self._company.standing(server, client)
            self._failures[look] = Like(_line_of(connection), seen.spoke_tls)

    def forget(self, flow: Flow) -> None:
        """Take note that nothing was told of a connection that was asked about."""
        self._remembered.learn(flow, UNLIKE)
        self._asked.pop(flow.number, None)


def _line_of(connection: Connection) -> Connection:
    """Return a failed connection as its line needs it."""
    causes = tuple(
        structs.replace(cause, evidence=(), remedies=()) for cause in connection.verdict.causes[:1]
    )
    return structs.replace(connection, messages=(), verdict=Verdict(summary="", causes=causes))
