"""Every row of the table against a server that has the very fault: what it proves, by what change.

The faults are planted before a real OpenSSL, or a real stack has them.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import NamedTuple

import faults
import peers
import pytest
from faults import Fault, Heard, Refusal, box, close, reset, stall
from test_flight import SSL2
from test_narrow import CHROME, CURL, planned

from tlswire import causes, variants
from tlswire.codes import Alert, Version
from tlswire.codes import ExtensionType as E
from tlswire.decode import Scan
from tlswire.experiments import EXPERIMENTS
from tlswire.flight import Flight, Piece
from tlswire.flow import Endpoint
from tlswire.replay import Asked, Plan, perform
from tlswire.replay import plan as plans
from tlswire.result import Replay
from tlswire.variants.listings import LISTINGS
from tlswire.variants.shape import Extension, Shape, put_together, take_apart
from tlswire.way import Way

#: Patience with a server that says nothing, in seconds: it is near.
SOON = Way(connect_timeout=2, timeout=1)
Make = Callable[[Shape], Shape]


def refuse(code: int) -> Refusal:
    return lambda accepted: accepted.sendall(bytes((21, 3, 3, 0, 2, 2, code)))


ALERT = refuse(Alert.handshake_failure)


# -- hellos ------------------------------------------------------------------------------


def shaped(make: Make, capture: str = CURL) -> Flight:
    """Return a captured hello, made into another one."""
    flight = planned(capture).flight
    hello = variants.open_hello(flight)
    assert hello is not None
    return put_together(make(take_apart(hello, flight)), hello).flight


def members(shape: Shape, extension: int, keep: Callable[[int], bool]) -> Shape:
    """Keep some numbers of an extension that is a list."""
    listing = LISTINGS[extension]
    found = listing.split(shape.body(extension) or b"") or ()
    kept = [member for member in found if keep(listing.number(member))]
    return shape.with_body(extension, listing.join(kept))


def without(*extensions: int) -> Make:
    def make(shape: Shape) -> Shape:
        for extension in extensions:
            shape = shape.with_body(extension, None)
        return shape

    return make


def with_body(extension: int, body: bytes) -> Make:
    return lambda shape: shape.with_body(extension, body)


def only_new_version(shape: Shape) -> Shape:
    """TLS 1.3 alone, and suites of TLS 1.2 alone."""
    shape = members(shape, E.supported_versions, lambda number: number == Version.tls_1_3)
    return shape._replace(suites=tuple(s for s in shape.suites if s >> 8 != 0x13))


def tls13_alone(shape: Shape) -> Shape:
    """TLS 1.3, and its suites alone."""
    shape = members(shape, E.supported_versions, lambda number: number == Version.tls_1_3)
    return shape._replace(suites=tuple(s for s in shape.suites if s >> 8 == 0x13))


def old(version: int) -> Make:
    def make(shape: Shape) -> Shape:
        shape = without(E.supported_versions, E.key_share, E.psk_key_exchange_modes)(shape)
        suites = tuple(s for s in shape.suites if s >> 8 != 0x13)
        return shape._replace(version=version, suites=suites)

    return make


def no_old_version(shape: Shape) -> Shape:
    return members(shape, E.supported_versions, lambda number: number >= Version.tls_1_2)


def signing(*schemes: int) -> Make:
    """TLS 1.3 alone, and these signature schemes alone."""

    def make(shape: Shape) -> Shape:
        shape = members(shape, E.supported_versions, lambda number: number == Version.tls_1_3)
        body = b"".join(scheme.to_bytes(2, "big") for scheme in schemes)
        return shape.with_body(E.signature_algorithms, len(body).to_bytes(2, "big") + body)

    return make


def falling_back(shape: Shape) -> Shape:
    shape = old(Version.tls_1_2)(shape)
    return shape._replace(suites=(*shape.suites, 0x5600))


def without_signal(shape: Shape) -> Shape:
    shape = without(E.renegotiation_info)(old(Version.tls_1_2)(shape))
    return shape._replace(suites=tuple(s for s in shape.suites if s != 0xFF))


def unlisted_group(shape: Shape) -> Shape:
    return members(shape, E.supported_groups, lambda number: number != 0x1D)


def spoilt_share(shape: Shape) -> Shape:
    """A share of x25519 that no secret comes of (RFC 7748 section 6.1)."""
    return shape.with_body(E.key_share, bytes.fromhex("0024001d0020") + bytes(32))


def twice(shape: Shape) -> Shape:
    again = next(e for e in shape.extensions if e.type == E.signature_algorithms)
    return shape._replace(extensions=(*shape.extensions, again))


def ending_empty(shape: Shape) -> Shape:
    """No padding, and the extension without a body last."""
    shape = without(E.padding)(shape)
    empty = next(e for e in shape.extensions if not e.body)
    others = tuple(e for e in shape.extensions if e is not empty)
    return shape._replace(extensions=(*others, empty))


def undisguised(shape: Shape) -> Shape:
    """TLS 1.3 as it is, without what lets it pass for TLS 1.2 (RFC 8446 appendix D.4)."""
    return shape._replace(session_id=b"")


def asking(name: bytes) -> Make:
    entry = b"\0" + len(name).to_bytes(2, "big") + name
    return with_body(E.server_name, len(entry).to_bytes(2, "big") + entry)


def early(shape: Shape) -> Shape:
    """Early data with a session of before: 32 bytes of identity, 32 of binder."""
    identity = b"\0\x20" + bytes(32) + bytes(4)
    binder = b"\x20" + bytes(32)
    body = b"".join(len(part).to_bytes(2, "big") + part for part in (identity, binder))
    more = (Extension(E.early_data, b""), Extension(E.pre_shared_key, body))
    return shape._replace(extensions=(*shape.extensions, *more))


def padded_to(size: int, make: Make = lambda shape: shape, capture: str = CURL) -> Flight:
    flight = shaped(make, capture)
    hello = variants.open_hello(flight)
    assert hello is not None
    return variants.apply(flight, variants.padded(hello, size))


def cut(*at: int) -> Flight:
    made = variants.segments(planned(CURL).flight, at)
    assert made is not None
    return made.flight


def in_records(size: int) -> Flight:
    hello = variants.open_hello(planned(CURL).flight)
    assert hello is not None
    return variants.apply(planned(CURL).flight, variants.records(hello, size))


# -- faults ------------------------------------------------------------------------------

NAME = b"www.example.com"


def in_one_segment(heard: Heard) -> bool:
    """A filter that refuses every hello that it can read, and passes what it cannot."""
    return len(heard.reads) == 1


def in_one_record(heard: Heard) -> bool:
    return len(heard.records) == 1


def no_share_of(group: int) -> Fault:
    return lambda heard: 0x0304 in heard.listed(43) and group not in heard.shares


def unsigned(heard: Heard) -> bool:
    """TLS 1.3 alone without the algorithms that it requires (RFC 8446 section 9.2)."""
    return heard.listed(43) == [0x0304] and 13 not in heard.types


def names_no_session(heard: Heard) -> bool:
    return 0x0304 in heard.listed(43) and not heard.session_id


def has_ticket(heard: Heard) -> bool:
    return bool(dict(heard.extensions).get(35))


def ssl2(heard: Heard) -> bool:
    return heard.reads[0][:1] == b"\x80"


def asks_for(name: bytes) -> Fault:
    return lambda heard: name in dict(heard.extensions).get(0, b"")


def greased_groups(heard: Heard) -> bool:
    return bool({*heard.listed(10), *heard.shares} & faults.GREASE)


def greased_versions(heard: Heard) -> bool:
    return bool(set(heard.listed(43)) & faults.GREASE)


class Planted(NamedTuple):
    """A hello, and what refuses it."""

    hello: Callable[[], Flight]
    faults: tuple[tuple[Fault, Refusal], ...] = ()
    server: Callable[[], AbstractContextManager[Endpoint]] = peers.openssl_server
    host: str = peers.LOOPBACK
    confidence: str = "proved"


def plain(capture: str = CURL) -> Callable[[], Flight]:
    return lambda: planned(capture).flight


def made(make: Make, capture: str = CURL) -> Callable[[], Flight]:
    return lambda: shaped(make, capture)


def planted(fault: Fault, refusal: Refusal) -> tuple[tuple[Fault, Refusal], ...]:
    return ((fault, refusal),)


#: cause, variant, and what tells two faults of the same cause apart.
PLANTED: dict[tuple[str, str, str], Planted] = {
    ("sslv2-compat-hello", "version", ""): Planted(
        lambda: Flight((Piece(SSL2),)), planted(ssl2, ALERT), server=peers.gnutls_server
    ),
    ("suite-version-mismatch", "suites", "OpenSSL's own"): Planted(made(only_new_version)),
    ("key-share-inconsistent", "groups", "OpenSSL's own"): Planted(made(unlisted_group)),
    ("fallback-scsv", "suites", "OpenSSL's own"): Planted(made(falling_back)),
    ("fallback-scsv", "suites", "alert 40"): Planted(
        made(falling_back), planted(faults.has_suite(0x5600), ALERT)
    ),
    ("alpn-no-overlap", "alpn", "OpenSSL's own"): Planted(
        plain(), server=lambda: peers.openssl_server("-alpn", "foo")
    ),
    ("alpn-no-overlap", "alpn", "reset"): Planted(
        plain(), planted(faults.has_extension(16), reset)
    ),
    ("alpn-no-overlap", "alpn", "alert 47"): Planted(
        plain(), planted(faults.has_extension(16), refuse(Alert.illegal_parameter))
    ),
    ("version-client-too-old", "version", "TLS 1.1, OpenSSL's own"): Planted(
        made(old(Version.tls_1_1))
    ),
    ("version-client-too-old", "version", "TLS 1.2, OpenSSL's own"): Planted(
        made(old(Version.tls_1_2)), server=lambda: peers.openssl_server("-tls1_3")
    ),
    ("version-server-too-old", "version", "OpenSSL's own"): Planted(
        made(no_old_version),
        server=lambda: peers.openssl_server("-tls1_1", "-cipher", "ALL:@SECLEVEL=0"),
    ),
    ("version-server-too-old", "version", "TLS 1.3 alone, OpenSSL's own"): Planted(
        made(tls13_alone), server=lambda: peers.openssl_server("-no_tls1_3")
    ),
    (
        "version-server-too-old",
        "version",
        "TLS 1.3 alone, GnuTLS takes what is not listed",
    ): Planted(
        made(tls13_alone),
        server=lambda: peers.gnutls_server("--priority", "NORMAL:-VERS-TLS1.3"),
    ),
    ("ecdsa-cert-rsa-client", "signature_algorithms", "TLS 1.3, OpenSSL's own"): Planted(
        made(signing(0x0804, 0x0401)), server=lambda: peers.openssl_server(key="ECDSA")
    ),
    ("sigalgs-no-overlap", "signature_algorithms", "TLS 1.3, GnuTLS's own"): Planted(
        made(signing(0x0603)), server=peers.gnutls_server
    ),
    ("sni-bad-form", "sni", ""): Planted(
        made(asking(b"www.example.com.")), planted(asks_for(b"com."), refuse(Alert.internal_error))
    ),
    ("sni-unknown", "sni", "the alert says so"): Planted(
        plain(), planted(asks_for(b"example"), refuse(Alert.unrecognized_name))
    ),
    ("sni-unknown", "sni", "the target's own name is known"): Planted(
        plain(),
        planted(lambda heard: not asks_for(b"localhost")(heard), ALERT),
        host="localhost",
    ),
    ("sni-unknown", "sni", "cannot read it"): Planted(
        plain(), planted(asks_for(b"example"), refuse(Alert.decode_error))
    ),
    ("sni-unknown", "sni", "closes"): Planted(  # or a box does, in the server's name
        plain(), planted(asks_for(NAME), close), confidence="likely"
    ),
    ("sni-missing", "sni", ""): Planted(
        made(without(E.server_name)), planted(faults.lacks_extension(0), ALERT), host="localhost"
    ),
    ("ems-required", "extension", ""): Planted(
        made(without(E.extended_master_secret)), planted(faults.lacks_extension(23), ALERT)
    ),
    ("legacy-renegotiation-refused", "extension", ""): Planted(
        made(without_signal), planted(faults.lacks_extension(65281), ALERT)
    ),
    ("hrr-broken", "groups", "closes"): Planted(plain(), planted(no_share_of(0x18), close)),
    ("hrr-broken", "groups", "alert 47"): Planted(
        plain(), planted(no_share_of(0x17), refuse(Alert.illegal_parameter))
    ),
    ("malformed-client-hello", "extension", "twice, OpenSSL's own"): Planted(made(twice)),
    ("malformed-client-hello", "extension", "share, OpenSSL's own"): Planted(made(spoilt_share)),
    ("malformed-client-hello", "extension", "no schemes, OpenSSL's own"): Planted(
        made(lambda shape: tls13_alone(without(E.signature_algorithms)(shape)))
    ),
    ("malformed-client-hello", "extension", "no schemes, rustls takes TLS 1.2 without"): Planted(
        made(lambda shape: tls13_alone(without(E.signature_algorithms)(shape))),
        planted(unsigned, ALERT),
    ),
    ("ch-last-extension-empty", "extension", "closes"): Planted(
        made(ending_empty), planted(faults.empty_last, close)
    ),
    ("ch-last-extension-empty", "extension", "hangs"): Planted(
        made(ending_empty), planted(faults.empty_last, stall)
    ),
    ("ch-last-extension-empty", "extension", "cannot read it"): Planted(
        made(ending_empty), planted(faults.empty_last, refuse(Alert.decode_error))
    ),
    ("grease-intolerance", "extension", "cannot read it"): Planted(
        plain(CHROME), planted(faults.greased, refuse(Alert.decode_error))
    ),
    ("tls13-compat-ccs-missing", "extension", "resets"): Planted(
        made(undisguised), planted(names_no_session, reset)
    ),
    ("tls13-compat-ccs-missing", "extension", "hangs"): Planted(
        made(undisguised), planted(names_no_session, stall)
    ),
    ("grease-intolerance", "extension", "anywhere"): Planted(
        plain(CHROME), planted(faults.greased, ALERT)
    ),
    ("grease-intolerance", "extension", "groups only"): Planted(
        plain(CHROME), planted(greased_groups, reset)
    ),
    ("grease-intolerance", "extension", "versions only"): Planted(
        plain(CHROME), planted(greased_versions, refuse(Alert.illegal_parameter))
    ),
    ("suite-list-intolerance", "suites", "one of them"): Planted(
        plain(CHROME), planted(faults.has_suite(0xC013), ALERT)
    ),
    ("suite-list-intolerance", "suites", "too many"): Planted(
        plain(), planted(lambda heard: len(heard.suites) > 24, refuse(Alert.illegal_parameter))
    ),
    ("ech-blocked", "extension", ""): Planted(
        plain(CHROME), planted(faults.has_extension(0xFE0D), reset)
    ),
    ("ch-first-segment-tiny", "segments", ""): Planted(
        lambda: cut(5), planted(faults.tiny_first_segment, reset)
    ),
    ("ch-record-fragmentation-unsupported", "records", ""): Planted(
        lambda: in_records(100), planted(faults.one_record_only, close)
    ),
    ("pq-client-hello-too-big", "segments", ""): Planted(
        lambda: cut(300), planted(faults.reads_once, reset)
    ),
    ("pq-client-hello-too-big", "segments", "tiny, and read once"): Planted(
        lambda: cut(3), planted(faults.reads_once, ALERT)
    ),
    ("pq-client-hello-too-big", "groups", ""): Planted(
        plain(CHROME), planted(faults.larger_than(1300), close)
    ),
    ("pq-client-hello-too-big", "padding", "padding left out"): Planted(
        lambda: padded_to(700), planted(faults.larger_than(600), reset)
    ),
    ("pq-client-hello-too-big", "padding", "any extension less is enough"): Planted(
        plain(CHROME), planted(faults.larger_than(1740), ALERT)
    ),
    ("ch-length-256-511", "padding", ""): Planted(
        lambda: padded_to(300, without(E.padding, E.application_layer_protocol_negotiation)),
        planted(faults.ambiguous_size, close),
    ),
    ("pq-group-refused", "groups", ""): Planted(
        plain(CHROME), planted(faults.has_group(4588), refuse(Alert.illegal_parameter))
    ),
    ("pq-group-refused", "groups", "reset"): Planted(
        plain(CHROME), planted(faults.has_group(4588), reset)
    ),
    ("sni-filter-rst-injected", "sni", "this name"): Planted(
        plain(), planted(asks_for(NAME), reset)
    ),
    ("sni-filter-rst-injected", "sni", "any name"): Planted(
        plain(), planted(faults.has_extension(0), reset)
    ),
    ("ids-reset-both-sides", "segments", ""): Planted(
        plain(), planted(in_one_segment, reset), confidence="likely"
    ),
    ("ids-reset-both-sides", "records", ""): Planted(
        plain(), planted(in_one_record, reset), confidence="likely"
    ),
    ("sni-filter-drop", "sni", ""): Planted(plain(), planted(asks_for(NAME), stall)),
    ("sni-filter-drop", "sni", "the server knows no other"): Planted(
        plain(), ((asks_for(NAME), stall), (lambda heard: True, refuse(Alert.unrecognized_name)))
    ),
    ("sni-filter-rst-injected", "sni", "the server knows no other"): Planted(
        plain(), ((asks_for(NAME), reset), (lambda heard: True, refuse(Alert.unrecognized_name)))
    ),
    ("app-id-policy-drop", "segments", ""): Planted(
        plain(), planted(in_one_segment, stall), confidence="likely"
    ),
    ("app-id-policy-drop", "records", ""): Planted(
        plain(), planted(in_one_record, stall), confidence="likely"
    ),
    ("early-data-replay-refused", "no-ticket", ""): Planted(
        made(early),
        planted(faults.has_extension(42), refuse(Alert.unexpected_message)),
        confidence="likely",
    ),
    ("ticket-not-shared", "no-ticket", ""): Planted(
        made(with_body(E.session_ticket, bytes(192))), planted(has_ticket, reset)
    ),
    ("version-intolerance", "version", ""): Planted(
        plain(), planted(faults.has_version(0x0304), close)
    ),
    ("dpi-drops-server-flight", "version", "silence"): Planted(
        made(without(E.supported_versions, E.key_share, E.psk_key_exchange_modes)),
        planted(lambda heard: 0x0304 not in heard.listed(43), stall),
        confidence="likely",
    ),
    ("tls13-middlebox-intolerance", "version", "silence"): Planted(
        plain(), planted(faults.has_version(0x0304), stall), confidence="likely"
    ),
}


def replayed(case: Planted) -> Replay:
    with case.server() as server:
        way = box(server, *case.faults) if case.faults else nullcontext(server)
        with way as where:
            return perform(sent_to(case, where), EXPERIMENTS)


def sent_to(case: Planted, where: Endpoint) -> Plan:
    plan = planned(CURL)._replace(target=Endpoint(case.host, where.port), flight=case.hello())
    return plan._replace(way=replace(SOON))


def passing(done: Replay, cause: str) -> Iterator[str]:
    """The variants that the cause's own evidence says to have passed."""
    found = next(c for c in done.verdict.causes if c.id == cause)
    for evidence in found.evidence:
        if evidence.text.startswith("variant "):
            yield evidence.text.split()[1].rstrip(":")


@pytest.mark.parametrize("key", PLANTED, ids=lambda key: " ".join(filter(None, key)))
def test_a_row_proves_its_cause(key: tuple[str, str, str]) -> None:
    cause, variant, _ = key
    done = replayed(PLANTED[key])
    named = {c.id: c.confidence for c in done.verdict.causes}
    assert done.attempts[0].outcome == "failed"
    assert [c for c, confidence in named.items() if confidence == "proved"] == (
        [cause] if PLANTED[key].confidence == "proved" else []
    )
    assert named[cause] == PLANTED[key].confidence
    assert set(passing(done, cause)) == {variant}
    exact = [a for a in done.attempts if a.variant == "exact"]
    assert len(exact) == 2  # the control: it failed again, in the same way
    assert exact[0].ended_by == exact[1].ended_by


# -- not proved --------------------------------------------------------------------------


def test_what_any_change_cures_is_proved_to_be_none_of_them() -> None:
    flight = shaped(lambda shape: shape._replace(suites=shape.suites[:-4]))

    hello = variants.open_hello(flight)
    assert hello is not None

    def these(heard: Heard) -> bool:
        return (heard.suites, heard.types) == (hello.suites, hello.extensions)

    done = replayed(Planted(lambda: flight, planted(these, ALERT)))
    assert not [c for c in done.verdict.causes if c.confidence == "proved"]
    assert done.notes
    assert done.verdict.next_step


@pytest.mark.parametrize(
    ("make", "fault"),
    [
        (with_body(E.session_ticket, b""), faults.has_extension(35)),
        (lambda shape: shape, faults.before(0, 43)),
        (lambda shape: shape, faults.long_session),
    ],
    ids=["an empty ticket", "the order", "the session id"],
)
def test_what_no_row_tries_is_not_proved_to_be_another_thing(make: Make, fault: Fault) -> None:
    done = replayed(Planted(made(make), planted(fault, ALERT)))
    assert not [c for c in done.verdict.causes if c.confidence != "possible"]
    assert "tlswire narrow" in (done.verdict.next_step or "")


def test_a_hello_that_must_be_larger_lacks_no_suite() -> None:
    """A box that refuses small hellos: one suite more passes, and so does padding."""
    few = shaped(
        lambda shape: old(Version.tls_1_2)(without(E.padding)(shape))._replace(
            suites=(0xC030, 0x9F, 0x35)
        )
    )
    hello = variants.open_hello(few)
    assert hello is not None
    done = replayed(Planted(lambda: few, planted(faults.smaller_than(hello.size + 1), ALERT)))
    assert not [c for c in done.verdict.causes if c.confidence == "proved"]
    assert any("at the same size" in note for note in done.notes)
    assert "tlswire narrow" in (done.verdict.next_step or "")


def test_a_server_that_remembers_hellos_is_told() -> None:
    """The captured client was served; the replayed bytes are known by now."""
    with peers.openssl_server() as server:
        recording = peers.overheard(peers.openssl_client(), server)
        met = {recording.stream("client")[11:43]}

        def known(heard: Heard) -> bool:
            random = heard.body[2:34]
            return random in met or bool(met.add(random))

        with box(server, (known, close)) as where:
            tapes = {0: recording.tape()}
            (planned,) = plans(Scan("-"), [recording.seen()], Asked(str(where)), SOON, tapes)
            done = perform(planned, EXPERIMENTS)
    assert [a.variant for a in done.attempts] == ["exact", "fresh"]
    assert any("seen before" in note for note in done.notes)
    assert not [c for c in done.verdict.causes if c.confidence == "proved"]


def test_a_server_that_refuses_everything_has_no_usable_key() -> None:
    done = replayed(Planted(plain(), planted(lambda heard: True, ALERT)))
    assert done.verdict.causes[0].id == "server-no-usable-key"
    assert done.verdict.causes[0].confidence == "likely"
    assert "cipher-no-overlap" in {ruled.id for ruled in done.verdict.ruled_out}


def test_a_name_is_not_cleared_by_a_hello_without_one() -> None:
    """A server that has other names alone refuses both: Go, as measured, says internal_error.

    The look-up that failed was by name: then the name comes first.
    """
    done = replayed(Planted(plain(), planted(lambda heard: True, refuse(Alert.internal_error))))
    assert [c.id for c in done.verdict.causes][:2] == ["sni-unknown", "server-no-usable-key"]
    assert "sni-unknown" not in {ruled.id for ruled in done.verdict.ruled_out}


def test_a_box_that_joins_segments_is_not_cleared_by_a_hello_cut_in_two() -> None:
    done = replayed(Planted(plain(), planted(lambda heard: True, reset)))
    assert {"segments", "records"} <= {a.variant for a in done.attempts}
    assert "ids-reset-both-sides" not in {ruled.id for ruled in done.verdict.ruled_out}


def test_a_server_that_cannot_sign_with_one_of_its_keys() -> None:
    """It shows its certificate of ECDSA, and fails where the signature is due."""

    def serve(accepted: socket.socket) -> None:
        heard = faults.hear(accepted)
        broken = 0xC02B in heard.suites
        with socket.create_connection(ecdsa if broken else rsa) as onward:
            onward.sendall(b"".join(heard.reads))
            if not broken:
                faults.pass_on(accepted, onward)
                return
            for record in records_of(onward):
                if record[0] == 22 and record[5] == 12:  # server_key_exchange
                    break
                accepted.sendall(record)
        refuse(Alert.internal_error)(accepted)

    with (
        peers.openssl_server("-no_tls1_3", key="ECDSA") as ecdsa,
        peers.openssl_server("-no_tls1_3") as rsa,
        peers.scripted(serve) as where,
    ):
        done = perform(sent_to(Planted(plain()), where), EXPERIMENTS)
    assert [(c.id, c.confidence) for c in done.verdict.causes] == [
        ("server-no-usable-key", "proved")
    ]
    assert "certificates of ECDSA left out" in done.verdict.summary


def records_of(onward: socket.socket) -> Iterator[bytes]:
    while len(header := onward.recv(5, socket.MSG_WAITALL)) == 5:
        length = int.from_bytes(header[3:], "big")
        yield header + onward.recv(length, socket.MSG_WAITALL)


def test_a_server_that_speaks_first_when_nothing_is_sent() -> None:
    """A server of another protocol, which leaves when a hello comes before its greeting."""

    def serve(accepted: socket.socket) -> None:
        accepted.settimeout(0.3)
        try:
            accepted.recv(1 << 16)
        except TimeoutError:
            accepted.sendall(b"220 mail.example ESMTP\r\n")

    with peers.scripted(serve) as where:
        done = perform(sent_to(Planted(plain()), where), EXPERIMENTS)
    assert [c.id for c in done.verdict.causes if c.confidence == "proved"] == [
        "server-speaks-first"
    ]


def test_a_header_of_the_second_version_is_missing() -> None:
    """A server that takes PROXY headers of version 2 alone (RFC-less; HAProxy's own text)."""
    signature = b"\r\n\r\n\0\r\nQUIT\n"

    def serve(accepted: socket.socket) -> None:
        if accepted.recv(16, socket.MSG_WAITALL)[:12] != signature:
            return
        with socket.create_connection(server) as onward:
            faults.pass_on(accepted, onward)

    with peers.openssl_server() as server, peers.scripted(serve) as where:
        done = perform(sent_to(Planted(plain()), where), EXPERIMENTS)
    assert [c.id for c in done.verdict.causes if c.confidence == "proved"] == [
        "proxy-protocol-missing"
    ]


def test_every_row_has_a_fault() -> None:
    tested = {(cause, variant) for cause, variant, _ in PLANTED}
    assert {(row.cause, row.variant) for row in EXPERIMENTS} - tested == ELSEWHERE


#: Rows that other modules try: against five stacks, in a network namespace, in the clear.
ELSEWHERE = {
    ("server-no-usable-key", "suites"),
    ("server-speaks-first", "wait"),
    ("server-speaks-first", "cleartext"),
    ("cipher-no-overlap", "suites"),
    ("ecdsa-cert-rsa-client", "suites"),
    ("sigalgs-no-overlap", "suites"),
    ("groups-no-overlap", "groups"),
    ("ec-extensions-missing", "extension"),
    ("proxy-protocol-missing", "preamble"),
    ("tls-to-http-port", "cleartext"),
    ("mtu-blackhole-client-hello", "mss"),
}


def test_causes_know_what_splits_them() -> None:
    """What a verdict says would tell a cause apart is what a replay tries, for every row."""
    for row in EXPERIMENTS:
        assert row.variant in causes.cause(row.cause).SPLIT_BY, (row.cause, row.variant)
