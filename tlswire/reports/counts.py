"""Counts of outcomes as a sentence."""

from __future__ import annotations

from collections.abc import Mapping

from tlswire.reports.text import OUTCOMES, plural


def sentence(outcomes: Mapping[str, int], thing: str) -> str:
    """Return `12 handshakes: 2 failed, 10 established`."""
    told = [f"{outcomes[key]} {word}" for key, word, _ in OUTCOMES if outcomes.get(key)]
    whole = plural(sum(outcomes.values()), thing)
    return f"{whole}: {', '.join(told)}" if told else whole
