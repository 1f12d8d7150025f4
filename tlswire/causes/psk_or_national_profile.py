"""One side speaks a profile that the other does not: pre-shared keys, GOST, SM, raw keys.

What it is: all that is offered belongs to a closed world: PSK suites alone, GOST or SM2 suites,
TLCP. Or both have PSK, and the keys or identities differ.

At the client, at the server and in the middle: suites of one family only, then
handshake_failure(40), protocol_version(70) or unknown_psk_identity(115); with a wrong key the
server's bad_record_mac(20) or decrypt_error(51) after the client's Finished.

Mistaken for: cipher-no-overlap; bad-record-mac.

Proof: replay cannot know the key; replay with ordinary suites added shows whether the server has
any.

Sources: RFC 4279 section 2, RFC 8446 section 4.2.11, RFC 9189, RFC 8998.
"""

from __future__ import annotations

from tlswire.causes import refusals, suspects, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert, ExtensionType
from tlswire.language import mark, say

ID = "psk-or-national-profile"
STAGE: Stage = "client_hello"
SUMMARY = mark("the pre-shared keys of client and server are not the same")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Configure the identity and the key that the server has; or enable ordinary suites.",
    ),
    Cited(
        "server",
        "Configure the same key under the identity that the client sends.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("suites", "groups")

IDENTITY = mark("the server does not know the client's PSK identity")
FAMILY = mark("the client offers {family} suites alone")

#: A closed family explains the refusal before its suites do one by one.
CLOSED = 130
#: decrypt_error is RFC 8446's; OpenSSL 3 says illegal_parameter.
WRONG_BINDER = (Alert.decrypt_error, Alert.illegal_parameter)
WRONG_KEY = (Alert.bad_record_mac, Alert.decrypt_error, Alert.decryption_failed)


def look(case: Case) -> Finding | Refuted | None:
    """A PSK suite whose Finished cannot be read, or an offer of one closed family."""
    if case.alerted("server", Alert.unknown_psk_identity):
        return Finding("likely", (case.closing,), say(IDENTITY), 92)
    if case.transcript.server_hello is not None:
        return _wrong_key(case)
    if case.alerted("server", *WRONG_BINDER) and case.hello is not None:
        return _wrong_binder(case)
    if case.offer is None or not (
        refusals.wordless(case) or case.alerted("server", Alert.protocol_version)
    ):
        return None
    kinds = suspects.authentications(case.offer)
    closed = kinds and not kinds & {"RSA", "ECDSA", "DSS", "anon"}
    if not closed or suspects.offers_tls13(case.offer):
        return None
    family = wording.listing(sorted(kinds))
    shown = cite(case.hello, say("every suite offered authenticates with {family}", family=family))
    return Finding("likely", (shown, case.closing), say(FAMILY, family=family), CLOSED)


def _wrong_key(case: Case) -> Finding | None:
    suite = case.transcript.suite
    name = wording.suite(suite) if suite is not None else ""
    if "PSK" not in name or not case.alerted("server", *WRONG_KEY):
        return None
    shown = cite(case.transcript.server_hello, say("the server chose {name}", name=name))
    return Finding("likely", (shown, case.closing), say(SUMMARY), 88)


def _wrong_binder(case: Case) -> Finding | None:
    """In TLS 1.3 the ClientHello itself proves the key (RFC 8446 section 4.2.11.2)."""
    if case.offer is None or not case.offer.has(ExtensionType.pre_shared_key):
        return None
    shown = cite(case.hello, say("the ClientHello has pre_shared_key with a binder"))
    sure = case.alerted("server", Alert.decrypt_error)
    return Finding("likely" if sure else "possible", (shown, case.closing), say(SUMMARY), 80)
