"""What a ClientHello offers, against what OpenSSL was told to offer."""

from __future__ import annotations

import ssl

from handshakes import HOST, both, feed, nothing, shake, suites, tls12
from hypothesis import given
from hypothesis import strategies as st

from tlswire.codes import ExtensionType, Suite, Version
from tlswire.offer import Offer, read_offer
from tlswire.session import Session
from tlswire.transcript import Entry


def offered(tune: object) -> Offer:
    hello = feed(shake(nothing, tune)[:1]).client_hello
    assert hello is not None
    offer = read_offer(hello)
    assert offer is not None
    return offer


def test_a_tls12_hello() -> None:
    offer = offered(both(tls12, suites("ECDHE-RSA-AES128-GCM-SHA256:AES128-SHA256")))
    assert offer.suites == (0xC02F, 0x003C, Suite.TLS_EMPTY_RENEGOTIATION_INFO_SCSV)
    assert offer.versions == (Version.tls_1_2,)
    assert offer.highest == Version.tls_1_2
    assert offer.server_name == HOST
    assert offer.renegotiation_info
    assert offer.key_shares is None
    assert offer.has(ExtensionType.extended_master_secret)


def test_a_tls13_hello_with_alpn() -> None:
    def tune(context: ssl.SSLContext) -> None:
        context.set_alpn_protocols(["h2", "http/1.1"])

    offer = offered(tune)
    assert offer.highest == Version.tls_1_3
    assert offer.alpn == (b"h2", b"http/1.1")
    assert offer.key_shares == (0x001D,)
    assert offer.groups is not None
    assert 0x0017 in offer.groups
    assert not offer.grease


# RFC 6101 E.1 by hand: version 3.1, suites 0x00002f and 0x0700c0, a challenge of 16 bytes.
SSL2_HELLO = bytes.fromhex("801f 01 0301 0006 0000 0010 00002f 0700c0") + bytes(range(16))


def test_an_ssl2_format_hello_that_offers_tls() -> None:
    session = Session()
    session.receive("client", SSL2_HELLO, 0.0)
    hello = session.end(1.0).client_hello
    assert hello is not None
    offer = read_offer(hello)
    assert offer is not None
    assert (offer.ssl2, offer.highest, offer.suites) == (True, Version.tls_1_0, (0x2F, 0x0700C0))


@given(st.binary(max_size=200))
def test_any_body_is_an_offer_or_none(body: bytes) -> None:
    entry = Entry("client_hello", "client", 0.0, 1, "CLIENT_HELLO", body=body, length=len(body))
    offer = read_offer(entry)
    assert offer is None or offer.size == len(body) + 4
