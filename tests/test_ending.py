"""The rules of a verdict, each by a small story: who ended it, and who only looks like it."""

from __future__ import annotations

import pytest
from handshakes import both, demand_certificate, nothing, shake, suites, tls12

from tlswire.ending import Ending, judge
from tlswire.flow import Endpoint, Flow, Icmp, Reset, Segment, Side
from tlswire.seen import understand
from tlswire.session import Session

HELLO = shake()[0][1]
#: OpenSSL's ServerHello alone: its first record, TLS_AES_256_GCM_SHA384.
SERVER_HELLO_13 = shake()[1][1][: 5 + int.from_bytes(shake()[1][1][3:5], "big")]
REFUSAL = bytes.fromhex("15 0303 0002 0228")
WARNING = bytes.fromhex("15 0303 0002 0170")


class Story:
    """A connection told event by event; TCP's facts are kept as a kernel would see them."""

    def __init__(self, *, accepted: bool = True) -> None:
        self.flow = Flow(
            number=0,
            client=Side(
                Endpoint("192.0.2.1", 40000), ttl=64, packets=2 if accepted else 1, syn_frames=[1]
            ),
            server=Side(Endpoint("192.0.2.2", 443), ttl=61, packets=1 if accepted else 0),
            client_by="syn",
            started=0.0,
            first_frame=1,
            last_at=0.0,
            last_frame=3,
            saw_syn=True,
            accepted_at=0.01 if accepted else None,
            opened_at=0.02 if accepted else None,
        )
        self.session = Session()
        self.frame = 3

    def says(self, who: str, data: bytes, at: float, *, acked: bool = True) -> Story:
        self.frame += 1
        side = self.flow.side(who)
        side.packets += 1
        side.segments.append(Segment(self.frame, at, side.sent, len(data)))
        side.sent += len(data)
        side.acked += len(data) if acked else 0
        self.session.receive(who, data, at, self.frame)
        return self

    def resends(self, who: str, at: float) -> Story:
        side = self.flow.side(who)
        side.retransmissions += 1
        side.retransmitted_at = at
        return self

    def leaves(self, who: str, how: str, at: float, *, ttl: int | None = None) -> Story:
        self.frame += 1
        side = self.flow.side(who)
        side.packets += how != "icmp"
        if how == "rst":
            side.resets.append(Reset(self.frame, at, ttl or side.ttl or 0, 0, 0, True, b""))
        self.session.closed(who, how, at, self.frame)
        return self

    def ends(self, until: float) -> Ending:
        return judge(self.session.end(until), self.flow, until)


def told(ending: Ending) -> tuple[object, ...]:
    return ending.outcome, ending.stopped_at, ending.side, ending.how


def test_a_fatal_alert_is_the_end_and_what_follows_is_noise() -> None:
    story = Story().says("client", HELLO, 0.1).says("server", REFUSAL, 0.2)
    story.says("client", REFUSAL, 0.3).leaves("client", "fin", 0.3)
    assert told(story.ends(1)) == ("failed", "SERVER_HELLO", "server", "alert")


def test_an_alert_after_the_other_sides_fin_is_an_effect() -> None:
    story = Story().says("client", HELLO, 0.1).leaves("server", "fin", 0.2)
    story.says("client", bytes.fromhex("15030300020232"), 0.21)
    assert told(story.ends(1)) == ("failed", "SERVER_HELLO", "server", "fin")


def test_a_warning_is_not_an_end() -> None:
    wire = shake(nothing, tls12)
    story = Story().says("client", wire[0][1], 0.1).says("server", WARNING, 0.2)
    for who, data in wire[1:]:
        story.says(who, data, 0.3)
    assert told(story.ends(9)) == ("established", None, None, None)


def test_who_leaves_because_nobody_answered_did_not_end_it() -> None:
    story = Story().says("client", HELLO, 0.1).leaves("client", "fin", 5.1)
    assert told(story.ends(6)) == ("failed", "SERVER_HELLO", "server", "silence")


def test_silence_of_the_network_where_bytes_were_never_acknowledged() -> None:
    story = Story().says("client", HELLO, 0.1, acked=False).resends("client", 0.4)
    assert told(story.leaves("client", "rst", 0.9).ends(1)) == (
        "failed",
        "SERVER_HELLO",
        "network",
        "silence",
    )


def test_who_leaves_at_once_ended_it() -> None:
    story = Story().says("client", HELLO, 0.1).leaves("client", "fin", 0.2)
    assert told(story.ends(9)) == ("failed", "SERVER_HELLO", "client", "fin")


def test_the_awaited_side_that_leaves_late_ended_it_itself() -> None:
    story = Story().says("client", HELLO, 0.1).leaves("server", "fin", 4.1)
    assert told(story.ends(9)) == ("failed", "SERVER_HELLO", "server", "fin")


@pytest.mark.parametrize(("ttl", "side"), [(63, "server"), (64, "network")])
def test_a_reset_that_crossed_no_router_was_not_sent_from_behind_one(ttl: int, side: str) -> None:
    story = Story()
    story.flow.server.ttl = 63
    story.says("client", HELLO, 0.1).leaves("server", "rst", 0.2, ttl=ttl)
    assert told(story.ends(1))[2] == side


@pytest.mark.parametrize(("ttl", "side"), [(61, "server"), (60, "server"), (199, "network")])
def test_a_reset_with_a_strange_ttl_comes_from_the_network(ttl: int, side: str) -> None:
    story = Story().says("client", HELLO, 0.1).leaves("server", "rst", 0.2, ttl=ttl)
    assert told(story.ends(1)) == ("failed", "SERVER_HELLO", side, "rst")


def test_who_has_reset_a_connection_sends_nothing_more() -> None:
    story = Story().says("client", HELLO, 0.1).leaves("server", "rst", 0.2)
    story.says("server", SERVER_HELLO_13, 0.3)
    assert told(story.ends(1)) == ("failed", "SERVER_HELLO", "network", "rst")


@pytest.mark.parametrize(
    ("sender", "kind", "code", "how"),
    [
        ("192.0.2.9", 3, 13, "icmp"),  # communication administratively prohibited
        ("192.0.2.9", 3, 4, "silence"),  # fragmentation needed
        ("192.0.2.9", 11, 0, "silence"),  # time exceeded
        ("2001:db8::9", 1, 1, "icmp"),
        ("2001:db8::9", 2, 0, "silence"),  # packet too big
    ],
)
def test_icmp_that_refuses_what_was_never_acknowledged(
    sender: str, kind: int, code: int, how: str
) -> None:
    story = Story().says("client", HELLO, 0.1, acked=False).resends("client", 0.4)
    story.flow.icmp.append(Icmp(5, 0.11, sender, kind, code, 0, "client"))
    assert told(story.ends(9)) == ("failed", "SERVER_HELLO", "network", how)


@pytest.mark.parametrize("length", [1, 2, 3, 6])
def test_the_first_bytes_of_a_record_are_tls_however_few(length: int) -> None:
    story = Story().says("client", HELLO[:length], 0.1)
    assert told(story.ends(30)) == ("failed", "CLIENT_HELLO", "client", "silence")


def test_an_answer_that_is_not_tls() -> None:
    story = Story().says("client", HELLO, 0.1).says("server", b"HTTP/1.1 400 Bad\r\n\r\n", 0.2)
    assert told(story.ends(1)) == ("failed", "SERVER_HELLO", "server", "non_tls")


def test_a_client_that_never_spoke_tls() -> None:
    story = Story().says("client", b"GET / HTTP/1.1\r\n\r\n", 0.1).leaves("server", "fin", 0.2)
    assert told(story.ends(1)) == ("not_tls", "CLIENT_HELLO", "client", "non_tls")


def test_the_capture_ends_too_soon_to_tell() -> None:
    story = Story().says("client", HELLO, 0.1)
    assert told(story.ends(0.3)) == ("incomplete", "SERVER_HELLO", "capture", "capture_end")


def test_the_capture_goes_on_and_nobody_answers() -> None:
    story = Story().says("client", HELLO, 0.1)
    assert told(story.ends(1.3)) == ("failed", "SERVER_HELLO", "server", "silence")


def test_who_leaves_because_nothing_reached_it_did_not_end_it() -> None:
    """As a black hole of the server's flight looks where the server stands."""
    wire = shake(nothing, tls12)
    story = Story().says("client", HELLO, 0.1).says("server", wire[1][1], 0.2, acked=False)
    story.resends("server", 2.2).leaves("client", "fin", 6)
    assert told(story.ends(7)) == ("failed", "CLIENT_KEY_EXCHANGE", "network", "silence")


def test_who_leaves_late_by_itself_ended_it_though_a_later_word_was_never_acknowledged() -> None:
    """A balancer gives up on its backend after 4 s; the client's alert meets a closed door."""
    story = Story().says("client", HELLO, 0.1).leaves("server", "fin", 4.1)
    story.says("client", REFUSAL, 4.2, acked=False).leaves("server", "rst", 4.3)
    assert told(story.ends(5)) == ("failed", "SERVER_HELLO", "server", "fin")


@pytest.mark.parametrize(
    ("acked", "ending"),
    [
        (0, ("failed", "SERVER_HELLO", "network", "silence")),
        (2300, ("incomplete", "SERVER_HELLO", "capture", "capture_end")),
    ],
)
def test_a_hole_is_the_captures_only_where_its_bytes_arrived(
    acked: int, ending: tuple[object, ...]
) -> None:
    """A black hole of the server's flight at the client: its tail came, its head never did."""
    story = Story().says("client", HELLO, 0.1)
    story.flow.server.sent, story.flow.server.acked = 2300, acked
    story.flow.server.holes.append((0, 1448))
    story.leaves("client", "fin", 7).session.lost("server", 1448, 8, 9)
    assert told(story.ends(8)) == ending


def test_a_syn_ack_that_is_never_acknowledged() -> None:
    story = Story()
    story.flow.client.packets, story.flow.opened_at = 1, None
    story.flow.server.syn_frames = [2, 3, 4]
    assert told(story.ends(7)) == ("failed", "TCP_CONNECT", "network", "silence")


@pytest.mark.parametrize(
    ("sizes", "stopped_at"),
    [
        ((), "CERTIFICATE"),
        ((1776,), "CERTIFICATE"),
        ((1776, 281), "CERTIFICATE"),
        ((1776, 281, 69), "CLIENT_FINISHED"),
        ((1792, 297, 85), "CLIENT_FINISHED"),
    ],
)
def test_a_hidden_flight_without_a_finished_is_cut(sizes: tuple[int, ...], stopped_at: str) -> None:
    """Sizes of OpenSSL's flight after its EncryptedExtensions of 23 bytes, and of Java's."""
    story = Story().says("client", HELLO, 0.1).says("server", SERVER_HELLO_13, 0.2)
    for size in (23, *sizes):
        story.says("server", bytes.fromhex("170303") + size.to_bytes(2, "big") + bytes(size), 0.2)
    story.leaves("server", "fin", 0.3)
    assert told(story.ends(7)) == ("failed", stopped_at, "server", "fin")


def test_a_flight_in_one_record_may_be_whole() -> None:
    story = Story().says("client", HELLO, 0.1).says("server", SERVER_HELLO_13, 0.2)
    story.says("server", bytes.fromhex("1703030a00") + bytes(0xA00), 0.2)
    story.leaves("server", "fin", 0.3)
    assert told(story.ends(7)) == ("failed", "CLIENT_FINISHED", "server", "fin")


def test_a_client_that_went_on_was_accepted_though_no_packet_of_the_server_was_seen() -> None:
    story = Story(accepted=False).leaves("client", "fin", 3)
    assert told(story.ends(9)) == ("incomplete", "CLIENT_HELLO", "capture", "capture_end")


def test_a_retransmission_that_was_acknowledged_is_not_silence() -> None:
    story = Story().says("client", HELLO, 0.1).resends("client", 0.3)
    assert told(story.ends(0.4)) == ("incomplete", "SERVER_HELLO", "capture", "capture_end")


GREETING, READY, REFUSED = b"220 mx ESMTP\r\n", b"220 go ahead\r\n", b"454 not now\r\n"
STARTTLS = b"STARTTLS\r\n"


@pytest.mark.parametrize(
    ("lines", "leaver", "at", "ending"),
    [
        ((STARTTLS,), "server", 0.4, ("failed", "PREAMBLE", "server", "fin")),
        ((STARTTLS,), "client", 9.0, ("failed", "PREAMBLE", "server", "silence")),
        ((STARTTLS, READY), "client", 0.4, ("failed", "CLIENT_HELLO", "client", "fin")),
        ((STARTTLS, READY), "server", 9.0, ("failed", "CLIENT_HELLO", "client", "silence")),
        ((STARTTLS, REFUSED), "client", 0.4, ("failed", "PREAMBLE", "server", "non_tls")),
        ((STARTTLS, REFUSED, HELLO), "server", 1, ("failed", "PREAMBLE", "server", "non_tls")),
        ((STARTTLS, READY), None, 0.3, ("incomplete", "CLIENT_HELLO", "capture", "capture_end")),
        ((STARTTLS,), None, 0.3, ("incomplete", "PREAMBLE", "capture", "capture_end")),
    ],
)
def test_the_dialogue_before_tls(
    lines: tuple[bytes, ...], leaver: str | None, at: float, ending: tuple[object, ...]
) -> None:
    story = Story().says("server", GREETING, 0.1)
    for who, line in zip(("client", "server", "client"), lines, strict=False):
        story.says(who, line, 0.2)
    if leaver:
        story.leaves(leaver, "fin", at)
    seen = understand(story.flow, story.session, at)
    assert told(seen.ending) == ending


#: A greeting of MySQL 8 whose capabilities, 0xf7ff, lack CLIENT_SSL (0x0800), and a login.
PLAIN_MYSQL = b"\x3a\0\0\0\x0a8.0.36\0\x08\0\0\0" + b"12345678\0" + b"\xff\xf7\x21\2\0\xff\xc1\x15"
PLAIN_MYSQL += bytes(10) + b"123456789012\0mysql\0"
LOGIN = b"\x26\0\0\1\x85\xa6\xff\x01\0\0\0\1\x21" + bytes(23) + b"root\0\0"


def test_a_client_that_never_asked_for_tls_was_refused_nothing() -> None:
    greeting = (len(PLAIN_MYSQL) - 4).to_bytes(3, "little") + PLAIN_MYSQL[3:]
    story = Story().says("server", greeting, 0.1)
    left = understand(story.leaves("client", "fin", 0.2).flow, story.session, 1)
    assert left.preamble is not None
    assert left.preamble.refused is not None
    assert left.refused
    assert told(left.ending) == ("failed", "PREAMBLE", "server", "non_tls")
    story = Story().says("server", greeting, 0.1).says("client", LOGIN, 0.2)
    went_on = understand(story.flow, story.session, 1)
    assert not went_on.refused
    assert went_on.ending.outcome != "failed"


@pytest.mark.parametrize("leaver", ["client", "server"])
def test_a_greeting_before_the_hello_is_the_end_whoever_closes(leaver: str) -> None:
    story = Story().says("server", b"SSH-2.0-OpenSSH_9.2\r\n", 0.1).says("client", HELLO, 0.2)
    seen = understand(story.leaves(leaver, "fin", 0.3).flow, story.session, 1)
    assert told(seen.ending) == ("failed", "SERVER_HELLO", "server", "non_tls")


def test_a_greeting_that_would_have_led_to_tls_is_the_end_where_the_client_did_not_ask() -> None:
    greeting = (len(PLAIN_MYSQL) - 4).to_bytes(3, "little") + PLAIN_MYSQL[3:]
    greeting = greeting.replace(b"\xff\xf7", b"\xff\xff")  # with CLIENT_SSL
    story = Story().says("server", greeting, 0.1).says("client", HELLO, 0.2)
    seen = understand(story.leaves("client", "fin", 0.3).flow, story.session, 1)
    assert told(seen.ending) == ("failed", "SERVER_HELLO", "server", "non_tls")


def test_an_answer_that_is_not_tls_in_a_capture_that_begins_with_the_hello() -> None:
    story = Story()
    story.session, story.flow.saw_syn = Session(midway=True), False
    story.says("client", HELLO, 0.1).says("server", b"HTTP/1.1 400 Bad\r\n\r\n", 0.2)
    assert told(story.ends(1)) == ("failed", "SERVER_HELLO", "server", "non_tls")


def test_one_direction_cannot_tell() -> None:
    story = Story().says("client", HELLO, 0.1).leaves("client", "fin", 0.2)
    story.flow.server.packets = 0
    assert told(story.ends(9)) == ("incomplete", "SERVER_HELLO", "capture", "capture_end")


def test_syn_without_an_answer() -> None:
    story = Story(accepted=False)
    assert told(story.ends(0.5)) == ("incomplete", "TCP_CONNECT", "capture", "capture_end")
    assert told(Story(accepted=False).ends(3)) == ("failed", "TCP_CONNECT", "network", "silence")
    rejected = Story(accepted=False).leaves("server", "rst", 0.01)
    assert told(rejected.ends(0.5)) == ("failed", "TCP_CONNECT", "server", "rst")
    unreachable = Story(accepted=False).leaves("client", "icmp", 0.01)
    assert told(unreachable.ends(0.5)) == ("failed", "TCP_CONNECT", "network", "icmp")


def test_a_late_refusal_of_a_missing_client_certificate() -> None:
    story = Story()
    for tick, (who, data) in enumerate(shake(demand_certificate)):
        story.says(who, data, tick / 100)
    assert told(story.ends(9)) == ("failed", "APPLICATION_DATA", "server", "encrypted_alert")


ALERT_13 = bytes.fromhex("1703030013") + bytes(19)


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ([("server", ALERT_13, 0.2)], "failed"),  # as after a Finished that was damaged on the way
        ([("server", ALERT_13, 3.0)], "established"),  # it waited, then closed
        ([("client", ALERT_13, 0.2), ("server", ALERT_13, 0.3)], "established"),  # it was asked to
        ([("server", ALERT_13, 0.2), ("server", bytes.fromhex("1703030040") + bytes(64), 0.3)],
         "established"),  # two bytes of data look like an alert
    ],
)  # fmt: skip
def test_a_prompt_alert_as_the_servers_only_word_is_a_refusal(
    words: list[tuple[str, bytes, float]], outcome: str
) -> None:
    story = Story().says("client", HELLO, 0.1).says("server", SERVER_HELLO_13, 0.1)
    for size in (23, 1776, 281, 69):
        story.says("server", bytes.fromhex("170303") + size.to_bytes(2, "big") + bytes(size), 0.1)
    story.says("client", bytes.fromhex("1703030045") + bytes(69), 0.15)
    for who, data, at in words:
        story.says(who, data, at)
    assert told(story.leaves("server", "fin", 4).ends(9))[0] == outcome


def test_a_client_that_objects_does_not_wait_for_the_rest_of_the_flight() -> None:
    story = Story().says("client", HELLO, 0.1).says("server", SERVER_HELLO_13, 0.2)
    story.says("server", bytes.fromhex("1703030017") + bytes(23), 0.2)
    story.says("client", ALERT_13, 0.3)
    assert told(story.ends(1)) == ("failed", "CLIENT_FINISHED", "client", "encrypted_alert")


@pytest.mark.parametrize("tune", [nothing, tls12, both(tls12, suites("ECDHE-RSA-AES256-SHA384"))])
def test_a_complete_handshake_is_established_however_it_is_left(tune: object) -> None:
    for who, how in (("client", "rst"), ("server", "rst"), ("client", "fin"), ("server", "fin")):
        story = Story()
        for tick, (sender, data) in enumerate(shake(nothing, tune)):
            story.says(sender, data, tick / 100)
        assert told(story.leaves(who, how, 3.0).ends(9)) == ("established", None, None, None)
