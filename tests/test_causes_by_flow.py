"""Causes that show in TCP's facts and in the company of other connections: flows by hand."""

from __future__ import annotations

import pytest
from test_causes import BEGIN, alert, flow, named
from test_causes_by_hand import LEAF, PLAIN, RENEGOTIATION, chain, record, server_hello

from tlswire import causes
from tlswire.causes.case import Case
from tlswire.ending import ESTABLISHED, judge
from tlswire.flow import Flow, Reset, Segment
from tlswire.offer import read_offer
from tlswire.result import Verdict
from tlswire.session import Session

RESET = Reset(frame=5, at=BEGIN + 0.2, ttl=64, ip_id=7, window=0, sequence_fits=True, payload=b"")
HALF = record(server_hello(RENEGOTIATION), chain(LEAF))[:300]


def verdict(talk: Flow, session: Session, until: float = 9.0) -> Verdict:
    transcript = session.end(BEGIN + until)
    hello = transcript.client_hello
    offer = read_offer(hello) if hello is not None else None
    ending = judge(transcript, talk, BEGIN + until)
    return causes.diagnose(Case(transcript, talk, ending, offer, BEGIN + until))


def half(*, acked: bool = True) -> tuple[Flow, Session]:
    """Return a conversation that stopped in the middle of the server's flight."""
    talk, session = flow(), Session()
    session.receive("client", PLAIN, BEGIN + 0.1, 4)
    talk.client.sent = talk.client.acked = len(PLAIN)
    talk.server.sent = len(HALF)
    talk.server.segments = [Segment(5, BEGIN + 0.2, 0, len(HALF))]
    if acked:
        session.receive("server", HALF, BEGIN + 0.2, 5)
        talk.server.acked = len(HALF)
    return talk, session


def test_an_old_connection_answers_the_syn() -> None:
    talk, session = flow(accepted=False), Session()
    talk.server.packets, talk.client.resets = 1, [RESET]
    session.closed("client", "rst", BEGIN + 0.2, 5)
    assert "tcp-port-reuse" in named(verdict(talk, session))
    talk.server.syn_frames = [2]
    assert "tcp-port-reuse" not in named(verdict(talk, session))


@pytest.mark.parametrize("option", [True, False])
def test_a_syn_with_fast_open(option: bool) -> None:
    talk = flow(accepted=False)
    talk.client.fast_open = option
    talk.client.packets, talk.client.syn_frames = 3, [1, 2, 3]
    talk.server.packets = 0
    found = named(verdict(talk, Session()))
    assert ("tfo-syn-data-drop" in found) == option
    assert next(iter(found)) == "tcp-syn-filtered"


@pytest.mark.parametrize(("scale", "told"), [(7, False), (None, True)])
def test_a_window_that_one_side_scales(scale: int | None, told: bool) -> None:
    talk, session = half()
    talk.client.syn_at, talk.server.syn_at, talk.server.syn_frames = BEGIN, BEGIN, [2]
    talk.client.window_scale, talk.server.window_scale = 7, scale
    assert ("tcp-option-stripped-window-scale" in named(verdict(talk, session))) == told


@pytest.mark.parametrize("repeated", [0, 2])
def test_a_reset_amid_repeated_segments(repeated: int) -> None:
    talk, session = half()
    talk.server.retransmissions = repeated
    session.closed("client", "rst", BEGIN + 0.3, 6)
    assert ("conntrack-invalid-rst" in named(verdict(talk, session))) == bool(repeated)


@pytest.mark.parametrize(("largest", "told"), [(300, True), (1400, False)])
def test_small_segments_that_are_lost(largest: int, told: bool) -> None:
    talk, session = half(acked=False)
    talk.server.segments = [Segment(5, BEGIN + 0.2, 0, largest)]
    talk.server.sent, talk.server.retransmissions = largest, 3
    talk.server.retransmitted_at = BEGIN + 3
    session.receive("server", bytes(HALF), BEGIN + 0.2, 5)
    assert ("dpi-drops-server-flight" in named(verdict(talk, session))) == told


@pytest.mark.parametrize("how", ["rst", "alert"])
def test_others_are_served(how: str) -> None:
    talk, session = flow(), Session()
    session.receive("client", PLAIN, BEGIN + 0.1, 4)
    talk.client.sent = talk.client.acked = len(PLAIN)
    if how == "alert":
        session.receive("server", alert(80), BEGIN + 0.2, 5)
    else:
        session.closed("server", "rst", BEGIN + 0.2, 5)
    transcript = session.end(BEGIN + 9)
    alone = Case(transcript, talk, judge(transcript, talk, BEGIN + 9), None, BEGIN + 9)
    beside = alone._replace(others=(ESTABLISHED,))
    assert "pool-member-differs" not in named(causes.diagnose(alone))
    assert "pool-member-differs" in named(causes.diagnose(beside))
    limits = causes.cause("lb-limits")
    assert limits.look(alone) is None
    assert (limits.look(beside) is not None) == (how == "rst")
