"""A list cut short: the first few, and how many more there are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tlswire.language import counted, say


def few(names: Sequence[str], most: int, between: str = ", ") -> str:
    """Return `a, b and 3 more`; all of them where they are few."""
    return and_more(between.join(names[:most]), len(names) - most)


def and_more(told: str, left: int) -> str:
    """Return what is told with how many more there are, if any."""
    if left <= 0:
        return told
    return counted("{told} and {number} more", "{told} and {number} more", left, told=told)


def together(parts: Iterable[str]) -> str:
    """Return what is told in one sentence, part by part."""
    return say("; ").join(parts)
