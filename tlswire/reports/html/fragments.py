"""Failures that are told at length only when the reader opens one: rendered, packed, put aside."""

from __future__ import annotations

import msgspec

from tlswire.reports.html.shelf import pack

#: Fragments packed together: alike ones side by side pack well, and one is unpacked with few.
TOGETHER = 64
#: Packed characters that a page may carry.
MOST_PACKED = 9_000_000


class Fragments:
    """Takes the HTML of cases by connection, and packs it."""

    def __init__(self) -> None:
        self._waiting: dict[int, str] = {}
        self._packs: list[str] = []
        self._room = MOST_PACKED
        self.kept: set[int] = set()

    def put(self, number: int, html: str) -> bool:
        """Keep the case of a connection; False when the page is full."""
        if self._room <= 0:
            return False
        self._waiting[number] = str.__str__(html)  # of markup, the text
        self.kept.add(number)
        if len(self._waiting) == TOGETHER:
            self._pack()
        return True

    def _pack(self) -> None:
        if self._waiting:
            packed = pack(msgspec.json.encode(self._waiting))
            self._packs.append(f"{min(self._waiting)}-{max(self._waiting)}:{packed}")
            self._room -= len(packed)
            self._waiting = {}

    def packed(self) -> str:
        """Return the packs, a blank between two: first and last number, a colon, base64."""
        self._pack()
        return " ".join(self._packs)
