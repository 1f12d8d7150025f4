"""A firewall opens the TCP connection and cuts it once it knows the application.

What it is: the rule that lets TCP pass waits for the first data, decides that the application is
not permitted, and drops or resets.

At the client: TCP opens, the ClientHello leaves, then silence or a reset.
At the server: the TCP handshake, and no ClientHello.
In the middle: the firewall's log ends the session with a policy reason, the application as
unknown or incomplete.

Mistaken for: sni-filter-drop, where the name decides; mtu-blackhole-client-hello, where the size
does.

Proof: replay cleartext, or another name, on the same port and compare.

Sources: Palo Alto Networks KB kA10g000000ClHGCA0.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say

ID = "app-id-policy-drop"
STAGE: Stage = "tcp"
SUMMARY = mark("a firewall lets TCP open and cuts it when it recognises the application")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "firewall",
        "Permit the application (ssl, web-browsing) on this rule, or permit by port alone.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("sni", "cleartext", "segments", "records")


def look(case: Case) -> Finding | Refuted | None:
    """First data that the network swallowed or reset."""
    if not case.stopped("SERVER_HELLO") or case.hello is None:
        return None
    if case.ended("network", "icmp"):
        return Finding("likely", (case.closing,), say(SUMMARY), 60)
    if not case.ended("network", "silence", "rst"):
        return None
    if case.ended("network", "silence") and case.flow.server.holes:
        return Refuted(say("later bytes of the server's answer came through"))
    return Finding("possible", (case.closing,), say(SUMMARY), 50)
