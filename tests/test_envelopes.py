"""Handshakes inside TDS packets, as SQL Server has them up to TDS 7.x."""

from __future__ import annotations

import pytest
from handshakes import Wire, feed, nothing, shake, tls12

from tlswire.envelopes import Envelope
from tlswire.session import Session

# [MS-TDS] 2.2.6.5: type, status, length, spid, packet, window; VERSION and ENCRYPTION options
PRELOGIN = bytes.fromhex("1201001a00000100 00000b0006 0100110001 ff 090000000000 01")
RESPONSE = bytes.fromhex("0401001a00000100 00000b0006 0100110001 ff 0f0000000000 01")
SMALLEST_PACKET = 512


def packets(data: bytes, size: int) -> bytes:
    """Wrap bytes as a client or server does: PRELOGIN packets of at most `size` bytes."""
    step = size - 8
    parts = [data[i : i + step] for i in range(0, len(data), step)]
    return b"".join(
        bytes((0x12, part is parts[-1])) + (len(part) + 8).to_bytes(2) + bytes(4) + part
        for part in parts
    )


def wrapped(wire: Wire, size: int, bare_from: int) -> Wire:
    return [
        (who, packets(data, size) if i < bare_from else data) for i, (who, data) in enumerate(wire)
    ]


@pytest.mark.parametrize("piece", [None, 1, 7])
@pytest.mark.parametrize("size", [4096, SMALLEST_PACKET])
def test_records_are_taken_out_of_their_packets(size: int, piece: int | None) -> None:
    wire = shake(nothing, tls12)
    session = Session()
    session.receive("client", PRELOGIN, 0.0, 1)
    session.receive("server", RESPONSE, 0.0, 2)
    transcript = feed(wrapped(wire, size, 4), piece, session)
    assert transcript.history == feed(wire).history
    assert transcript.preamble is not None
    assert transcript.preamble.protocol == "tds"
    assert transcript.foreign == {}
    hello = transcript.client_hello
    assert hello is not None
    assert hello.offset == len(PRELOGIN) + 8 + 5
    assert not any(entry.troubles for entry in transcript.messages)


@pytest.mark.parametrize("piece", [1, 3, 100])
def test_framing_and_payload_add_up(piece: int) -> None:
    stream = packets(bytes(range(200)), 64) + b"\x17\x03\x03bare"
    envelope, framing, payload = Envelope(), 0, b""
    for start in range(0, len(stream), piece):
        for passed, part in envelope.feed(stream[start : start + piece]):
            framing += passed
            payload += part
    assert payload == bytes(range(200)) + b"\x17\x03\x03bare"
    assert framing + len(payload) == len(stream)
