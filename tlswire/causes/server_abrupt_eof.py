"""The server leaves after the ClientHello without a word.

What it is: the process crashed or was restarted, a worker was killed, an access list closes what
it does not like, or a stack that sends no alerts refuses the offer.

At the client, at the server and in the middle: a FIN or a reset in place of the ServerHello,
with the TTL of the server's other packets. A client with OpenSSL 3 answers a FIN with
decode_error(50), which is noise.

Mistaken for: lb-tcp-accept-no-member and proxy-protocol-missing, the same on the wire;
sni-filter-rst-injected, where TTL or time do not fit.

Proof: replay many times: a crash comes and goes, a policy stays. Replay from another address,
for access lists.

Sources: RFC 8446 section 6 (an alert is due); openssl/openssl#17004, openssl/openssl#22526,
psf/requests#3006.
"""

from __future__ import annotations

from tlswire.causes import odds, refusals
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "server-abrupt-eof"
STAGE: Stage = "client_hello"
SUMMARY = mark("the service closed or crashed on receiving the ClientHello")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Read the log of the service at this moment; look for crashes, access lists and limits.",
    ),
    Cited(
        "load_balancer",
        "Look at the members' health and at rules that close connections.",
    ),
    Cited(
        "client",
        "Upgrade, where old versions or suites are offered to a server that refuses without an "
        "alert.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("repeat", "suites")

PART = mark("the service closed before it had the whole ClientHello")
EARLY = mark("the service closed before the client had said a word")
LATER = mark("the service closed or crashed in the middle of its flight")


def look(case: Case) -> Finding | Refuted | None:
    """A server that leaves without an alert, before or inside its flight."""
    if refusals.mute(case):
        return odds.judge(case, ID, (), say(SUMMARY))
    if _said_goodbye(case):
        return Finding("possible", (case.closing,), say(SUMMARY), 60)
    if case.stopped("CLIENT_HELLO") and case.ended("server", "fin", "rst"):
        if case.opening("client") or case.opening("server"):
            return None
        return Finding("possible", (case.closing,), say(EARLY) if case.unused else say(PART), 50)
    inside = case.stopped("CERTIFICATE", "SERVER_KEY_EXCHANGE", "SERVER_HELLO_DONE")
    inside = inside or case.stopped("ENCRYPTED_EXTENSIONS", "SERVER_FINISHED", "SERVER_HELLO")
    if inside and case.hello is not None and case.ended("server", "fin", "rst"):
        return (
            None if case.opening("server") else Finding("likely", (case.closing,), say(LATER), 60)
        )
    return None


def _said_goodbye(case: Case) -> bool:
    """Tell whether the server said no more than goodbye (RFC 8446 section 6.1)."""
    return case.stopped("SERVER_HELLO") and case.alerted("server", Alert.close_notify)
