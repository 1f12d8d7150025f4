"""The client retries with an older version, and the server says that it need not.

What it is: a first attempt failed, the client came back with a lower version and the signal
TLS_FALLBACK_SCSV, and a server that speaks better refuses. The cause is whatever made the first
attempt fail.

At the client, at the server and in the middle: a ClientHello with suite 0x5600 and an old
version, then the server's inappropriate_fallback(86); some balancers say handshake_failure(40).

Mistaken for: version-client-too-old; the alert is a protection and must not be switched off.

Proof: replay without 0x5600 passes; look for the earlier connection of the same client.

Sources: RFC 7507 section 3; drwetter/testssl.sh#121, nabla-c0d3/sslyze#119,
openssl/openssl#2099.
"""

from __future__ import annotations

from tlswire.causes import odds, refusals
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert, Suite
from tlswire.language import mark, say

ID = "fallback-scsv"
STAGE: Stage = "client_hello"
SUMMARY = mark("the client came back with an older version after a first attempt that failed")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Find out why the first attempt failed, in the connection before this one; do not retry "
        "with older versions.",
    ),
    Cited(
        "server",
        "Leave the check on; look at the first attempt.",
    ),
    Cited(
        "network",
        "Look for resets or losses that make first attempts fail.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("suites",)


#: Nobody sends the signal whose first attempt did not fail.
UNSAID = 70


def look(case: Case) -> Finding | Refuted | None:
    """The signal in the hello and the alert that answers it."""
    if case.offer is None or Suite.TLS_FALLBACK_SCSV not in case.offer.suites:
        return None
    shown = cite(case.hello, say("the suites offered hold TLS_FALLBACK_SCSV (0x5600)"))
    if case.alerted("server", Alert.inappropriate_fallback):
        return Finding("proved", (shown, case.closing), say(SUMMARY))
    if refusals.bare(case):
        return Finding("possible", (shown, case.closing), say(SUMMARY), UNSAID)
    return None if case.flow.server.sent else odds.judge(case, ID, (shown,), say(SUMMARY))
