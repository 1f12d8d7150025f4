"""Preambles as experiments: one too few, one too many, proved by the server's own TLS."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable

import clear_servers
import peers
import pytest
from clear_servers import SCRIPTS, heard, speaking
from test_flight import HELLO

from tlswire.decode import Scan
from tlswire.experiments import clear
from tlswire.flow import Endpoint
from tlswire.preambles import signs
from tlswire.replay import Asked, replay
from tlswire.result import Replay
from tlswire.way import Way

PROXY = b"PROXY TCP4 192.0.2.7 192.0.2.8 5000 443\r\n"


def sent(where: Endpoint, recording: peers.Recording, **asked: object) -> Replay:
    (done,) = replay(
        Scan("-"),
        [recording.seen()],
        Asked(target=str(where), **asked),  # type: ignore[arg-type]
        Way(connect_timeout=2, timeout=0.7),
        tapes={0: recording.tape()},
    )
    return done


def proved(done: Replay) -> list[str]:
    return [cause.id for cause in done.verdict.causes if cause.confidence == "proved"]


@pytest.mark.parametrize("protocol", ["smtp", "imap", "pop3", "ftp", "mysql"])
def test_a_server_that_greets_is_spoken_to_in_its_own_protocol(protocol: str) -> None:
    recording = peers.recorded(("client", HELLO))
    with speaking([*SCRIPTS[protocol]]) as (where, _):
        done = sent(where, recording)
    assert proved(done) == ["starttls-expected"]
    assert protocol in done.verdict.summary


def test_a_proxy_header_too_much_is_proved_by_leaving_it_out() -> None:
    with peers.openssl_server() as where:
        done = sent(where, peers.recorded(("client", PROXY), ("client", HELLO)))
    assert proved(done) == ["proxy-protocol-unexpected"]
    spoken = [a.preamble.protocol if a.preamble else "" for a in done.attempts]
    assert spoken[:3] == ["proxy-v1", "", "proxy-v1"]


def test_a_proxy_header_that_is_answered_with_an_alert_is_left_out_as_well() -> None:
    """So do Tomcat (internal_error) and rustls (decode_error); another alert would be no pass."""
    with peers.openssl_server() as server:

        def serve(accepted: socket.socket) -> None:
            first = accepted.recv(1 << 16)
            if first[:1] != b"\x16":
                accepted.sendall(b"\x15\x03\x03\x00\x02\x02\x50")
                return
            with socket.create_connection(server) as onward:
                onward.sendall(first)
                onward.settimeout(0.4)
                with contextlib.suppress(TimeoutError):
                    while answer := onward.recv(1 << 16):
                        accepted.sendall(answer)

        with peers.scripted(serve) as where:
            done = sent(where, peers.recorded(("client", PROXY), ("client", HELLO)))
    assert proved(done) == ["proxy-protocol-unexpected"]


def test_a_header_that_is_taken_is_not_tried_without() -> None:
    with speaking(SCRIPTS["proxy-v1"]) as (where, _):
        done = sent(where, peers.recorded(("client", PROXY), ("client", HELLO)))
    assert "preamble" not in {attempt.variant for attempt in done.attempts}


def test_a_preamble_on_a_port_of_tls_is_proved_by_tls_at_once() -> None:
    with peers.openssl_server() as where:
        done = sent(where, peers.recorded(("client", HELLO)), starttls="imap")
    assert proved(done) == ["starttls-expected"]


def test_a_refused_preamble_is_no_reason_for_another() -> None:
    turns = [*SCRIPTS["smtp"][:4], b"454 no TLS here\r\n", heard(rb"never")]
    with speaking(turns) as (where, _):
        done = sent(where, peers.recorded(("client", HELLO)), starttls="smtp")
    assert [a.variant for a in done.attempts] == ["exact"]
    assert proved(done) == []


@pytest.mark.parametrize(
    ("port", "protocol"), [(5432, "postgres"), (389, "ldap"), (1433, "tds"), (443, None)]
)
def test_of_a_mute_server_the_port_tells(port: int, protocol: str | None) -> None:
    recording = peers.recorded(("client", HELLO), server=Endpoint(peers.LOOPBACK, port))
    recording.ends.append(("server", recording.marks[-1][2] + 0.01))
    told = [row.changed for row in clear.rows(recording.seen(), 443)]
    assert told == ([f"{protocol} spoken before TLS"] if protocol else [])


def test_behind_a_translation_the_captured_port_tells() -> None:
    recording = peers.recorded(("client", HELLO), server=Endpoint(peers.LOOPBACK, 11389))
    recording.ends.append(("server", recording.marks[-1][2] + 0.01))
    assert [row.changed for row in clear.rows(recording.seen(), 389)] == ["ldap spoken before TLS"]


def test_clear_words_of_no_dialect_are_followed_by_none() -> None:
    recording = peers.recorded(("client", HELLO), ("server", b"SSH-2.0-OpenSSH_9.2\r\n"))
    assert clear.rows(recording.seen(), 443) == ()
    assert clear_servers.SCRIPTS.keys() >= set(signs.GREETINGS.values()) - {"tds"}


def serving(status: bytes) -> Callable[[socket.socket], None]:
    """A port that refuses what is no HTTP, as nginx does, and answers a request with `status`."""

    def serve(accepted: socket.socket) -> None:
        asked = accepted.recv(1 << 16).startswith(b"GET ")
        told = status if asked else b"400 Bad Request"
        accepted.sendall(b"HTTP/1.1 " + told + b"\r\nServer: nginx/1.22.1\r\n\r\n")

    return serve


@pytest.mark.parametrize("status", [b"200 OK", b"404 Not Found"])
def test_a_port_that_serves_plain_http_is_one(status: bytes) -> None:
    with peers.scripted(serving(status)) as where:
        done = sent(where, peers.recorded(("client", HELLO)))
    assert proved(done) == ["tls-to-http-port"]
    assert done.attempts[1].variant == "cleartext"


def test_a_port_that_refuses_plain_http_too_is_not_proved_to_be_one() -> None:
    """A balancer that puts a PROXY header before everything is answered so."""
    with peers.scripted(serving(b"400 Bad Request")) as where:
        done = sent(where, peers.recorded(("client", HELLO)))
    assert proved(done) == []
    assert "tls-to-http-port" in {cause.id for cause in done.verdict.causes}


def redis_like(accepted: socket.socket) -> None:
    """Wait for a line, as Redis and Memcached do, and answer it with an error."""
    said = b""
    while more := accepted.recv(4096):
        said += more
        if said[:1] != b"\x16" and said.endswith(b"\n"):
            accepted.sendall(b"-ERR unknown command\r\n")


def test_a_server_that_awaits_a_line_is_told_by_one() -> None:
    with peers.scripted(redis_like) as where:
        done = sent(where, peers.recorded(("client", HELLO)))
    assert proved(done) == ["server-speaks-first"]
    assert "cleartext" in {attempt.variant for attempt in done.attempts}


def http_that_hangs_up(accepted: socket.socket) -> None:
    """Serve HTTP, and close on what is none, as `php -S` does."""
    if accepted.recv(4096).startswith(b"GET "):
        accepted.sendall(b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi")


def test_a_port_of_http_that_closes_on_a_hello_is_asked_in_http() -> None:
    with peers.scripted(http_that_hangs_up) as where:
        done = sent(where, peers.recorded(("client", HELLO)))
    assert proved(done) == ["tls-to-http-port"]


def test_a_port_that_leads_whoever_speaks_in_clear_to_https_is_none_of_http() -> None:
    def redirects(accepted: socket.socket) -> None:
        if accepted.recv(4096).startswith(b"GET "):
            accepted.sendall(b"HTTP/1.1 301 Moved\r\nLocation: https://www.example/\r\n\r\n")

    with peers.scripted(redirects) as where:
        done = sent(where, peers.recorded(("client", HELLO)))
    assert not proved(done)


def test_who_leaves_before_it_is_spoken_to_does_not_mind_the_hello() -> None:
    with peers.scripted(lambda accepted: None) as where:
        done = sent(where, peers.recorded(("client", HELLO)))
    told = [(cause.id, cause.confidence) for cause in done.verdict.causes]
    assert told == [("server-abrupt-eof", "likely"), ("lb-tcp-accept-no-member", "likely")]
    assert [attempt.variant for attempt in done.attempts] == ["exact", "wait"]
