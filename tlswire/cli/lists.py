"""The lines of a list, made by one process or by two that read a half of the capture each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from tlswire import findings, halves
from tlswire.cli.selection import Asked, stream_chosen
from tlswire.decode import MOST_WAITING, Scan, Source, belongs
from tlswire.flow import Endpoint
from tlswire.halves import Told, TornError
from tlswire.reports import listing
from tlswire.result import Outcome
from tlswire.seen import Seen
from tlswire.sources.watch import Watch


class Line(NamedTuple):
    """One line of a list."""

    number: int
    outcome: Outcome
    text: str  # without the number, which comes first


class Row(NamedTuple):
    """A line that may be left out, and what tells whether."""

    belongs: bool  # in a list, whatever else the capture holds
    spoke_tls: bool
    taken: bool  # as asked
    failed: bool
    outcome: Outcome
    text: str


def lines(
    source: Source, found: Scan, asked: Asked, watch: Watch, jobs: int | None
) -> Iterator[Line]:
    """Yield the lines of the connections asked for, as each ends; `found` learns the rest."""
    done = 0
    if isinstance(source, str) and asked.is_simple and halves.divisible(source, jobs):
        try:
            for line in _by_halves(source, found, asked, watch):
                yield line
                done += 1
            return
        except TornError:
            found.left_out = watch.connections = watch.failed = 0
    chosen = stream_chosen(source, found, asked, watch, late=None)
    yield from islice(map(_line, chosen), done, None)


def _line(seen: Seen) -> Line:
    return Line(seen.flow.number, seen.ending.outcome, listing.line(findings.brief(seen)))


def _by_halves(source: str, found: Scan, asked: Asked, watch: Watch) -> Iterator[Line]:
    def make(seen: Seen) -> Row:
        wanted = asked.all_tcp or belongs(seen, set())
        line = _line(seen)
        taken = asked.takes(seen, 0.0)
        return Row(wanted, seen.spoke_tls, taken, seen.failed, line.outcome, line.text)

    for told, row in _sift(halves.follow(source, found, watch, make, asked.overlap)):
        watch.connections += 1
        watch.failed += row.failed
        if row.taken:
            yield Line(told.number, row.outcome, row.text)
        else:
            found.left_out += 1


def _sift(conversations: Iterator[Told]) -> Iterator[tuple[Told, Row]]:
    """Yield what belongs in a list as soon as that is known, as `decode.listed` does."""
    speakers: set[Endpoint] = set()
    waiting: deque[tuple[Told, Row]] = deque(maxlen=MOST_WAITING)
    for told in conversations:
        row = told.content
        assert isinstance(row, Row)
        if row.spoke_tls:
            speakers.add(told.server)
        if row.belongs or told.server in speakers:
            yield told, row
        else:
            waiting.append((told, row))
    yield from ((told, row) for told, row in waiting if told.server in speakers)
