"""Mozilla's server side TLS: modern, intermediate, and old, which the generator dropped in 6.0.

Lists of recommendations: what is not listed is not recommended. Nothing is said of signature
schemes. Versions, suites and groups of modern and intermediate are those of 6.0; what concerns
certificates, staples and the order of suites is as guidelines 5.7 have it.
"""

from __future__ import annotations

from typing import Final

from tlswire.policies.policy import KeySize, Longest, Policy, Required, Row, Trait, Unlisted
from tlswire.surveyed import Level

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
_P: Final = "secp256r1 secp384r1"
_5_7: Final = "guidelines 5.7, {}"
_GROUPS: Final = (Row("recommended", "X25519MLKEM768 x25519 secp256r1 secp384r1", "curves"),)


def _unlisted(configuration: str) -> dict[str, Unlisted]:
    where = f"{configuration} configuration"
    return {
        "version": Unlisted("forbidden", where, "versions that are not listed must not be used"),
        "suite": Unlisted("not_mentioned", where, _WHITE),
        "group": Unlisted("not_mentioned", where, _WHITE),
        "certificate": Unlisted("not_mentioned", where, _WHITE),
    }


def _traits(*, server_order: bool) -> tuple[Trait, ...]:
    """Staples wherever they can be had; and whose order of suites decides."""
    levels: tuple[Level, Level] = ("recommended", "degraded")
    there, absent = levels if server_order else levels[::-1]
    told = "the server's" if server_order else "the client's: it knows what its hardware does best"
    return (
        Trait("status_request", "recommended", "degraded", _5_7.format("OCSP staple")),
        Trait(
            "server's order of suites",
            there,
            absent,
            _5_7.format("server preferred order"),
            f"the order should be {told}",
        ),
    )


MODERN: Final = Policy(
    id="mozilla-modern",
    title="Mozilla modern",
    source=_SITE,
    rows={
        "version": (Row("recommended", "TLS_1.3", "protocols"),),
        "suite": (Row("recommended", _NEW, "cipher suites"),),
        "group": _GROUPS,
    },
    keys=(KeySize("recommended", "EC", 256, "certificate type and curves", None, _P),),
    hashes=(Row("recommended", "sha256 sha384 sha512", _5_7.format("certificate signatures")),),
    longest=Longest("degraded", 90, _5_7.format("maximum certificate lifespan")),
    traits=_traits(server_order=False),
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
        KeySize("recommended", "RSA", 2048, "certificate type and size"),
        KeySize("recommended", "EC", 256, "certificate type and curves", None, _P),
    ),
    hashes=(Row("recommended", "sha256 sha384 sha512", _5_7.format("certificate signatures")),),
    longest=Longest("degraded", 366, _5_7.format("maximum certificate lifespan")),
    traits=_traits(server_order=False),
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
    keys=(
        KeySize("recommended", "RSA", 2048, "certificate type and size"),
        KeySize("recommended", "DH", 1024, "DH parameter size"),
    ),
    hashes=(Row("recommended", "sha256", "certificate signatures"),),
    longest=Longest("degraded", 366, "maximum certificate lifespan"),
    traits=_traits(server_order=True),
    unlisted=_unlisted("old"),  # type: ignore[arg-type]
    required=(Required("version", "TLS_1.0 TLS_1.1 TLS_1.2 TLS_1.3", "protocols"),),
)
