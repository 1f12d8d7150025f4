"""The server has no key that it can use.

What it is: an empty key store, a wrong alias, a key file that cannot be read, a token that does
not answer. Every client fails, whatever it offers.

At the client, at the server and in the middle: a ClientHello, and at once handshake_failure(40),
internal_error(80) or a close.

Mistaken for: cipher-no-overlap: Java servers even log "no cipher suites in common".

Proof: replay with every suite, group and scheme added fails just the same.

Sources: RFC 8446 section 6.2 (internal_error); wildfly-extras/wildfly-camel#2702,
keycloak/keycloak#38275.
"""

from __future__ import annotations

from tlswire.causes import refusals, suspects
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "server-no-usable-key"
STAGE: Stage = "client_hello"
SUMMARY = mark("the server has no certificate and key that it can use")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Check that certificate and private key are there, belong together, and can be read by "
        "the service; then restart it and read its log.",
    ),
    Cited(
        "load_balancer",
        "Bind a certificate with its key to the virtual server.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("suites", "sni")

ENOUGH = mark("suites, groups and signature algorithms for every usual server are offered")

FITS = {Alert.internal_error: 55, Alert.handshake_failure: 26}
#: Where a server of TLS 1.3 looks for its certificate, after its ServerHello (measured: Java).
CHOOSING = ("ENCRYPTED_EXTENSIONS", "CERTIFICATE")
REFUSED = ("alert", "encrypted_alert")


def look(case: Case) -> Finding | Refuted | None:
    """A refusal without a reason, unless the server has served somebody else."""
    alert = case.alert
    late = case.stopped(*CHOOSING) and case.transcript.tls13 and case.ended("server", *REFUSED)
    if late and not case.served_others:
        return Finding("possible", (case.closing,), say(SUMMARY), 75)
    if not refusals.bare(case) or alert is None:
        return None
    if case.served_others:
        return Refuted(say("another connection to the same server was established"))
    weight = FITS.get(alert.code, 0)
    if not weight:
        return None
    enough = case.offer is not None and suspects.is_of_all(case.offer)
    shown = [cite(case.hello, say(ENOUGH))] if enough else []
    return Finding("possible", (*shown, case.closing), say(SUMMARY), weight)
