"""What there is to ask for: every suite of a version, every group, every signature scheme.

The order is that in which a server may be expected to prefer them, OpenSSL's own: a guess that
saves connections where it holds, and is never taken for a finding.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from tlswire.codes import (
    GROUPS,
    SIGNATURE_SCHEMES,
    Group,
    SignatureScheme,
    Version,
    is_grease,
)
from tlswire.suites import SUITES, SuiteFacts

#: The versions that are asked for, the newest first.
VERSIONS: Final[tuple[int, ...]] = (
    Version.tls_1_3,
    Version.tls_1_2,
    Version.tls_1_1,
    Version.tls_1_0,
    Version.ssl_3_0,
    Version.ssl_2_0,
)

#: Groups of RFC 7919: a server that has none of those offered must not choose DHE at all.
FINITE_FIELDS: Final[tuple[int, ...]] = tuple(
    number for number in sorted(GROUPS) if Group.ffdhe2048 <= number <= Group.ffdhe8192
)
#: Old codepoints of explicit curves, which no server takes.
EXPLICIT: Final = (
    Group.arbitrary_explicit_prime_curves,
    Group.arbitrary_explicit_char2_curves,
)
#: Groups that most servers have, in the order in which most prefer them.
COMMON_GROUPS: Final[tuple[int, ...]] = (
    Group.x25519mlkem768,
    Group.x25519,
    Group.secp256r1,
    Group.x448,
    Group.secp384r1,
    Group.secp521r1,
)


def _is_curve(number: int) -> bool:
    return number <= Group.curvesm2 and number not in FINITE_FIELDS


def _is_reserved(number: int) -> bool:
    """RFC 8446 section 4.2.7: curves that TLS 1.3 must not be asked for."""
    old = number <= Group.secp256k1
    return old or Group.brainpoolp256r1 <= number <= Group.brainpoolp512r1


#: Curves for the versions up to TLS 1.2, common ones first.
CURVES: Final[tuple[int, ...]] = (
    *(number for number in COMMON_GROUPS if _is_curve(number)),
    *(number for number in sorted(GROUPS) if _is_curve(number) and number not in COMMON_GROUPS),
)
#: Everything that TLS 1.3 may be asked for.
GROUPS_13: Final[tuple[int, ...]] = (
    *COMMON_GROUPS,
    *(
        number
        for number in sorted(GROUPS)
        if number not in (*COMMON_GROUPS, *EXPLICIT)
        and not is_grease(number)
        and not _is_reserved(number)
    ),
)
#: What is offered where groups are not the question: long lists are more than some servers read.
USUAL_CURVES: Final[tuple[int, ...]] = (
    *(number for number in COMMON_GROUPS if _is_curve(number)),
    Group.secp256k1,
    Group.brainpoolp256r1,
    Group.brainpoolp384r1,
    Group.brainpoolp512r1,
    Group.secp224r1,
    Group.secp192r1,
    Group.sect283r1,
    Group.sect571r1,
)
USUAL_GROUPS_13: Final[tuple[int, ...]] = (
    *COMMON_GROUPS,
    Group.secp256r1mlkem768,
    Group.secp384r1mlkem1024,
    Group.brainpoolp256r1tls13,
    Group.brainpoolp384r1tls13,
    Group.brainpoolp512r1tls13,
    Group.ffdhe2048,
    Group.ffdhe3072,
    Group.ffdhe4096,
)
#: Signature schemes, in the registry's order.
SCHEMES: Final[tuple[int, ...]] = tuple(n for n in SIGNATURE_SCHEMES if not is_grease(n))
_S = SignatureScheme
#: What is offered where schemes are not the question: wolfSSL reads no more than 19.
USUAL_SCHEMES: Final[tuple[int, ...]] = (
    *(_S.ecdsa_secp256r1_sha256, _S.ecdsa_secp384r1_sha384, _S.ecdsa_secp521r1_sha512),
    *(_S.ed25519, _S.ed448),
    *(_S.rsa_pss_rsae_sha256, _S.rsa_pss_rsae_sha384, _S.rsa_pss_rsae_sha512),
    *(_S.rsa_pss_pss_sha256, _S.rsa_pss_pss_sha384, _S.rsa_pss_pss_sha512),
    *(_S.rsa_pkcs1_sha256, _S.rsa_pkcs1_sha384, _S.rsa_pkcs1_sha512),
    *(_S.ecdsa_sha1, _S.rsa_pkcs1_sha1, _S.dsa_sha256, _S.dsa_sha1),
)
#: TLS 1.3 has no DSA, and no MD5 and SHA-224 (RFC 8446 section 4.2.3).
USUAL_SCHEMES_13: Final[tuple[int, ...]] = USUAL_SCHEMES[:-2]


def is_of_13(scheme: int) -> bool:
    """Tell whether a hello for TLS 1.3 alone may name a scheme."""
    name = SIGNATURE_SCHEMES.get(scheme, "")
    return not name.startswith("dsa_") and not name.endswith(("_md5", "_sha224"))


@cache
def suites_of(version: int) -> tuple[int, ...]:
    """Return every suite of a version, the likely preferred first.

    What a suite is not meant for is asked all the same up to TLS 1.2: servers exist that take it.
    """
    rows = [facts for facts in SUITES.values() if _belongs(facts, version)]
    return tuple(facts.code for facts in sorted(rows, key=preference))


def _belongs(facts: SuiteFacts, version: int) -> bool:
    if version == Version.ssl_2_0:
        return facts.code > 0xFFFF
    if facts.code > 0xFFFF:
        return False
    return (facts.key_exchange == "any") == (version >= Version.tls_1_3)


def preference(facts: SuiteFacts) -> tuple[object, ...]:
    """Return a key that sorts suites as OpenSSL does: forward secrecy, integrity, strength."""
    signed = facts.key_exchange in ("ECDHE", "DHE", "DH_anon", "ECDH_anon", "any")
    return (
        facts.encryption == "NULL",
        _weak(facts),
        not signed,
        _MACS.get(facts.mac, len(_MACS)),
        -facts.bits,
        _place(_CIPHERS, facts.encryption),
        _place(_EXCHANGES, facts.key_exchange),
        _place(_KEYS, facts.authentication),
        facts.code,
    )


def is_likely(suite: int, version: int) -> bool:
    """Tell whether servers of today can be built to take a suite in a version."""
    facts = SUITES[suite]
    if facts.minimum_version > version:
        return False
    exchange = facts.key_exchange in ("any", "ECDHE", "DHE", "RSA")
    known = facts.openssl is not None or facts.gnutls is not None
    return exchange and known and not _weak(facts) and facts.authentication != "DSS"


def is_modern(suite: int) -> bool:
    """Tell whether nearly every server of today takes a suite, if it has a key for it."""
    facts = SUITES[suite]
    return facts.key_exchange in ("any", "ECDHE") and facts.encryption in MODERN


def _weak(facts: SuiteFacts) -> bool:
    return facts.bits < 128 or not facts.encryption.startswith(
        ("AES", "CHACHA", "ARIA", "CAMELLIA", "SM4", "AEGIS")
    )


#: The ciphers of every current browser.
MODERN: Final = ("AES-256-GCM", "AES-128-GCM", "CHACHA20-POLY1305")
_MACS: Final = {"AEAD": 0, "HMAC-SHA384": 1, "HMAC-SHA256": 1, "HMAC-SHA1": 2, "HMAC-MD5": 3}
_CIPHERS: Final = (
    *("AES-256-GCM", "AES-128-GCM", "CHACHA20-POLY1305"),
    *("AES-256-CCM-8", "AES-128-CCM-8", "AES-256-CCM", "AES-128-CCM", "ARIA-256-GCM"),
    *("ARIA-128-GCM", "AES-256-CBC", "AES-128-CBC", "CAMELLIA-256-CBC", "CAMELLIA-128-CBC"),
)
_EXCHANGES: Final = ("any", "ECDHE", "DHE", "ECDH_anon", "DH_anon", "RSA_PSK", "DHE_PSK", "RSA")
_KEYS: Final = ("ECDSA", "RSA", "DSS")


def _place(row: tuple[str, ...], word: str) -> int:
    return row.index(word) if word in row else len(row)


def suite_name(code: int) -> str:
    """Return a suite's IANA name, one without a name by number."""
    return SUITES[code].name if code in SUITES else f"0x{code:04X}"


def group_name(code: int) -> str:
    """Return a group's name, one without a name by number."""
    return GROUPS.get(code, f"0x{code:04x}")


def scheme_name(code: int) -> str:
    """Return a signature scheme's name, one without a name by number."""
    return SIGNATURE_SCHEMES.get(code, f"0x{code:04x}")
