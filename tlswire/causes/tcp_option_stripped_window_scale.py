"""A box rewrites the TCP options of the opening, and one side's window is misread.

What it is: a firewall removes window scale from one of the two SYNs. One side scales its window
and the other does not: flights stall after a few hundred bytes or some kilobytes.

At the client and at the server: the SYN options that were sent are not those that arrived; a
flight stops in the middle and small pieces follow slowly. In the middle: compare the options on
both sides of each box.

Mistaken for: mtu-blackhole-server-flight, server-stall.

Proof: compare the SYN and the SYN-ACK in captures at both ends.

Sources: RFC 7323 section 2.2.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "tcp-option-stripped-window-scale"
STAGE: Stage = "tcp"
SUMMARY = mark(
    "only one side of the TCP opening shows window scaling: a box may have rewritten the other"
)
REMEDIES: tuple[Cited, ...] = (
    Cited("firewall", "Do not rewrite TCP options, or rewrite them in both directions."),
)
SPLIT_BY: tuple[str, ...] = ()


def look(case: Case) -> Finding | Refuted | None:
    """A flight that stalls, and window scale in one SYN only."""
    client, server = case.flow.client, case.flow.server
    if case.ending.how != "silence" or not server.sent or not server.syn_frames:
        return None
    if client.syn_at is None or server.syn_at is None or server.window_scale is not None:
        return None
    if client.window_scale is None:
        return None
    text = say(
        "the SYN has window scale {window_scale}, the SYN-ACK has none",
        window_scale=client.window_scale,
    )
    frame = server.syn_frames[0]
    shown = Evidence(text=text, frame=frame, sender="server")
    return Finding("possible", (shown, case.closing), say(SUMMARY), 15)
