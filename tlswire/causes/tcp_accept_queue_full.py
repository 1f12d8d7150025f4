"""The kernel opens the connection, the application never takes it.

What it is: the listener's queue is full, or the process hangs. The kernel has said SYN-ACK,
nobody reads what follows.

At the client: TCP opens; the ClientHello is acknowledged, or sent again; no answer.
At the server: the SYN-ACK repeated although the client has acknowledged it; listen overflows
count up.
In the middle: the same as at the client.

Mistaken for: server-stall, where one connection is slow and others are not.

Proof: replay several times, at quiet times and at busy ones.

Sources: tokio-rs/tokio#383, cloudius-systems/osv#283.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "tcp-accept-queue-full"
STAGE: Stage = "tcp"
SUMMARY = mark("the server's process does not take new connections")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Raise the listen backlog, and look at why the process does not accept: limits, a "
        "deadlock, no worker.",
    ),
    Cited(
        "load_balancer",
        "Limit connections per member below what it can take.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("wait",)

REPEATED = mark("the server repeated its SYN-ACK although the client had acknowledged it")


def look(case: Case) -> Finding | Refuted | None:
    """A SYN-ACK repeated after the ACK is the sign; silence alone leaves it possible."""
    if case.stopped("TCP_CONNECT") and case.ended("network", "silence"):  # it drops SYNs as well
        return Finding("possible", (case.closing,), say(SUMMARY), 45 if case.served_others else 15)
    if not case.stopped("SERVER_HELLO") or case.ending.how != "silence":
        return None
    again = case.flow.opened_at is not None and len(case.flow.server.syn_frames) > 1
    if again:
        frame = case.flow.server.syn_frames[-1]
        evidence = Evidence(text=say(REPEATED), frame=frame, sender="server")
        return Finding("likely", (evidence, case.closing), say(SUMMARY), 75)
    if case.ending.side != "server" or case.flow.server.sent or case.served_others:
        return None
    return Finding("possible", (case.closing,), say(SUMMARY), 21)
