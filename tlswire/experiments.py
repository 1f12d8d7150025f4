"""Which change of a hello proves which cause: one row an experiment, in the order of trying.

An experiment differs from the captured hello in one thing. When it passes, and the exact hello
then fails again as before, its cause is proved. Nothing here sends: `replay` does.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from tlswire import variants
from tlswire.codes import CIPHER_SUITES, Alert, Version
from tlswire.seen import Seen
from tlswire.states import SERVER_HELLO
from tlswire.transcript import alert_of
from tlswire.variants import Edit, Hello

#: How a server may say that no suite of the offer suits it (RFC 5246 section 7.2.2).
_REFUSALS: Final = (Alert.handshake_failure, Alert.insufficient_security)


def _called(*names: str) -> tuple[int, ...]:
    numbers = {name: code for code, name in CIPHER_SUITES.items()}
    return tuple(numbers[name] for name in names)


#: Suites that nearly every server of today takes, by the key of its certificate.
COMMON: Final[dict[str, tuple[int, ...]]] = {
    "RSA": _called(
        "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
    ),
    "ECDSA": _called(
        "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256",
        "TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384",
        "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256",
    ),
}


class Experiment(NamedTuple):
    """A change worth trying when the exact hello failed in a certain way.

    `edits` returns () when the change makes no sense for this hello.
    """

    cause: str
    variant: str
    applies: Callable[[Seen], bool]
    edits: Callable[[Hello], tuple[Edit, ...]]
    change: str  # what was changed, for "with … the server went on"


def authentications(suites: Sequence[int]) -> frozenset[str]:
    """Return the kinds of certificate that suites up to TLS 1.2 can be used with."""
    exchanges = {CIPHER_SUITES.get(suite, "").partition("_WITH_") for suite in suites}
    names = {before for before, found, _ in exchanges if found}
    return frozenset(kind for kind in COMMON for name in names if name.rpartition("_")[2] == kind)


def same_authentication(hello: Hello) -> tuple[Edit, ...]:
    """Add common suites for the certificates that the client already takes; for all if none."""
    kinds = authentications(hello.suites) or frozenset(COMMON)
    return _adding(hello, kinds)


def other_authentication(hello: Hello) -> tuple[Edit, ...]:
    """Add common suites for the kind of certificate that the client does not take yet."""
    offered = authentications(hello.suites)
    return _adding(hello, frozenset(COMMON) - offered) if offered else ()


def _adding(hello: Hello, kinds: frozenset[str]) -> tuple[Edit, ...]:
    added = [suite for kind in COMMON if kind in kinds for suite in COMMON[kind]]
    missing = [suite for suite in added if suite not in hello.suites]
    return variants.suites(hello, missing) if missing else ()


def refused_before_tls13(seen: Seen) -> bool:
    """Tell whether the server refused a hello that would also do with TLS 1.2 or older."""
    alert = alert_of(seen.ending.entry) if seen.ending.entry is not None else None
    if seen.ending.stopped_at != SERVER_HELLO or seen.ending.side != "server" or alert is None:
        return False
    older = seen.offer is not None and min(seen.offer.versions) <= Version.tls_1_2
    return older and alert.code in _REFUSALS


EXPERIMENTS: Final[tuple[Experiment, ...]] = (
    Experiment(
        "cipher-no-overlap",
        "suites",
        refused_before_tls13,
        same_authentication,
        "common cipher suites added",
    ),
    Experiment(
        "ecdsa-cert-rsa-client",
        "suites",
        refused_before_tls13,
        other_authentication,
        "cipher suites for the other kind of certificate added",
    ),
)
