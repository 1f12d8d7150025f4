"""Causes that show in TCP's facts and in the company of other connections: flows by hand."""

from __future__ import annotations

import pytest
from test_causes import BEGIN, alert, flow, hello, named
from test_causes_by_hand import (
    LEAF,
    PLAIN,
    RENEGOTIATION,
    chain,
    client_hello,
    extension,
    groups,
    record,
    server_hello,
    shares,
    sni,
    versions,
)

from tlswire import causes
from tlswire.causes import next_step
from tlswire.causes.case import Case, Finding, Neighbour, likeness
from tlswire.ending import ESTABLISHED, judge
from tlswire.flow import Flow, Reset, Segment
from tlswire.offer import read_offer
from tlswire.result import Verdict
from tlswire.session import Session

RESET = Reset(frame=5, at=BEGIN + 0.2, ttl=64, ip_id=7, window=0, sequence_fits=True, payload=b"")
MTU = "mtu-blackhole-client-hello"
HALF = record(server_hello(RENEGOTIATION), chain(LEAF))[:300]


def verdict(talk: Flow, session: Session, until: float = 9.0) -> Verdict:
    transcript = session.end(BEGIN + until)
    hello = transcript.client_hello
    offer = read_offer(hello) if hello is not None else None
    ending = judge(transcript, talk, BEGIN + until)
    return causes.diagnose(Case(transcript, talk, ending, offer, BEGIN + until))


def half(*, acked: bool = True) -> tuple[Flow, Session]:
    """Return a conversation that stopped in the middle of the server's flight."""
    talk, session = flow(), Session()
    session.receive("client", PLAIN, BEGIN + 0.1, 4)
    talk.client.sent = talk.client.acked = len(PLAIN)
    talk.server.sent = len(HALF)
    talk.server.segments = [Segment(5, BEGIN + 0.2, 0, len(HALF))]
    if acked:
        session.receive("server", HALF, BEGIN + 0.2, 5)
        talk.server.acked = len(HALF)
    return talk, session


def test_an_old_connection_answers_the_syn() -> None:
    talk, session = flow(accepted=False), Session()
    talk.server.packets, talk.client.resets = 1, [RESET]
    session.closed("client", "rst", BEGIN + 0.2, 5)
    assert "tcp-port-reuse" in named(verdict(talk, session))
    talk.server.syn_frames = [2]
    assert "tcp-port-reuse" not in named(verdict(talk, session))


@pytest.mark.parametrize("option", [True, False])
def test_a_syn_with_fast_open(option: bool) -> None:
    talk = flow(accepted=False)
    talk.client.fast_open = option
    talk.client.packets, talk.client.syn_frames = 3, [1, 2, 3]
    talk.server.packets = 0
    found = named(verdict(talk, Session()))
    assert ("tfo-syn-data-drop" in found) == option
    assert next(iter(found)) == "tcp-syn-filtered"


@pytest.mark.parametrize(("scale", "told"), [(7, False), (None, True)])
def test_a_window_that_one_side_scales(scale: int | None, told: bool) -> None:
    talk, session = half()
    talk.client.syn_at, talk.server.syn_at, talk.server.syn_frames = BEGIN, BEGIN, [2]
    talk.client.window_scale, talk.server.window_scale = 7, scale
    assert ("tcp-option-stripped-window-scale" in named(verdict(talk, session))) == told


@pytest.mark.parametrize("repeated", [0, 2])
def test_a_reset_amid_repeated_segments(repeated: int) -> None:
    talk, session = half()
    talk.server.retransmissions = repeated
    session.closed("client", "rst", BEGIN + 0.3, 6)
    assert ("conntrack-invalid-rst" in named(verdict(talk, session))) == bool(repeated)


@pytest.mark.parametrize(("largest", "told"), [(300, True), (1400, False)])
def test_small_segments_that_are_lost(largest: int, told: bool) -> None:
    talk, session = half(acked=False)
    talk.server.segments = [Segment(5, BEGIN + 0.2, 0, largest)]
    talk.server.sent, talk.server.retransmissions = largest, 3
    talk.server.retransmitted_at = BEGIN + 3
    session.receive("server", bytes(HALF), BEGIN + 0.2, 5)
    assert ("dpi-drops-server-flight" in named(verdict(talk, session))) == told


@pytest.mark.parametrize("how", ["rst", "alert"])
def test_others_are_served(how: str) -> None:
    talk, session = flow(), Session()
    session.receive("client", PLAIN, BEGIN + 0.1, 4)
    talk.client.sent = talk.client.acked = len(PLAIN)
    if how == "alert":
        session.receive("server", alert(80), BEGIN + 0.2, 5)
    else:
        session.closed("server", "rst", BEGIN + 0.2, 5)
    transcript = session.end(BEGIN + 9)
    alone = Case(transcript, talk, judge(transcript, talk, BEGIN + 9), None, BEGIN + 9)
    beside = alone._replace(others=(ESTABLISHED,))
    assert "pool-member-differs" not in named(causes.diagnose(alone))
    assert "pool-member-differs" in named(causes.diagnose(beside))
    limits = causes.cause("lb-limits")
    assert limits.look(alone) is None
    assert (limits.look(beside) is not None) == (how == "rst")


# -- the company of other connections to the same server ------------------------------------

TALK_SUITES = (0xC02F, 0xC030)


def neighbour(own: bytes, *, version: int = 0x0303, suite: int = 0xC02F) -> Neighbour:
    """Return a connection to the same server that was served."""
    session = Session()
    session.receive("client", record(own), BEGIN, 1)
    entry = session.end(BEGIN + 1).client_hello
    assert entry is not None
    offer = read_offer(entry)
    assert offer is not None
    name = offer.server_name
    return Neighbour(ESTABLISHED, "192.0.2.9", name, likeness(offer), version, suite)


def refused(own: bytes, code: int, *served: Neighbour) -> Verdict:
    talk, session = flow(), Session()
    session.receive("client", record(own), BEGIN + 0.1, 4)
    talk.client.sent = talk.client.acked = len(own) + 5
    session.receive("server", alert(code), BEGIN + 0.2, 5)
    transcript = session.end(BEGIN + 9)
    assert transcript.client_hello is not None
    ending = judge(transcript, talk, BEGIN + 9)
    offer = read_offer(transcript.client_hello)
    others = tuple(each.ending for each in served)
    return causes.diagnose(Case(transcript, talk, ending, offer, BEGIN + 9, others, served))


def test_who_was_served_with_the_same_offer_was_not_refused_for_it() -> None:
    own = client_hello(sni("a.test"), suites=TALK_SUITES)
    alone, beside = refused(own, 40), refused(own, 40, neighbour(own))
    assert "cipher-no-overlap" in named(alone)
    assert "cipher-no-overlap" not in named(beside)
    assert "cipher-no-overlap" in {out.id for out in beside.ruled_out}
    assert beside.causes[0].id == "pool-member-differs"
    assert beside.causes[0].confidence == "likely"


def test_an_alert_that_says_it_is_believed_all_the_same() -> None:
    own = client_hello(sni("a.test"), suites=TALK_SUITES)
    assert named(refused(own, 112, neighbour(own))) == {"sni-unknown": "proved"}


def test_another_name_was_served() -> None:
    own = client_hello(sni("b.test"), suites=TALK_SUITES)
    other = neighbour(client_hello(sni("a.test"), suites=TALK_SUITES))
    first = refused(own, 80, other).causes[0]
    assert first.id == "sni-unknown"
    assert any("'a.test'" in each.text for each in first.evidence)


def test_others_were_served_with_suites_that_are_not_offered() -> None:
    own = client_hello(sni("a.test"), suites=(0xC013, 0x002F))
    first = refused(own, 40, neighbour(client_hello(suites=TALK_SUITES))).causes[0]
    assert (first.id, first.confidence) == ("cipher-no-overlap", "likely")
    assert any("ECDHE-RSA-AES128-GCM-SHA256" in each.text for each in first.evidence)


@pytest.mark.parametrize(("ids", "strange"), [((7, 8, 9), True), ((7, 9000, 40), False)])
def test_the_ip_id_of_a_reset(ids: tuple[int, ...], strange: bool) -> None:
    talk, session = flow(), Session()
    usual = hello(server_name="a.test")
    session.receive("client", usual, BEGIN + 0.1, 4)
    talk.client.sent = talk.client.acked = len(usual)
    talk.server.ip_ids = [*ids, 40_000]
    talk.server.resets = [RESET._replace(ip_id=40_000)]
    session.closed("server", "rst", BEGIN + 0.2, 5)
    found = named(verdict(talk, session))
    assert (found.get("sni-filter-rst-injected") == "likely") == strange
    assert strange or next(iter(found)) == "server-abrupt-eof"


# -- one flow a cause: what TCP shows ---------------------------------------------------------


def opened(hello_bytes: bytes = PLAIN) -> tuple[Flow, Session]:
    """Return a conversation with a hello that the server acknowledged."""
    talk, session = flow(), Session()
    session.receive("client", hello_bytes, BEGIN + 0.1, 4)
    talk.client.sent = talk.client.acked = len(hello_bytes)
    talk.client.segments = [Segment(4, BEGIN + 0.1, 0, len(hello_bytes))]
    return talk, session


def unheard(length: int) -> Verdict:
    """Return the verdict on a hello of one large or small segment that nobody acknowledged."""
    talk, session = opened()
    talk.client.acked, talk.client.retransmissions = 0, 4
    talk.client.retransmitted_at = BEGIN + 5
    talk.client.segments = [Segment(4, BEGIN + 0.1, 0, length)]
    talk.client.sent = max(length, len(PLAIN))
    return verdict(talk, session)


def test_a_small_hello_that_nobody_acknowledges() -> None:
    found = named(unheard(len(PLAIN)))
    assert next(iter(found)) == "sni-filter-drop"
    assert "app-id-policy-drop" in found
    assert "tcp-asymmetric-routing" in found


def test_a_large_hello_that_nobody_acknowledges() -> None:
    assert next(iter(named(unheard(1448)))) == "mtu-blackhole-client-hello"


@pytest.mark.parametrize(("packets", "first"), [(1, "pq-client-hello-too-big"), (2, MTU)])
def test_a_small_last_segment_tells_whether_size_was_at_fault(packets: int, first: str) -> None:
    """The server acknowledges at once what comes after a gap (RFC 5681 section 4.2)."""
    hybrid = record(
        client_hello(sni("a.test"), groups(0x11EC), extension(21, bytes(1500)), suites=(0x1301,))
    )
    talk, session = opened(hybrid)
    rest = len(hybrid) - 1448
    talk.client.segments = [
        Segment(4, BEGIN + 0.1, 0, 1448),
        Segment(5, BEGIN + 0.1, 1448, rest),
    ]
    talk.client.acked, talk.client.retransmissions = 0, 4
    talk.client.retransmitted_at = BEGIN + 5
    talk.server.syn_frames, talk.server.packets = [2], packets
    found = named(verdict(talk, session))
    assert next(iter(found)) == first
    assert {"sni-filter-drop", MTU} <= set(found)


def test_a_large_flight_that_nobody_acknowledges() -> None:
    talk, session = half(acked=False)
    talk.server.segments = [Segment(5, BEGIN + 0.2, 0, 1448)]
    talk.server.sent, talk.server.retransmissions = 1448, 3
    talk.server.retransmitted_at = BEGIN + 3
    session.receive("server", HALF, BEGIN + 0.2, 5)
    assert "mtu-blackhole-server-flight" in named(verdict(talk, session))


def test_a_syn_ack_that_is_repeated_after_its_ack() -> None:
    talk, session = opened()
    talk.server.syn_frames = [2, 6, 9]
    assert named(verdict(talk, session)).get("tcp-accept-queue-full") == "likely"


def test_a_first_byte_after_a_long_silence() -> None:
    talk, session = opened()
    talk.accepted_at = talk.opened_at = BEGIN - 400
    talk.client.acked, talk.client.retransmissions = 0, 4
    talk.client.retransmitted_at = BEGIN + 5
    assert "idle-timeout-before-handshake" in named(verdict(talk, session))


@pytest.mark.parametrize(("gap", "confidence"), [(1, None), (3, "possible"), (6, "likely")])
def test_a_first_byte_after_a_pause(gap: float, confidence: str | None) -> None:
    talk, session = opened()
    talk.accepted_at = talk.opened_at = BEGIN + 0.1 - gap
    talk.client.acked, talk.client.retransmissions = 0, 4
    talk.client.retransmitted_at = BEGIN + 5
    assert named(verdict(talk, session)).get("idle-timeout-before-handshake") == confidence


def test_a_full_queue_leaves_a_syn_unanswered_too() -> None:
    talk = flow(accepted=False)
    talk.client.packets, talk.client.syn_frames, talk.server.packets = 3, [1, 2, 3], 0
    found = named(verdict(talk, Session()))
    assert found.get("tcp-accept-queue-full") == "possible"
    assert next(iter(found)) == "tcp-syn-filtered"


def test_resets_in_both_names() -> None:
    talk, session = opened()
    forged = RESET._replace(ttl=199)
    talk.client.resets, talk.server.resets = [forged], [forged]
    session.closed("server", "rst", BEGIN + 0.2, 5)
    assert named(verdict(talk, session)).get("ids-reset-both-sides") == "likely"


def test_a_large_hello_that_is_heard_and_not_answered() -> None:
    hybrid = record(
        client_hello(
            sni("a.test"),
            versions(0x0304),
            groups(0x11EC, 29),
            shares(29),
            extension(21, bytes(1500)),
            suites=(0x1301,),
        )
    )
    talk, session = opened(hybrid)
    talk.client.segments = [
        Segment(4, BEGIN + 0.1, 0, 1448),
        Segment(5, BEGIN + 0.1, 1448, len(hybrid) - 1448),
    ]
    assert "pq-client-hello-too-big" in named(verdict(talk, session))


def test_a_tiny_first_segment() -> None:
    talk, session = opened()
    talk.client.segments = [
        Segment(4, BEGIN + 0.1, 0, 5),
        Segment(5, BEGIN + 0.1, 5, len(PLAIN) - 5),
    ]
    session.closed("server", "rst", BEGIN + 0.2, 6)
    assert "ch-first-segment-tiny" in named(verdict(talk, session))


@pytest.mark.parametrize(("length", "told"), [(5, True), (20, False)])
def test_a_tiny_first_segment_that_is_not_read_on_from(length: int, told: bool) -> None:
    talk, session = flow(), Session()
    session.receive("client", PLAIN[:length], BEGIN + 0.1, 4)
    talk.client.segments = [Segment(4, BEGIN + 0.1, 0, length)]
    talk.client.sent = talk.client.acked = length
    session.closed("server", "rst", BEGIN + 0.2, 6)
    assert ("ch-first-segment-tiny" in named(verdict(talk, session))) == told


def test_what_a_box_minds_that_resets_in_the_servers_name() -> None:
    hybrid = record(
        client_hello(
            sni("a.test"),
            versions(0x0304, 0x0303),
            groups(0x11EC, 29),
            extension(21, bytes(1500)),
            suites=(0x1301, 0xC02F),
        )
    )
    talk, session = opened(hybrid)
    talk.client.segments = [
        Segment(4, BEGIN + 0.1, 0, 1448),
        Segment(5, BEGIN + 0.1, 1448, len(hybrid) - 1448),
    ]
    talk.client.acked = 1448
    talk.server.ttl, talk.server.packets, talk.server.resets = 63, 2, [RESET]
    session.closed("server", "rst", BEGIN + 0.2, 5)
    found = named(verdict(talk, session))
    assert {"pq-client-hello-too-big", "version-intolerance"} <= set(found)


@pytest.mark.parametrize("serves", [False, True])
def test_a_client_that_is_itself_a_server(serves: bool) -> None:
    talk, session = opened()
    session.receive("server", alert(112), BEGIN + 0.2, 5)
    transcript = session.end(BEGIN + 9)
    ending = judge(transcript, talk, BEGIN + 9)
    case = Case(transcript, talk, ending, None, BEGIN + 9, client_serves_tls=serves)
    found = causes.cause("lb-server-side-profile").look(case)
    assert (found is not None) == serves


@pytest.mark.parametrize("cause", ["server-crypto-saturated", "ssl-inspection-cert-validation"])
def test_causes_that_little_speaks_for(cause: str) -> None:
    talk, session = opened()
    if cause == "ssl-inspection-cert-validation":
        session.closed("server", "rst", BEGIN + 0.2, 5)
    transcript = session.end(BEGIN + 9)
    ending = judge(transcript, talk, BEGIN + 9)
    case = Case(transcript, talk, ending, None, BEGIN + 9, others=(ESTABLISHED,))
    assert isinstance(causes.cause(cause).look(case), Finding)
    established = case._replace(ending=ESTABLISHED)
    assert causes.cause(cause).look(established) is None


@pytest.mark.parametrize("heard", [False, True])
def test_a_client_that_resets_a_flight_of_which_it_heard_nothing(heard: bool) -> None:
    talk, session = opened()
    session.receive("server", HALF, BEGIN + 0.2, 5)
    talk.server.sent, talk.server.acked = len(HALF), len(HALF) * heard
    talk.server.segments = [Segment(5, BEGIN + 0.2, 0, len(HALF))]
    talk.client.resets = [RESET._replace(frame=6)]
    session.closed("client", "rst", BEGIN + 0.3, 6)
    found = named(verdict(talk, session))
    assert (found.get("sni-filter-rst-injected") == "likely") == (not heard)


@pytest.mark.parametrize(
    ("holes", "told"), [([(0, 1448)], "loses large packets"), ([], "drops it")]
)
def test_a_hello_that_did_not_come_to_this_place(holes: list[tuple[int, int]], told: str) -> None:
    talk, session = flow(), Session()
    talk.client.holes, talk.client.sent = holes, 1500 * bool(holes)
    transcript = session.end(BEGIN + 0.3)
    ending = judge(transcript, talk, BEGIN + 0.3)
    case = Case(transcript, talk, ending, None, BEGIN + 0.3)
    assert told in (next_step.for_capture(case) or "")
