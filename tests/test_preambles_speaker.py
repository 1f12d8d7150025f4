"""The speaker, against hand-written servers, whole and byte by byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_preambles import COMPLETE, REFUSED

from tlswire.errors import SelectionError
from tlswire.flow import Endpoint
from tlswire.preambles import recognise
from tlswire.preambles.dialects import DIALECTS
from tlswire.preambles.speaker import Speaker
from tlswire.preambles.step import Dialect
from tlswire.way import Target

TARGET = Target(
    "example.com",
    443,
    "client.example.com",
    Endpoint("192.0.2.1", 5000),
    Endpoint("198.51.100.2", 443),
)

#: protocol, what the server answers in a dialogue that goes as the speaker's does, what we say.
SPOKEN = [
    (
        "smtp",
        b"220 h ESMTP\r\n250-h\r\n250 STARTTLS\r\n220 go\r\n",
        b"EHLO client.example.com\r\nSTARTTLS\r\n",
    ),
    ("ftp", b"220-a\r\n b\r\n220 c\r\n234 go\r\n", b"AUTH TLS\r\n"),
    ("ftp", b"220 c\r\n504 no\r\n234 go\r\n", b"AUTH TLS\r\nAUTH SSL\r\n"),
    ("imap", b"* OK hi\r\na1 OK go\r\n", b"a1 STARTTLS\r\n"),
    ("pop3", b"+OK hi\r\n+OK go\r\n", b"STLS\r\n"),
    ("nntp", b"200 hi\r\n382 go\r\n", b"STARTTLS\r\n"),
    ("irc", b":s 670 * :go\r\n", b"STARTTLS\r\n"),
    ("managesieve", b'"SIEVE" "a"\r\nOK\r\nOK\r\n', b"STARTTLS\r\n"),
    ("postgres", b"S", bytes.fromhex("0000000804d2162f")),
    (
        "ldap",
        bytes.fromhex("300c02010178070a010004000400"),
        bytes.fromhex("301d02010177188016312e332e362e312e342e312e313436362e3230303337"),
    ),
    (
        "http-connect",
        b"HTTP/1.1 200 OK\r\n\r\n",
        b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n",
    ),
    (
        "socks5",
        bytes.fromhex("0500 05000001000000000000"),
        bytes.fromhex("050100 05010003") + b"\x0bexample.com\x01\xbb",
    ),
    (
        "socks4",
        b"\0\x5a" + bytes(6),
        bytes.fromhex("0401 01bb 00000001 00") + b"example.com\0",
    ),
    ("proxy-v1", b"", b"PROXY TCP4 192.0.2.1 198.51.100.2 5000 443\r\n"),
    (
        "proxy-v2",
        b"",
        bytes.fromhex("0d0a0d0a000d0a515549540a 2111000c c0000201 c6336402 1388 01bb"),
    ),
    (
        "proxy-v1+postgres",
        b"S",
        b"PROXY TCP4 192.0.2.1 198.51.100.2 5000 443\r\n" + bytes.fromhex("0000000804d2162f"),
    ),
    (
        "rdp",
        bytes.fromhex("030000130ed000001234000209080002000000"),
        bytes.fromhex("030000130ee000000000000100080003000000"),
    ),
]


def converse(protocol: str, server: bytes, step: int) -> tuple[Speaker, bytes]:
    """Play a server that says its lines in pieces of `step` bytes."""
    speaker = Speaker(protocol, TARGET)
    said = speaker.send()
    for at in range(0, len(server), step):
        speaker.receive(server[at : at + step])
        said += speaker.send()
    return speaker, said


@pytest.mark.parametrize("step", [1, 3, 10_000])
@pytest.mark.parametrize(("protocol", "server", "says"), SPOKEN)
def test_speaks(protocol: str, server: bytes, says: bytes, step: int) -> None:
    speaker, said = converse(protocol, server, step)
    assert (speaker.ready, speaker.refused, speaker.awaits) == (True, None, None)
    assert said == says
    assert speaker.leftover == b""


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda dialect: dialect.protocol)
def test_what_is_said_is_recognised(dialect: Dialect) -> None:
    """The same table both ways: a full dialogue of ours must read as one of this protocol."""
    server = next(server for name, _, server in reversed(COMPLETE) if name == dialect.protocol)
    server = {protocol: answer for protocol, answer, _ in SPOKEN}.get(dialect.protocol, server)
    speaker, said = converse(dialect.protocol, server, 1)
    preamble = recognise(said, server)
    assert preamble is not None
    assert (preamble.protocol, preamble.awaits) == (dialect.protocol, None)
    assert list(preamble.steps) == speaker.steps


@pytest.mark.parametrize("step", [1, 10_000])
@pytest.mark.parametrize(
    ("protocol", "server", "refusal"),
    [
        ("smtp", b"220 h\r\n250 h\r\n454 TLS not available\r\n", "454 TLS not available"),
        ("smtp", b"554 go away\r\n", "554 go away"),
        ("ftp", b"220 h\r\n502 what\r\n502 no, thanks\r\n", "502 no, thanks"),
        ("postgres", b"N", "N (no TLS here)"),
        ("http-connect", b"HTTP/1.1 407 Who\r\n\r\n", "407 Who"),
        ("socks5", b"\x05\xff", "no acceptable method (0xff)"),
    ],
)
def test_is_refused(protocol: str, server: bytes, refusal: str, step: int) -> None:
    speaker, _ = converse(protocol, server, step)
    assert (speaker.ready, speaker.refused) == (False, refusal)
    assert speaker.send() == b""


def test_waits_for_what_does_not_come() -> None:
    speaker = Speaker("smtp", TARGET)
    assert speaker.send() == b""
    assert speaker.awaits == "greeting"
    speaker.receive(b"\x15\x03\x03\x00\x02\x02\x28")
    assert (speaker.awaits, speaker.ready, speaker.refused) == ("greeting", False, None)
    assert speaker.leftover == b"\x15\x03\x03\x00\x02\x02\x28"


def test_server_bytes_after_the_preamble_are_kept() -> None:
    speaker = Speaker("postgres", TARGET)
    speaker.send()
    speaker.receive(b"S\x16\x03\x03")
    assert (speaker.ready, speaker.leftover) == (True, b"\x16\x03\x03")


@given(st.sampled_from(DIALECTS), st.lists(st.binary(max_size=40), max_size=5))
def test_never_raises(dialect: Dialect, pieces: list[bytes]) -> None:
    speaker = Speaker(dialect.protocol, TARGET)
    speaker.send()
    for piece in pieces:
        speaker.receive(piece)
        speaker.send()


def test_refusals_of_the_table_are_refusals_here() -> None:
    heard = 0
    for protocol, _, server, refusal in REFUSED:
        if refusal:
            heard += converse(protocol, server, 1)[0].refused == refusal
    assert heard >= 8


def test_an_unknown_protocol_is_refused_in_one_line() -> None:
    with pytest.raises(SelectionError, match="no preamble is called 'gopher'; there are proxy-v1"):
        Speaker("proxy-v1+gopher", TARGET)


def test_only_tds_is_framed() -> None:
    assert [dialect.protocol for dialect in DIALECTS if dialect.framed] == ["tds"]
    assert Speaker("tds", TARGET).framed
    assert not Speaker("smtp", TARGET).framed


@pytest.mark.parametrize("step", [1, 10_000])
@pytest.mark.parametrize(
    ("method", "password"),
    [(b"\x05\x02\x01\x00", b"\x01\x02me\x06secret"), (b"\x05\x00", b"")],
    ids=["asked for", "not asked for"],
)
def test_a_password_is_said_to_a_proxy_that_asks_for_it(
    method: bytes, password: bytes, step: int
) -> None:
    """RFC 1928 section 3: both methods are offered, the proxy takes its pick."""
    speaker = Speaker("socks5", TARGET._replace(user="me", password="secret"))
    said = speaker.send()
    answers = method + bytes.fromhex("05000001000000000000")
    for at in range(0, len(answers), step):
        speaker.receive(answers[at : at + step])
        said += speaker.send()
    assert speaker.ready
    assert said.startswith(b"\x05\x02\x00\x02" + password + b"\x05\x01\x00\x03")
