"""DTLS and QUIC told from first bytes: the bytes are those of RFC 9001 A.2 and RFC 6347."""

from __future__ import annotations

import pytest
from scapy.layers.inet import IP, UDP
from wire_words import ETHER, Tap

from tlswire.flow import Endpoint
from tlswire.sources.datagrams import tell_kind

DTLS = bytes.fromhex("16feff00000000000000000001 01")
QUIC = bytes.fromhex("c300000001088394c8f03e5157080000449e")


@pytest.mark.parametrize(
    ("payload", "kind"),
    [
        (DTLS, "DTLS"),
        (DTLS.replace(b"\xfe\xff", b"\xfe\xfd"), "DTLS"),
        (QUIC, "QUIC"),
        (QUIC.replace(b"\0\0\0\1", b"\x6b\x33\x43\xcf"), "QUIC"),
        (QUIC.replace(b"\0\0\0\1", b"\x1a\x2a\x3a\x4a"), "QUIC"),
        (bytes.fromhex("0d") + b"\x11" * 8 + b"Q043" + bytes(20), "QUIC"),
        (b"\x80" * 40, None),
        (b"\x00\x01\x00\x00\x21\x12\xa4\x42" + bytes(20), None),
        (DTLS[:-1], None),
        (b"", None),
    ],
)
def test_kinds_are_told_by_bytes(payload: bytes, kind: str | None) -> None:
    assert tell_kind(payload, len(payload)) == kind


def test_conversations_are_counted_by_server_once() -> None:
    tap = Tap()
    for port in (50000, 50001, 50000):
        there = IP(src="10.0.0.1", dst="10.0.0.2") / UDP(sport=port, dport=443) / QUIC
        back = IP(src="10.0.0.2", dst="10.0.0.1") / UDP(sport=443, dport=port) / QUIC
        tap.feed(bytes(ETHER / there))
        tap.feed(bytes(ETHER / back))
    tap.feed(bytes(ETHER / IP(src="10.0.0.1", dst="10.0.0.3") / UDP(sport=9999, dport=4433) / DTLS))
    counts = tap.conversations.datagrams.counts()
    assert counts["QUIC"] == {Endpoint("10.0.0.2", 443): 2}
    assert counts["DTLS"] == {Endpoint("10.0.0.3", 4433): 1}
