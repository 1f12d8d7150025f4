"""The server does not know secure renegotiation, and the client insists on it.

What it is: the ServerHello lacks renegotiation_info. Clients with OpenSSL 3 and others refuse
such servers: their renegotiation can be abused.

At the client, at the server and in the middle: up to TLS 1.2 a ServerHello without extension
ff01 although the ClientHello signalled it, then the client's handshake_failure(40) straight
after.

Mistaken for: dh-too-small, version-server-too-old and ems-required, which clients refuse at the
same place.

Proof: replay shows the ServerHello without ff01 again, whatever the hello.

Sources: RFC 5746 section 3.4 and 4.1; openssl/openssl#16278, openssl/openssl#21296,
Kong/insomnia#4543, bfenetworks/bfe#1299.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert, ExtensionType
from tlswire.language import mark, say

ID = "legacy-renegotiation-refused"
STAGE: Stage = "server_hello"
SUMMARY = mark("the server does not answer renegotiation_info, and the client insists on it")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Upgrade the TLS library; it predates 2010.",
    ),
    Cited(
        "load_balancer",
        "Do not deny all renegotiation in a way that hides the extension; deny what the client "
        "begins.",
    ),
    Cited(
        "client",
        "Permit unsafe legacy servers only as a stop-gap, for this one alone.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("extension",)


def look(case: Case) -> Finding | Refuted | None:
    """A ServerHello without ff01 that the client refuses."""
    answer = case.transcript.server_hello
    if answer is None or case.transcript.tls13 or case.ending.side != "client":
        return None
    if case.offer is None or not case.offer.renegotiation_info:
        return None
    if not (case.alerted("client", Alert.handshake_failure) or case.ended("client", "fin", "rst")):
        return None
    if answer.has_extension(ExtensionType.renegotiation_info):
        return Refuted(say("the ServerHello has renegotiation_info"))
    shown = cite(answer, say("the ServerHello has no renegotiation_info"))
    said = case.alerted("client", Alert.handshake_failure)
    return Finding("likely" if said else "possible", (shown, case.closing), say(SUMMARY), 80)
