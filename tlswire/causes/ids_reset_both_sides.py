"""An intrusion prevention system resets the connection towards both sides.

What it is: a signature or a policy fires on something in the handshake, and the box sends resets
in both names.

At the client: a reset in the server's name with another TTL than the server's packets.
At the server: a reset in the client's name that the client did not send.
In the middle: both resets leave the same box; its log says threat or policy.

Mistaken for: sni-filter-rst-injected, where the name is what fires; server-abrupt-eof.

Proof: replay from both sides of the box; with another name and with other suites, to find what
fires.

Sources: RFC 9293 section 3.5.2; Palo Alto Networks KB kA10g000000ClHGCA0.
"""

from __future__ import annotations

from tlswire.causes import refusals
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.causes.sni_filter_rst_injected import F5
from tlswire.ending import PATIENCE
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "ids-reset-both-sides"
STAGE: Stage = "tcp"
SUMMARY = mark("an inspecting box on the way reset the connection in the name of its peers")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "firewall",
        "Look up the threat log for this connection, and exempt it, or correct the signature.",
    ),
    Cited(
        "network",
        "Compare captures of both sides: neither peer sent the reset it is said to have sent.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("sni", "suites", "segments", "records")

BOTH = mark("resets that do not fit came in the name of both sides")


def look(case: Case) -> Finding | Refuted | None:
    """A forged reset; in both names it is nearly certain."""
    if case.hello is not None and refusals.unheard(case):
        return Finding("possible", (case.closing,), say(SUMMARY), 55)
    if case.ended("client", "rst") and case.hello is not None and case.waited < PATIENCE:
        return Finding("possible", (case.closing,), say(SUMMARY), 42) if _unanswered(case) else None
    if _labelled(case):
        return Finding("likely", (case.closing,), say(SUMMARY), 68)
    if not case.ended("network", "rst"):
        return None
    if case.flow.client.resets and case.flow.server.resets and _early(case):
        frame = case.flow.client.resets[0].frame
        both = Evidence(text=say(BOTH), frame=frame, sender="client")
        return Finding("likely", (both, case.closing), say(SUMMARY), 70)
    return Finding("likely", (case.closing,), say(SUMMARY), 55)


def _labelled(case: Case) -> bool:
    """Tell whether the reset in the server's name says in words why, as boxes do."""
    texts = [reset.payload for reset in case.flow.server.resets if reset.payload]
    own = case.ended("server", "rst") and _unanswered(case)
    return own and case.hello is not None and any(F5 not in text for text in texts)


def _unanswered(case: Case) -> bool:
    return case.stopped("SERVER_HELLO")


def _early(case: Case) -> bool:
    return case.flow.client.resets[0].at <= case.ended_at
