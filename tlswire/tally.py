"""Connections counted one by one: outcomes, and equal failures together.

Must never keep a connection, so that a capture of any length can be counted.
"""

from __future__ import annotations

from typing import NamedTuple

from tlswire.result import Connection, EndedBy, Group, Outcome

#: Kinds of failure that are told apart; those that come later are counted by outcome only.
MOST_GROUPS = 20_000
FAILURES = frozenset({"failed", "not_tls"})


class Likeness(NamedTuple):
    """What equal failures share."""

    server: str
    stopped_at: str | None
    ended_by: EndedBy | None
    cause: str | None


class Tally:
    """How many connections came to what."""

    def __init__(self) -> None:
        self.connections = 0
        self.outcomes = dict.fromkeys(("established", "failed", "incomplete", "not_tls"), 0)
        self._groups: dict[Likeness, tuple[str, list[int]]] = {}

    def count(self, found: Connection) -> Connection:
        """Count one in, and return it."""
        self.count_outcome(found.outcome)
        if found.outcome in FAILURES:
            self._gather(found)
        return found

    def count_outcome(self, outcome: Outcome) -> None:
        """Count one in of which nothing else is known."""
        self.connections += 1
        self.outcomes[outcome] += 1

    def _gather(self, found: Connection) -> None:
        cause = found.verdict.causes[0].id if found.verdict.causes else None
        likeness = Likeness(found.server, found.stopped_at, found.ended_by, cause)
        if likeness in self._groups or len(self._groups) < MOST_GROUPS:
            self._groups.setdefault(likeness, (found.verdict.summary, []))[1].append(found.id)

    def groups(self) -> tuple[Group, ...]:
        """Return equal failures together, the most frequent first."""
        found = sorted(self._groups.items(), key=lambda each: -len(each[1][1]))
        return tuple(
            Group(**alike._asdict(), summary=summary, connections=tuple(numbers))
            for alike, (summary, numbers) in found
        )
