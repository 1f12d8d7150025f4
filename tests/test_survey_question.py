"""Hellos that are asked with: read back by the grammar, and by tshark and OpenSSL elsewhere."""

from __future__ import annotations

import random

import pytest
from conftest import ROOT

from tlswire import grammar
from tlswire.codes import ExtensionType, Version
from tlswire.decode import scan
from tlswire.messages import MessageReader
from tlswire.offer import read_offer
from tlswire.records import Record, RecordReader
from tlswire.session import Session
from tlswire.survey import registry
from tlswire.survey.answer import MOST_BYTES, Hearing
from tlswire.survey.client import shape_of
from tlswire.survey.handshakes import Handshake
from tlswire.survey.question import Shape, everything, flight, hello, ordinary, ssl2_hello

SHAPE = Shape(name="server.example", alpn=(b"h2",))


@pytest.mark.parametrize("version", registry.VERSIONS[:5])
def test_a_hello_says_what_was_asked_and_is_well_formed(version: int) -> None:
    question = ordinary(version, registry.suites_of(version)[:40])
    session = Session()
    session.receive("client", flight(question, SHAPE), 0.0)
    entry = session.transcript.client_hello
    assert entry is not None
    assert entry.troubles == ()
    offer = read_offer(entry)
    assert offer is not None
    assert offer.highest == version
    assert offer.suites[:40] == question.suites
    if version > Version.ssl_3_0:
        assert offer.server_name == "server.example"
        assert offer.groups == question.groups
        assert (offer.key_shares is not None) == (version >= Version.tls_1_3)
    assert (offer.signature_algorithms is not None) == (version >= Version.tls_1_2)


def test_the_question_that_everybody_answers_offers_four_versions() -> None:
    session = Session()
    session.receive("client", flight(everything(), SHAPE), 0.0)
    entry = session.transcript.client_hello
    assert entry is not None
    offer = read_offer(entry)
    assert offer is not None
    assert offer.versions == registry.VERSIONS[:4]


@pytest.mark.parametrize("count", range(1, 120, 7))
def test_no_hello_has_a_size_that_some_take_for_ssl2(count: int) -> None:
    message = hello(ordinary(Version.tls_1_2, registry.suites_of(Version.tls_1_2)[:count]), SHAPE)
    assert not 256 <= len(message) <= 511


def test_the_hello_of_ssl2_is_read_by_the_grammar() -> None:
    kinds = registry.suites_of(Version.ssl_2_0)
    reading = grammar.read("ssl2_client_hello", ssl2_hello(kinds))
    assert reading.troubles == ()
    assert tuple((reading.fields or {})["cipher_suites"]) == kinds


def test_every_suite_of_the_registry_is_asked_for_once() -> None:
    for version in registry.VERSIONS:
        suites = registry.suites_of(version)
        assert len(suites) == len(set(suites))
    assert len(registry.suites_of(Version.tls_1_2)) > 370


def test_a_captured_clients_extensions_are_kept_in_its_order() -> None:
    found = scan(str(ROOT / "captures" / "ok-curl.pcapng"))
    client = found.seen[0]
    shape = shape_of(client)
    session = Session()
    session.receive("client", flight(ordinary(Version.tls_1_3, (0x1301,)), shape), 0.0)
    entry = session.transcript.client_hello
    assert entry is not None
    assert entry.troubles == ()
    offer = read_offer(entry)
    assert offer is not None
    assert client.offer is not None
    assert offer.server_name == client.offer.server_name
    assert offer.alpn == client.offer.alpn
    own = [e for e in client.offer.extensions if e in offer.extensions]
    kept = [e for e in offer.extensions if e in own]
    assert kept == own
    assert ExtensionType.application_layer_protocol_negotiation in kept


# -- hostile answers ---------------------------------------------------------------------

HELLO = bytes.fromhex("160303007a02000076") + b"\x03\x03" + bytes(116)


def messages() -> bytes:
    """A flight of TLS 1.2 as a real server sent it, to be cut and bent."""
    found = scan(str(ROOT / "captures" / "ok-tls12-openssl.pcapng"))
    entries = found.seen[0].transcript.entries
    parts = [e for e in entries if e.who == "server" and e.what in ("server_hello", "certificate")]
    types = {"server_hello": 2, "certificate": 11}
    data = b""
    for entry in parts:
        message = bytes((types[entry.what],)) + len(entry.body).to_bytes(3, "big") + entry.body
        data += b"\x16\x03\x03" + len(message).to_bytes(2, "big") + message
    return data


@pytest.mark.parametrize("seed", range(60))
def test_no_bytes_of_a_server_raise(seed: int) -> None:
    draw = random.Random(seed)
    data = bytearray(messages() or HELLO)
    for _ in range(draw.randint(1, 30)):
        data[draw.randrange(len(data))] = draw.randrange(256)
    start = draw.choice([0, 0, draw.randrange(len(data))])
    playing = Handshake(ordinary(Version.tls_1_2, (0xC02F, 0x9C)), SHAPE, finish=True)
    for hearing in (Hearing(), Hearing(whole=True), playing):
        for at in range(start, len(data), 97):
            if not hearing.done:
                hearing.feed(bytes(data[at : at + 97]))
                hearing.reply()
        hearing.closed("fin")
        assert hearing.answer.how
        assert hearing.answer.told


@pytest.mark.parametrize("seed", range(20))
def test_noise_is_no_tls_or_nothing(seed: int) -> None:
    hearing = Hearing()
    hearing.feed(random.Random(seed).randbytes(500))
    hearing.closed("fin")
    assert not hearing.answer.accepted


def test_endless_records_are_not_kept() -> None:
    hearing = Hearing()
    for _ in range(200):
        if not hearing.done:
            hearing.feed(b"\x16\x03\x03\x40\x00" + b"\x0b\xff\xff\xff" + bytes(0x3FFC))
    assert hearing.done
    assert hearing.read <= MOST_BYTES + 0x8000


def test_a_flight_in_single_bytes_is_the_same_answer() -> None:
    data = messages()
    whole, cut = Hearing(whole=True), Hearing(whole=True)
    whole.feed(data)
    for at in range(len(data)):
        cut.feed(data[at : at + 1])
    assert whole.answer.chain
    assert (whole.answer.suite, whole.answer.chain) == (cut.answer.suite, cut.answer.chain)


def test_one_record_holds_one_hello() -> None:
    (record,) = RecordReader().feed(flight(ordinary(Version.tls_1_2, (0x2F,)), SHAPE))
    assert isinstance(record, Record)
    (message,) = MessageReader().feed(record)
    assert message.type == 1
