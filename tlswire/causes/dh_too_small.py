"""The server's Diffie-Hellman prime is too small for the client.

What it is: the ServerKeyExchange carries a prime of 1024 bits or less; since Logjam clients
refuse it.

At the client, at the server and in the middle: up to TLS 1.2 a DHE suite, a ServerKeyExchange
whose prime can be measured, then the client's handshake_failure(40), illegal_parameter(47) or
insufficient_security(71).

Mistaken for: legacy-renegotiation-refused, cert-weak.

Proof: replay without DHE suites passes where the server has ECDHE.

Sources: RFC 7919 section 3, RFC 9325 section 4.2.1; adrienverge/openfortivpn#725,
seanmonstar/reqwest#1027, openssl/openssl#15808.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say
from tlswire.result import Confidence

ID = "dh-too-small"
STAGE: Stage = "server_hello"
SUMMARY = mark("the server's Diffie-Hellman prime has only {bits} bits")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Use ECDHE, or a group of 2048 bits or more (ffdhe2048).",
    ),
    Cited(
        "load_balancer",
        "Replace the DH parameters of the profile, or drop DHE from its suites.",
    ),
    Cited(
        "client",
        "Prefer ECDHE, or take DHE out of the offer.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("suites",)

SAID = (
    Alert.handshake_failure,
    Alert.illegal_parameter,
    Alert.insufficient_security,
    Alert.internal_error,
    Alert.unexpected_message,
)
SMALL, DUBIOUS = 1024, 2048


def look(case: Case) -> Finding | Refuted | None:
    """A small prime in the ServerKeyExchange that the client refuses."""
    sent = case.said("server_key_exchange", "server")
    prime = (sent.fields.get("params") or {}).get("dh_p") if sent is not None else None
    if not isinstance(prime, bytes) or case.ending.side != "client":
        return None
    if not (case.alerted("client", *SAID) or case.ended("client", "fin", "rst")):
        return None
    bits = int.from_bytes(prime, "big").bit_length()
    if bits >= DUBIOUS:
        return Refuted(say("the server's Diffie-Hellman prime has {bits} bits", bits=bits))
    shown = cite(sent, say("dh_p of the ServerKeyExchange has {bits} bits", bits=bits))
    sure: Confidence = "likely" if bits <= SMALL and case.alert is not None else "possible"
    return Finding(sure, (shown, case.closing), say(SUMMARY, bits=bits), 90)
