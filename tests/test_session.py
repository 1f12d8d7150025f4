"""The session core against real OpenSSL handshakes, whole, byte by byte, and broken."""

from __future__ import annotations

from functools import cache

import pytest
from handshakes import (
    Wire,
    both,
    client_certificate,
    demand_certificate,
    feed,
    nothing,
    shake,
    suites,
    tls12,
)
from hypothesis import given, settings
from hypothesis import strategies as st

from tlswire.comparison import first_difference
from tlswire.scribe import MOST_ENTRIES
from tlswire.session import Session
from tlswire.transcript import Transcript, alert_of

ECDHE, DHE, RSA = suites("ECDHE"), suites("DHE-RSA-AES128-SHA"), suites("AES128-SHA256")
SCENES = {
    "tls13": (nothing, nothing, True, "CsidIFLd", "APPLICATION_DATA"),
    "tls12": (nothing, tls12, True, "CsxknGIFtifdD", "APPLICATION_DATA"),
    "tls12-rsa": (RSA, both(tls12, RSA), True, "CsxnGIFtifdD", "APPLICATION_DATA"),
    "no-common-suite": (ECDHE, both(tls12, DHE), True, "Cl", "SERVER_HELLO"),
    "untrusted-tls12": (nothing, tls12, False, "CsxknL", "CLIENT_KEY_EXCHANGE"),
    "untrusted-tls13": (nothing, nothing, False, "CsidL", "CLIENT_FINISHED"),
    "no-client-certificate-tls12": (demand_certificate, tls12, True, "CsxkrnXGIFl", None),
    "no-client-certificate-tls13": (demand_certificate, nothing, True, None, "APPLICATION_DATA"),
    "client-certificate-tls13": (
        demand_certificate,
        client_certificate().configure_cert,
        True,
        None,
        "APPLICATION_DATA",
    ),
}


@cache
def recorded(name: str) -> Wire:
    server, client, trust, *_ = SCENES[name]
    return shake(server, client, trust=trust)


def outline(transcript: Transcript) -> list[object]:
    return [
        (e.what, e.who, e.at, e.frame, e.state, e.offset, e.length, e.guess, e.body)
        for e in transcript.entries
    ]


@pytest.mark.parametrize("name", SCENES)
def test_history_and_state(name: str) -> None:
    server, client, trust, history, state = SCENES[name]
    transcript = feed(shake(server, client, trust=trust))
    if history is not None and name != "tls13":
        assert transcript.history == history
    if state is not None:
        assert transcript.state == state
    assert not any(entry.troubles for entry in transcript.entries)


@pytest.mark.parametrize("name", SCENES)
def test_bytes_in_any_pieces_give_the_same_transcript(name: str) -> None:
    server, client, trust, *_ = SCENES[name]
    wire = shake(server, client, trust=trust)
    whole, single, sevens = feed(wire), feed(wire, 1), feed(wire, 7)
    assert outline(whole) == outline(single) == outline(sevens)
    assert first_difference(whole, single) is None


def test_every_byte_of_the_stream_is_in_a_span() -> None:
    wire = shake(nothing, tls12, trust=False)
    transcript = feed(wire)
    sent = {who: b"".join(data for w, data in wire if w == who) for who in ("client", "server")}
    for entry in transcript.entries:
        raw = b"".join(sent[entry.who][o : o + n] for o, n in entry.spans)
        assert raw.endswith(entry.body)
        assert len(raw) >= entry.length


def test_the_frame_is_the_one_that_holds_the_last_byte() -> None:
    session = Session()
    hello = shake()[0][1]
    half = len(hello) // 2
    session.receive("client", hello[:half], 0.0, 10)
    session.receive("client", hello[half:], 1.0, 12)
    entry = session.end(2.0).entries[0]
    assert (entry.what, entry.frame, entry.at) == ("client_hello", 12, 1.0)


def test_a_starttls_dialogue_comes_before_tls() -> None:
    session = Session()
    session.receive("server", b"220 mail.example ESMTP\r\n", 0.0, 1)
    session.receive("client", b"STARTTLS\r\n", 0.1, 2)
    session.receive("server", b"220 go ahead\r\n", 0.2, 3)
    transcript = feed(shake(), 1, session)
    assert transcript.cleartext["client"] == b"STARTTLS\r\n"
    assert transcript.cleartext["server"].endswith(b"go ahead\r\n")
    assert transcript.state == "APPLICATION_DATA"
    assert transcript.entries[0].offset == len(b"STARTTLS\r\n") + 5


@pytest.mark.parametrize("size", [None, 1])
def test_an_answer_that_is_not_tls_is_kept_as_foreign(size: int | None) -> None:
    hello = shake()[0][1]
    answer = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    transcript = feed([("client", hello), ("server", answer)], size)
    assert transcript.foreign["server"] == answer
    assert [e.what for e in transcript.entries] == ["client_hello", "not_tls"]
    assert transcript.history == "C<?"


def test_plain_http_to_a_tls_port_never_becomes_tls() -> None:
    transcript = feed([("client", b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")])
    assert transcript.cleartext["client"].startswith(b"GET /")
    assert transcript.messages == []


def test_lost_bytes_inside_a_message_are_noted_and_reading_goes_on() -> None:
    wire = shake(nothing, tls12)
    session = Session()
    session.receive("client", wire[0][1], 0.0, 1)
    flight = wire[1][1]
    session.receive("server", flight[:300], 0.1, 2)
    session.lost("server", 100, 0.1, 3)
    session.receive("server", flight[400:], 0.2, 3)
    session.receive("client", wire[2][1], 0.3, 4)
    transcript = session.end(1.0)
    names = [e.what for e in transcript.messages]
    assert names[:3] == ["client_hello", "server_hello", "certificate"]
    assert transcript.messages[2].noted[0].found == "bytes are missing"
    assert "server_hello_done" in names
    assert "client_key_exchange" in names


def test_an_unexpected_message_is_noted_not_raised() -> None:
    wire = shake(nothing, tls12)
    transcript = feed([wire[1], wire[0]])
    assert transcript.entries[0].what == "server_hello"
    assert transcript.entries[0].noted


def test_closing_is_told_in_the_history() -> None:
    session = Session()
    session.receive("client", shake()[0][1], 0.0, 1)
    session.closed("server", "rst", 0.1, 2)
    assert session.end(0.2).history == "C<!"


def test_an_alert_keeps_its_code() -> None:
    transcript = feed(shake(ECDHE, both(tls12, DHE)))
    alert = alert_of(transcript.entries[-1])
    assert alert is not None
    assert (alert.level, alert.code, alert.fatal) == (2, 40, True)


@given(st.lists(st.tuples(st.sampled_from(["client", "server"]), st.binary(max_size=80))))
@settings(max_examples=300)
def test_any_bytes_are_taken(wire: list[tuple[str, bytes]]) -> None:
    transcript = feed(wire)
    for entry in transcript.entries:
        assert isinstance(entry.troubles, tuple)


@given(st.data())
@settings(max_examples=300)
def test_a_cut_and_dirtied_handshake_is_taken(data: st.DataObject) -> None:
    wire = recorded(data.draw(st.sampled_from(["tls12", "tls13"])))
    _, flight = wire[data.draw(st.integers(0, 2))]
    at = int(len(flight) * data.draw(st.floats(0, 1)))
    noise = data.draw(st.binary(max_size=6))
    dirty = [(w, f[:at] + noise + f[at + len(noise) :] if f is flight else f) for w, f in wire]
    transcript = feed(dirty, data.draw(st.sampled_from([None, 3])))
    assert transcript.messages or at < 5
    for entry in transcript.entries:
        assert all(trouble.path for trouble in entry.troubles)


def test_a_million_tiny_records_are_bounded() -> None:
    session = Session()
    session.receive("client", shake()[0][1], 0.0, 1)
    record = bytes.fromhex("1603030001") + b"\x0b"
    for _ in range(20):
        session.receive("server", record * 5000, 0.1, 2)
    assert len(session.end(1.0).entries) <= MOST_ENTRIES


def test_a_first_piece_larger_than_an_opening_is_taken_whole() -> None:
    wire = shake(nothing, tls12)
    flood = b"".join(data for who, data in wire if who == "server")
    session = Session()
    session.receive("client", wire[0][1], 0.0, 1)
    filler = bytes.fromhex("17 0303 4000") + bytes(0x4000)
    session.receive("server", flood + filler * 5 + bytes.fromhex("15 0303 0002 0228"), 0.1, 2)
    names = [e.what for e in session.end(1.0).messages if e.who == "server"]
    assert names[0] == "server_hello"
    assert names[-1] == "alert"
