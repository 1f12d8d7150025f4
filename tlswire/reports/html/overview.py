"""Many connections at a glance: a row each, failures by cause, server and client, a timeline."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from tlswire.language import mark, say
from tlswire.reports.endings import in_short
from tlswire.reports.text import NO_CAUSE, OUTCOMES, outcome
from tlswire.result import Connection

#: Bars of the timeline, and lines of a breakdown.
BARS, MOST_LINES = 60, 8
ORDER = ("failed", "not_tls", "incomplete", "established")


class Line(NamedTuple):
    """One line of a breakdown: how many failures have this in common."""

    name: str
    times: int
    share: float
    total: int  # connections of that kind, failed or not


class Breakdown(NamedTuple):
    """The failures by one thing they may have in common."""

    heading: str
    lines: list[Line]
    more: int


class Bar(NamedTuple):
    """Some time of the capture; the parts are (outcome, y, height) in hundredths."""

    x: float
    width: float
    parts: list[tuple[str, float, float]]
    told: str


class Timeline(NamedTuple):
    """Successes and failures over time."""

    bars: list[Bar]
    begins: str
    ends: str
    most: int
    told: str


def _cause(connection: Connection) -> str:
    causes = connection.verdict.causes
    return causes[0].id if causes else say(NO_CAUSE)


BY: tuple[tuple[str, Callable[[Connection], str]], ...] = (
    (mark("By cause"), _cause),
    (mark("By server"), lambda c: c.server + (f"  {c.server_name}" if c.server_name else "")),
    (mark("By client shape (JA4)"), lambda c: c.ja4 or say("no ClientHello")),
)


def breakdowns(connections: Sequence[Connection]) -> list[Breakdown]:
    """Return the failures counted by cause, by server and by client shape."""
    failed = [c for c in connections if c.outcome in ("failed", "not_tls")]
    return [_breakdown(say(heading), of, failed, connections) for heading, of in BY]


def _breakdown(
    heading: str,
    of: Callable[[Connection], str],
    failed: Sequence[Connection],
    every: Iterable[Connection],
) -> Breakdown:
    counts, totals = Counter(map(of, failed)), Counter(map(of, every))
    most = max(counts.values(), default=1)
    lines = [
        Line(name, count, 100 * count / most, totals[name])
        for name, count in counts.most_common(MOST_LINES)
    ]
    return Breakdown(heading, lines, len(counts) - len(lines))


def timeline(connections: Sequence[Connection]) -> Timeline | None:
    """Return when connections were begun and what came of them; None for too few."""
    if len(connections) < 3:
        return None
    first = min(c.started for c in connections)
    last = max(c.started for c in connections)
    span = (last - first) or 1.0
    counts = [Counter[str]() for _ in range(BARS)]
    for c in connections:
        counts[min(BARS - 1, int(BARS * (c.started - first) / span))][c.outcome] += 1
    most = max(sum(count.values()) for count in counts)
    bars = [_bar(n, count, most, first + n * span / BARS) for n, count in enumerate(counts)]
    kept = [bar for bar in bars if bar.parts]
    ends = clock(last)
    told = say("from {begin} to {end}", begin=clock(first), end=ends)
    return Timeline(kept, clock(first), ends, most, told)


def _bar(number: int, count: Counter[str], most: int, at: float) -> Bar:
    parts, top = [], 100.0
    for key in ORDER:
        if count[key]:
            height = 100 * count[key] / most
            top -= height
            parts.append((key, round(top, 2), round(height, 2)))
    counts = ((count[each.key], each) for each in OUTCOMES)
    told = say(
        "{when}: {what}",
        when=clock(at),
        what=", ".join(each.many(many) for many, each in counts if many),
    )
    return Bar(round(100 * number / BARS, 3), round(100 / BARS, 3), parts, told)


def clock(at: float) -> str:
    """Return a time of the capture, UTC."""
    try:
        return f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return "?"


class Row(NamedTuple):
    """One connection in the table."""

    id: int
    after: str
    started: float
    client: str
    server: str
    name: str
    version: str
    suite: str
    outcome: str
    word: str
    end: str
    cause: str


def rows(connections: Sequence[Connection]) -> list[Row]:
    """Return the rows of the table, in the order of the capture."""
    first = min((c.started for c in connections), default=0.0)
    return [_row(c, first) for c in connections]


def _row(c: Connection, first: float) -> Row:
    end = f"{c.stopped_at}, {in_short(c.ended_by)}" if c.stopped_at else ""
    return Row(
        id=c.id,
        after=f"{c.started - first:.3f}",
        started=c.started,
        client=c.client,
        server=c.server,
        name=c.server_name or "",
        version=c.version or "",
        suite=c.cipher_suite or "",
        outcome=c.outcome,
        word=outcome(c.outcome),
        end=end.rstrip(", "),
        cause=c.verdict.causes[0].id if c.verdict.causes else "",
    )
