"""The server has the ClientHello and does not answer, or stops in the middle.

What it is: the kernel acknowledged, the process does not go on: a lookup that hangs (DNS, LDAP,
OCSP), a key store or HSM, no entropy, no free thread, a member that is dead behind a balancer.

At the client, at the server and in the middle: the ClientHello acknowledged at once, then
silence for seconds; the ServerHello comes late or never; the client leaves in the end.

Mistaken for: mtu-blackhole-server-flight, where the server did send; starttls-expected, where it
waits for a line of text; client-timeout.

Proof: replay several times and note the delay; replay a silent wait.

Sources: openssl/openssl#29227, OpenPrinting/cups#1128.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.language import mark, say

ID = "server-stall"
STAGE: Stage = "client_hello"
SUMMARY = mark("the server took the ClientHello and did not answer {waited}")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Look at what the service waits for: name resolution, directory, revocation, key store, "
        "threads.",
    ),
    Cited(
        "load_balancer",
        "Check the members' health; monitor with a whole TLS handshake.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("wait", "twin")

HALF = mark("the server stopped in the middle of its flight and was silent {waited}")


def look(case: Case) -> Finding | Refuted | None:
    """Silence of a server that has acknowledged what it was sent."""
    asked = case.hello is not None or case.unseen == "client"
    if not asked or not case.ended("server", "silence") or case.stopped("CLIENT_HELLO"):
        return None
    begun = case.flow.server.sent > 0
    why = say(HALF, waited=case.lasting("for"))
    if not begun:
        why = say(SUMMARY, waited=case.lasting("within"))
    heard = cite(case.hello, say("the ClientHello was acknowledged"))
    return Finding("likely", (heard, case.closing), why, 70)
