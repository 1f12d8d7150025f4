"""The connection was opened early, lay idle, and was forgotten on the way.

What it is: a client opens connections in advance. A firewall or a balancer drops its state of an
idle one without telling anybody (4 minutes and 350 seconds are usual in clouds), and the first
packet after that is lost or answered with a reset.

At the client: a long gap after the TCP handshake, then a ClientHello that is sent again and
again, or a reset.
At the server: nothing of the ClientHello; perhaps a FIN long ago.
In the middle: a packet that belongs to no state.

Mistaken for: sni-filter-drop, mtu-blackhole-client-hello.

Proof: replay after a silent wait of the same length fails, at once it passes.

Sources: RFC 5382 section 5; Azure and AWS load balancer documentation on idle timeouts.
"""

from __future__ import annotations

from tlswire.causes import wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.language import mark, say

ID = "idle-timeout-before-handshake"
STAGE: Stage = "tcp"
SUMMARY = mark(
    "the connection lay idle for {gap} before the ClientHello and was forgotten on the way"
)
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Send the ClientHello at once, or enable TCP keep-alives below the timeout.",
    ),
    Cited(
        "load_balancer",
        "Raise the idle timeout, and send a reset when it strikes.",
    ),
    Cited(
        "firewall",
        "Raise the idle timeout of established connections.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("wait",)

UNUSED = mark("the connection was opened in advance, was not used for {gap}, and was closed")

#: Idle for so long, in seconds, before the first byte is suspect, or at least strange: clients
#: send their hello at once.
IDLE, STRANGE = 5.0, 2.0


def look(case: Case) -> Finding | Refuted | None:
    """A long gap between the TCP handshake and the first byte of the client."""
    hello, opened = case.hello, case.flow.opened_at
    if opened is None:
        return None
    if hello is None:
        return _unused(case)
    if not case.stopped("SERVER_HELLO") or case.ending.how not in ("silence", "rst"):
        return None
    gap = hello.at - opened
    if gap < STRANGE:
        return None
    told = wording.seconds(gap)
    shown = cite(hello, say("the ClientHello came {told} after the TCP handshake", told=told))
    why = say(SUMMARY, gap=told)
    long = gap >= IDLE
    return Finding("likely" if long else "possible", (shown, case.closing), why, 88 if long else 70)


def _unused(case: Case) -> Finding | None:
    if not case.stopped("CLIENT_HELLO") or not case.unused or case.ending.entry is None:
        return None
    if case.waited < STRANGE:
        return None
    why = say(UNUSED, gap=wording.seconds(case.waited))
    return Finding("possible", (case.closing,), why, 40 if case.waited >= IDLE else 25)
