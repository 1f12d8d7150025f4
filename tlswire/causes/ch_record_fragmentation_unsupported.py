"""The ClientHello is spread over several records, and the server reads one.

What it is: a message may span records, and some stacks and boxes do not know that.

At the client, at the server and in the middle: two or more handshake records before any answer;
then decode_error(50), unexpected_message(10), internal_error(80), or a close.

Mistaken for: pq-client-hello-too-big, where the hello is one record in several segments.

Proof: replay in one record passes, in several it fails.

Sources: RFC 8446 section 5.1; Mbed-TLS/mbedtls#2001, Mbed-TLS/mbedtls#9269,
tlswg/tls13-spec#1340, tlsfuzzer/tlsfuzzer#160.
"""

from __future__ import annotations

from tlswire.causes import refusals
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "ch-record-fragmentation-unsupported"
STAGE: Stage = "client_hello"
SUMMARY = mark("the ClientHello is spread over {count} records and the server did not join them")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Upgrade the TLS library.",
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
        "Send the hello in one record.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("records",)

SAID = (
    Alert.decode_error,
    Alert.unexpected_message,
    Alert.internal_error,
    Alert.illegal_parameter,
    Alert.handshake_failure,
    Alert.record_overflow,
)


def look(case: Case) -> Finding | Refuted | None:
    """A hello in several records that was not answered."""
    if case.hello is None or len(case.hello.spans) < 2 or not case.stopped("SERVER_HELLO"):
        return None
    answered = case.alerted("server", *SAID) or refusals.mute(case)
    if not answered and not case.ended("server", "silence"):
        return None
    why = say(SUMMARY, count=len(case.hello.spans))
    return Finding("likely", (cite(case.hello, why), case.closing), why, 72)
