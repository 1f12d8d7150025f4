"""Hellos of real clients taken apart and put together: the same bytes, and edits that account."""

from __future__ import annotations

from functools import cache
from itertools import pairwise

import pytest
from conftest import ROOT

from tlswire import variants
from tlswire.decode import scan
from tlswire.experiments.plain import plain_hellos
from tlswire.flight import Flight, Piece
from tlswire.narrow.differences import differences
from tlswire.narrow.mixing import fitted, mix
from tlswire.narrow.narrowing import toggles
from tlswire.replay import plan
from tlswire.variants.shape import Shape, put_together, take_apart

CAPTURES = sorted((ROOT / "captures").glob("*.pcapng"))


@cache
def hellos() -> dict[str, Flight]:
    """The first flight of every capture that has one that can be edited."""
    found = {}
    for path in CAPTURES:
        scanned = scan(str(path))
        seen = [s for s in scanned.seen if s.transcript.client_hello is not None][:1]
        for planned in plan(scanned, seen):
            if planned.flight and variants.open_hello(planned.flight) is not None:
                found[path.stem] = planned.flight
    assert len(found) > 20
    return found


def opened(flight: Flight) -> tuple[variants.Hello, Shape]:
    hello = variants.open_hello(flight)
    assert hello is not None
    return hello, take_apart(hello, flight)


def applied(flight: Flight, edits: tuple[variants.Edit, ...]) -> bytes:
    """The captured bytes with every edit made: what the edits say leaves."""
    return variants.apply(Flight((Piece(flight.data),)), edits).data


@pytest.mark.parametrize("size", [0, 1, 64])
def test_nothing_changed_is_nothing_edited(size: int) -> None:
    for flight in hellos().values():
        hello, _ = opened(flight)
        cut = variants.edited(flight, variants.records(hello, size)) if size else None
        whole = cut.flight if cut is not None else flight
        hello, shape = opened(whole)
        made = put_together(shape, hello)
        assert made.flight.data == whole.data
        assert made.edits == ()
        assert [len(p.data) for p in made.flight.pieces] == [len(p.data) for p in whole.pieces]


def test_the_edits_make_the_bytes_that_leave_and_those_read_back() -> None:
    for name, flight in hellos().items():
        hello, bad = opened(flight)
        for good in plain_hellos(bad, None):
            made = put_together(good.shape, hello)
            assert applied(flight, made.edits) == made.flight.data, (name, good.told)
            again, shape = opened(made.flight)
            assert again.size == good.shape.size
            assert shape._replace(pause=0.0) == good.shape._replace(pause=0.0)


def test_all_of_the_good_hello_is_the_good_hello_and_none_the_failing_one() -> None:
    for flight in hellos().values():
        _, bad = opened(flight)
        for good in plain_hellos(bad, "server.example"):
            every = toggles(differences(bad, good.shape))
            assert mix(bad, good.shape, every) == good.shape, good.told
            assert mix(bad, good.shape, ()) == bad


def test_every_part_may_come_from_every_hello() -> None:
    """Half of one client and half of another: a hello that can be read, with all edits told."""
    flights = list(hellos().values())
    for flight, other in pairwise(flights):
        hello, bad = opened(flight)
        good = fitted(opened(other)[1], bad)
        found = differences(bad, good)
        for some in (found[::2], found[1::2], found[: len(found) // 2]):
            made = put_together(mix(bad, good, toggles(some)), hello)
            assert applied(flight, made.edits) == made.flight.data
            opened(made.flight)


def test_what_tcp_cut_is_cut_anew_and_what_the_client_cut_stays_cut() -> None:
    flight = hellos()["ok-chromium"]
    hello, _ = opened(flight)
    assert [len(piece.data) for piece in flight.pieces] == [1448, 475]
    smaller = variants.apply(flight, variants.hybrids(hello))
    assert len(smaller.pieces) == 1
    early = variants.segments(flight, [5])
    assert early is not None
    cut = variants.apply(early.flight, variants.hybrids(hello))
    assert len(cut.pieces[0].data) == 5
