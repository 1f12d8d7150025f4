"""What was told, counted: the numbers behind the statistics and the metrics.

Bounded: of a kind of thing the first so many are counted by name, the others together.
"""

from __future__ import annotations

from collections import Counter

from tlswire.language import mark
from tlswire.result import Connection

#: Names counted apart; more come from a scan or an attack, and are one row.
MOST_NAMES = 1000
OTHERS = "(others)"
#: In place of a cause, where none is named.
NONE = mark("none named")


class Tally:
    """Counts connections by outcome, cause, version, suite and server."""

    def __init__(self) -> None:
        self.outcomes: Counter[str] = Counter()
        self.causes: Counter[str] = Counter()
        self.versions: Counter[str] = Counter()
        self.suites: Counter[str] = Counter()
        self.failing: Counter[str] = Counter()  # failures by server
        self.notes: Counter[str] = Counter()  # what was not told one by one

    def add(self, connection: Connection) -> None:
        """Count one connection in."""
        self.outcomes[connection.outcome] += 1
        if connection.version is not None:
            _count(self.versions, connection.version)
        if connection.cipher_suite is not None:
            _count(self.suites, connection.cipher_suite)
        if connection.outcome in ("failed", "not_tls"):
            _count(self.failing, connection.server)
            causes = connection.verdict.causes
            _count(self.causes, causes[0].id if causes else NONE)

    @property
    def total(self) -> int:
        """Return how many connections were told."""
        return self.outcomes.total()


def _count(counter: Counter[str], name: str) -> None:
    counter[name if name in counter or len(counter) < MOST_NAMES else OTHERS] += 1
