"""Edits in place: the changed hello differs in the one thing, and real stacks read it so."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import peers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_flight import HELLO, SSL2, flight_of, in_records

from tlswire import grammar, variants
from tlswire.codes import ExtensionType, Version
from tlswire.errors import SelectionError
from tlswire.experiments import EXPERIMENTS
from tlswire.flight import Flight, Piece
from tlswire.records import Record, RecordReader
from tlswire.variants import Edit, Hello, open_hello

RSA_GCM, ECDSA_GCM = 0xC02F, 0xC02B
#: A hello of TLS 1.0 without extensions, by hand (RFC 2246 section 7.4.1.2): 3 suites.
OLD = b"".join(
    (
        bytes.fromhex("160301 0031 01 00002d 0301"),
        bytes(32),
        bytes.fromhex("00 0006 002f 0035 000a 01 00"),
    )
)


def body_of(data: bytes) -> bytes:
    """Join a flight's records and check every length on the way, without the project's edits."""
    payload = b""
    while data:
        assert data[0] == 22
        length = int.from_bytes(data[3:5], "big")
        assert 0 < length <= len(data) - 5
        payload, data = payload + data[5 : 5 + length], data[5 + length :]
    assert payload[0] == 1
    assert int.from_bytes(payload[1:4], "big") == len(payload) - 4
    return payload[4:]


def fields_of(flight: Flight) -> dict[str, Any]:
    reading = grammar.read("client_hello", body_of(flight.data))
    assert reading.troubles == ()
    assert reading.fields is not None
    return reading.fields


def opened(flight: Flight) -> Hello:
    hello = open_hello(flight)
    assert hello is not None
    return hello


def changed(flight: Flight, edits: tuple[Edit, ...]) -> dict[str, Any]:
    for edit in edits:
        assert flight.data[edit.offset : edit.offset + len(edit.old)] == edit.old
        assert edit.why
        assert edit.old != edit.new
    return fields_of(variants.apply(flight, edits))


def types(fields: dict[str, Any]) -> list[int]:
    return [extension["type"] for extension in fields["extensions"]]


SHAPES = [HELLO, in_records(HELLO, 64), in_records(HELLO, 7)]


@pytest.mark.parametrize("data", SHAPES, ids=["one-record", "64", "7"])
def test_suites_are_added_behind_the_others(data: bytes) -> None:
    flight = flight_of(data)
    before = fields_of(flight)
    after = changed(flight, variants.suites(opened(flight), [RSA_GCM, 0xFEFE]))
    assert after["cipher_suites"] == [*before["cipher_suites"], 0xFEFE]
    assert after | {"cipher_suites": []} == before | {"cipher_suites": []}


@pytest.mark.parametrize("data", SHAPES, ids=["one-record", "64", "7"])
@pytest.mark.parametrize("wanted", [0, 10, 13, 43, 51])
def test_an_extension_is_left_out_and_nothing_else(data: bytes, wanted: int) -> None:
    flight = flight_of(data)
    before = fields_of(flight)
    after = changed(flight, variants.without(opened(flight), wanted))
    rest = [e for e in before["extensions"] if e["type"] != wanted]
    assert len(rest) == len(before["extensions"]) - 1
    assert after == before | {"extensions": rest}


def test_leaving_out_what_is_not_there_changes_nothing() -> None:
    assert variants.without(opened(flight_of(HELLO)), ExtensionType.heartbeat) == ()


@pytest.mark.parametrize("name", ["a.example", "much-longer-than-before.example.org"])
def test_another_server_name(name: str) -> None:
    flight = flight_of(HELLO)
    after = changed(flight, variants.sni(opened(flight), name))
    body = next(e["body"] for e in after["extensions"] if e["type"] == ExtensionType.server_name)
    assert body["server_name_list"][0]["host_name"] in (name, name.encode())
    assert types(after) == types(fields_of(flight))


def test_no_server_name_and_one_where_there_was_none() -> None:
    flight = flight_of(HELLO)
    bare = variants.apply(flight, variants.sni(opened(flight), None))
    assert ExtensionType.server_name not in types(fields_of(bare))
    after = changed(bare, variants.sni(opened(bare), "b.example"))
    assert types(after)[-1] == ExtensionType.server_name


def test_an_older_version() -> None:
    flight = flight_of(HELLO)
    after = changed(flight, variants.version(opened(flight), Version.tls_1_1))
    assert after["legacy_version"] == Version.tls_1_1
    assert ExtensionType.supported_versions not in types(after)


def test_a_hello_without_extensions_gets_those_that_its_new_suites_need() -> None:
    flight = flight_of(OLD)
    after = changed(flight, variants.suites(opened(flight), [RSA_GCM]))
    assert after["cipher_suites"][-1] == RSA_GCM
    assert types(after) == [10, 11, 13]


def test_what_was_lacking_before_is_not_put_right_by_the_way() -> None:
    """An ECDHE client without supported_groups has a trouble of its own."""
    flight = flight_of(HELLO)
    bare = variants.apply(flight, variants.without(opened(flight), ExtensionType.supported_groups))
    after = changed(bare, variants.suites(opened(bare), [0xFEFE]))
    assert types(after) == types(fields_of(bare))


def test_ecdsa_suites_bring_a_scheme_with_ecdsa() -> None:
    flight = flight_of(client_hello(lambda c: c.set_ciphers("ECDHE+aRSA")))
    hello = opened(flight)
    edits = variants.suites(hello, [ECDSA_GCM])
    assert changed(flight, edits)["cipher_suites"][-1] == ECDSA_GCM
    assert opened(variants.apply(flight, edits)).listed(ExtensionType.signature_algorithms)


def test_a_binder_vouches_for_the_unchanged_hello_and_goes() -> None:
    binder = (41).to_bytes(2, "big") + (4).to_bytes(2, "big") + b"\0\0\0\0"
    early = (42).to_bytes(2, "big") + b"\0\0"
    plain = HELLO[9:]
    at = grammar.locate("client_hello", plain)["extensions.length"][0]
    length = int.from_bytes(plain[at : at + 2], "big") + len(early + binder)
    body = plain[:at] + length.to_bytes(2, "big") + plain[at + 2 :] + early + binder
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    flight = Flight((Piece(HELLO[:3] + len(message).to_bytes(2, "big") + message),))
    after = changed(flight, variants.alpn(opened(flight)) or variants.sni(opened(flight), None))
    assert not {41, 42} & set(types(after))


def test_what_cannot_be_edited_is_told() -> None:
    assert open_hello(Flight((Piece(SSL2),))) is None
    assert open_hello(Flight((Piece(b"GET / HTTP/1.0\r\n\r\n"),))) is None
    assert open_hello(Flight((Piece(HELLO[:100]),))) is None
    assert open_hello(Flight()) is None


@settings(max_examples=60)
@given(
    st.integers(3, 600),
    st.lists(st.integers(1, len(HELLO) - 1), max_size=6, unique=True),
    st.sampled_from(["suites", "sni", "none", "version", "drop"]),
)
def test_any_records_and_segments_give_the_same_changed_hello(
    size: int, cuts: list[int], what: str
) -> None:
    make: dict[str, Callable[[Hello], tuple[Edit, ...]]] = {
        "suites": lambda hello: variants.suites(hello, [0xFEFE, RSA_GCM]),
        "sni": lambda hello: variants.sni(hello, "another.name.example"),
        "none": lambda hello: variants.sni(hello, None),
        "version": lambda hello: variants.version(hello, Version.tls_1_2),
        "drop": lambda hello: variants.without(hello, ExtensionType.key_share),
    }
    data = in_records(HELLO, size)
    places = [0, *sorted(c for c in cuts if c < len(data)), len(data)]
    flight = flight_of(*(data[a:b] for a, b in pairwise(places)))
    whole = flight_of(HELLO)
    expected = changed(whole, make[what](opened(whole)))
    after = variants.apply(flight, make[what](opened(flight)))
    assert fields_of(after) == expected
    assert all(isinstance(r, Record) for r in RecordReader().feed(after.data))
    assert len(after.pieces) <= len(flight.pieces)


# -- what OpenSSL makes of it ------------------------------------------------------------


def client_hello(shape: Callable[[ssl.SSLContext], None]) -> bytes:
    context = ssl.create_default_context()
    shape(context)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(incoming, outgoing, server_hostname=peers.NAME)
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return outgoing.read()


def ask_openssl(data: bytes, shape: Callable[[ssl.SSLContext], None]) -> tuple[str | None, bytes]:
    """Return the name that OpenSSL's server reads in a hello, and its answer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(peers.identity().certificate, peers.identity().key)
    names: list[str | None] = []
    context.sni_callback = lambda _, name, __: names.append(name)
    shape(context)
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = context.wrap_bio(incoming, outgoing, server_side=True)
    incoming.write(data)
    with pytest.raises((ssl.SSLWantReadError, ssl.SSLError)):
        server.do_handshake()
    return (names[0] if names else None), outgoing.read()


def tls12_gcm(context: ssl.SSLContext) -> None:
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256")


@pytest.mark.parametrize("size", [16384, 50])
def test_openssl_takes_the_added_suite(size: int) -> None:
    hello = client_hello(lambda c: c.set_ciphers("DHE-RSA-AES256-SHA256:@SECLEVEL=0"))
    flight = flight_of(in_records(hello, size))
    assert ask_openssl(flight.data, tls12_gcm)[1][:1] == b"\x15"
    edits = variants.suites(opened(flight), [RSA_GCM])
    answer = ask_openssl(variants.apply(flight, edits).data, tls12_gcm)[1]
    assert answer[:1] == b"\x16"
    session = 44 + answer[43]
    assert answer[session : session + 2] == RSA_GCM.to_bytes(2, "big")


def test_openssl_reads_the_other_name() -> None:
    flight = flight_of(HELLO)
    assert ask_openssl(flight.data, lambda c: None)[0] == peers.NAME
    edits = variants.sni(opened(flight), "x.example")
    assert ask_openssl(variants.apply(flight, edits).data, lambda c: None)[0] == "x.example"
    edits = variants.sni(opened(flight), None)
    assert ask_openssl(variants.apply(flight, edits).data, lambda c: None)[0] is None


def test_openssl_answers_the_older_version() -> None:
    flight = flight_of(HELLO)
    edits = variants.version(opened(flight), Version.tls_1_2)
    answer = ask_openssl(variants.apply(flight, edits).data, lambda c: None)[1]
    assert answer[:1] == b"\x16"
    assert b"\x00\x2b\x00\x02\x03\x04" not in answer[:200]
    assert ask_openssl(flight.data, lambda c: None)[1].find(b"\x00\x2b\x00\x02\x03\x04") > 0


# -- hostile hellos ----------------------------------------------------------------------

EVERY: dict[str, Callable[[Hello], tuple[Edit, ...]]] = {
    "suites": lambda hello: variants.suites(hello, [RSA_GCM, ECDSA_GCM, 0xFEFE]),
    "sni": lambda hello: variants.sni(hello, "another.name.example"),
    "no-sni": lambda hello: variants.sni(hello, None),
    "version": lambda hello: variants.version(hello, Version.tls_1_2),
    "alpn": variants.alpn,
    "groups": lambda hello: variants.groups(hello, (23, 24, 29)),
    "no-groups": lambda hello: variants.without_groups(hello, (29, 23), hello.size),
    "schemes": lambda hello: variants.schemes(hello, (0x0804, 0x0403, 0x7777)),
    "hybrids": variants.hybrids,
    "grease": variants.grease,
    "padding": lambda hello: variants.padded(hello, 700),
    "less-padding": lambda hello: variants.padded(hello, 400),
    "records": lambda hello: variants.records(hello, 31),
    "one-record": variants.one_record,
    "newer": variants.newer,
    "http": lambda hello: variants.alpn(hello, b"http/1.1"),
}


@settings(max_examples=80)
@given(st.lists(st.tuples(st.integers(0, len(HELLO) - 1), st.integers(0, 255)), max_size=4))
def test_no_variant_stumbles_over_broken_bytes(broken: list[tuple[int, int]]) -> None:
    data = bytearray(HELLO)
    for place, value in broken:
        data[place] = value
    flight = flight_of(bytes(data))
    hello = open_hello(flight)
    for make in EVERY.values() if hello is not None else ():
        changed_flight = variants.apply(flight, make(hello))
        body = body_of(changed_flight.data)
        assert body
        assert open_hello(changed_flight) is not None
    for row in EXPERIMENTS:
        changed = row.change(flight, "a.example")
        assert changed is None or changed.edits


def test_a_list_that_cannot_grow_is_left_alone() -> None:
    suites = b"\x00\x35" * 32767
    body = b"\x03\x03" + bytes(32) + b"\x00" + len(suites).to_bytes(2, "big") + suites + b"\x01\x00"
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    flight = Flight((Piece(in_records(b"\x16\x03\x01\x00\x00" + message, 16000)),))
    assert variants.suites(opened(flight), [RSA_GCM]) == ()


def test_a_record_that_cannot_grow_is_left_alone() -> None:
    suites = b"\x00\x35" * 8170
    body = b"\x03\x03" + bytes(32) + b"\x00" + len(suites).to_bytes(2, "big") + suites + b"\x01\x00"
    message = b"\x01" + len(body).to_bytes(3, "big") + body
    flight = Flight((Piece(b"\x16\x03\x01" + len(message).to_bytes(2, "big") + message),))
    assert variants.suites(opened(flight), [RSA_GCM]) == ()


def test_a_name_that_is_none_is_refused() -> None:
    with pytest.raises(SelectionError, match="not a host name"):
        variants.sni(opened(flight_of(HELLO)), "a" * 64 + ".example")


def test_a_broken_server_name_is_put_right() -> None:
    at = HELLO.index(peers.NAME.encode())
    flight = flight_of(HELLO[: at - 2] + b"\xff\xff" + HELLO[at:])
    edits = variants.sni(opened(flight), "c.example")
    assert types(changed(flight, edits))[-1] == ExtensionType.server_name
