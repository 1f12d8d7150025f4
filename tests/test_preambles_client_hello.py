"""Finding a ClientHello: real hellos from Python's `ssl`, hand-made ones from the RFCs."""

from __future__ import annotations

import random
import ssl

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_preambles import conversations, shared

from tlswire.preambles import find_client_hello


def real_hello() -> bytes:
    """What OpenSSL, by Python's `ssl`, sends first."""
    sink = ssl.MemoryBIO()
    client = ssl.create_default_context().wrap_bio(ssl.MemoryBIO(), sink, server_hostname="a.test")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    return sink.read()


HELLO = real_hello()
#: RFC 5246 appendix E.2: header of two bytes, one suite kind, a challenge of 16 bytes.
SSL2 = bytes.fromhex("801c 01 0002 0003 0000 0010 010080") + bytes(range(16))
SSL2_FOR_TLS = bytes.fromhex("802e 01 0301 0015 0000 0010") + bytes.fromhex(
    "00000a 000005 000004 010080 030080 0700c0 0000ff"
) + bytes(range(16))  # fmt: skip
#: A header of three bytes: 4 bytes of padding.
SSL2_PADDED = b"\x00\x20\x04" + SSL2[2:] + bytes(4)


def refragmented(size: int) -> bytes:
    """The same handshake message in records of `size` bytes."""
    body = HELLO[5:]
    pieces = [body[i : i + size] for i in range(0, len(body), size)]
    return b"".join(b"\x16\x03\x01" + len(piece).to_bytes(2) + piece for piece in pieces)


@pytest.mark.parametrize(
    "hello", [HELLO, SSL2, SSL2_FOR_TLS, SSL2_PADDED, *map(refragmented, (1, 2, 3, 4, 5, 64))]
)
def test_at_the_start(hello: bytes) -> None:
    assert find_client_hello(hello) == 0
    assert find_client_hello(hello + b"\x14\x03\x03\x00\x01\x01") == 0
    assert find_client_hello(b"S" + hello, 1) == 1


@pytest.mark.parametrize("hello", [SSL2, SSL2_FOR_TLS])
def test_the_oldest_form_after_cleartext(hello: bytes) -> None:
    said = b"EHLO old.example\r\nSTARTTLS\r\n"
    assert find_client_hello(said + hello) == len(said)
    assert find_client_hello(said + hello[:10]) is None
    assert find_client_hello(said + hello[:1] + b"\x55" + hello[2:]) is None  # lengths disagree


@pytest.mark.parametrize("length", range(len(HELLO)))
def test_cut_short(length: int) -> None:
    assert find_client_hello(HELLO[:length]) == (0 if length >= 6 else None)


def test_cut_short_ssl2() -> None:
    found = [find_client_hello(SSL2[:length]) for length in range(len(SSL2))]
    assert found == [None] * 11 + [0] * (len(SSL2) - 11)


@pytest.mark.parametrize("noise", [b"x", b"STARTTLS\r\n", b"\x16\x03", bytes(70)])
def test_anywhere(noise: bytes) -> None:
    assert find_client_hello(noise + HELLO) == len(noise)
    assert find_client_hello(noise + refragmented(64)) == len(noise)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x16\x03\x03\x00\x31\x02\x00\x00\x2d\x03\x03" + bytes(45),  # a ServerHello
        b"\x16\x03\x03\x00\x00\x01",  # an empty record
        b"\x16\x03\x03\x7f\xff\x01\x00",  # a record that is too large
        b"\x16\x03\x03\x00\x31\x01\x01\x00\x2d\x03\x03" + bytes(45),  # a hello of 64 KiB
        b"\x16\x04\x03\x00\x31\x01\x00\x00\x2d\x03\x03" + bytes(45),
        b"text \x16\x03\x01\x00\x01\x01 text",  # too little to believe in the middle
        b"text \x16\x03\x01\x00\x40\x01\x00\x00\x2d\x03\x03" + bytes(60),  # lengths differ
        b"text " + SSL2_PADDED,  # only where TLS is expected
        SSL2[:1] + b"\x1d" + SSL2[2:],  # lengths that do not add up
        SSL2.replace(b"\x00\x02", b"\x00\x03", 1),
        bytes.fromhex("8003 01 0002"),
        bytes.fromhex("000e38507a28a782") + bytes(8) + HELLO,  # OpenVPN has frames of its own
    ],
)
def test_not_a_hello(data: bytes) -> None:
    assert find_client_hello(data) is None


def test_a_refusal_of_session_id_or_suites_is_seen() -> None:
    spoilt = bytearray(b"text " + HELLO)
    spoilt[5 + 5 + 4 + 2 + 32] = 33  # session_id's length
    assert find_client_hello(bytes(spoilt)) is None


def test_random_bytes_hold_no_hello() -> None:
    noise = random.Random(8446).randbytes(4 << 20)
    for at in range(0, len(noise), 1 << 16):
        assert find_client_hello(noise, at) is None


def test_only_64_kib_are_searched() -> None:
    assert find_client_hello(b"x" * 65_000 + HELLO) == 65_000
    assert find_client_hello(b"x" * 66_000 + HELLO) is None
    assert find_client_hello(b"x" * 66_000 + HELLO, 1_000) == 66_000


@given(st.binary(max_size=100), st.integers(0, 120))
def test_never_raises(data: bytes, start: int) -> None:
    found = find_client_hello(data, start)
    assert found is None or found >= start


@pytest.mark.parametrize(
    "name",
    [
        "ch-fragmented-frag-ch-64-go",
        "ch-fragmented-frag-ch-tcp-64-openssl",
        "ch-fragmented-seg-ch-1-openssl",
        "ok-pq-openssl4",
        "ok-impersonate-chrome",
        "sslv2-client-vs-openssl",
        "sslv2-client-vs-java",
        "sslv3-client-vs-nginx",
        "ok-tls1.0",
    ],
)
def test_captured_hello(name: str) -> None:
    client, server = conversations(shared(f"lab/scenarios/{name}/client.pcap"))[0]
    assert find_client_hello(client) == 0
    assert find_client_hello(server) is None
