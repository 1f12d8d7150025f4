"""The same bytes many times, to pools whose members differ in one setting, and to one server."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from itertools import count

import peers
import pytest
import stacks
from msgspec import structs
from test_flight import HELLO

from tlswire.decode import Scan
from tlswire.flow import Endpoint
from tlswire.replay import Asked, failed, replay, unreached
from tlswire.replay.answers import MARKS, _known
from tlswire.replay.pool import _look_apart
from tlswire.replay.repeats import Repeats
from tlswire.result import Answer, Replay
from tlswire.sources.pace import Pace
from tlswire.way import Way

HAPROXY = """
defaults
  mode tcp
  timeout connect 2s
  timeout client 10s
  timeout server 10s
listen pool
  bind {here}
  balance roundrobin
"""


@contextmanager
def pool(*members: Endpoint) -> Iterator[Endpoint]:
    """HAProxy before these servers, each its turn."""
    here = Endpoint(peers.LOOPBACK, peers.free_port())
    rows = "".join(f"  server m{n} {member}\n" for n, member in enumerate(members))
    config = peers.folder("haproxy") / "haproxy.cfg"
    config.write_text(HAPROXY.format(here=here) + rows)
    with peers.running([peers.need("haproxy"), "-db", "-f", str(config)], here.port) as where:
        yield where


def sent(where: Endpoint, repeat: int, *more: Endpoint, hello: bytes = HELLO) -> Replay:
    recording = peers.recorded(("client", hello), server=where)
    asked = Asked(target=str(where), more_targets=tuple(map(str, more)))
    way = Way(connect_timeout=2, timeout=2)
    (done,) = replay(
        *(Scan("-"), [recording.seen()], asked, way), tapes={0: recording.tape()}, repeat=repeat
    )
    return done


def pair(option: str) -> tuple[str, str, str]:
    """Return the usual certificate and key, for a second virtual server of s_server."""
    own = peers.identity()
    return str(own.certificate), option, str(own.key)


def causes(done: Replay) -> dict[str, str]:
    return {cause.id: cause.confidence for cause in done.verdict.causes}


@pytest.mark.parametrize(
    ("took", "refused", "apart"),
    [(64, 64, False), (64, 63, True), (64, None, False), (None, None, False)],
)
def test_only_a_ttl_that_was_heard_tells_members_apart(
    took: int | None, refused: int | None, apart: bool
) -> None:
    one = Answer(server="192.0.2.1:443", ttl=took, outcome="established", passed=True)
    other = Answer(server="192.0.2.1:443", ttl=refused, outcome="failed", passed=False)
    assert _look_apart(Repeats(answers=(one, other))) is apart


def test_two_members_that_differ_in_one_setting_are_told_apart() -> None:
    with ExitStack() as stack:
        members = [
            stack.enter_context(peers.openssl_server("-no_tls1_3")),
            stack.enter_context(peers.openssl_server("-no_tls1_3", "-cipher", "PSK")),
        ]
        done = sent(stack.enter_context(pool(*members)), 20)
    assert sum(answer.count for answer in done.repeats) == 20
    shares = {answer.passed: answer.share for answer in done.repeats}
    assert set(shares) == {True, False}
    assert all(0.3 < share < 0.7 for share in shares.values())
    assert (
        causes(done)["pool-member-differs"] == "likely"
    )  # one that fails now and then does so too
    assert failed(done)
    assert {attempt.variant for attempt in done.attempts} <= {"exact", "twin"}


def test_a_verdict_speaks_of_every_target() -> None:
    with (
        peers.openssl_server("-no_tls1_3", "-cipher", "PSK") as one,
        peers.openssl_server("-no_tls1_3") as two,
    ):
        closed = Endpoint(peers.LOOPBACK, peers.free_port())
        done = sent(closed, 1, one, two)
    told = done.verdict.summary
    assert f"{closed}: The SYN was answered with a reset" in told
    assert f"{one}: The server refused the ClientHello with handshake_failure(40)" in told
    assert f"{two}: The handshake completed" in told
    assert not unreached(done)


def test_members_that_choose_otherwise_are_told_apart_and_nobody_is_blamed() -> None:
    with ExitStack() as stack:
        members = [
            stack.enter_context(peers.openssl_server("-no_tls1_3", "-cipher", suite))
            for suite in ("ECDHE+AESGCM", "ECDHE+CHACHA20")
        ]
        done = sent(stack.enter_context(pool(*members)), 8)
    assert len({answer.cipher_suite for answer in done.repeats}) == 2
    assert len({answer.certificate for answer in done.repeats}) == 1
    assert causes(done) == {}
    assert any("answered in 2 ways" in note for note in done.notes)


@pytest.mark.parametrize(
    ("setting", "field"),
    [
        (("-num_tickets", "0"), "session_tickets"),
        (("-groups", "P-256"), "group"),
        (("-sigalgs", "rsa_pss_rsae_sha512"), "signature"),
        (("-verify", "1"), "client_certificate_asked"),
        (("-ciphersuites", "TLS_CHACHA20_POLY1305_SHA256"), "cipher_suite"),
        (("-cert_chain", str(peers.identity().authority)), "issuers"),
        (("-verify", "1", "-CAfile", str(peers.identity().authority)), "client_authorities"),
        (("-servername", peers.NAME, "-cert2", *pair("-key2")), "encrypted_extensions"),
    ],
)
def test_one_setting_is_enough_to_tell_two_servers_of_tls13_apart(
    setting: tuple[str, str], field: str
) -> None:
    hello = stacks.python_hello()
    with peers.openssl_server() as one, peers.openssl_server(*setting) as two, pool(one, two) as at:
        done = sent(at, 6, hello=hello)
    first, second, *_ = done.repeats
    apart = {
        name
        for name in Answer.__struct_fields__
        if name not in ("count", "share") and getattr(first, name) != getattr(second, name)
    }
    assert field in apart
    assert any(MARKS[field] in note for note in done.notes)
    assert sum(answer.count for answer in done.repeats) == 6
    assert causes(done) == {}


def test_several_targets_are_grouped_by_address() -> None:
    with peers.openssl_server() as one, peers.openssl_server("-cipher", "PSK", "-no_tls1_3") as two:
        done = sent(one, 6, two)
    assert {(a.server, a.passed, a.count) for a in done.repeats} == {
        (str(one), True, 3),
        (str(two), False, 3),
    }
    assert causes(done)["pool-member-differs"] == "proved"
    assert str(two) in done.verdict.summary


@pytest.mark.parametrize(
    "serve", [lambda: peers.openssl_server(), lambda: peers.scripted(peers.closes)]
)
def test_one_server_is_no_pool(serve: Callable[[], ExitStack]) -> None:
    with serve() as where:
        done = sent(where, 5)  # type: ignore[arg-type]
    assert sum(answer.count for answer in done.repeats) == 5
    assert "pool-member-differs" not in causes(done)


def test_a_limit_that_is_reached_is_not_proved_to_be_a_pool() -> None:
    turns = count()
    alert = bytes.fromhex("15030300020250")

    def serve(accepted: socket.socket) -> None:
        if next(turns) < 3:
            accepted.recv(1 << 16)
            accepted.sendall(
                bytes.fromhex("160303002c020000280303") + bytes(32) + b"\0\xc0\x2f\0\0\0"
            )
            accepted.recv(1)
        else:
            peers.answers(alert)(accepted)

    with peers.scripted(serve) as where:
        done = sent(where, 8)
    assert causes(done).get("pool-member-differs") != "proved"


def test_addresses_that_nothing_can_be_sent_to_are_left_out() -> None:
    with peers.openssl_server() as where:
        nowhere = Endpoint("255.255.255.255", 9), Endpoint("no-such-host.invalid", 443)
        done = sent(where, 4, *nowhere)
    assert [(answer.server, answer.count) for answer in done.repeats] == [(str(where), 4)]
    assert sum(note.startswith("left out: ") for note in done.notes) == 2


def test_the_cap_of_connections_ends_the_repeats_with_a_note() -> None:
    with peers.openssl_server("-no_tls1_3") as where:
        recording = peers.recorded(("client", HELLO), server=where)
        way = Way(timeout=2, pace=Pace(1000, 5))
        (done,) = replay(
            *(Scan("-"), [recording.seen()], Asked(), way),
            tapes={0: recording.tape()},
            repeat=20,
        )
    assert [answer.count for answer in done.repeats] == [5]
    assert any("broken off after 5: 5 connections were made" in note for note in done.notes)


def test_what_chance_decides_makes_no_second_server() -> None:
    known = Answer(server="h:443", ttl=64, outcome="established", passed=True, session_tickets=2)
    late = structs.replace(known, session_tickets=None)
    fewer, deaf = structs.replace(known, session_tickets=1), structs.replace(known, ttl=None)
    assert set(_known([known, late, fewer, deaf])) == {known}
    none, far = structs.replace(known, session_tickets=0), structs.replace(known, ttl=61)
    assert set(_known([known, none, far])) == {known, none, far}
