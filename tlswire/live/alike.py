"""Connections told by their likeness to one that was worked out: what makes a busy wire cheap.

Most handshakes complete, and are few stories told over and over. The first of a story is worked
out; one like it is told with its own ends, name and time, while its packets are all that was kept
of it. Must never tell a failure so: its cause lies in what two of one story do not share.
"""

from __future__ import annotations

from collections.abc import Callable

from msgspec import structs

from tlswire.flow import Flow
from tlswire.likeness import Remembered
from tlswire.result import Connection
from tlswire.seen import Company
from tlswire.sources.kept import Kept


class Alike:
    """Remembers what was told of each story, and tells `told` of those like it."""

    def __init__(self, told: Callable[[Kept, Connection], None], company: Company) -> None:
        self._told, self._company = told, company
        self._remembered: Remembered[Connection | None] = Remembered()

    def recognise(self, kept: Kept) -> bool:
        """Tell of a connection that is over; False where it is to be worked out."""
        like, name = self._remembered.recall(kept) or (None, None)
        if like is None:
            return False
        ends = kept.ends
        # What a failure to this server may be compared with must have been seen as well.
        if not self._company.has_met(ends.server, ends.client.address, name):
            return False
        own = structs.replace(
            like,
            id=kept.number,
            client=str(ends.client),
            server=str(ends.server),
            started=kept.packets[0][1],
            server_name=name,
        )
        self._told(kept, own)
        return True

    def learn(self, flow: Flow, connection: Connection | None = None) -> None:
        """Remember what was told of a connection that was worked out; None: nothing is shared."""
        completed = connection is not None and connection.outcome == "established"
        shared = completed and connection is not None and not connection.verdict.causes
        self._remembered.learn(flow, connection if shared else None)
