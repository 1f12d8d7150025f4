"""A server or a box chokes on the reserved values of GREASE.

What it is: browsers put values such as 0x0A0A into their lists so that peers learn to ignore what
they do not know. A faulty parser refuses them.

At the client, at the server and in the middle: a hello with values 0x?A?A, then an alert without a
reason, RST or FIN; clients without such values pass.

Mistaken for: version-intolerance, cipher-no-overlap.

Proof: replay without the reserved values passes.

Sources: RFC 8701; measurement-factory/squid#93.
"""

from __future__ import annotations

from tlswire.causes import odds, refusals
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "grease-intolerance"
STAGE: Stage = "client_hello"
SUMMARY = mark("the hello holds reserved values (GREASE) that a faulty parser may refuse")
REMEDIES: tuple[Cited, ...] = (
    Cited("server", "Upgrade: unknown values must be ignored."),
    Cited("firewall", "Upgrade the inspection engine, or exempt the connection."),
)
SPLIT_BY: tuple[str, ...] = ("suites", "groups", "extension")


#: Who offers such values offers all that is usual as well, and is seldom refused for the rest.
REFUSED, OTHERWISE = 23, 18


def look(case: Case) -> Finding | Refuted | None:
    """GREASE in the hello, and a refusal that gives no reason."""
    if case.offer is None or not (refusals.bare(case) or odds.weigh(case, ID)):
        return None
    if case.flow.server.sent and not (refusals.bare(case) or refusals.puzzled(case)):
        return None
    if not case.offer.grease:
        return Refuted(say("the hello holds no reserved values")) if _ended(case) else None
    shown = cite(case.hello, say("the hello holds values that RFC 8701 reserves"))
    if not refusals.bare(case):
        return odds.judge(case, ID, (shown,), say(SUMMARY))
    if case.served_others:
        return None
    weight = REFUSED if case.alerted("server", Alert.handshake_failure) else OTHERWISE
    return Finding("possible", (shown, case.closing), say(SUMMARY), weight)


def _ended(case: Case) -> bool:
    return refusals.wordless(case) or refusals.reset_on_the_way(case)
