"""The server breaks on a ClientHello that merely offers a newer version.

What it is: a server or a box that should answer with the best version it has refuses, resets or
hangs when a newer one is on offer.

At the client, at the server and in the middle: a ClientHello with TLS 1.3 and older versions,
then protocol_version(70), another alert, a reset or a close; the same client passes when it
offers TLS 1.2 alone.

Mistaken for: version-client-too-old, the opposite; sni-filter-rst-injected.

Proof: replay with the version lowered passes, and the exact hello fails again.

Sources: RFC 8446 appendix D; ssllabs/ssllabs-scan#556, drwetter/testssl.sh#494,
openssl/openssl#28297.
"""

from __future__ import annotations

from tlswire.causes import odds, suspects, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "version-intolerance"
STAGE: Stage = "client_hello"
SUMMARY = mark("the server does not bear the offer of a version newer than its own")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Upgrade the TLS library; it must ignore what it does not know.",
    ),
    Cited(
        "load_balancer",
        "Upgrade the firmware.",
    ),
    Cited(
        "firewall",
        "Upgrade the inspection engine.",
    ),
    Cited(
        "client",
        "As a stop-gap limit the version for this server alone.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("version", "extension")

#: How well each alert fits.
FITS = {
    Alert.protocol_version: 60,
    Alert.record_overflow: 30,
    Alert.decode_error: 30,
    Alert.unexpected_message: 20,
    Alert.illegal_parameter: 20,
    Alert.handshake_failure: 14,
}


def look(case: Case) -> Finding | Refuted | None:
    """A refusal of a hello that offers TLS 1.3 beside older versions."""
    if case.offer is None or not suspects.offers_tls13(case.offer):
        return None
    if len(case.offer.versions) < 2 or not case.stopped("SERVER_HELLO"):
        return None
    weight = FITS.get(case.alert.code, 0) if case.alerted("server", *FITS) and case.alert else 0
    told = wording.listing(wording.version(version) for version in case.offer.versions)
    shown = cite(case.hello, say("versions offered: {told}", told=told))
    if weight:
        return Finding("possible", (shown, case.closing), say(SUMMARY), weight)
    if case.opening("server") or case.said("hello_retry_request"):
        return None
    return odds.judge(case, ID, (shown,), say(SUMMARY))
