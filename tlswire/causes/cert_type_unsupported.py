"""The client cannot handle the kind of key in the server's certificate.

What it is: a key larger than a device takes, a curve that it does not know, explicit curve
parameters.

At the client, at the server and in the middle: the server's flight, then
unsupported_certificate(43), or decode_error(50) for explicit parameters.

Mistaken for: cert-key-usage, for which clients say 43 as well; cert-weak.

Proof: replay up to the certificate, and read the key.

Sources: RFC 8446 section 6.2 (unsupported_certificate); openssl/openssl#7045.
"""

from __future__ import annotations

from tlswire.causes import chain, refusals
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.certificates import EXPLICIT
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "cert-type-unsupported"
STAGE: Stage = "certificate"
SUMMARY = mark("the client cannot use the server's certificate{key}")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Use an RSA key of 2048 bits or ECDSA P-256.",
    ),
    Cited(
        "client",
        "Upgrade the device.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("twin", "signature_algorithms")

PARAMETERS = mark(": its curve is spelt out instead of named (RFC 5480 section 2.1.1)")
SPELT_OUT = mark("the parameters of the key's curve are spelt out, which PKIX forbids")
#: What clients say of a key that they cannot read, beside the words for certificates.
UNREAD = (*refusals.OF_CERTIFICATE, Alert.decode_error, Alert.illegal_parameter)


def look(case: Case) -> Finding | Refuted | None:
    """The alert says so, or the key is of a form that most clients cannot read."""
    leaf = chain.leaf_of(case)
    if leaf is not None and leaf.curve == EXPLICIT and _refused(case):
        shown = cite(case.said("certificate", "server"), say(SPELT_OUT))
        return Finding("likely", (shown, case.closing), say(SUMMARY, key=say(PARAMETERS)), 88)
    if not case.alerted("client", Alert.unsupported_certificate):
        return None
    key = ""
    if leaf is not None and leaf.key:
        key = say(" ({key} key of {bits} bits)", key=leaf.key, bits=leaf.bits)
    shown = cite(case.said("certificate", "server"), say("the server's certificate{key}", key=key))
    return Finding("possible", (shown, case.closing), say(SUMMARY, key=key), 60)


def _refused(case: Case) -> bool:
    """Tell whether the client left over the certificate, or said that it cannot read it."""
    said = case.alerted("client", *UNREAD, Alert.internal_error, Alert.handshake_failure)
    return refusals.of_certificate(case) or (case.stopped(*refusals.WEIGHING) and said)
