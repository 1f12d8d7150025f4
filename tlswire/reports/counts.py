"""Counts as people read them: of outcomes as a sentence, great ones with thousands apart."""

from __future__ import annotations

from collections.abc import Mapping

from tlswire.language import counted, say
from tlswire.reports.text import OUTCOMES


def sentence(outcomes: Mapping[str, int]) -> str:
    """Return `12 handshakes: 2 failed, 10 established`."""
    told = [each.many(outcomes[each.key]) for each in OUTCOMES if outcomes.get(each.key)]
    whole = counted("{number} handshake", "{number} handshakes", sum(outcomes.values()))
    return say("{whole}: {parts}", whole=whole, parts=", ".join(told)) if told else whole


def thousands(number: int) -> str:
    """Return a number with its thousands apart, as the language does it."""
    return f"{number:,}".replace(",", say(","))
