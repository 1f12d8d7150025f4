"""Connections counted one by one: outcomes, and equal failures together.

Must never keep more connections than a bounded number, so that a capture of any length can be
counted.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tlswire.observed import Connection, EndedBy, Group, Outcome

#: Kinds of failure that are told apart; those that come later are counted by outcome only.
MOST_GROUPS = 20_000
#: Kinds of failure of which one is kept whole for a report.
MOST_SHOWN = 500
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
        alike = likeness(found)
        if alike in self._groups or len(self._groups) < MOST_GROUPS:
            self._groups.setdefault(alike, (found.verdict.summary, []))[1].append(found.id)

    def groups(self) -> tuple[Group, ...]:
        """Return equal failures together, the most frequent first."""
        found = [(alike, summary, sorted(n)) for alike, (summary, n) in self._groups.items()]
        found.sort(key=lambda each: (-len(each[2]), each[2]))
        return tuple(
            Group(**alike._asdict(), summary=summary, connections=tuple(numbers))
            for alike, summary, numbers in found
        )


class Digest(Tally):
    """Counts, and keeps what a report shows: the first of each kind of failure, the first others.

    Of each outcome that is no failure, and of each kind of failure, those with the lowest numbers.
    """

    def __init__(self, most: int) -> None:
        """Keep `most` of each outcome that is no failure."""
        super().__init__()
        self._most = most
        self._others: dict[Outcome, dict[int, Connection]] = {}
        self._first: dict[Likeness, Connection] = {}

    def keep(self, found: Connection, whole: Callable[[], Connection]) -> None:
        """Count one in; `whole` gives it with its messages, where it is to be kept."""
        self.count(found)
        if found.outcome in FAILURES:
            self._keep_failure(found, whole)
            return
        others = self._others.setdefault(found.outcome, {})
        others[found.id] = found
        if len(others) > self._most:
            del others[max(others)]

    def _keep_failure(self, found: Connection, whole: Callable[[], Connection]) -> None:
        alike = likeness(found)
        first = self._first.get(alike)
        is_new = first is None and len(self._first) < MOST_SHOWN
        if is_new or (first is not None and found.id < first.id):
            self._first[alike] = whole()

    def kept(self) -> tuple[Connection, ...]:
        """Return what was kept, by number."""
        others = (each for kind in self._others.values() for each in kind.values())
        return tuple(sorted((*self._first.values(), *others), key=lambda each: each.id))


def likeness(found: Connection) -> Likeness:
    """Return what a failed connection shares with equal ones."""
    cause = found.verdict.causes[0].id if found.verdict.causes else None
    return Likeness(found.server, found.stopped_at, found.ended_by, cause)
