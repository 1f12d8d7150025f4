"""Preambles spoken to servers that were written from the RFCs, then TLS with the captured hello."""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from base64 import b64encode

import clear_servers
import peers
import pytest
import stacks
from clear_servers import SCRIPTS, speaking
from test_flight import HELLO

from tlswire.decode import Scan
from tlswire.flight import Flight, Piece
from tlswire.flow import Endpoint
from tlswire.preambles.dialects import BY_PROTOCOL
from tlswire.replay import Asked, replay, send, unreached
from tlswire.seen import Seen
from tlswire.sources.dialling import resolve
from tlswire.way import Stage, Target, Way

TARGET = Target("server.example", 443)
FLIGHT = Flight((Piece(HELLO),))


def gone(where: Endpoint, *protocols: str, target: Target = TARGET, timeout: float = 2.0) -> Seen:
    stages = tuple(Stage(protocol, target) for protocol in protocols)
    return send(FLIGHT, resolve(*where), Way(timeout=timeout, stages=stages))


def test_every_dialect_has_a_server_here() -> None:
    assert set(BY_PROTOCOL) == {*SCRIPTS, "tds"}


@pytest.mark.parametrize("protocol", SCRIPTS)
def test_a_server_goes_on_with_tls(protocol: str) -> None:
    with speaking(SCRIPTS[protocol]) as (where, said):
        seen = gone(where, protocol)
    assert seen.transcript.server_hello is not None, bytes(said)
    assert seen.preamble is not None
    assert (seen.preamble.protocol, seen.preamble.refused) == (protocol, None)
    assert bytes(said) == seen.transcript.cleartext["client"]


def test_sql_servers_get_the_hello_in_packets() -> None:
    with clear_servers.sql_server() as where:
        seen = gone(where, "tds")
    assert seen.transcript.server_hello is not None
    assert seen.transcript.client_hello is not None
    assert seen.transcript.unfinished == {"client": 0, "server": 0}


def test_a_chain_is_spoken_from_the_outside_in() -> None:
    chain = ("proxy-v2", "http-connect", "smtp")
    with speaking([turn for protocol in chain for turn in SCRIPTS[protocol]]) as (where, _):
        seen = gone(where, *chain)
    assert seen.transcript.server_hello is not None
    assert seen.preamble is not None
    assert seen.preamble.protocol == "proxy-v2+http-connect+smtp"


# -- the preamble's own failure ----------------------------------------------------------


@pytest.mark.parametrize(
    ("protocol", "turns", "words"),
    [
        ("smtp", [*SCRIPTS["smtp"][:4], b"454 4.7.0 TLS not available\r\n"], "454 4.7.0"),
        ("smtp", [b"554 no service for you\r\n"], "554 no service"),
        ("imap", [*SCRIPTS["imap"][:2], b"a1 BAD unknown command\r\n"], "a1 BAD"),
        ("postgres", [*SCRIPTS["postgres"][:1], b"N"], "N (no TLS here)"),
        ("http-connect", [*SCRIPTS["http-connect"][:1], b"HTTP/1.1 503 No\r\n\r\n"], "503 No"),
        ("socks5", [*SCRIPTS["socks5"][:3], bytes.fromhex("05050001") + bytes(6)], "refused"),
    ],
)
def test_a_refusal_ends_at_the_preamble_and_no_hello_is_sent(
    protocol: str, turns: list[clear_servers.Turn], words: str
) -> None:
    with speaking([*turns, clear_servers.heard(rb"never")]) as (where, _):
        seen = gone(where, protocol)
    ending = seen.ending
    assert (ending.outcome, ending.stopped_at) == ("failed", "PREAMBLE")
    assert (ending.side, ending.how) == ("server", "non_tls")
    assert seen.preamble is not None
    assert words in (seen.preamble.refused or "")
    assert HELLO not in seen.transcript.cleartext.get("client", b"")
    assert seen.transcript.client_hello is None


@pytest.mark.parametrize(
    ("protocol", "said", "how"),
    [
        ("imap", b"220 mail.example ESMTP\r\n", "non_tls"),  # another protocol is a no
        ("postgres", b"HTTP/1.1 400 Bad Request\r\n\r\n", "non_tls"),
        ("smtp", b"220-mail.example ESMTP\r\n", "silence"),  # its own, and not ended
        ("ftp", b"220-welcome\r\n", "silence"),
    ],
)
def test_words_of_another_protocol_are_a_refusal(protocol: str, said: bytes, how: str) -> None:
    def serve(accepted: socket.socket) -> None:
        accepted.sendall(said)
        time.sleep(3)

    with peers.scripted(serve) as where:
        seen = gone(where, protocol, timeout=1.0)
    assert (seen.ending.stopped_at, seen.ending.side, seen.ending.how) == (
        "PREAMBLE",
        "server",
        how,
    )


def close(accepted: socket.socket) -> None:
    accepted.sendall(b"220 mail.example ESMTP\r\n")
    accepted.recv(100)


def reset(accepted: socket.socket) -> None:
    accepted.sendall(b"220 mail.example ESMTP\r\n")
    peers.resets(accepted)


def stall(accepted: socket.socket) -> None:
    close(accepted)
    time.sleep(3)


@pytest.mark.parametrize(("serve", "how"), [(close, "fin"), (reset, "rst"), (stall, "silence")])
def test_who_leaves_in_the_preamble_ended_it(serve: object, how: str) -> None:
    with peers.scripted(serve) as where:  # type: ignore[arg-type]
        seen = gone(where, "smtp", timeout=1.5)
    ending = seen.ending
    assert (ending.outcome, ending.stopped_at) == ("failed", "PREAMBLE")
    assert (ending.side, ending.how) == ("server", how)
    assert seen.preamble is not None
    assert seen.preamble.awaits == "server: reply to EHLO"


def test_a_server_that_never_greets_is_silent() -> None:
    with peers.scripted(lambda accepted: time.sleep(3)) as where:
        seen = gone(where, "imap", timeout=1.2)
    assert (seen.ending.stopped_at, seen.ending.side, seen.ending.how) == (
        "PREAMBLE",
        "server",
        "silence",
    )


# -- proxies -----------------------------------------------------------------------------


@pytest.mark.parametrize("protocol", ["http-connect", "socks5"])
@pytest.mark.parametrize("user", ["", "me"])
def test_through_a_proxy(protocol: str, user: str) -> None:
    secret = b64encode(b"me:xyzzy") if user else b""
    proxies = {
        "http-connect": clear_servers.http_proxy(secret),
        "socks5": clear_servers.socks_proxy(user.encode(), b"xyzzy"),
    }
    with peers.openssl_server() as server, peers.scripted(proxies[protocol]) as proxy:
        seen = gone(proxy, protocol, target=Target(*server, user=user, password="xyzzy"))
        assert seen.transcript.server_hello is not None
        if user:
            wrong = gone(proxy, protocol, target=Target(*server, user=user, password="plugh"))
            assert (wrong.ending.stopped_at, wrong.ending.how) == ("PREAMBLE", "non_tls")
            assert "xyzzy" not in "".join(seen.preamble.steps if seen.preamble else ())


@pytest.mark.parametrize("trusted", [True, False])
def test_through_a_proxy_inside_tls(trusted: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hello goes through whole, and what comes back is the server's; the proxy is checked."""
    own = peers.identity()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own.certificate, own.key)
    serve = clear_servers.http_proxy()

    def inside(accepted: socket.socket) -> None:
        with contextlib.suppress(OSError), context.wrap_socket(accepted, server_side=True) as tls:
            serve(tls)

    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(own.authority))
    with peers.openssl_server() as server, peers.scripted(inside) as proxy:
        asked = Asked(target=str(server), proxy=f"https://{proxy}")
        hello = peers.recorded(("client", HELLO), server=server)
        done = replay(Scan("-"), [hello.seen()], asked, Way(timeout=2), tapes={0: hello.tape()})[0]
    if trusted:
        assert done.attempts[-1].outcome == "established"
        assert done.attempts[-1].preamble is not None
        assert done.attempts[-1].preamble.protocol == "http-connect"
    else:
        assert unreached(done)
        assert "CERTIFICATE_VERIFY_FAILED" in done.verdict.summary


def test_the_addresses_of_a_proxy_header_are_the_connections_own_unless_told() -> None:
    with speaking(SCRIPTS["proxy-v1"]) as (where, said):
        gone(where, "proxy-v1")
        gone(
            where,
            "proxy-v1",
            target=TARGET._replace(source=Endpoint("192.0.2.7", 5000), destination=where),
        )
    own, told = bytes(said).splitlines()
    assert own.startswith(b"PROXY TCP4 127.0.0.1 127.0.0.1 ")
    assert own.endswith(b" %d" % where.port)
    assert told == b"PROXY TCP4 192.0.2.7 127.0.0.1 5000 %d" % where.port


# -- real readers of PROXY headers -------------------------------------------------------

SOURCE = Endpoint("192.0.2.77", 5077)
BEHIND = TARGET._replace(source=SOURCE, destination=Endpoint("192.0.2.1", 443))


@pytest.mark.parametrize("version", ["proxy-v1", "proxy-v2"])
def test_haproxy_takes_the_source_from_the_header(version: str) -> None:
    with stacks.haproxy_server("accept-proxy") as at:
        assert gone(at, version, target=BEHIND).transcript.server_hello is not None
        assert gone(at).transcript.server_hello is None


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_nginx_logs_the_captured_source_of_a_request(version: str) -> None:
    own, home = peers.identity(), peers.folder("nginx")
    here = Endpoint(peers.LOOPBACK, peers.free_port())
    (home / "nginx.conf").write_text(
        f"daemon off; master_process off; pid {home}/pid; error_log {home}/error.log; events {{}} "
        "http { log_format by '$proxy_protocol_addr:$proxy_protocol_port';"
        f"server {{ listen {here} ssl proxy_protocol; access_log {home}/access.log by;"
        f"ssl_certificate {own.certificate}; ssl_certificate_key {own.key}; return 204; }} }}"
    )
    recording = peers.recorded(("client", HELLO), server=here)
    source = recording.seen().flow.client.endpoint
    command = [peers.need("nginx"), "-p", str(home), "-c", str(home / "nginx.conf")]
    with peers.running(command, here.port):
        asked = Asked(proxy_protocol=version)
        (done,) = replay(
            *(Scan("-"), [recording.seen()], asked, Way(timeout=2)), tapes={0: recording.tape()}
        )
        time.sleep(0.1)
    assert done.attempts[-1].outcome == "established"
    assert str(source) in (home / "access.log").read_text()
