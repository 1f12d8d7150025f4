"""The lines of a list, made by one process or by two that read a half of the capture each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from tlswire import findings, halves, skim
from tlswire.cli.selection import Asked, stream_chosen
from tlswire.decode import MOST_WAITING, TLS_PORTS, Scan, Source, belongs_anywhere
from tlswire.flow import Endpoint
from tlswire.halves import TornError
from tlswire.reports import listing
from tlswire.result import Outcome
from tlswire.seen import Seen
from tlswire.skim import KeyedError, Teller, Told
from tlswire.sources.capture import STDIN
from tlswire.sources.kept import Ends
from tlswire.sources.watch import Watch


class Line(NamedTuple):
    """One line of a list."""

    number: int
    outcome: Outcome
    text: str  # without the number, which comes first


class Shared(NamedTuple):
    """What all connections with the same story have in common."""

    belongs: bool  # in a list, whoever the server is
    spoke_tls: bool
    failed: bool
    outcome: Outcome
    story: str


class Row(NamedTuple):
    """A line that may be left out, and what tells whether."""

    belongs: bool  # in a list, whatever else the capture holds
    spoke_tls: bool
    failed: bool
    outcome: Outcome
    text: str


def lines(
    source: Source, found: Scan, asked: Asked, watch: Watch, jobs: int | None
) -> Iterator[Line]:
    """Yield the lines of the connections asked for, as each ends; `found` learns the rest."""
    done = 0
    if isinstance(source, str) and source != STDIN and asked.is_plain:
        try:
            for line in _skimmed(source, found, asked, watch, jobs):
                yield line
                done += 1
            return
        except (TornError, KeyedError):
            found.left_out = watch.connections = watch.failed = 0
    chosen = stream_chosen(source, found, asked, watch, late=None)
    yield from islice(map(_line, chosen), done, None)


def _line(seen: Seen) -> Line:
    flow, offer = seen.flow, seen.offer
    ends = flow.client.endpoint, flow.server.endpoint
    name = offer.server_name if offer is not None else None
    text = listing.line(*ends, name, listing.story(findings.brief(seen)))
    return Line(flow.number, seen.ending.outcome, text)


def _skimmed(
    source: str, found: Scan, asked: Asked, watch: Watch, jobs: int | None
) -> Iterator[Line]:
    middle, teller = halves.middle_of(source, jobs), Teller(_shared, _row)
    if middle is None:
        told = skim.follow(source, found, watch, teller, asked.overlap)
    else:
        told = halves.follow(source, middle, found, watch, teller, asked.overlap)
    for conversation, row in _sift(told, asked.all_tcp):
        watch.connections += 1
        watch.failed += row.failed
        if asked.choice.failed and not row.failed:
            found.left_out += 1
            continue
        yield Line(conversation.number, row.outcome, row.text)


def _shared(seen: Seen) -> Shared:
    story = listing.story(findings.brief(seen))
    anywhere = belongs_anywhere(seen)
    return Shared(anywhere, seen.spoke_tls, seen.failed, seen.ending.outcome, story)


def _row(shared: object, ends: Ends, name: str | None) -> Row:
    assert isinstance(shared, Shared)
    anywhere, spoke_tls, failed, outcome, story = shared
    belongs = anywhere or ends.server.port in TLS_PORTS
    return Row(belongs, spoke_tls, failed, outcome, listing.line(*ends, name, story))


def _sift(conversations: Iterator[Told], all_tcp: bool) -> Iterator[tuple[Told, Row]]:
    """Yield what belongs in a list as soon as that is known, as `decode.listed` does."""
    speakers: set[Endpoint] = set()
    waiting: deque[tuple[Told, Row]] = deque(maxlen=MOST_WAITING)
    for told in conversations:
        row = told.content
        assert isinstance(row, Row)
        if row.spoke_tls:
            speakers.add(told.server)
        if all_tcp or row.belongs or told.server in speakers:
            yield told, row
        else:
            waiting.append((told, row))
    yield from ((told, row) for told, row in waiting if told.server in speakers)
