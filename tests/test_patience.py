"""A server that answers late: the captured client left, a replay that waits as long hears it."""

from __future__ import annotations

import socket
import ssl
import time

import peers
from test_flight import HELLO

from tlswire.decode import Scan
from tlswire.replay import Asked, replay
from tlswire.way import Way

SLOW = 1.6


def test_a_client_that_left_too_soon_is_told_by_an_answer_that_comes_later() -> None:
    context, own = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), peers.identity()
    context.load_cert_chain(own.certificate, own.key)

    def slow(accepted: socket.socket) -> None:
        time.sleep(SLOW)
        with context.wrap_socket(accepted, server_side=True) as secured:
            secured.recv(4096)

    with peers.scripted(slow) as where:
        recording = peers.recorded(("client", HELLO), server=where)
        recording.ends.append(("client", recording.marks[-1][2] + 1.4))
        seen = recording.seen()
        assert (seen.ending.side, seen.ending.how) == ("server", "silence")
        way = Way(connect_timeout=2, timeout=0.5)
        (done,) = replay(Scan("-"), [seen], Asked(), way, tapes={0: recording.tape()})
    found = {cause.id: cause for cause in done.verdict.causes}
    assert found["client-timeout"].confidence == "likely"
    assert any("answered now after" in each.text for each in found["client-timeout"].evidence)
    assert found["server-stall"].confidence == "likely"
