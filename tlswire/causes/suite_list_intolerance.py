"""The server breaks on cipher suites that it should pass over.

What it is: a server or a box that must ignore suites it does not know stumbles over one of them, or
over their number: some balancers read 128 suites at most.

At the client, at the server and in the middle: a ClientHello with many suites, some of them new or
old, then illegal_parameter(47), handshake_failure(40), a reset or a close; clients that offer few
are served.

Mistaken for: cipher-no-overlap, where one suite more would help; version-intolerance;
grease-intolerance.

Proof: replay with only common suites offered passes, padded to the same size as well.

Sources: RFC 8446 section 4.1.2; drwetter/testssl.sh#806, drwetter/testssl.sh#1214 (Cisco ACE).
"""

from __future__ import annotations

from tlswire.causes import odds, refusals, traits
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.causes.cipher_no_overlap import real_suites
from tlswire.language import mark, say

ID = "suite-list-intolerance"
STAGE: Stage = "client_hello"
SUMMARY = mark("the hello offers {number} cipher suites, which some servers and boxes cannot read")
REMEDIES: tuple[Cited, ...] = (
    Cited("load_balancer", "Upgrade the firmware: unknown suites must be ignored, however many."),
    Cited("server", "Upgrade the TLS library: unknown suites must be ignored."),
    Cited("client", "As a stop-gap offer fewer cipher suites: those with ECDHE and AES-GCM."),
)
SPLIT_BY: tuple[str, ...] = ("suites",)

#: How well it fits an alert, and where more suites are offered than some balancers read.
ALERTED, MOST = 12, 55


def look(case: Case) -> Finding | Refuted | None:
    """Many suites, and a refusal that does not say why."""
    if case.offer is None or (case.flow.server.sent and not refusals.bare(case)):
        return None
    number = len(real_suites(case.offer))
    if number < traits.MANY:
        return None
    why = say(SUMMARY, number=number)
    shown = cite(case.hello, why)
    if not refusals.bare(case):
        return odds.judge(case, ID, (shown,), why)
    if case.served_others:
        return None
    weight = MOST if number >= odds.MOST_SUITES else ALERTED
    return Finding("possible", (shown, case.closing), why, weight)
