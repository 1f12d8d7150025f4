"""How products spell versions, groups and suites; None for what a product does not have.

Knows spellings only: what is strong or weak is judged in needs.py.
"""

from __future__ import annotations

from typing import Final

from tlswire.codes import Group, Version
from tlswire.suites import SuiteFacts

#: Versions as configuration files write them.
VERSIONS: Final[dict[int, str]] = {
    Version.tls_1_0: "TLSv1",
    Version.tls_1_1: "TLSv1.1",
    Version.tls_1_2: "TLSv1.2",
    Version.tls_1_3: "TLSv1.3",
}
#: Versions in the table of another product, by what that product is called in blanks.
VERSIONS_OF: Final[dict[str, dict[int, str]]] = {
    "haproxy": {**VERSIONS, Version.tls_1_0: "TLSv1.0"},
    "netscaler": {
        Version.tls_1_0: "tls1",
        Version.tls_1_1: "tls11",
        Version.tls_1_2: "tls12",
        Version.tls_1_3: "tls13",
    },
    "envoy": {
        Version.tls_1_0: "TLSv1_0",
        Version.tls_1_1: "TLSv1_1",
        Version.tls_1_2: "TLSv1_2",
        Version.tls_1_3: "TLSv1_3",
    },
    "go": {
        Version.tls_1_0: "tls.VersionTLS10",
        Version.tls_1_1: "tls.VersionTLS11",
        Version.tls_1_2: "tls.VersionTLS12",
        Version.tls_1_3: "tls.VersionTLS13",
    },
    "schannel": {
        Version.tls_1_0: "TLS 1.0",
        Version.tls_1_1: "TLS 1.1",
        Version.tls_1_2: "TLS 1.2",
        Version.tls_1_3: "TLS 1.3",
    },
}
VERSIONS_OF["f5"] = VERSIONS
VERSIONS_OF["java"] = VERSIONS

#: The groups that servers have, in the order of preference, by OpenSSL's name.
GROUPS: Final[dict[int, str]] = {
    Group.x25519mlkem768: "X25519MLKEM768",
    Group.x25519: "X25519",
    Group.secp256r1: "P-256",
    Group.secp384r1: "P-384",
    Group.secp521r1: "P-521",
}
#: What a server of today has anyway.
USUAL_GROUPS: Final = (Group.x25519, Group.secp256r1, Group.secp384r1)
USUAL_SCHEMES: Final = (
    "ecdsa_secp256r1_sha256",
    "ecdsa_secp384r1_sha384",
    "rsa_pss_rsae_sha256",
    "rsa_pss_rsae_sha384",
    "rsa_pss_rsae_sha512",
    "rsa_pkcs1_sha256",
    "rsa_pkcs1_sha384",
)
#: Groups in the table of another product.
GROUPS_OF: Final[dict[str, dict[int, str]]] = {
    "java": {
        Group.x25519: "x25519",
        Group.secp256r1: "secp256r1",
        Group.secp384r1: "secp384r1",
        Group.secp521r1: "secp521r1",
    },
    "netscaler": {
        Group.x25519: "X_25519",
        Group.secp256r1: "P_256",
        Group.secp384r1: "P_384",
        Group.secp521r1: "P_521",
    },
    "schannel": {
        Group.x25519: "curve25519",
        Group.secp256r1: "NistP256",
        Group.secp384r1: "NistP384",
        Group.secp521r1: "NistP521",
    },
    "go": {
        Group.x25519mlkem768: "tls.X25519MLKEM768",
        Group.x25519: "tls.X25519",
        Group.secp256r1: "tls.CurveP256",
        Group.secp384r1: "tls.CurveP384",
        Group.secp521r1: "tls.CurveP521",
    },
}
#: Key exchanges that BoringSSL and Go have up to TLS 1.2.
_FEW: Final = frozenset({"ECDHE", "RSA"})


def boringssl(facts: SuiteFacts) -> str | None:
    """Return a suite's name for Envoy, None where BoringSSL lacks it."""
    known = facts.key_exchange in _FEW and facts.encryption.startswith(("AES", "CHACHA20"))
    return facts.openssl if known and facts.mac in ("AEAD", "HMAC-SHA1") else None


def go(facts: SuiteFacts) -> str | None:
    """Return a suite's name in Go's crypto/tls, None where it has none."""
    return f"tls.{facts.name}" if boringssl(facts) is not None else None


def f5(facts: SuiteFacts) -> str | None:
    """Return a suite's name for F5: OpenSSL's, with CBC said where ECDHE is used."""
    name = facts.openssl
    if name is None or facts.mac == "AEAD" or facts.key_exchange != "ECDHE":
        return name
    head, _, code = name.rpartition("-")
    return f"{head}-CBC-{code}"


def netscaler(facts: SuiteFacts) -> str | None:
    """Return a suite's name for NetScaler: OpenSSL's behind the version, for AEAD suites."""
    if facts.key_exchange == "any":
        return "TLS1.3-" + facts.name.removeprefix("TLS_").replace("AES_", "AES").replace("_", "-")
    if facts.mac == "AEAD" and facts.openssl is not None:
        return f"TLS1.2-{facts.openssl}"
    return NETSCALER_CBC.get(facts.name)


#: NetScaler's names of suites with CBC, which follow no rule.
NETSCALER_CBC: Final[dict[str, str]] = {
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA": "TLS1-ECDHE-RSA-AES128-SHA",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA": "TLS1-ECDHE-RSA-AES256-SHA",
    "TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA256": "TLS1.2-ECDHE-RSA-AES-128-SHA256",
    "TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384": "TLS1.2-ECDHE-RSA-AES-256-SHA384",
    "TLS_RSA_WITH_AES_128_CBC_SHA": "TLS1-AES-128-CBC-SHA",
    "TLS_RSA_WITH_AES_256_CBC_SHA": "TLS1-AES-256-CBC-SHA",
}
