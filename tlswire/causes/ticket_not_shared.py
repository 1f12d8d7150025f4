"""A session is resumed on a pool member that does not have its keys.

What it is: the client shows a ticket or a session of another member. A member that cannot read
it should do a full handshake; a faulty one fails.

At the client, at the server and in the middle: a ClientHello with a session ticket or
pre_shared_key, then bad_record_mac(20), decrypt_error(51), illegal_parameter(47),
internal_error(80) or a close; the first connection passes, the second fails.

Mistaken for: bad-record-mac of a faulty library, server-abrupt-eof.

Proof: replay without the ticket passes.

Sources: RFC 5077 section 3.4, RFC 8446 section 2.2; Mbed-TLS/mbedtls#9641,
envoyproxy/envoy#1747, openssl/openssl#17501, aws/s2n-tls#2912.
"""

from __future__ import annotations

from tlswire.causes import odds
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "ticket-not-shared"
STAGE: Stage = "finished"
SUMMARY = mark("the session that the client resumes is not known to this server")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "load_balancer",
        "Share ticket keys between members, keep clients on one member, or switch tickets off.",
    ),
    Cited(
        "server",
        "Share ticket keys between members; upgrade a library that fails instead of falling back.",
    ),
    Cited(
        "client",
        "As a stop-gap switch off session resumption.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("no-ticket",)

BEFORE = mark("the same client was served by this server in another connection")

SAID = (
    Alert.bad_record_mac,
    Alert.decrypt_error,
    Alert.illegal_parameter,
    Alert.internal_error,
    Alert.handshake_failure,
    Alert.unexpected_message,
)


def look(case: Case) -> Finding | Refuted | None:
    """An offer to resume, and a failure that a full handshake would not have had."""
    if case.offer is None or not case.offer.resumes:
        return None
    shown = cite(case.hello, say("the ClientHello offers to resume a session"))
    own = case.flow.client.endpoint.address
    before = [Evidence(text=say(BEFORE))] * any(n.client == own for n in case.served)
    if case.alerted("server", *SAID) or case.alerted("client", *SAID[:3]):
        weight = 66 if before else 48
        return Finding("possible", (shown, *before, case.closing), say(SUMMARY), weight)
    return None if case.flow.server.sent else odds.judge(case, ID, (shown, *before), say(SUMMARY))
