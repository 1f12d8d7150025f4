"""What a hello offers decides which cause of a wordless refusal comes first: hellos by hand."""

from __future__ import annotations

import pytest
from cryptography import x509
from test_causes import BEGIN, CLIENT, SERVER, Event, alert, diagnose, flow, named
from test_causes_by_flow import RESET, neighbour, opened, verdict
from test_causes_by_hand import (
    AGREED,
    ECDSA_GCM,
    LEAF,
    MASTER_SECRET,
    OUTER,
    P256,
    PLAIN,
    RSA_CBC,
    RSA_GCM,
    TLS13_SUITE,
    USUAL,
    X448,
    X25519,
    certificate,
    chain,
    client_hello,
    extension,
    flight,
    groups,
    hidden,
    message,
    record,
    server_hello,
    shares,
    sni,
    u16,
    vector,
    versions,
)

from tlswire import causes
from tlswire.causes.case import Case, Neighbour
from tlswire.ending import judge
from tlswire.flow import Segment
from tlswire.offer import read_offer
from tlswire.result import Verdict
from tlswire.session import Session

P384, P521 = 24, 25
MANY = (RSA_GCM, ECDSA_GCM, 0xC030, 0xC02C, 0xCCA8, 0xCCA9, 0xC013, 0xC014, 0x009C, 0x002F)
#: Every kind of key: RSA-PSS and PKCS #1, ECDSA with three curves, Ed25519.
SCHEMES = extension(13, vector(2, u16(0x0403, 0x0503, 0x0603, 0x0807, 0x0804, 0x0401)))
CURVES = groups(X25519, P256, P384, P521)
GREASE = 0x0A0A
ECH = extension(0xFE0D, OUTER)


def hello(
    *more: bytes,
    offered: tuple[int, ...] = (0x0304, 0x0303),
    suites: tuple[int, ...] = (TLS13_SUITE, 0x1302, *MANY),
    curves: bytes = CURVES,
    schemes: bytes = SCHEMES,
) -> bytes:
    """Return a hello in which everything usual is offered, save what a test changes."""
    own = versions(*offered) if 0x0304 in offered else b""
    share = shares(X25519) if 0x0304 in offered else b""
    parts = (sni("a.test"), own, curves, share, schemes, MASTER_SECRET, *more, extension(21, b"\0"))
    return record(client_hello(*parts, suites=suites))


def ids(*said: Event) -> list[str]:
    return [cause.id for cause in diagnose(*said).causes]


def refused(offer: bytes, end: str | bytes) -> list[str]:
    return ids((CLIENT, offer), (SERVER, end))


TLS12 = (0x0303,)


@pytest.mark.parametrize(
    ("offer", "first"),
    [
        (hello(), "server-no-usable-key"),
        (hello(suites=(TLS13_SUITE, RSA_GCM, 0xC030)), "cipher-no-overlap"),
        (hello(curves=groups(X448)), "groups-no-overlap"),
        (hello(schemes=extension(13, vector(2, u16(0x0403, 0x0804)))), "sigalgs-no-overlap"),
        (hello(suites=MANY, offered=TLS12), "version-client-too-old"),
        (hello(suites=(RSA_GCM, 0xC030), offered=TLS12), "ecdsa-cert-rsa-client"),
        (hello(suites=(0xC02B,), offered=TLS12), "ecdsa-cert-rsa-client"),
        (hello(suites=(RSA_GCM,), offered=TLS12), "cipher-no-overlap"),
        (hello(suites=(0xC0AD, 0xC0AF), offered=TLS12), "cipher-no-overlap"),
        (hello(suites=(0x1303, 0x1304), offered=(0x0304,)), "cipher-no-overlap"),
        (hello(suites=(0xC02B, RSA_GCM, 0xC009, 0xC013), offered=TLS12), "cipher-no-overlap"),
    ],
)
def test_what_is_narrow_in_the_offer_is_suspect_first(offer: bytes, first: str) -> None:
    assert refused(offer, alert(40))[0] == first


def test_an_offer_with_everything_leaves_room_for_what_is_rare() -> None:
    """Groups and schemes that any server finds something in do not fill the five."""
    first = diagnose((CLIENT, hello()), (SERVER, alert(40))).causes[0]
    assert "for every usual server are offered" in first.evidence[0].text
    found = refused(hello(), alert(40))
    assert {"sni-unknown", "cipher-no-overlap", "version-intolerance"} <= set(found)
    reserved = hello(extension(GREASE, b""), schemes=extension(13, vector(2, u16(0x0403, 0x0804))))
    assert "grease-intolerance" in refused(reserved, alert(40))


@pytest.mark.parametrize(
    ("offer", "end", "cause"),
    [
        (hello(extension(GREASE, b"")), "fin", "grease-intolerance"),
        (hello(ECH), "rst", "ech-blocked"),
        (hello(offered=(0x0304,), suites=(TLS13_SUITE, 0x1302)), "fin", "version-server-too-old"),
        (hello(suites=MANY, offered=TLS12), "fin", "version-client-too-old"),
        (record(client_hello(sni("a.test"), CURVES, SCHEMES, suites=MANY)), "fin", "ems-required"),
    ],
)
def test_what_a_close_without_a_word_may_mean(offer: bytes, end: str, cause: str) -> None:
    assert cause in refused(offer, end)


def test_tls13_offered_beside_tls12_may_be_what_silences_a_server() -> None:
    quiet: list[Event] = [(CLIENT, hello()), *[(CLIENT, b"")] * 20, (CLIENT, "fin")]
    assert "version-intolerance" in ids(*quiet)
    quiet[0] = (CLIENT, hello(suites=MANY, offered=TLS12))
    assert "version-intolerance" not in ids(*quiet)


# -- rules that the hello breaks ---------------------------------------------------------


def compressing(methods: bytes, offer: bytes) -> bytes:
    """Return a hello with other compression methods than none alone."""
    at = 5 + 4 + 2 + 32 + 1
    end = at + 2 + int.from_bytes(offer[at : at + 2], "big")
    return record(message(1, offer[9:end] + vector(1, methods) + offer[end + 2 :]))


KEY_SHARES = vector(2, *(u16(n) + vector(2, bytes(32)) for n in (X25519, X25519)))
PSK = extension(41, vector(2, vector(2, b"ticket") + bytes(4)) + vector(2, vector(1, bytes(32))))


@pytest.mark.parametrize(
    ("offer", "told"),
    [
        (hello(groups(P256)), "supported_groups is in it twice"),
        (record(client_hello(*[PSK, sni("a.test")], suites=MANY)), "not its last extension"),
        (record(client_hello(sni("a.test"), PSK, suites=MANY)), "psk_key_exchange_modes"),
        (hello(extension(0xFF01, vector(1, bytes(12)))), "renegotiation_info is not empty"),
        (compressing(b"\1\0", hello()), "compression beside TLS 1.3"),
        (compressing(b"\1", hello(suites=MANY, offered=TLS12)), "without compression"),
        (
            record(
                client_hello(
                    versions(0x0304),
                    CURVES,
                    SCHEMES,
                    extension(51, KEY_SHARES),
                    suites=(TLS13_SUITE, 0x1302),
                ),
            ),
            "holds x25519 twice",
        ),
    ],
)
@pytest.mark.parametrize("code", [47, 110])
def test_a_hello_that_can_be_read_and_breaks_a_rule(offer: bytes, told: str, code: int) -> None:
    found = diagnose((CLIENT, offer), (SERVER, alert(code)))
    assert (found.causes[0].id, found.causes[0].confidence) == ("malformed-client-hello", "likely")
    assert told in found.summary


def test_tls13_without_what_it_requires() -> None:
    bare = record(client_hello(versions(0x0304), CURVES, shares(X25519), suites=(TLS13_SUITE,)))
    first = diagnose((CLIENT, bare), (SERVER, alert(109))).causes[0]
    assert (first.id, first.confidence) == ("sigalgs-no-overlap", "likely")
    shareless = record(client_hello(versions(0x0304), CURVES, SCHEMES, suites=(TLS13_SUITE,)))
    first = diagnose((CLIENT, shareless), (SERVER, alert(109))).causes[0]
    assert (first.id, first.confidence) == ("key-share-inconsistent", "likely")


# -- after the ServerHello ---------------------------------------------------------------


def alpn(*names: bytes) -> bytes:
    return extension(16, vector(2, *(vector(1, name) for name in names)))


@pytest.mark.parametrize(
    ("names", "first"),
    [((b"h2",), "alpn-no-overlap"), ((b"h2", b"http/1.1"), "server-no-usable-key")],
)
def test_a_hidden_alert_in_place_of_the_protocol(names: tuple[bytes, ...], first: str) -> None:
    answer = record(server_hello(*AGREED, suite=TLS13_SUITE)) + hidden(19)
    found = ids((CLIENT, hello(alpn(*names))), (SERVER, answer), (SERVER, "fin"))
    assert found[0] == first
    assert "alpn-no-overlap" in found


def test_a_client_may_call_a_missing_master_secret_unsafe() -> None:
    lacks = record(server_hello(suite=RSA_CBC), chain(LEAF), message(14, b""))
    assert "ems-required" in ids((CLIENT, PLAIN), (SERVER, lacks), (CLIENT, alert(71)))
    has = record(server_hello(MASTER_SECRET, suite=RSA_CBC), chain(LEAF), message(14, b""))
    assert "ems-required" not in ids((CLIENT, PLAIN), (SERVER, has), (CLIENT, alert(71)))


def usage(*, sign: bool, encipher: bool) -> x509.KeyUsage:
    return x509.KeyUsage(sign, False, encipher, False, False, False, False, False, False)


@pytest.mark.parametrize("code", [47, 80, 43])
@pytest.mark.parametrize(("sign", "encipher"), [(True, False), (True, True)])
def test_a_key_that_may_not_decipher(code: int, sign: bool, encipher: bool) -> None:
    """The suite agreed on has RSA key exchange, and so needs keyEncipherment."""
    leaf = certificate("a.test", "CA", key_usage=usage(sign=sign, encipher=encipher))
    found = named(diagnose((CLIENT, PLAIN), (SERVER, flight(leaf)), (CLIENT, alert(code))))
    assert (found.get("cert-key-usage") == "likely") == (not encipher)


def test_certificates_that_are_too_large_before_they_are_over() -> None:
    session, talk = Session(), flow()
    session.receive("client", PLAIN, BEGIN + 0.1, 4)
    part = record(server_hello(suite=RSA_CBC), b"\x0b\x02\x00\x00" + bytes(9000)) + record(
        bytes(9000)
    )
    session.receive("server", part, BEGIN + 0.2, 5)
    session.receive("client", alert(47), BEGIN + 0.3, 6)
    talk.client.sent = talk.client.acked = len(PLAIN)
    talk.server.sent = talk.server.acked = len(part)
    assert named(verdict(talk, session)).get("cert-too-large") == "likely"
    talk.server.sent = talk.server.acked = 9000
    assert "cert-too-large" not in named(verdict(talk, session))


@pytest.mark.parametrize(
    ("issuer", "first"),
    [
        ("Example TLS RSA CA 4", "cert-missing-intermediate"),
        ("Example TLS Root CA 4", "cert-untrusted-root"),
        ("Example CA", "cert-untrusted-root"),
    ],
)
def test_a_lone_leaf_of_an_authority_for_tls(issuer: str, first: str) -> None:
    said = flight(certificate("a.test", issuer))
    assert ids((CLIENT, PLAIN), (SERVER, said), (CLIENT, alert(48)))[0] == first


# -- what TCP shows beside it ------------------------------------------------------------


def test_a_reset_with_words_in_it_is_a_boxs() -> None:
    talk, session = opened(USUAL)
    talk.server.resets = [RESET._replace(payload=b"blocked by policy 7")]
    session.closed("server", "rst", BEGIN + 0.2, 5)
    found = verdict(talk, session)
    assert named(found).get("sni-filter-rst-injected") == "likely"
    assert named(found).get("ids-reset-both-sides") == "likely"
    assert "blocked by policy 7" in found.causes[0].evidence[0].text
    own, again = opened(USUAL)
    own.server.resets = [RESET._replace(payload=b"BIG-IP: [0x2da2fd9:1]")]
    again.closed("server", "rst", BEGIN + 0.2, 5)
    assert next(iter(named(verdict(own, again)))) == "lb-tcp-accept-no-member"


def test_a_stream_of_xmpp_in_answer_is_no_greeting() -> None:
    stream = b"<?xml version='1.0'?><stream:stream xmlns='jabber:client'>"
    found = named(diagnose((CLIENT, PLAIN), (SERVER, stream)))
    assert next(iter(found)) == "starttls-expected"
    assert "server-speaks-first" not in found


def test_the_small_end_of_a_hello_that_is_lost_alone_was_read() -> None:
    large = record(client_hello(sni("a.test"), *(extension(21, bytes(1400)),), suites=MANY))
    talk, session = opened(large)
    talk.client.segments = [
        Segment(4, BEGIN + 0.1, 0, 1448),
        Segment(5, BEGIN + 0.1, 1448, len(large) - 1448),
    ]
    talk.client.acked, talk.client.retransmissions = 1448, 5
    talk.client.retransmitted_at = BEGIN + 5
    found = verdict(talk, session)
    assert (found.causes[0].id, found.causes[0].confidence) == ("sni-filter-drop", "likely")


def headless(size: int, acked: int = 0) -> Verdict:
    """Return the verdict beyond a place where the first segment of the hello was lost."""
    talk, session = flow(), Session()
    talk.client.sent, talk.client.acked, talk.client.holes = size + 588, acked, [(0, size)]
    talk.client.segments = [Segment(4, BEGIN + 0.1, size, 588)]
    session.closed("client", "fin", BEGIN + 6, 9)
    return verdict(talk, session)


def test_the_end_of_a_hello_whose_beginning_was_lost() -> None:
    found = headless(1428)
    assert named(found) == {"mtu-blackhole-client-hello": "likely"}
    assert found.summary.startswith("The first 1428 bytes of what the client sent")
    assert "capture at the client too" in (found.next_step or "")
    assert "mtu-blackhole-client-hello" not in named(headless(200))


def test_where_the_capture_ends_on_a_hello_without_its_beginning_that_is_told_too() -> None:
    talk, session = flow(), Session()
    talk.client.sent, talk.client.acked, talk.client.holes = 1896, 0, [(0, 1448)]
    talk.client.segments = [Segment(4, BEGIN + 0.1, 1448, 448)]
    found = verdict(talk, session, until=0.1)
    assert named(found) == {"mtu-blackhole-client-hello": "possible"}


def test_who_hangs_up_before_the_client_said_a_word_gave_up_waiting() -> None:
    """A balancer that closes on both sides; the server behind answers its close with an alert."""
    session, talk = Session(), flow()
    session.receive("server", alert(50), BEGIN + 3, 5)
    session.closed("server", "fin", BEGIN + 3, 6)
    session.receive("client", hello(), BEGIN + 5, 7)
    talk.client.segments, talk.client.sent = [Segment(7, BEGIN + 5, 0, 300)], 300
    found = verdict(talk, session)
    assert named(found) == {"server-handshake-timeout": "likely"}
    assert found.summary.startswith("The server sent the alert decode_error(50) before the client")


def test_who_is_turned_away_unheard_after_others_were_served_met_a_limit() -> None:
    talk, session = flow(), Session()
    session.closed("server", "rst", BEGIN + 0.11, 5)
    transcript = session.end(BEGIN + 9)
    ending = judge(transcript, talk, BEGIN + 9)
    served = (neighbour(client_hello(sni("a.test"))),)
    others = tuple(each.ending for each in served)
    case = Case(transcript, talk, ending, None, BEGIN + 9, others, served)
    found = causes.diagnose(case)
    assert found.causes[0].id == "lb-limits"
    assert "idle-timeout-before-handshake" not in named(found)
    assert "Look at the server" in (found.next_step or "")


def test_a_session_of_this_client_is_refused_where_it_was_served_before() -> None:
    ticket = client_hello(sni("a.test"), CURVES, SCHEMES, extension(35, b"ticket"), suites=MANY)
    talk, session = flow(), Session()
    session.receive("client", record(ticket), BEGIN + 0.1, 4)
    talk.client.sent = talk.client.acked = len(ticket) + 5
    session.closed("server", "rst", BEGIN + 0.2, 5)
    transcript = session.end(BEGIN + 9)
    assert transcript.client_hello is not None
    offer, ending = read_offer(transcript.client_hello), judge(transcript, talk, BEGIN + 9)
    before = neighbour(client_hello(sni("a.test"), CURVES, SCHEMES, suites=MANY))

    def first(*served: Neighbour) -> str:
        others = tuple(each.ending for each in served)
        case = Case(transcript, talk, ending, offer, BEGIN + 9, others, served)
        return causes.diagnose(case).causes[0].id

    assert first(before._replace(client=talk.client.endpoint.address)) == "ticket-not-shared"
    assert first(before) == "ticket-not-shared"
    assert first() != "ticket-not-shared"
    assert first(before, before._replace(traits=frozenset({"resumes"}))) != "ticket-not-shared"


def test_a_server_that_falls_silent_when_a_session_is_to_be_resumed() -> None:
    ticket = client_hello(sni("a.test"), CURVES, SCHEMES, extension(35, b"ticket"), suites=MANY)
    talk, session = opened(record(ticket))
    session.closed("client", "fin", BEGIN + 5, 6)
    transcript = session.end(BEGIN + 9)
    assert transcript.client_hello is not None
    offer, ending = read_offer(transcript.client_hello), judge(transcript, talk, BEGIN + 9)
    before = neighbour(client_hello(sni("a.test"), CURVES, SCHEMES, suites=MANY))
    before = before._replace(client=talk.client.endpoint.address)

    def first(*served: Neighbour) -> str:
        others = tuple(each.ending for each in served)
        case = Case(transcript, talk, ending, offer, BEGIN + 9, others, served)
        return causes.diagnose(case).causes[0].id

    assert first(before) == "ticket-not-shared"
    assert first() == "server-stall"


@pytest.mark.parametrize(("numbers", "told"), [((0x0304, 0x0303), True), ((0x0303,), False)])
def test_an_answer_that_was_dropped_takes_the_acknowledgment_with_it(
    numbers: tuple[int, ...], told: bool
) -> None:
    """Measured: HAProxy acknowledges a hello with its ServerHello, which the box then drops."""
    hello = record(client_hello(sni("a.test"), versions(*numbers), CURVES, SCHEMES, suites=MANY))
    talk, session = opened(hello)
    talk.client.acked, talk.client.retransmissions = 0, 4
    talk.client.retransmitted_at = BEGIN + 5
    found = named(verdict(talk, session))
    assert next(iter(found)) == "sni-filter-drop"
    assert ("tls13-middlebox-intolerance" in found) == told


@pytest.mark.parametrize(("ttl", "first"), [(123, True), (None, False)])
def test_an_alert_from_elsewhere_than_the_syn_ack_may_be_a_boxs(
    ttl: int | None, first: bool
) -> None:
    talk, session = opened(USUAL)
    talk.server.ttl, talk.server.odd_ttl = 63, ttl
    session.receive("server", alert(80), BEGIN + 0.2, 5)
    found = verdict(talk, session).causes
    assert (found[0].id == "ssl-inspection-unsupported-parameter") == first
    assert all(cause.confidence == "possible" for cause in found)


def test_a_gap_in_the_servers_flight_shows_that_both_ways_are_open() -> None:
    talk, session = opened(USUAL)
    talk.server.sent, talk.server.holes = 4200, [(0, 4096)]
    found = verdict(talk, session)
    assert list(named(found)) == ["mtu-blackhole-server-flight", "dpi-drops-server-flight"]
    assert {"app-id-policy-drop", "tcp-asymmetric-routing"} <= {out.id for out in found.ruled_out}


def test_a_hello_that_comes_back_met_an_echo() -> None:
    offer = record(client_hello(sni("a.test"), CURVES, SCHEMES, suites=MANY))
    found = diagnose((CLIENT, offer), (SERVER, offer), (CLIENT, alert(10))).causes
    assert [(c.id, c.confidence) for c in found[:1]] == [("wrong-host-or-dnat", "likely")]
