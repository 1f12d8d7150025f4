"""Certificate compression, against the reference compressors."""

from __future__ import annotations

import tracemalloc
import zlib

import brotli
import pytest
import zstandard
from vectors.reading import body as vector_body

from tlswire.errors import Trouble
from tlswire.grammar import read
from tlswire.grammar.compression import decompress

CERTIFICATE = vector_body("handshake-tls13", 11)


def message(algorithm: int, length: int, data: bytes) -> bytes:
    head = algorithm.to_bytes(2, "big") + length.to_bytes(3, "big")
    return head + len(data).to_bytes(3, "big") + data


def fields(algorithm: int, length: int, data: bytes) -> dict[str, object]:
    found, troubles = read("compressed_certificate", message(algorithm, length, data))
    assert troubles == ()
    assert found is not None
    return found


def test_zlib() -> None:
    body = decompress(fields(1, len(CERTIFICATE), zlib.compress(CERTIFICATE)))
    assert body == CERTIFICATE


def test_brotli() -> None:
    body = decompress(fields(2, len(CERTIFICATE), brotli.compress(CERTIFICATE)))
    assert body == CERTIFICATE


def test_zstd() -> None:
    body = decompress(fields(3, len(CERTIFICATE), zstandard.compress(CERTIFICATE)))
    assert body == CERTIFICATE


@pytest.mark.parametrize(
    ("algorithm", "length", "data", "found"),
    [
        (1, 10, b"not zlib", "incorrect header"),
        (1, 10, zlib.compress(bytes(9)), "9 bytes"),
        (1, 10, zlib.compress(bytes(11)), "more"),
        (1, 10, zlib.compress(bytes(10))[:-8], "bytes"),
        (1, 1 << 23, zlib.compress(bytes(10)), "announced"),
        (99, 10, b"x", "algorithm 99"),
    ],
)
def test_what_is_wrong_is_a_trouble(algorithm: int, length: int, data: bytes, found: str) -> None:
    trouble = decompress(fields(algorithm, length, data))
    assert isinstance(trouble, Trouble)
    assert found in trouble.found


@pytest.mark.parametrize("algorithm", [1, 2, 3])
def test_a_bomb_stays_small(algorithm: int) -> None:
    zeros = bytes(64 << 20)
    if algorithm == 1:
        bomb = zlib.compress(zeros)
    elif algorithm == 2:
        bomb = brotli.compress(zeros, quality=1)
    else:
        bomb = zstandard.compress(zeros)
    del zeros
    tracemalloc.start()
    trouble = decompress(fields(algorithm, 1000, bomb))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert isinstance(trouble, Trouble)
    assert peak < 20 << 20
