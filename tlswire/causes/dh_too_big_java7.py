"""The server's Diffie-Hellman prime is too large for an old Java.

What it is: Java 6 and 7 cannot take primes above 1024 bits; they choke on the ServerKeyExchange.

At the client, at the server and in the middle: an old ClientHello with DHE suites, a
ServerKeyExchange with a prime of 2048 bits or more, then a close, a reset or internal_error(80)
of the client.

Mistaken for: a crash of the client.

Proof: replay without DHE suites shows what else the server would choose.

Sources: RFC 7919 section 1.
"""

from __future__ import annotations

from tlswire.causes import refusals
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "dh-too-big-java7"
STAGE: Stage = "server_hello"
SUMMARY = mark("the client cannot take the server's Diffie-Hellman prime of {bits} bits")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Upgrade the Java runtime.",
    ),
    Cited(
        "server",
        "Prefer ECDHE, or RSA key exchange for these clients only as a stop-gap.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("suites",)

LIMIT = 1024


def look(case: Case) -> Finding | Refuted | None:
    """A large prime before a client that knows no TLS 1.2."""
    sent = case.said("server_key_exchange", "server")
    prime = (sent.fields.get("params") or {}).get("dh_p") if sent is not None else None
    if not isinstance(prime, bytes) or not refusals.old(case):
        return None
    if not (case.ended("client", "fin", "rst") or case.alerted("client", Alert.internal_error)):
        return None
    bits = int.from_bytes(prime, "big").bit_length()
    if bits <= LIMIT:
        return None
    shown = cite(sent, say("dh_p of the ServerKeyExchange has {bits} bits", bits=bits))
    return Finding("likely", (shown, case.closing), say(SUMMARY, bits=bits), 80)
