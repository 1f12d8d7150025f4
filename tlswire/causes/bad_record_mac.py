"""A protected record cannot be read by the side that receives it.

What it is: the two sides have derived different keys, or the record was changed: a faulty
library for this suite, a session resumed on a member that has another ticket key, a wrong
pre-shared key, corruption.

At the client, at the server and in the middle: bad_record_mac(20) after ChangeCipherSpec and
Finished, or after the first data.

Mistaken for: tcp-corruption-or-offload, ticket-not-shared and psk-or-national-profile, which are
its roots.

Proof: replay without a ticket, and with another suite; the one that passes names the root.

Sources: RFC 5246 section 7.2.2, RFC 8446 section 5.2; Mbed-TLS/mbedtls#9641.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "bad-record-mac"
STAGE: Stage = "finished"
HIDDEN = mark("the server could not read the client's flight (TLS 1.3 hides its alert)")
SUMMARY = mark("the two sides derived different keys, or a record was changed on the way")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Upgrade the TLS library; share ticket keys between the members of a pool.",
    ),
    Cited(
        "client",
        "Upgrade the TLS library; try without session resumption.",
    ),
    Cited(
        "network",
        "Look for a part that changes payload: compare captures of both ends.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("no-ticket", "suites")

SAID = (Alert.bad_record_mac, Alert.decryption_failed)


def look(case: Case) -> Finding | Refuted | None:
    """The alert says so; in a PSK suite the key itself is the first suspect."""
    if case.transcript.server_hello is None:
        return None
    if case.alerted("client", *SAID) or case.alerted("server", *SAID):
        return Finding("likely", (case.closing,), say(SUMMARY), 70)
    return _hidden(case)


def _hidden(case: Case) -> Finding | None:
    """In TLS 1.3 a server that cannot read the client's flight says so under protection."""
    if not case.transcript.tls13 or case.transcript.client_authenticates:
        return None
    unread = case.stopped("CLIENT_FINISHED", "APPLICATION_DATA")
    if not unread or not case.ended("server", "encrypted_alert"):
        return None
    return Finding("possible", (case.closing,), say(HIDDEN), 55)
