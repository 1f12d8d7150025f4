"""Silence asked about: servers and boxes that drop by size, by name, or everything."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable

import peers
import pytest
from test_flight import HELLO

from tlswire.decode import Scan
from tlswire.experiments import EXPERIMENTS
from tlswire.flow import Endpoint
from tlswire.replay import perform, replay
from tlswire.result import Replay
from tlswire.way import Way

NAME = peers.NAME.encode()
#: Longer than the silence of a replay here.
LONG = 4.0


def unless(drops: Callable[[bytes], bool]) -> Callable[[socket.socket], None]:
    """A TLS server behind a box that drops what it looks at, and lets the rest pass."""
    context, own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), peers.identity()
    context.load_cert_chain(own.certificate, own.key)

    def serve(accepted: socket.socket) -> None:
        first = accepted.recv(1 << 16, socket.MSG_PEEK)
        time.sleep(0.1)
        if drops(accepted.recv(1 << 16, socket.MSG_PEEK) or first):
            time.sleep(LONG)
            return
        with context.wrap_socket(accepted, server_side=True) as secured:
            secured.recv(10)

    return serve


def sent(where: Endpoint) -> Replay:
    recording = peers.recorded(("client", HELLO), server=where)
    way = Way(connect_timeout=2, timeout=0.7)
    (done,) = replay(Scan("-"), [recording.seen()], way=way, tapes={0: recording.tape()})
    return done


def causes(done: Replay) -> dict[str, str]:
    return {cause.id: cause.confidence for cause in done.verdict.causes}


def test_a_name_filter_is_proved_by_the_hello_without_the_name() -> None:
    with peers.scripted(unless(lambda hello: NAME in hello)) as where:
        done = sent(where)
    assert causes(done) == {"sni-filter-drop": "proved"}
    variants = [attempt.variant for attempt in done.attempts]
    assert variants == ["exact", "mss", "mss", "extension", "padding", "sni", "exact", "sni"]


def test_a_server_that_stalls_is_told_with_what_tcp_acknowledged_and_what_was_tried() -> None:
    with peers.scripted(unless(lambda hello: True)) as where:
        done = sent(where)
    stall = next(c for c in done.verdict.causes if c.id == "server-stall")
    told = " ".join(evidence.text for evidence in stall.evidence)
    assert f"TCP acknowledged {len(HELLO)} of {len(HELLO)} bytes" in told
    assert "no server name" in told
    assert {"sni-filter-drop", "mtu-blackhole-client-hello"} <= {
        ruled.id for ruled in done.verdict.ruled_out
    }


def test_a_server_that_answers_at_once_is_not_asked() -> None:
    with peers.openssl_server() as where:
        done = sent(where)
    assert [attempt.variant for attempt in done.attempts] == ["exact", "twin"]


@pytest.mark.parametrize("end", [peers.closes, peers.resets])
def test_who_speaks_or_leaves_is_not_silent(end: Callable[[socket.socket], None]) -> None:
    with peers.scripted(end) as where:
        done = sent(where)
    assert "mss" not in {attempt.variant for attempt in done.attempts}


def test_what_a_smaller_hello_leaves_out_is_not_taken_for_its_size() -> None:
    """A box drops the hybrid group: less passes, and padded to the old size it passes as well."""
    from test_narrow import CHROME, to

    with peers.scripted(unless(lambda hello: b"\x11\xec" in hello)) as where:
        made = to(where, CHROME)
        quick = made._replace(way=Way(connect_timeout=2, timeout=0.7))
        done = perform(quick, EXPERIMENTS)
    assert causes(done) == {"pq-group-refused": "proved"}
