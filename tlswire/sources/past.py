"""Conversations that are over, by nothing but their keys: so late packets are told from new ones.

Two generations: when the younger one is full it becomes the older one, which is forgotten whole.
(Taking the oldest of a large dict one by one costs a walk over all that was taken before.)
"""

from __future__ import annotations


class Past:
    """Keys of conversations, and the initial sequence number that each began with."""

    __slots__ = ("_most", "_older", "_young")

    def __init__(self, most: int) -> None:
        """Remember at least `most` keys, and fewer than twice as many."""
        self._most = most
        self._young: dict[bytes, int | None] = {}
        self._older: dict[bytes, int | None] = {}

    def __contains__(self, key: bytes) -> bool:
        return key in self._young or key in self._older

    def __getitem__(self, key: bytes) -> int | None:
        return self._young[key] if key in self._young else self._older[key]

    def has_one_of(self, one: bytes, two: bytes) -> bool:
        """Tell whether one of two keys is remembered."""
        young, older = self._young, self._older
        return one in young or two in young or one in older or two in older

    def add(self, key: bytes, isn: int | None) -> None:
        """Remember a key."""
        if len(self._young) >= self._most:
            self._older, self._young = self._young, {}
        self._young[key] = isn

    def add_both(self, one: bytes, isn: int | None, two: bytes, other: int | None) -> None:
        """Remember the keys of both sides."""
        if len(self._young) >= self._most:
            self._older, self._young = self._young, {}
        self._young[one], self._young[two] = isn, other

    def forget(self, key: bytes) -> None:
        """Forget a key: a new conversation uses it."""
        self._young.pop(key, None)
        self._older.pop(key, None)

    def all(self) -> dict[bytes, int | None]:
        """Return all that is remembered."""
        return self._older | self._young
