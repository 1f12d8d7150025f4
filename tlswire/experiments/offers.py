"""What servers of today take, and those of yesterday: the offers that experiments are made with.

Tables only; a hello of its own, and a captured one that is given more, take from them.
"""

from __future__ import annotations

from typing import Final

from tlswire.codes import CIPHER_SUITES, Group, SignatureScheme


def called(*names: str) -> tuple[int, ...]:
    """Return the suites of these names, the first "TLS_" left out."""
    numbers = {name: code for code, name in CIPHER_SUITES.items()}
    return tuple(numbers[f"TLS_{name}"] for name in names)


#: Suites that nearly every server of today takes, by the key of its certificate.
COMMON: Final[dict[str, tuple[int, ...]]] = {
    "RSA": called(
        "ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    ),
    "ECDSA": called(
        "ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    ),
}
#: Those of TLS 1.3, for any certificate (RFC 8446 appendix B.4).
COMMON_TLS13: Final = called("AES_128_GCM_SHA256", "AES_256_GCM_SHA384", "CHACHA20_POLY1305_SHA256")
COMMON_GROUPS: Final = (Group.secp256r1, Group.x25519, Group.secp384r1, Group.secp521r1)
COMMON_SCHEMES: Final = (
    SignatureScheme.rsa_pss_rsae_sha256,
    SignatureScheme.rsa_pkcs1_sha256,
    SignatureScheme.ecdsa_secp256r1_sha256,
    SignatureScheme.rsa_pss_rsae_sha384,
    SignatureScheme.rsa_pkcs1_sha384,
    SignatureScheme.ecdsa_secp384r1_sha384,
    SignatureScheme.rsa_pss_rsae_sha512,
    SignatureScheme.rsa_pkcs1_sha512,
)
#: What browsers offer for TLS 1.2 and older.
SUITES: Final = called(
    "ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
    "ECDHE_RSA_WITH_AES_128_GCM_SHA256",
    "ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
    "ECDHE_RSA_WITH_AES_256_GCM_SHA384",
    "ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    "ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "ECDHE_RSA_WITH_AES_128_CBC_SHA",
    "ECDHE_RSA_WITH_AES_256_CBC_SHA",
    "RSA_WITH_AES_128_GCM_SHA256",
    "RSA_WITH_AES_256_GCM_SHA384",
    "RSA_WITH_AES_128_CBC_SHA",
    "RSA_WITH_AES_256_CBC_SHA",
)
#: What servers of yesterday may still want, beside.
MORE_SUITES: Final = called(
    "DHE_RSA_WITH_AES_128_GCM_SHA256",
    "DHE_RSA_WITH_AES_256_GCM_SHA384",
    "DHE_RSA_WITH_AES_128_CBC_SHA",
    "DHE_RSA_WITH_AES_256_CBC_SHA",
    "ECDHE_ECDSA_WITH_AES_128_CBC_SHA",
    "ECDHE_ECDSA_WITH_AES_256_CBC_SHA",
    "ECDHE_RSA_WITH_AES_128_CBC_SHA256",
    "ECDHE_RSA_WITH_AES_256_CBC_SHA384",
    "RSA_WITH_AES_128_CBC_SHA256",
    "RSA_WITH_AES_256_CBC_SHA256",
    "RSA_WITH_3DES_EDE_CBC_SHA",
    "RSA_WITH_RC4_128_SHA",
    "RSA_WITH_RC4_128_MD5",
    "DHE_DSS_WITH_AES_128_CBC_SHA",
    "ECDHE_ECDSA_WITH_AES_128_CCM_8",
    "DHE_RSA_WITH_AES_128_CBC_SHA256",
    "DHE_RSA_WITH_AES_256_CBC_SHA256",
    "DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    "ECDHE_ECDSA_WITH_AES_128_CBC_SHA256",
    "ECDHE_ECDSA_WITH_AES_256_CBC_SHA384",
    "RSA_WITH_CAMELLIA_128_CBC_SHA",
    "RSA_WITH_CAMELLIA_256_CBC_SHA",
    "RSA_WITH_AES_128_CCM",
    "ECDHE_RSA_WITH_CAMELLIA_128_GCM_SHA256",
    "ECDHE_RSA_WITH_CAMELLIA_256_GCM_SHA384",
    "ECDHE_ECDSA_WITH_CAMELLIA_128_GCM_SHA256",
    "ECDHE_ECDSA_WITH_CAMELLIA_256_GCM_SHA384",
    "ECDHE_RSA_WITH_ARIA_128_GCM_SHA256",
    "ECDHE_RSA_WITH_ARIA_256_GCM_SHA384",
)
SCHEMES: Final = (
    SignatureScheme.ecdsa_secp256r1_sha256,
    SignatureScheme.rsa_pss_rsae_sha256,
    SignatureScheme.rsa_pkcs1_sha256,
    SignatureScheme.ecdsa_secp384r1_sha384,
    SignatureScheme.rsa_pss_rsae_sha384,
    SignatureScheme.rsa_pkcs1_sha384,
    SignatureScheme.rsa_pss_rsae_sha512,
    SignatureScheme.rsa_pkcs1_sha512,
    SignatureScheme.rsa_pkcs1_sha1,
)
MORE_SCHEMES: Final = (
    SignatureScheme.ecdsa_secp521r1_sha512,
    SignatureScheme.ed25519,
    SignatureScheme.ed448,
    SignatureScheme.rsa_pss_pss_sha256,
    SignatureScheme.rsa_pss_pss_sha384,
    SignatureScheme.rsa_pss_pss_sha512,
    SignatureScheme.ecdsa_sha1,
)
MORE_GROUPS: Final = (Group.x448, Group.ffdhe2048, Group.ffdhe3072, Group.ffdhe4096)
