"""Why a chain did not verify, as the OpenSSL family numbers and words it (x509_vfy.h).

Printed by s_client, curl, Python, Node, Ruby, PHP, git, wget, nginx and HAProxy alike.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from tlswire.language import mark


class VerifyError(NamedTuple):
    """One reason: its number, its words in any release, its name in Node, and the causes."""

    number: int
    words: str  # a regular expression
    name: str
    meaning: str
    causes: tuple[str, ...]


_ROOT = ("cert-untrusted-root", "ssl-inspection-untrusted-ca")
ERRORS: Final[tuple[VerifyError, ...]] = (
    VerifyError(
        2,
        "unable to get issuer certificate",
        "UNABLE_TO_GET_ISSUER_CERT",
        mark("an authority above those sent is not known here"),
        ("cert-missing-intermediate", *_ROOT, "mtls-cert-rejected"),
    ),
    VerifyError(
        3,
        "unable to get certificate CRL",
        "UNABLE_TO_GET_CRL",
        mark("revocation is to be checked, and there is no list"),
        ("cert-revoked-or-revocation-unreachable",),
    ),
    VerifyError(
        7,
        "certificate signature failure",
        "CERT_SIGNATURE_FAILURE",
        mark("a signature in the chain is wrong"),
        ("cert-wrong-intermediate-or-order", "tcp-corruption-or-offload"),
    ),
    VerifyError(
        9,
        "certificate is not yet valid",
        "CERT_NOT_YET_VALID",
        mark("the validity begins later than this clock says"),
        ("clock-skew",),
    ),
    VerifyError(
        10,
        "certificate has expired",
        "CERT_HAS_EXPIRED",
        mark("the validity has ended by this clock"),
        ("cert-expired", "clock-skew", "mtls-cert-rejected"),
    ),
    VerifyError(
        12,
        "CRL has expired",
        "CRL_HAS_EXPIRED",
        mark("the list of revoked certificates is too old"),
        ("cert-revoked-or-revocation-unreachable",),
    ),
    VerifyError(
        18,
        "self[- ]signed certificate(?! in)",
        "DEPTH_ZERO_SELF_SIGNED_CERT",
        mark("the certificate is signed by itself and not trusted here"),
        _ROOT,
    ),
    VerifyError(
        19,
        "self[- ]signed certificate in certificate chain",
        "SELF_SIGNED_CERT_IN_CHAIN",
        mark("the root sent is not trusted here"),
        _ROOT,
    ),
    VerifyError(
        20,
        "unable to get local issuer certificate",
        "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
        mark("the issuer of the last certificate is not known here"),
        ("cert-missing-intermediate", *_ROOT, "mtls-cert-rejected"),
    ),
    VerifyError(
        21,
        "unable to verify the first certificate",
        "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        mark("the leaf came alone, and its issuer is not known here"),
        ("cert-missing-intermediate", *_ROOT, "mtls-cert-rejected"),
    ),
    VerifyError(
        22,
        "certificate chain too long",
        "CERT_CHAIN_TOO_LONG",
        mark("the chain is longer than taken here"),
        ("cert-too-large",),
    ),
    VerifyError(
        23,
        "certificate revoked",
        "CERT_REVOKED",
        mark("the certificate is revoked"),
        ("cert-revoked-or-revocation-unreachable",),
    ),
    VerifyError(
        24,
        "invalid CA certificate",
        "INVALID_CA",
        mark("a certificate of the chain may not issue others"),
        ("cert-wrong-intermediate-or-order",),
    ),
    VerifyError(
        26,
        "unsuitable certificate purpose|unsupported certificate purpose",
        "INVALID_PURPOSE",
        mark("the certificate is not meant for this use"),
        ("cert-key-usage",),
    ),
    VerifyError(
        27,
        "certificate not trusted",
        "CERT_UNTRUSTED",
        mark("the root is not trusted for this use"),
        _ROOT,
    ),
    VerifyError(
        28,
        "certificate rejected",
        "CERT_REJECTED",
        mark("the root is marked as rejected here"),
        _ROOT,
    ),
    VerifyError(
        62,
        r"hostname mismatch|IP address mismatch|is not valid for '|doesn't match '"
        r"|certificate subject name .* does not match|no alternative certificate subject name",
        "HOSTNAME_MISMATCH",
        mark("the certificate is for other names"),
        ("cert-name-mismatch", "cert-default-vhost"),
    ),
    VerifyError(
        66,
        "EE certificate key too weak",
        "EE_KEY_TOO_SMALL",
        mark("the key of the certificate is too small"),
        ("cert-weak",),
    ),
    VerifyError(
        67,
        "CA certificate key too weak",
        "CA_KEY_TOO_SMALL",
        mark("the key of an authority is too small"),
        ("cert-weak",),
    ),
    VerifyError(
        68,
        "CA signature digest algorithm too weak",
        "CA_MD_TOO_WEAK",
        mark("a certificate is signed with too weak a hash"),
        ("cert-weak",),
    ),
    VerifyError(
        92,
        "no valid OCSP response|OCSP response",
        "OCSP_VERIFY_NEEDED",
        mark("no proof that the certificate is not revoked"),
        ("ocsp-must-staple", "cert-revoked-or-revocation-unreachable"),
    ),
)
#: The number, where a line gives it.
_NUMBERED = re.compile(
    r"(?:verify error[:\s]*num[=:]|verify return code[:\s]*|verify error[:\s]*\(?|"
    r"certificate verify error:? ?\(|X509_V_ERR[^\d]*)(\d{1,3})\b",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"num=(\d+(?:/\d+)+)")


def find(line: str) -> tuple[VerifyError, ...]:
    """Return the reasons that a line gives, by number, else by words or Node's name."""
    if several := _SEVERAL.search(line):
        return tuple(e for n in several[1].split("/") for e in _numbered(int(n)))
    if number := _NUMBERED.search(line):
        found = _numbered(int(number[1]))
        if found or int(number[1]) == 0:
            return found
    if not _ANY.search(line):
        return ()
    return tuple(e for e in ERRORS if e.name in line or _compiled(e).search(line))[:1]


def _numbered(number: int) -> tuple[VerifyError, ...]:
    return tuple(error for error in ERRORS if error.number == number)


def _compiled(error: VerifyError) -> re.Pattern[str]:
    return _PATTERNS[error.number]


_PATTERNS: Final = {error.number: re.compile(error.words, re.IGNORECASE) for error in ERRORS}
#: One search for all of them: most lines hold none.
_ANY: Final = re.compile("|".join(f"{e.name}|{e.words}" for e in ERRORS), re.IGNORECASE)
