"""The keys that one side's next record may have, in the order in which they come into use.

An epoch is over when a record opens with later keys only: a rejected 0-RTT flight, a KeyUpdate, a
secret missing from the key log need no rule of their own. Every record is tried a few times at
most, however hostile.
"""

from __future__ import annotations

from collections.abc import Iterable

from tlswire.codes import ContentType
from tlswire.keys.protection import Plain, Protection
from tlswire.records import Record

#: After a gap in the capture, so many records may be missing and the next is still opened.
MOST_LOST = 32
#: Keys that one record is tried with: those of early data may be of several suites.
MOST_KEYS = 16


class Epochs:
    """One side's protections, the one in use first."""

    def __init__(self, ahead: Iterable[Protection] = (), *, tls13: bool) -> None:
        """Begin; in TLS 1.3 only records of type application_data are protected."""
        self.unsure = False  # records may have been missed
        self.opened = 0
        self.closed_at: int | None = None  # where the last record stood that did not open
        self._ahead = list(ahead)
        self._tls13 = tls13

    def add(self, later: Iterable[Protection]) -> None:
        """Put keys behind those that are there."""
        self._ahead = [*self._ahead, *later][:MOST_KEYS]

    @property
    def keyed(self) -> bool:
        """Tell whether there are keys to try."""
        return bool(self._ahead)

    def protects(self, record: Record) -> bool:
        """Tell whether a record of its type must be protected."""
        return not self._tls13 or record.type == ContentType.application_data

    def open(self, record: Record) -> Plain | None:
        """Return what the record holds, None when no keys open it."""
        plain = None if record.missing else self._try(record)
        self.unsure = record.missing > 0
        self.opened += plain is not None
        self.closed_at = record.offset if plain is None else None
        return plain

    def _try(self, record: Record) -> Plain | None:
        for index, keys in enumerate(self._ahead):
            plain = keys.open(record) or (self._catch_up(keys, record) if self.unsure else None)
            if plain is not None:
                del self._ahead[:index]
                return plain
        return self._update(record) if len(self._ahead) == 1 else None

    def _update(self, record: Record) -> Plain | None:
        """Try the keys after a KeyUpdate (RFC 8446 section 7.2)."""
        updated = self._ahead[0].updated()
        plain = updated.open(record) if updated is not None else None
        if updated is not None and plain is not None:
            self._ahead[0] = updated
        return plain

    @staticmethod
    def _catch_up(keys: Protection, record: Record) -> Plain | None:
        """Try the numbers that the record has when some before it were missed."""
        known = keys.number
        for number in range(known + 1, known + 1 + MOST_LOST):
            keys.number = number
            plain = keys.open(record)
            if plain is not None:
                return plain
        keys.number = known
        return None
