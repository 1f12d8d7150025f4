"""A hello after a silent wait: forgotten on the way, or no matter."""

from __future__ import annotations

import select
import socket
import ssl
import struct

import peers
from test_flight import HELLO

from tlswire.causes.idle_timeout_before_handshake import STRANGE
from tlswire.decode import Scan
from tlswire.flow import Endpoint
from tlswire.replay import Asked, replay
from tlswire.result import Replay
from tlswire.way import Way

IDLE = "idle-timeout-before-handshake"


def reset(accepted: socket.socket) -> None:
    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def again(where: Endpoint) -> Replay:
    """Replay a hello that came late, and was answered by a reset."""
    recording = peers.recorded(("client", HELLO))
    seen = recording.seen()
    seen.flow.opened_at = seen.flow.started - STRANGE - 0.1
    seen.ending = seen.ending._replace(
        outcome="failed", stopped_at="SERVER_HELLO", side="server", how="rst"
    )
    (done,) = replay(
        Scan("-"),
        [seen],
        Asked(target=str(where)),
        Way(connect_timeout=2, timeout=1),
        tapes={0: recording.tape()},
    )
    return done


def test_a_box_that_forgets_what_lies_idle_is_proved() -> None:
    context, own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), peers.identity()
    context.load_cert_chain(own.certificate, own.key)

    def forgets(accepted: socket.socket) -> None:
        at_once, _, _ = select.select([accepted], [], [], STRANGE / 2)
        if at_once:
            with context.wrap_socket(accepted, server_side=True) as secured:
                secured.recv(4096)
        else:
            accepted.recv(4096)
            reset(accepted)

    with peers.scripted(forgets) as where:
        done = again(where)
    assert [(c.id, c.confidence) for c in done.verdict.causes] == [(IDLE, "proved")]
    assert [a.variant for a in done.attempts][-3:] == ["wait", "exact", "wait"]


def test_a_server_that_is_patient_clears_the_wait() -> None:
    with peers.openssl_server() as where:
        done = again(where)
    assert IDLE not in {cause.id for cause in done.verdict.causes}
    assert IDLE in {ruled.id for ruled in done.verdict.ruled_out}
