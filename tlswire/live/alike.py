"""Connections told by their likeness to one that was worked out: what makes a busy wire cheap.

Most handshakes are few stories told over and over. The first of a story is worked out; one like it
that completed is told with its own ends, name and time, while its packets are all that was kept of
it. A failure's cause may lie in what two of one story do not share: so it must have the same sight
as well, and come to the same server in the same company.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, TypeAlias

from msgspec import structs

from tlswire.flow import Endpoint, Flow
from tlswire.likeness import Remembered
from tlswire.live.noise import noise
from tlswire.live.sight import SIGHT, sight
from tlswire.result import Connection, Verdict
from tlswire.seen import Company, Seen, kind_of
from tlswire.sources.kept import Kept

if TYPE_CHECKING:
    from tlswire.causes.case import Neighbour

#: Failures that are remembered; then all are forgotten.
MOST_FAILURES = 4096


class Like(NamedTuple):
    """What was told of one connection, and whether its server spoke TLS."""

    connection: Connection
    spoke_tls: bool = True
    noise: Neighbour | None = None  # what it counts as, but for its client


class _Unlike(Enum):
    """What two of one story do not share: how they are told."""

    UNLIKE = "unlike"


UNLIKE: Final = _Unlike.UNLIKE
#: What a failure shares with those that are told like it.
_Look: TypeAlias = tuple[bytes, tuple[int, bool]]


class Alike:
    """Remembers what was told of each story, and gives `told` those like it.

    `told`, which gets the server as well and whether it spoke TLS, says False of one that is to be
    worked out all the same.
    """

    def __init__(
        self, told: Callable[[Kept, Endpoint, Connection, bool], bool], company: Company
    ) -> None:
        self._told, self._company = told, company
        self._remembered: Remembered[Connection | _Unlike] = Remembered()
        self._failures: dict[_Look, Like] = {}
        self._asked: dict[int, tuple[bytes, int]] = {}  # sight and last packet, by number
        self._noise: dict[int, tuple[bytes, int]] = {}  # the same of noise, and how many packets

    def recognise(self, kept: Kept) -> bool:
        """Tell of a connection that is over; False where it is to be worked out."""
        known = self._remembered.recall(kept) if kept.over_frame else None
        told, name = known or (UNLIKE, None)
        server, client = kept.server, kept.client_address
        if told is UNLIKE:
            like = self._failure(kept, server, client)
            if like is None:
                return False
            told, spoke_tls, _ = like
            name = told.server_name
        elif self._company.has_met(server, client, name):
            spoke_tls = True
        else:  # what a failure to this server may be compared with must have been seen as well
            return False
        own = structs.replace(
            told,
            id=kept.number,
            client=f"{client}:{kept.client_port}",
            server=_print(server),
            started=kept.packets[0][1],
            server_name=name,
        )
        return self._told(kept, server, own, spoke_tls)

    def _failure(self, kept: Kept, server: Endpoint, client: str) -> Like | None:
        """Return one that failed in the same way as this one, for the same reason."""
        seen = self._noise_of(kept) or sight(kept)
        if seen is None:
            return None
        like = self._failures.get((seen, self._company.standing(server, client)))
        if like is not None and like.noise is not None:
            own = like.noise._replace(client=client)
            like = like if self._company.is_full_of_kind(server, own) else None
        if like is None:
            self._asked[kept.number] = seen, kept.packets[-1][0]
        return like

    def is_noise(self, kept: Kept) -> bool:
        """Tell whether a connection that is not over yet would be told by very little of it."""
        found = noise(kept)
        if found is not None:
            self._noise[kept.number] = found, len(kept.packets)
        return found is not None

    def _noise_of(self, kept: Kept) -> bytes | None:
        found, packets = self._noise.pop(kept.number, (None, 0))
        return found if packets == len(kept.packets) else noise(kept)

    def learn(self, seen: Seen, connection: Connection | None = None) -> None:
        """Remember what was told of a connection that was worked out; None: nothing is shared."""
        flow, completed = seen.flow, seen.ending.outcome == "established"
        shared = completed and connection is not None and not connection.verdict.causes
        self._remembered.learn(flow, connection if connection and shared else UNLIKE)
        asked, last_frame = self._asked.pop(flow.number, (b"", -1))
        self._noise.pop(flow.number, None)
        settled = flow.last_frame == last_frame and self._company.is_full_of(seen)
        if connection is not None and seen.failed and settled:
            if len(self._failures) >= MOST_FAILURES:
                self._failures.clear()
            client, server = flow.client.endpoint.address, flow.server.endpoint
            look = asked, self._company.standing(server, client)
            without_client = None if len(asked) == SIGHT else kind_of(seen)
            if without_client is None or _is_nothing_but_noise(seen, connection):
                like = Like(_line_of(connection), seen.spoke_tls, without_client)
                self._failures[look] = like

    def forget(self, flow: Flow) -> None:
        """Take note that nothing was told of a connection that was asked about."""
        self._remembered.learn(flow, UNLIKE)
        self._asked.pop(flow.number, None)
        self._noise.pop(flow.number, None)


@lru_cache(maxsize=4096)
def _print(server: Endpoint) -> str:
    return str(server)


def _is_nothing_but_noise(seen: Seen, connection: Connection) -> bool:
    """Tell whether no cause was found that might lie in who the client is."""
    return seen.ending.outcome == "not_tls" and not connection.verdict.causes


def _line_of(connection: Connection) -> Connection:
    """Return a failed connection as its line needs it."""
    causes = tuple(
        structs.replace(cause, evidence=(), remedies=()) for cause in connection.verdict.causes[:1]
    )
    return structs.replace(connection, messages=(), verdict=Verdict(summary="", causes=causes))
