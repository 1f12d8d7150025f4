"""The speed of the grammar as ratios that any machine should reach, well below what is usual.

With `--benchmark-enable` pytest-benchmark prints times; `tools/bench_grammar.py` the whole table.
"""

from __future__ import annotations

import time
import timeit
from collections.abc import Callable
from typing import Any

import dpkt.ssl
import pytest
from vectors.reading import body as vector_body

from tlswire.grammar import read
from tlswire.grammar.interpreted import attempt

SAMPLES = [
    ("client_hello", vector_body("handshake-tls13", 1)),
    ("client_hello", vector_body("hello-chrome", 1)),
    ("server_hello", vector_body("handshake-tls13", 2)),
    ("certificate", vector_body("handshake-tls12-ecdhe", 11)),
]
NAMES = ["openssl", "chrome", "server_hello", "certificate"]


@pytest.mark.parametrize(("kind", "body"), SAMPLES, ids=NAMES)
def test_read(benchmark: Any, kind: str, body: bytes) -> None:
    assert benchmark(read, kind, body).troubles == ()


def cost(call: Callable[[], object], number: int) -> float:
    """Return the CPU seconds of one call, the best of several rounds."""
    rounds = timeit.repeat(call, number=number, repeat=5, timer=time.process_time)
    return max(min(rounds) / number, 1e-9)


@pytest.mark.parametrize(("kind", "body"), SAMPLES[:2], ids=NAMES[:2])
def test_a_hello_costs_a_fraction_of_interpreted_construct(kind: str, body: bytes) -> None:
    slow = cost(lambda: attempt(kind, kind, body), 20)
    assert slow / cost(lambda: read(kind, body), 2000) > 15


@pytest.mark.parametrize(("kind", "body"), SAMPLES[:2], ids=NAMES[:2])
def test_a_hello_is_read_faster_than_by_dpkt(kind: str, body: bytes) -> None:
    peer = cost(lambda: dpkt.ssl.TLSClientHello(body), 1000)
    assert peer / cost(lambda: read(kind, body), 2000) > 1.3
