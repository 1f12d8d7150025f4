"""The lines of a list, made by one process or by two that read a half of the capture each."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple, TypeAlias, cast

from tlswire import findings, skim
from tlswire.cli.selection import Asked, stream_chosen
from tlswire.decode import MOST_WAITING, TLS_PORTS, Scan, Source, belongs_anywhere
from tlswire.observed import Outcome
from tlswire.reports import listing
from tlswire.seen import Seen
from tlswire.skim import Teller, Told, UnfitError
from tlswire.sources.capture import STDIN
from tlswire.sources.ends import printed, server_of
from tlswire.sources.middle import wants_two
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


#: A line that may be left out, and what tells whether: that it belongs in a list whatever else the
#: capture holds, that TLS was spoken, that it failed; the outcome, the text. It is plain, for one
#: process may hand it to another.
Row: TypeAlias = tuple[bool, bool, bool, Outcome, str]


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
        except UnfitError:
            found.left_out = watch.connections = watch.failed = 0
    chosen = stream_chosen(source, found, asked, watch, late=None)
    yield from islice(map(_line, chosen), done, None)


def _line(seen: Seen) -> Line:
    flow, offer = seen.flow, seen.offer
    ends = f"{flow.client.endpoint} -> {flow.server.endpoint}"
    name = offer.server_name if offer is not None else None
    text = listing.line(ends, name, listing.story(findings.brief(seen)))
    return Line(flow.number, seen.ending.outcome, text)


def _follow(
    source: str, found: Scan, asked: Asked, watch: Watch, jobs: int | None
) -> Iterator[Told]:
    teller, middle = Teller(_shared, _row), None
    if wants_two(source, jobs):
        from tlswire import halves

        middle = halves.middle_of(source)
        if middle is not None:
            return halves.follow(source, middle, found, watch, teller, asked.overlap)
    return skim.follow(source, found, watch, teller, asked.overlap)


def _skimmed(
    source: str, found: Scan, asked: Asked, watch: Watch, jobs: int | None
) -> Iterator[Line]:
    told = _follow(source, found, asked, watch, jobs)
    only_failed = asked.choice.failed
    for number, (_, _, failed, outcome, text) in _sift(told, asked.all_tcp):
        watch.connections += 1
        watch.failed += failed
        if only_failed and not failed:
            found.left_out += 1
            continue
        yield Line(number, outcome, text)


def _shared(seen: Seen) -> Shared:
    story = listing.story(findings.brief(seen))
    anywhere = belongs_anywhere(seen)
    return Shared(anywhere, seen.spoke_tls, seen.failed, seen.ending.outcome, story)


def _row(shared: object, key: bytes, name: str | None) -> Row:
    assert isinstance(shared, Shared)
    anywhere, spoke_tls, failed, outcome, story = shared
    belongs = anywhere or int.from_bytes(key[-2:]) in TLS_PORTS
    return belongs, spoke_tls, failed, outcome, listing.line(printed(key), name, story)


def _sift(conversations: Iterator[Told], all_tcp: bool) -> Iterator[tuple[int, Row]]:
    """Yield what belongs in a list, and its number, once that is known; see `decode.listed`."""
    speakers: set[bytes] = set()
    waiting: deque[tuple[int, Row, bytes]] = deque(maxlen=MOST_WAITING)
    for number, _, _, _, key, _, content in conversations:
        row, server = cast("Row", content), server_of(key)
        belongs, spoke_tls, *_ = row
        if spoke_tls:
            speakers.add(server)
        if all_tcp or belongs or server in speakers:
            yield number, row
        else:
            waiting.append((number, row, server))
    yield from ((number, row) for number, row, server in waiting if server in speakers)
