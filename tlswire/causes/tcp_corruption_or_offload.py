"""Bytes were changed on the way, and TCP did not notice.

What it is: a network card, a virtual switch, a WAN optimiser or an application gateway changes
payload and puts a new checksum on it.

At the client, at the server and in the middle: bad_record_mac(20), decode_error(50) or
decrypt_error(51) at random places; the bytes differ between two captures of the same connection.

Mistaken for: bad-record-mac of a faulty library; server-key-mismatch.

Proof: capture at both ends and compare the bytes of the same TCP sequence numbers.

Sources: RFC 9293 section 3.1 (checksum); rustls/rustls#1762, smoltcp-rs/smoltcp#109.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.codes import Alert
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "tcp-corruption-or-offload"
STAGE: Stage = "finished"
SUMMARY = mark("bytes were changed on the way")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "network",
        "Switch off offloads, optimisers and gateways one after the other; replace the faulty "
        "part.",
    ),
    Cited(
        "firewall",
        "Exempt the connection from application gateways that rewrite payload.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("twin",)

SAID = (
    Alert.bad_record_mac,
    Alert.decryption_failed,
    Alert.decode_error,
    Alert.decrypt_error,
    Alert.illegal_parameter,
    Alert.unexpected_message,
)


def look(case: Case) -> Finding | Refuted | None:
    """Alerts over bytes that do not verify; a retransmission that differs is a strong sign."""
    spoke = case.transcript.server_hello is not None
    if not spoke or not (case.alerted("client", *SAID) or case.alerted("server", *SAID)):
        return _hidden(case)
    differing = case.flow.client.overlaps_differ + case.flow.server.overlaps_differ
    if differing:
        shown = Evidence(
            text=say(
                "{differing} retransmissions do not hold the bytes sent before", differing=differing
            )
        )
        return Finding("likely", (shown, case.closing), say(SUMMARY), 85)
    return Finding("possible", (case.closing,), say(SUMMARY), 30)


def _hidden(case: Case) -> Finding | None:
    """In TLS 1.3 the server's alert over an unreadable flight is hidden."""
    unread = case.transcript.tls13 and not case.transcript.client_authenticates
    if not unread or not case.ended("server", "encrypted_alert"):
        return None
    return Finding("possible", (case.closing,), say(SUMMARY), 28)
