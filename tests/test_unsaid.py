"""A client that never came to its ClientHello: its way gone again, with a hello of our own."""

from __future__ import annotations

import socket
import ssl
import struct

import peers
from clear_servers import heard, speaking

from tlswire.decode import Scan
from tlswire.flow import Endpoint
from tlswire.replay import Asked, failed, replay
from tlswire.result import Replay
from tlswire.way import Way

GREETING = b"220 mail.example ESMTP\r\n"
OFFERED_NOTHING = b"250-mail.example\r\n250 8BITMIME\r\n"
REQUEST = b"GET / HTTP/1.1\r\nHost: www.example:443\r\n\r\n"


def again(recording: peers.Recording, where: Endpoint) -> Replay:
    (done,) = replay(
        Scan("-"),
        [recording.seen()],
        Asked(target=str(where)),
        Way(connect_timeout=2, timeout=0.7),
        tapes={0: recording.tape()},
    )
    return done


def causes(done: Replay) -> list[tuple[str, str]]:
    return [(cause.id, cause.confidence) for cause in done.verdict.causes]


def left(recording: peers.Recording) -> peers.Recording:
    """Let the client leave at the end."""
    recording.ends.append(("client", recording.marks[-1][2] + 0.01))
    return recording


def test_starttls_that_is_not_offered_is_asked_for_and_refused() -> None:
    recording = left(
        peers.recorded(
            ("server", GREETING), ("client", b"EHLO me\r\n"), ("server", OFFERED_NOTHING)
        )
    )
    turns = [GREETING, heard(rb"EHLO \S+\r\n"), OFFERED_NOTHING, heard(rb"STARTTLS\r\n")]
    with speaking([*turns, b"502 not implemented\r\n", heard(rb"never")]) as (where, _):
        done = again(recording, where)
    assert causes(done)[0] == ("starttls-expected", "likely")
    assert done.attempts[0].stopped_at == "PREAMBLE"
    assert failed(done)


def test_a_request_of_http_is_never_sent_again() -> None:
    asked: list[bytes] = []

    def serve(accepted: socket.socket) -> None:
        asked.append(accepted.recv(4096))
        accepted.sendall(b"\x15\x03\x01\x00\x02\x02\x28")

    recording = left(peers.recorded(("client", REQUEST)))
    with peers.scripted(serve) as where:
        done = again(recording, where)
    assert asked
    assert all(b"www.example" not in each or each[0] == 22 for each in asked)
    assert causes(done)[0] == ("http-to-tls-port", "proved")


def test_a_port_of_http_answers_no_hello_and_proves_nothing() -> None:
    recording = left(peers.recorded(("client", REQUEST)))
    with peers.scripted(peers.answers(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as where:
        done = again(recording, where)
    assert ("http-to-tls-port", "proved") not in causes(done)


def test_a_hello_that_was_cut_off_is_cut_alike_and_then_made_whole() -> None:
    context, own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), peers.identity()
    context.load_cert_chain(own.certificate, own.key)

    def refuses_the_tiny(accepted: socket.socket) -> None:
        if len(accepted.recv(4096, socket.MSG_PEEK)) >= 8:
            with context.wrap_socket(accepted, server_side=True) as secured:
                secured.recv(4096)
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    recording = peers.recorded(("client", b"\x16\x03\x01\x01\x00"))
    recording.ends.append(("server", recording.marks[-1][2] + 0.01))
    with peers.scripted(refuses_the_tiny) as where:
        done = again(recording, where)
    assert done.attempts[0].variant == "own-hello"
    assert "segments" in {attempt.variant for attempt in done.attempts}
    assert causes(done)[0] == ("ch-first-segment-tiny", "proved")
