"""A load balancer takes the connection and has nobody to hand it to.

What it is: a full proxy completes TCP by itself, then finds no member, or a member that refuses,
and resets or closes.

At the client: TCP opens within the balancer's round trip; after the ClientHello, or even before
it, a reset or a close without a byte, at once or after the balancer's own connect timeout.
At the server: no SYN; or a SYN that it answers with a reset.
In the middle: at the balancer, the client side open and the server side missing.

Mistaken for: server-abrupt-eof, the same seen from the client; proxy-protocol-missing.

Proof: replay to a pool member directly passes; to the virtual server it fails.

Sources: Citrix CTX270439.
"""

from __future__ import annotations

from tlswire.causes import odds, refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.language import mark, say

ID = "lb-tcp-accept-no-member"
STAGE: Stage = "tcp"
SUMMARY = mark("a load balancer took the connection and reached no member")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "load_balancer",
        "Look at the pool: members up, monitors right, a route and a source address that "
        "members accept.",
    ),
    Cited(
        "server",
        "Start the service on the member's port.",
    ),
    Cited(
        "firewall",
        "Let the balancer reach its members.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("wait",)

#: A close after so many seconds is that of somebody who tried to connect elsewhere first.
TRIED = 0.5
#: How well it fits a close before the client has said a word.
EARLY = 45


def look(case: Case) -> Finding | Refuted | None:
    """A close or reset without a byte of TLS; a pause before it is a connect timeout."""
    early = case.stopped("CLIENT_HELLO") and case.ended("server", "fin", "rst")
    if not refusals.mute(case) and not (early and _unspoken(case)):
        return None
    if _told(case):
        text = say("the reset says {told}", told=wording.quote(_told(case)))
        return Finding("likely", (cite(case.ending.entry, text), case.closing), say(SUMMARY), 85)
    waited = case.waited
    text = say("{time} passed before the server's side was closed", time=wording.seconds(waited))
    evidence = (cite(case.ending.entry, text), case.closing)
    if waited >= max(TRIED, 3 * (case.flow.round_trip or 0.0)) and not early:
        return Finding("likely", evidence, say(SUMMARY), 70)
    if early:
        return Finding("possible", evidence, say(SUMMARY), EARLY)
    return odds.judge(case, ID, evidence[:1], say(SUMMARY))


def _unspoken(case: Case) -> bool:
    """Tell whether the client had not said a word when the server's side was closed."""
    first = next(iter(case.flow.client.segments), None)
    return case.unused or (first is not None and case.ended_at <= first.at)


def _told(case: Case) -> str:
    """Return what a balancer wrote into its reset: F5 can be told to say why (rstcause)."""
    texts = [reset.payload for reset in case.flow.server.resets if b"BIG-IP" in reset.payload]
    return texts[0].decode("ascii", "backslashreplace") if texts else ""
