"""A box inspects TLS and does not support what the peers would have agreed on.

What it is: the firewall ends TLS itself, or passes on a ClientHello with fewer versions, suites
and groups than the client's, and its profile or its age leaves nothing in common.

At the client: an alert 40, 47 or 70, or a reset, though the offer is a modern one. At the server:
a ClientHello with another fingerprint and a shorter offer, which the server refuses. In the
middle: two TLS sessions, one on each side of the box.

Mistaken for: cipher-no-overlap and version-client-too-old of the real client; pq-group-refused.

Proof: replay the client's own hello from beyond the box: there it passes. Replay the hello that
the server saw: there it fails.

Sources: PAN-OS kA10g000000ClHGCA0 (decrypt-unsupport-param, decrypt-error), FortiOS log reference
(48011 version below minimum, 48013 suites, 48017 handshake too long), rustls/rustls#1030.
"""

from __future__ import annotations

from tlswire.causes import suspects
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert, Version
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "ssl-inspection-unsupported-parameter"
STAGE: Stage = "client_hello"
SUMMARY = mark("a box on the way may inspect TLS and not support what this modern offer asks for")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "firewall",
        "Widen the versions, suites and groups of the decryption profile, upgrade the box, or "
        "exempt this server (PAN-OS: decryption profile; FortiOS: SSL/SSH inspection profile).",
    ),
    Cited(
        "network",
        "Capture on both sides of the box and compare the two ClientHellos (`tlswire diff`).",
    ),
)
SPLIT_BY: tuple[str, ...] = ("twin",)

STRANGE = mark("the alert has TTL {ttl}, the server's SYN-ACK has {usual}")

#: With these a box refuses what it does not know.
SAID = (Alert.handshake_failure, Alert.illegal_parameter, Alert.protocol_version)


def look(case: Case) -> Finding | Refuted | None:
    """A modern offer, old versions included, that is refused all the same."""
    offer = case.offer
    if _answered_by_another(case):
        server = case.flow.server
        text = say(STRANGE, ttl=server.odd_ttl, usual=server.ttl)
        shown = Evidence(text=text, frame=case.ending.frame, sender="server")
        return Finding("possible", (shown, case.closing), say(SUMMARY), 65)
    if offer is None or not case.stopped("SERVER_HELLO") or not case.alerted("server", *SAID):
        return None
    if not (suspects.offers_tls13(offer) and Version.tls_1_2 in offer.versions):
        return None
    shown = cite(case.hello, say("TLS 1.3 and 1.2 are offered: few servers of today refuse both"))
    return Finding("possible", (shown, case.closing), say(SUMMARY), 12)


def _answered_by_another(case: Case) -> bool:
    """Tell whether an alert in place of the ServerHello came from elsewhere than the SYN-ACK."""
    refused = case.stopped("SERVER_HELLO") and case.ended("server", "alert")
    return refused and case.flow.server.odd_ttl is not None
