"""What is said to be nameless is named by nobody: held against every opener and every dialect."""

from __future__ import annotations

import random
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from tlswire.preambles import find_client_hello, name_bytes, recognise
from tlswire.preambles.nameless import is_nameless
from tlswire.preambles.openers import OPENERS
from tlswire.preambles.step import compiled
from tlswire.records import may_begin_record

ALERT = b"\x15\x03\x01\x00\x02\x02\x46"
#: What protocols say, and pieces of it.
WORDS = (
    *(b"STARTTLS\r\n", b"EHLO x\r\n", b" LOGIN a b\r\n", b"a1 STARTTLS\r\n", b"NICK x\r\n"),
    *(b"AUTH TLS\r\n", b"GET / HTTP/1.1\r\n", b"\x16\x03\x01\x02\x00\x01\x00", b"STLS\r\n"),
    *(b"<stream ", b"PROXY TCP4 ", b"\r\n", b"\x30\x1d\x02\x01\x01\x77", b" CAPABILITYX"),
    *(b"1.3.6.1.4.1.1466.20037", b"Upgrade: TLS/1.0\r\n", b"\0", b"\x03\0\0", b" ID ", b" "),
    *(b"\x05\x01\0", b"\x04\x01", b"MQTT", b"SMB", b"MODE READER\r\n", b"\x80\x2e\x01\x03\x01"),
    *(b"\0\0\0\x08\x04\xd2\x16\x2f", b"\x20\0\0\x01\x85\xae\xff\x03", b"{", b'"', b"\xc3\xa4"),
)


@pytest.mark.parametrize("opener", [o for o in OPENERS if o.who != "server"], ids=lambda o: o.name)
@settings(deadline=None, max_examples=60)
@given(data=some.data())
def test_what_an_opener_knows_is_not_nameless(opener: object, data: some.DataObject) -> None:
    pattern = compiled(b"(?s)" + opener.pattern)  # type: ignore[attr-defined]
    said = data.draw(some.from_regex(pattern)) + data.draw(some.binary(max_size=30))
    if pattern.match(said):
        assert not is_nameless(said)


@pytest.mark.parametrize("seed", range(4))
def test_what_is_nameless_nobody_knows(seed: int) -> None:
    chance, found = random.Random(seed), 0
    for number in range(8000):
        parts = [chance.randbytes(chance.randrange(1, 9)) for _ in range(chance.randrange(1, 9))]
        if number % 2:
            parts = [part if chance.random() < 0.5 else chance.choice(WORDS) for part in parts]
        said = b"".join(parts)
        if is_nameless(said):
            found += 1
            assert name_bytes(said, "client") is None
            assert find_client_hello(said) is None
            assert not may_begin_record(said[:3])
            assert recognise(said, b"") is None
            assert recognise(said, ALERT) is None
    assert found > 1000


def test_two_words_of_protocols_are_followed_by_anything() -> None:
    for first, second in product(WORDS, repeat=2):
        said = first + second + bytes(range(200, 240))
        known = name_bytes(said, "client") or recognise(said, b"") or recognise(said, ALERT)
        assert not (known and is_nameless(said))


def test_most_random_bytes_are_nameless() -> None:
    chance = random.Random(0)
    flood = [chance.randbytes(chance.randrange(16, 1200)) for _ in range(2000)]
    assert sum(map(is_nameless, flood)) > 1800
