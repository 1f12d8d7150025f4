"""A box drops a SYN that carries the TCP Fast Open option.

What it is: the client sends option 34, often with data in the SYN, and a firewall drops what it
does not know.

At the client: SYN with option 34 sent again and again; a later SYN without it passes. At the
server: nothing.

Mistaken for: tcp-syn-filtered, where every SYN is dropped.

Proof: connect without Fast Open passes.

Sources: RFC 7413 section 4.1.3; dotnet/runtime#1476.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "tfo-syn-data-drop"
STAGE: Stage = "tcp"
SUMMARY = mark("the SYN carries TCP Fast Open, which a box on the way may drop")
REMEDIES: tuple[Cited, ...] = (
    Cited("client", "Switch TCP Fast Open off."),
    Cited("firewall", "Let TCP option 34 and data in SYNs pass."),
)
SPLIT_BY: tuple[str, ...] = ()


def look(case: Case) -> Finding | Refuted | None:
    """An unanswered SYN with the option."""
    client = case.flow.client
    if not client.fast_open or not case.stopped("TCP_CONNECT") or case.ending.how != "silence":
        return None
    if case.flow.server.packets:
        return None
    frame = client.syn_frames[0] if client.syn_frames else None
    shown = Evidence(text=say("the SYN carries TCP option 34"), frame=frame, sender="client")
    return Finding("possible", (shown,), say(SUMMARY), 45)
