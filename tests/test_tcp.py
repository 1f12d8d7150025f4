"""Conversations: order, loss, sides and numbers; the expected streams are written by hand."""

from __future__ import annotations

import random

import pytest
from scapy.layers.inet import ICMP, IP, TCP, IPerror, TCPerror
from wire_words import CLIENT, ETHER, SERVER, Tap

from tlswire.sources import table

HELLO = b"\x16\x03\x01\x00\x05\x01\x00\x00\x01\x00"
SERVER_HELLO = b"\x16\x03\x03\x00\x05\x02\x00\x00\x01\x00"


def test_a_plain_connection_is_told_in_order() -> None:
    tap = Tap().shake_hands()
    tap.client("PA", 1, 1, b"question")
    tap.server("PA", 1, 9, b"answer")
    tap.client("FA", 9, 7)
    tap.server("FA", 7, 10)
    tap.client("A", 10, 8)
    sink = tap.finish()
    assert sink.calls == [
        ("client", b"question", 4),
        ("server", b"answer", 5),
        ("closed", "client", "fin", 6),
        ("closed", "server", "fin", 7),
    ]
    flow = sink.flow
    assert (flow.client_by, flow.saw_syn, flow.number) == ("syn", True, 0)
    assert (flow.client.endpoint, flow.server.endpoint) == (CLIENT, SERVER)
    assert flow.accepted_at == pytest.approx(1.02)
    assert flow.opened_at == pytest.approx(1.03)
    assert flow.round_trip == pytest.approx(0.02)
    assert (flow.client.sent, flow.client.acked) == (8, 8)
    assert (flow.server.sent, flow.server.acked) == (6, 6)
    assert [(s.frame, s.offset, s.length) for s in flow.client.segments] == [(4, 0, 8)]
    assert (flow.client.ttl, flow.client.ip_ids) == (64, [1, 3, 4, 6, 8])
    assert (flow.client.fin_frame, flow.server.fin_frame, flow.last_frame) == (6, 7, 8)


@pytest.mark.parametrize(("ttl", "odd"), [(64, None), (63, None), (123, 123)])
def test_data_that_crossed_another_number_of_routers_is_noted(ttl: int, odd: int | None) -> None:
    tap = Tap().shake_hands()
    tap.client("PA", 1, 1, b"question")
    tap.server("PA", 1, 9, b"answer", ttl=ttl)
    flow = tap.finish().flow
    assert (flow.server.ttl, flow.server.odd_ttl, flow.client.odd_ttl) == (64, odd, None)


def test_options_of_the_syn_are_kept() -> None:
    tap = Tap()
    options = [("MSS", 1400), ("SAckOK", b""), ("Timestamp", (1, 0)), ("NOP", None), ("WScale", 7)]
    tap.client("S", options=options)
    side = tap.finish().flow.client
    assert (side.mss, side.window_scale) == (1400, 7)
    assert (side.sack_permitted, side.timestamps, side.fast_open) == (True, True, False)


def test_broken_options_are_passed_over() -> None:
    from tlswire.flow import Endpoint, Side
    from tlswire.sources.segment import read_options

    whole = bytes.fromhex("020405b4 0402 080a0000000100000000 01 030307")
    for cut in range(len(whole)):
        read_options(whole[:cut] + b"\x03\x01", Side(Endpoint("10.0.0.1", 1)))


def test_out_of_order_bytes_count_from_the_packet_that_filled_the_gap() -> None:
    tap = Tap().shake_hands()
    tap.client("A", 5, 1, b"tail")
    tap.client("A", 1, 1, b"head")
    sink = tap.finish()
    assert sink.calls == [("client", b"head", 5), ("client", b"tail", 5)]
    assert sink.flow.client.out_of_order == 1
    assert [s.frame for s in sink.flow.client.segments] == [4, 5]


def test_a_retransmission_is_counted_not_told_twice() -> None:
    tap = Tap().shake_hands()
    for _ in range(3):
        tap.client("PA", 1, 1, b"again", after=0.3)
    tap.client("PA", 1, 1, b"again and more", after=0.3)
    sink = tap.finish()
    assert sink.stream("client") == b"again and more"
    assert sink.flow.client.retransmissions == 2
    assert sink.flow.client.retransmitted_at == pytest.approx(tap.at - 0.3)
    assert [(s.offset, s.length) for s in sink.flow.client.segments] == [(0, 5), (0, 14)]
    assert sink.flow.client.acked == 0


def test_the_same_packet_from_two_taps_is_no_retransmission() -> None:
    tap = Tap()
    for flags in ("S", "PA"):
        for ttl in (64, 63):
            tap.client(
                flags,
                0 if flags == "S" else 1,
                1,
                b"" if flags == "S" else b"once",
                ip_id=7,
                ttl=ttl,
                after=0.001,
            )
    sink = tap.finish()
    assert sink.stream("client") == b"once"
    assert sink.flow.client.retransmissions == 0
    assert sink.flow.client.syn_frames == [1]


@pytest.mark.parametrize(("overlap", "expected"), [("first", b"abCDEfgh"), ("last", b"abXXXfgh")])
def test_overlaps_are_settled_by_choice_and_noted(overlap: str, expected: bytes) -> None:
    tap = Tap(options={"overlap": overlap}).shake_hands()
    tap.client("A", 3, 1, b"CDE")
    tap.client("A", 3, 1, b"XXX")
    tap.client("A", 6, 1, b"fgh")
    tap.client("A", 1, 1, b"ab")
    sink = tap.finish()
    assert sink.stream("client") == expected
    assert sink.flow.client.overlaps_differ == 3


def test_delivered_bytes_sent_again_with_other_content_are_noted() -> None:
    tap = Tap().shake_hands()
    tap.client("A", 1, 1, b"good")
    tap.client("A", 1, 1, b"evil", after=0.2)
    sink = tap.finish()
    assert sink.stream("client") == b"good"
    assert sink.flow.client.overlaps_differ == 3 + 1


def test_a_keep_alive_is_neither_data_nor_retransmission() -> None:
    tap = Tap().shake_hands()
    tap.client("PA", 1, 1, b"data")
    tap.server("A", 1, 5)
    tap.client("A", 4, 1, b"\0", after=10)
    tap.client("A", 4, 1, after=10)
    tap.client("PA", 5, 1, b"more")
    sink = tap.finish()
    assert sink.stream("client") == b"datamore"
    assert sink.flow.client.retransmissions == 0
    assert sink.flow.client.overlaps_differ == 0


def test_sequence_numbers_wrap() -> None:
    tap = Tap(client_isn=0xFFFF_FFF0, server_isn=0xFFFF_FFFF).shake_hands()
    tap.client("A", 1, 1, bytes(range(10)))
    tap.client("A", 21, 1, bytes(range(20, 30)))
    tap.client("A", 11, 1, bytes(range(10, 20)))
    tap.server("A", 1, 31, b"answer")
    sink = tap.finish()
    assert sink.stream("client") == bytes(range(30))
    assert (sink.flow.client.acked, sink.stream("server")) == (30, b"answer")


def test_fast_open_data_in_the_syn_is_data() -> None:
    tap = Tap()
    tap.client("S", data=b"early", options=[("TFO", (1, 2))])
    tap.server("SA", ack=6)
    tap.client("PA", 6, 1, b" late")
    sink = tap.finish()
    assert sink.stream("client") == b"early late"
    assert sink.flow.client.fast_open


def test_data_beyond_the_fin_is_left_out_and_said() -> None:
    tap = Tap().shake_hands()
    tap.client("FA", 1, 1, b"end")
    tap.client("A", 4, 1, b"ghost")
    sink = tap.finish()
    assert sink.stream("client") == b"end"
    assert "data beyond the FIN was left out" in sink.flow.notes


def test_a_fin_waits_for_the_bytes_before_it() -> None:
    tap = Tap().shake_hands()
    tap.client("FA", 5, 1)
    tap.client("A", 1, 1, b"body")
    assert tap.finish().calls == [("client", b"body", 5), ("closed", "client", "fin", 4)]


def test_an_acknowledged_hole_is_lost() -> None:
    tap = Tap().shake_hands()
    tap.client("A", 5, 1, b"tail")
    tap.server("A", 1, 9)
    sink = tap.finish()
    assert sink.calls[0] == ("lost", "client", 4, 5)
    assert sink.stream("client") == b"????tail"
    assert sink.flow.client.holes == [(0, 4)]


def test_an_unacknowledged_hole_waits_for_the_end() -> None:
    tap = Tap().shake_hands()
    tap.client("A", 5, 1, b"tail")
    tap.server("A", 1, 1)
    assert tap.sinks[0].calls == []
    assert tap.finish().stream("client") == b"????tail"


def test_an_answer_captured_before_the_question_is_told_after_it() -> None:
    tap = Tap().shake_hands()
    tap.server("PA", 1, 9, b"answer", after=0.00001)
    tap.client("PA", 1, 1, b"question", after=0.00001)
    assert [call[1] for call in tap.finish().calls] == [b"question", b"answer"]


def test_an_answer_to_a_question_never_captured_does_not_wait_for_ever() -> None:
    tap = Tap().shake_hands()
    tap.server("PA", 1, 9, b"answer")
    assert tap.sinks[0].calls == []
    tap.client("A", 9, 7, after=1)
    assert tap.sinks[0].stream("client") == b"?" * 8
    assert tap.sinks[0].stream("server") == b"answer"


def test_one_direction_alone_is_told() -> None:
    tap = Tap()
    tap.client("S")
    tap.client("A", 1, 1)
    tap.client("PA", 1, 1, HELLO)
    tap.client("A", 11, 3001)
    tap.client("PA", 11, 3001, b"key exchange")
    sink = tap.finish()
    assert sink.stream("client") == HELLO + b"key exchange"
    assert sink.stream("server") == b"?" * 3000


def test_a_cut_packet_is_a_hole() -> None:
    tap = Tap().shake_hands()
    tap.client("PA", 1, 1, b"0123456789", cut=4)
    tap.client("PA", 11, 1, b"next")
    sink = tap.finish()
    assert sink.stream("client") == b"012345????next"
    assert sink.flow.client.holes == [(6, 4)]
    assert sink.flow.client.sent == 14


def test_segments_larger_than_the_peers_mss_are_counted() -> None:
    tap = Tap()
    tap.client("S", options=[("MSS", 100)])
    tap.server("SA", ack=1, options=[("MSS", 8)])
    tap.client("A", 1, 1, b"123456789")
    tap.server("A", 1, 10, b"123456789")
    flow = tap.finish().flow
    assert (flow.client.larger_than_mss, flow.server.larger_than_mss) == (1, 0)


@pytest.mark.parametrize("data", [b"even", b"odd"])
def test_wrong_checksums_are_counted(data: bytes) -> None:
    tap = Tap().shake_hands()
    tap.client("PA", 1, 1, data)
    tap.server("PA", 1, 1 + len(data), data, chksum=0xBAD)
    flow = tap.finish().flow
    assert (flow.client.bad_checksums, flow.server.bad_checksums) == (0, 1)


# Who the client is


@pytest.mark.parametrize(
    ("first", "by"),
    [
        (HELLO, "hello"),
        (b"\x80\x2e\x01\x03\x01" + bytes(41), "hello"),
        (b"GET / HTTP/1.1", "hello"),
    ],
)
def test_midway_the_sender_of_a_client_hello_is_the_client(first: bytes, by: str) -> None:
    tap = Tap()
    tap.server("A", 1, 1)
    tap.client("PA", 1, 1, first)
    tap.server("PA", 1, 1 + len(first), b"answer")
    sink = tap.finish()
    assert (sink.flow.client.endpoint, sink.flow.client_by) == (CLIENT, by)
    assert [call[:2] for call in sink.calls] == [("client", first), ("server", b"answer")]


def test_midway_a_server_hello_names_the_server() -> None:
    tap = Tap()
    tap.server("PA", 1, 1, SERVER_HELLO)
    sink = tap.finish()
    assert (sink.flow.server.endpoint, sink.flow.client_by) == (SERVER, "hello")
    assert sink.stream("server") == SERVER_HELLO


@pytest.mark.parametrize("first", ["client", "server"])
def test_else_the_ports_tell(first: str) -> None:
    tap = Tap()
    getattr(tap, first)("PA", 1, 1, b"\x17\x03\x03\x00\x01?")
    sink = tap.finish()
    assert (sink.flow.client.endpoint, sink.flow.client_by) == (CLIENT, "port")
    assert sink.stream(first)  # type: ignore[arg-type]


def test_the_receiver_of_a_syn_ack_is_the_client() -> None:
    tap = Tap()
    tap.server("SA", ack=1)
    tap.client("PA", 1, 1, b"\x00\x01")
    sink = tap.finish()
    assert (sink.flow.client.endpoint, sink.flow.client_by) == (CLIENT, "syn")
    assert (sink.flow.saw_syn, sink.flow.accepted_at) == (False, pytest.approx(1.01))


def test_simultaneous_open_has_the_first_syn_as_client() -> None:
    tap = Tap()
    tap.client("S")
    tap.server("S")
    tap.client("SA", ack=1)
    tap.server("SA", ack=1)
    tap.client("PA", 1, 1, b"data")
    sink = tap.finish()
    assert sink.flow.client.endpoint == CLIENT
    assert sink.stream("client") == b"data"
    assert len(tap.sinks) == 1


def test_held_packets_are_bounded() -> None:
    tap = Tap()
    for number in range(200):
        tap.client("PA", 1 + 4 * number, 1, b"\xff" * 4)
    assert tap.sinks
    assert tap.finish().stream("client") == b"\xff" * 800


# Numbers: every expectation is what tshark prints as tcp.stream


def numbers(tap: Tap) -> list[int]:
    tap.conversations.finish()
    return sorted(sink.flow.number for sink in tap.sinks)


def test_a_syn_with_another_initial_number_is_a_new_connection() -> None:
    tap = Tap().shake_hands()
    tap.client("S", 0)
    tap.client("S", 77)
    tap.server("SA", 5, 78)
    assert numbers(tap) == [0, 1]
    assert [sink.flow.first_frame for sink in tap.sinks] == [1, 5]


def test_a_syn_with_the_same_number_is_a_retransmission() -> None:
    tap = Tap()
    for _ in range(3):
        tap.client("S", after=1)
    assert numbers(tap) == [0]
    assert tap.sinks[0].flow.client.syn_frames == [1, 2, 3]


def test_midway_the_first_segment_stands_for_the_syn() -> None:
    tap = Tap()
    tap.client("A", 500)
    tap.client("S", 499)
    assert numbers(tap) == [0]
    other = Tap()
    other.client("A", 500)
    other.client("S", 500)
    assert numbers(other) == [0, 1]


def test_late_packets_of_a_closed_connection_open_no_new_one() -> None:
    tap = Tap().shake_hands()
    tap.client("FA", 1, 1)
    tap.server("FA", 1, 2)
    tap.client("A", 2, 2)
    for port in range(300):
        packet = ETHER / IP(src="10.9.9.9", dst=SERVER[0]) / TCP(sport=1000 + port, flags="S")
        tap.feed(bytes(packet), after=0.1)
    assert [flow.number for flow in tap.ended][:1] == [0]
    tap.client("FA", 1, 1)
    assert tap.conversations.count == 301
    tap.client("S", 4711)
    assert tap.conversations.count == 302


def test_an_acknowledged_second_syn_ack_is_believed() -> None:
    tap = Tap()
    tap.client("S")
    tap.server("SA", 0, 1)
    tap.server("SA", 700, 1)
    tap.client("A", 1, 701)
    tap.server("PA", 701, 1, b"answer")
    assert tap.finish().stream("server") == b"answer"


def test_half_open_connections_are_bounded() -> None:
    tap = Tap(options={"most": 50})
    for port in range(200):
        packet = ETHER / IP(src="10.9.9.9", dst=SERVER[0]) / TCP(sport=1000 + port, flags="S")
        tap.feed(bytes(packet))
    assert len(tap.ended) == 150
    assert "too many" in tap.ended[0].notes[0]
    tap.conversations.finish()
    assert "150 conversations" in tap.conversations.notes[0]


def test_a_flood_of_syns_leaves_real_connections_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_HALF_OPEN", 20)
    tap = Tap().shake_hands()
    for port in range(100):
        packet = ETHER / IP(src="10.9.9.9", dst=SERVER[0]) / TCP(sport=1000 + port, flags="S")
        tap.feed(bytes(packet), after=0.001)
    assert [flow.number for flow in tap.ended] == list(range(1, 81))
    tap.client("PA", 1, 1, HELLO)
    assert tap.sinks[0].stream("client") == HELLO


def test_out_of_order_bytes_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(table, "MOST_BUFFERED", 10_000)
    tap = Tap().shake_hands()
    for number in range(30):
        tap.client("A", 101 + 1000 * number, 1, b"x" * 1000)
    assert tap.sinks[0].stream("client").startswith(b"?" * 100 + b"x" * 9000)
    assert "a hole was given up" in tap.sinks[0].flow.notes[0]


# Ends


def test_a_reset_is_told_at_once_and_described() -> None:
    tap = Tap().shake_hands()
    tap.client("PA", 1, 1, HELLO)
    tap.server("R", 1, ttl=199, ip_id=0xBEEF, window=77)
    sink = tap.finish()
    assert sink.ends() == [("server", "rst")]
    (reset,) = sink.flow.server.resets
    assert (reset.ttl, reset.ip_id, reset.window, reset.sequence_fits) == (199, 0xBEEF, 77, True)


def test_a_reset_far_outside_the_window_does_not_fit_but_ends() -> None:
    tap = Tap().shake_hands()
    tap.server("R", 900_000)
    tap.server("PA", 1, 1, b"still here")
    sink = tap.finish()
    assert [reset.sequence_fits for reset in sink.flow.server.resets] == [False]
    assert sink.calls == [("closed", "server", "rst", 4), ("server", b"still here", 5)]


def test_a_refused_syn_has_a_fitting_reset() -> None:
    tap = Tap()
    tap.client("S")
    tap.server("RA", -5000, 1)
    sink = tap.finish()
    assert [reset.sequence_fits for reset in sink.flow.server.resets] == [True]
    assert sink.flow.accepted_at is None


def test_a_reset_against_a_stray_acknowledgment_leaves_the_syn_standing() -> None:
    tap = Tap()
    tap.client("S")
    tap.server("A", 9000, 123456)
    tap.client("R", 123456)
    tap.client("S", after=1)
    tap.server("SA", 0, 1)
    tap.client("A", 1, 1)
    tap.client("PA", 1, 1, HELLO)
    sink = tap.finish()
    assert sink.ends() == []
    assert sink.stream("client") == HELLO
    assert [reset.sequence_fits for reset in sink.flow.client.resets] == [False]


def test_waiting_bytes_are_told_before_a_reset() -> None:
    tap = Tap().shake_hands()
    tap.server("A", 101, 1, b"tail")
    tap.client("R", 1)
    calls = tap.finish().calls
    assert [call[:3] for call in calls] == [
        ("lost", "server", 100),
        ("server", b"tail", 4),
        ("closed", "client", "rst"),
    ]


def test_an_icmp_error_is_tied_to_its_connection() -> None:
    tap = Tap()
    tap.client("S")
    quoted = IPerror(src=CLIENT[0], dst=SERVER[0], proto=6) / TCPerror(
        sport=40000, dport=443, seq=1000
    )
    packet = ETHER / IP(src="10.0.0.9", dst=CLIENT[0]) / ICMP(type=3, code=13) / quoted
    tap.feed(bytes(packet))
    sink = tap.finish()
    (error,) = sink.flow.icmp
    assert (error.sender, error.type, error.code, error.about) == ("10.0.0.9", 3, 13, "client")
    assert sink.ends() == [("server", "icmp")]


def test_fragmentation_needed_tells_its_mtu_and_ends_nothing() -> None:
    tap = Tap().shake_hands()
    tap.server("A", 1, 1, b"big")
    quoted = IP(src=SERVER[0], dst=CLIENT[0]) / TCP(sport=443, dport=40000, seq=5001)
    packet = ETHER / IP(src="10.0.0.9", dst=SERVER[0]) / ICMP(type=3, code=4, nexthopmtu=1300)
    tap.feed(bytes(packet / bytes(quoted)[:28]))
    sink = tap.finish()
    assert [(error.mtu, error.about) for error in sink.flow.icmp] == [(1300, "server")]
    assert sink.ends() == []


def test_a_sink_that_has_enough_gets_no_more_payload_but_the_end() -> None:
    tap = Tap(enough=8).shake_hands()
    tap.client("PA", 1, 1, b"question")
    tap.client("PA", 9, 1, b"more")
    tap.server("PA", 1, 13, b"unseen")
    tap.server("FA", 7, 13)
    tap.client("FA", 13, 8)
    sink = tap.finish()
    assert sink.calls == [
        ("client", b"question", 4),
        ("closed", "server", "fin", 7),
        ("closed", "client", "fin", 8),
    ]
    assert sink.flow.last_frame == 8


# Any order, any cut, any noise


@pytest.mark.parametrize("seed", range(8))
def test_shuffled_and_repeated_segments_give_the_same_stream(seed: int) -> None:
    dice = random.Random(seed)
    whole = dice.randbytes(3000)
    pieces = [(start, dice.randint(1, 200)) for start in range(0, 3000, 50)]
    dice.shuffle(pieces)
    tap = Tap(client_isn=0xFFFF_FFFF - 500).shake_hands()
    for start, length in [*pieces, *((start, 50) for start in range(0, 3000, 50))]:
        tap.client("A", 1 + start, 1, whole[start : start + length], after=0.1)
    sink = tap.finish()
    assert sink.stream("client") == whole
    assert (sink.flow.client.overlaps_differ, sink.flow.client.holes) == (0, [])


@pytest.mark.parametrize("seed", range(8))
def test_noise_never_breaks_it(seed: int) -> None:
    dice = random.Random(seed)
    tap = Tap()
    for _ in range(120):
        flags = "".join(dice.sample("FSRPA", dice.randint(1, 3)))
        speak = dice.choice([tap.client, tap.server])
        data = dice.randbytes(dice.randint(0, 20))
        speak(flags, dice.choice([0, 1, 5, 2**31, dice.randrange(60)]), dice.randrange(60), data)
    tap.conversations.finish()
    assert len(tap.ended) == len(tap.sinks) == tap.conversations.count


def test_a_packet_cut_anywhere_never_breaks_it() -> None:
    packet = bytes(ETHER / IP(src=CLIENT[0], dst=SERVER[0]) / TCP(flags="PA") / HELLO)
    for cut in range(len(packet) + 1):
        tap = Tap()
        tap.feed(packet[:cut], length=len(packet))
        tap.conversations.finish()
        data = max(cut - 54, 0)
        told = b"".join(sink.stream("client") + sink.stream("server") for sink in tap.sinks)
        assert told == (HELLO[:data] + b"?" * (10 - data) if cut >= 54 else b""), cut


@pytest.mark.parametrize(("acked", "holes"), [(1, [(0, 1448)]), (1449, [(0, 1448)])])
def test_an_empty_segment_tells_of_bytes_before_it_that_never_came(
    acked: int, holes: list[tuple[int, int]]
) -> None:
    """RFC 9293 section 3.4: it has the number of the next byte."""
    tap = Tap().shake_hands()
    tap.client("PA", 1, 1, HELLO)
    tap.server("A", 1, 11)
    tap.client("FA", 11, acked)
    tap.server("A", 1449, 12)
    assert tap.finish().flow.server.holes == holes


def test_a_keep_alive_and_the_answer_to_a_fin_tell_of_no_hole() -> None:
    tap = Tap().shake_hands()
    tap.client("PA", 1, 1, HELLO)
    tap.server("PA", 1, 11, SERVER_HELLO)
    tap.server("A", 10, 11)
    tap.server("FA", 11, 11)
    tap.client("FA", 11, 12)
    tap.server("A", 12, 12)
    flow = tap.finish().flow
    assert (flow.client.holes, flow.server.holes) == ([], [])
