"""Mozilla's server side TLS: modern, intermediate, and old, which the generator dropped in 6.0.

Lists of recommendations: what is not listed is not recommended. Nothing is said of signatures.
"""

from __future__ import annotations

from typing import Final

from tlswire.policies.policy import KeySize, Policy, Required, Row, Unlisted

_SITE: Final = "https://ssl-config.mozilla.org, ssl-config-generator 6.0"
_WHITE: Final = "a list of recommendations: what is not listed is not recommended"
_NEW: Final = "TLS_AES_{128_GCM_SHA256,256_GCM_SHA384} TLS_CHACHA20_POLY1305_SHA256"
_INTERMEDIATE: Final = (
    "TLS_ECDHE_{ECDSA,RSA}_WITH_AES_{128_GCM_SHA256,256_GCM_SHA384} "
    "TLS_ECDHE_{ECDSA,RSA}_WITH_CHACHA20_POLY1305_SHA256"
)
_OLD: Final = (
    "TLS_DHE_RSA_WITH_AES_{128_GCM_SHA256,256_GCM_SHA384} "
    "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256 "
    "TLS_ECDHE_{ECDSA,RSA}_WITH_AES_{128_CBC_SHA256,128_CBC_SHA,256_CBC_SHA384,256_CBC_SHA} "
    "TLS_DHE_RSA_WITH_AES_{128,256}_CBC_SHA256 "
    "TLS_RSA_WITH_AES_{128_GCM_SHA256,256_GCM_SHA384,128_CBC_SHA256,256_CBC_SHA256} "
    "TLS_RSA_WITH_AES_{128,256}_CBC_SHA TLS_RSA_WITH_3DES_EDE_CBC_SHA"
)
_GROUPS: Final = (Row("recommended", "X25519MLKEM768 x25519 secp256r1 secp384r1", "curves"),)


def _unlisted(configuration: str) -> dict[str, Unlisted]:
    where = f"{configuration} configuration"
    return {
        "version": Unlisted("forbidden", where, "versions that are not listed must not be used"),
        "suite": Unlisted("not_mentioned", where, _WHITE),
        "group": Unlisted("not_mentioned", where, _WHITE),
        "certificate": Unlisted("not_mentioned", where, _WHITE),
    }


MODERN: Final = Policy(
    id="mozilla-modern",
    title="Mozilla modern",
    source=_SITE,
    rows={
        "version": (Row("recommended", "TLS_1.3", "protocols"),),
        "suite": (Row("recommended", _NEW, "cipher suites"),),
        "group": _GROUPS,
    },
    keys=(KeySize("recommended", "EC", 256, "certificate type"),),
    unlisted=_unlisted("modern"),  # type: ignore[arg-type]
    required=(Required("version", "TLS_1.3", "protocols"),),
)

INTERMEDIATE: Final = Policy(
    id="mozilla-intermediate",
    title="Mozilla intermediate",
    source=_SITE,
    rows={
        "version": (Row("recommended", "TLS_1.2 TLS_1.3", "protocols"),),
        "suite": (
            Row("recommended", _NEW, "cipher suites (TLS 1.3)"),
            Row("recommended", _INTERMEDIATE, "cipher suites (TLS 1.2)"),
        ),
        "group": _GROUPS,
    },
    keys=(
        KeySize("recommended", "RSA", 2048, "certificate type"),
        KeySize("recommended", "EC", 256, "certificate type"),
    ),
    unlisted=_unlisted("intermediate"),  # type: ignore[arg-type]
    required=(Required("version", "TLS_1.2 TLS_1.3", "protocols"),),
)

OLD: Final = Policy(
    id="mozilla-old",
    title="Mozilla old",
    source="https://ssl-config.mozilla.org, guidelines 5.7; removed in ssl-config-generator 6.0",
    rows={
        "version": (Row("recommended", "TLS_1.0 TLS_1.1 TLS_1.2 TLS_1.3", "protocols"),),
        "suite": (
            Row("recommended", _NEW, "cipher suites (TLS 1.3)"),
            Row("recommended", f"{_INTERMEDIATE} {_OLD}", "cipher suites (TLS 1.0 to 1.2)"),
        ),
        "group": (Row("recommended", "x25519 secp256r1 secp384r1", "curves"),),
    },
    keys=(KeySize("recommended", "RSA", 2048, "certificate type"),),
    unlisted=_unlisted("old"),  # type: ignore[arg-type]
    required=(Required("version", "TLS_1.0 TLS_1.1 TLS_1.2 TLS_1.3", "protocols"),),
)
