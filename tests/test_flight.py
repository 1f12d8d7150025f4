"""The first flight: the very bytes of the capture, cut where the capture cut them."""

from __future__ import annotations

import ssl
from itertools import pairwise

import peers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tlswire.flight import LONGEST, LONGEST_PAUSE, Flight, Tape, first_flight
from tlswire.flow import Segment


def real_hello() -> bytes:
    """Return the first flight that OpenSSL writes."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(incoming, outgoing, server_hostname=peers.NAME)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


HELLO = real_hello()
#: RFC 6101 appendix E: length 0x22, type 1, version 3.1, 3 suites, no session, 16-byte challenge.
SSL2 = bytes.fromhex("802201030100090000001000002f000035000005") + bytes(range(16))


def in_records(hello: bytes, size: int) -> bytes:
    """Cut the one record of a hello into records of at most `size` bytes."""
    payload = hello[5:]
    parts = [payload[n : n + size] for n in range(0, len(payload), size)]
    return b"".join(hello[:3] + len(part).to_bytes(2, "big") + part for part in parts)


def flight_of(*parts: bytes) -> Flight:
    recording = peers.recorded(*(("client", part) for part in parts))
    seen = recording.seen()
    return first_flight(seen.transcript, seen.flow, recording.tape())


def test_the_bytes_of_a_hello_are_those_of_the_capture() -> None:
    flight = flight_of(HELLO)
    assert flight.data == HELLO
    assert len(flight.pieces) == 1
    assert flight.notes == ()


@pytest.mark.parametrize("size", [1, 7, 100, 300])
def test_records_and_segments_stay_as_they_were(size: int) -> None:
    data = in_records(HELLO, size)
    parts = [data[n : n + 61] for n in range(0, len(data), 61)]
    flight = flight_of(*parts)
    assert flight.data == data
    assert [piece.data for piece in flight.pieces] == parts[: len(flight.pieces)]


@given(st.lists(st.integers(1, len(HELLO) - 1), max_size=20, unique=True))
def test_any_cut_gives_the_same_bytes(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(HELLO)]
    parts = [HELLO[a:b] for a, b in pairwise(places)]
    flight = flight_of(*parts)
    assert [piece.data for piece in flight.pieces] == parts


@pytest.mark.parametrize(
    "more",
    [b"\x14\x03\x03\x00\x01\x01", b"\x17\x03\x03\x00\x05early", b"\x15\x03\x01\x00\x02\x02\x0a"],
)
def test_nothing_after_the_hello_is_played(more: bytes) -> None:
    assert flight_of(HELLO + more).data == HELLO
    assert flight_of(HELLO, more).data == HELLO


def test_an_ssl2_hello_is_played_with_its_own_header() -> None:
    flight = flight_of(SSL2 + b"trailing")
    assert flight.data == SSL2


def test_pauses_of_the_capture_are_kept_within_bounds() -> None:
    recording = peers.recorded(("client", HELLO[:50]), ("client", HELLO[50:90]))
    marks = [*recording.marks, ("client", HELLO[90:], 0.0)]
    starts = (1000.0, 1000.25, 1090.0)
    recording.marks = [(who, data, at) for (who, data, _), at in zip(marks, starts, strict=True)]
    seen = recording.seen()
    flight = first_flight(seen.transcript, seen.flow, recording.tape())
    assert [piece.pause for piece in flight.pieces] == [0.0, pytest.approx(0.25), LONGEST_PAUSE]


def test_short_pauses_are_the_networks_own() -> None:
    assert [p.pause for p in flight_of(HELLO[:50], HELLO[50:]).pieces] == [0.0, 0.0]


@pytest.mark.parametrize("kept", [1, 4, 5, 9, 40, len(HELLO) - 1])
def test_a_hello_that_is_cut_is_not_played(kept: int) -> None:
    flight = flight_of(HELLO[:kept])
    assert not flight
    assert len(flight.notes) == 1
    assert "\n" not in flight.notes[0]


def test_a_hello_with_a_hole_is_not_played() -> None:
    recording = peers.recorded(("client", HELLO))
    seen = recording.seen()
    tape = Tape()
    tape.receive("client", HELLO[:20], 1.0)
    tape.lost("client", 10, 1.0)
    tape.receive("client", HELLO[30:], 1.0)
    flight = first_flight(seen.transcript, seen.flow, tape)
    assert not flight
    assert "not whole" in flight.notes[0]


def test_a_hole_behind_the_hello_does_not_matter() -> None:
    seen = peers.recorded(("client", HELLO)).seen()
    tape = Tape()
    tape.receive("client", HELLO, 1.0)
    tape.lost("client", 10, 1.0)
    assert first_flight(seen.transcript, seen.flow, tape).data == HELLO


def test_cleartext_before_tls_is_no_part_of_the_flight() -> None:
    recording = peers.recorded(
        ("server", b"220 mail ESMTP\r\n"),
        ("client", b"STARTTLS\r\n"),
        ("server", b"220 go ahead\r\n"),
        ("client", HELLO),
    )
    seen = recording.seen()
    flight = first_flight(seen.transcript, seen.flow, recording.tape())
    assert flight.data == HELLO
    assert flight.notes == ()


def test_segments_that_do_not_cover_the_hello_are_said() -> None:
    recording = peers.recorded(("client", HELLO))
    seen = recording.seen()
    seen.flow.client.segments = []
    flight = first_flight(seen.transcript, seen.flow, recording.tape())
    assert [piece.data for piece in flight.pieces] == [HELLO]
    assert any("one write" in note for note in flight.notes)
    seen.flow.client.segments = [Segment(1, 1.0, 0, 100)]
    flight = first_flight(seen.transcript, seen.flow, recording.tape())
    assert [len(piece.data) for piece in flight.pieces] == [100, len(HELLO) - 100]


def test_a_hello_beyond_all_measure_is_not_played() -> None:
    body = HELLO[9:11] + bytes(32) + b"\x00" + (1 << 15).to_bytes(2, "big")
    huge = b"\x01" + (LONGEST + 10).to_bytes(3, "big") + body + bytes(LONGEST)
    data = in_records(HELLO[:5] + huge, 16384)
    assert not flight_of(data)


def test_without_a_hello_there_is_nothing_to_play() -> None:
    assert not flight_of(b"GET / HTTP/1.1\r\n\r\n")
