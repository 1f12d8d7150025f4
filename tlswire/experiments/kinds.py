"""Suites and signatures by the kind of certificate that they go with, and changes of them by it.

A suite up to TLS 1.2 names the key of the certificate (RFC 5246 section 7.4.2), a signature scheme
the key that signs: what is added for another kind changes a second thing. Sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tlswire import variants
from tlswire.codes import CIPHER_SUITES, SIGNATURE_SCHEMES, ExtensionType, Version
from tlswire.experiments.offers import COMMON, COMMON_SCHEMES, COMMON_TLS13, MORE_SUITES, SUITES
from tlswire.variants import Edit, Hello


def authentications(suites: Sequence[int]) -> frozenset[str]:
    """Return the kinds of certificate that suites up to TLS 1.2 can be used with."""
    exchanges = {CIPHER_SUITES.get(suite, "").partition("_WITH_") for suite in suites}
    names = {before for before, found, _ in exchanges if found}
    return frozenset(kind for kind in COMMON for name in names if name.rpartition("_")[2] == kind)


def one_suite(hello: Hello) -> tuple[Edit, ...]:
    """Add the one suite that most servers take, for a certificate that the client takes."""
    kinds = authentications(hello.suites) or frozenset(COMMON)
    first = next(COMMON[kind][0] for kind in COMMON if kind in kinds)
    return () if first in hello.suites else variants.suites(hello, [first])


def same_authentication(hello: Hello) -> tuple[Edit, ...]:
    """Add common suites for the certificates that the client already takes; for all if none."""
    kinds = authentications(hello.suites) or frozenset(COMMON)
    return _adding(hello, kinds, COMMON_TLS13 if _offers_tls13(hello) else ())


def rarer_suites(hello: Hello) -> tuple[Edit, ...]:
    """Add what few servers insist on, for the certificates that the client already takes."""
    kinds = authentications(hello.suites) or frozenset(COMMON)
    fit = (suite for suite in SUITES + MORE_SUITES if authentications((suite,)) & kinds)
    return variants.suites(hello, [suite for suite in fit if suite not in hello.suites])


def other_authentication(hello: Hello) -> tuple[Edit, ...]:
    """Add common suites for the kind of certificate that the client does not take yet."""
    return () if _lacks_scheme(hello) else _other_kind(hello)


def other_kind_and_schemes(hello: Hello) -> tuple[Edit, ...]:
    """The same where the client accepts no signature of that kind either: two changes."""
    return _other_kind(hello) if _lacks_scheme(hello) else ()


def _other_kind(hello: Hello) -> tuple[Edit, ...]:
    offered = authentications(hello.suites)
    return _adding(hello, frozenset(COMMON) - offered) if offered else ()


def schemes_of_its_kind(hello: Hello) -> tuple[Edit, ...]:
    """Accept more signatures of the kinds of key that the client accepts already."""
    kinds = kinds_of(hello.listed(ExtensionType.signature_algorithms)) or frozenset(COMMON)
    return variants.schemes(hello, [s for s in COMMON_SCHEMES if _kind(s) in kinds])


def schemes_of_ecdsa(hello: Hello) -> tuple[Edit, ...]:
    """Accept signatures of ECDSA, where the client accepts those of RSA alone."""
    if kinds_of(hello.listed(ExtensionType.signature_algorithms)) != {"RSA"}:
        return ()
    return variants.schemes(hello, [s for s in COMMON_SCHEMES if _kind(s) == "ECDSA"])


def schemes_of_rsa(hello: Hello) -> tuple[Edit, ...]:
    """Accept signatures of RSA, where the client accepts others only."""
    if "RSA" in kinds_of(hello.listed(ExtensionType.signature_algorithms)):
        return ()
    return variants.schemes(hello, [s for s in COMMON_SCHEMES if _kind(s) == "RSA"])


def kinds_of(schemes: Iterable[int]) -> frozenset[str]:
    """Return the kinds of key whose signatures these schemes are."""
    return frozenset(kind for kind in map(_kind, schemes) if kind in COMMON)


def _kind(scheme: int) -> str:
    """Return the kind of key that makes a signature; rsa_pss_pss needs a key of its own."""
    name = SIGNATURE_SCHEMES.get(scheme, "")
    return "" if name.startswith("rsa_pss_pss") else name.partition("_")[0].upper()


def _lacks_scheme(hello: Hello) -> bool:
    """Tell whether a client of ECDSA alone accepts no signature of RSA either.

    Then two things are in the way, and OpenSSL drops the suites for want of the signatures. A
    client of RSA alone is one thing: it was made so.
    """
    if "RSA" in authentications(hello.suites):
        return False
    kinds = kinds_of(hello.listed(ExtensionType.signature_algorithms))
    return bool(kinds) and "RSA" not in kinds


def _adding(hello: Hello, kinds: frozenset[str], more: Sequence[int] = ()) -> tuple[Edit, ...]:
    added = [suite for kind in COMMON if kind in kinds for suite in COMMON[kind]]
    missing = [suite for suite in (*added, *more) if suite not in hello.suites]
    return variants.suites(hello, missing) if missing else ()


def _offers_tls13(hello: Hello) -> bool:
    return Version.tls_1_3 in hello.listed(ExtensionType.supported_versions)


def suites_of_its_versions(hello: Hello) -> tuple[Edit, ...]:
    """Add suites of a version that the hello offers, where those it has belong to none."""
    if not _offers_tls13(hello):
        return same_authentication(hello)
    return variants.suites(hello, [suite for suite in COMMON_TLS13 if suite not in hello.suites])


def only_common_suites(hello: Hello) -> tuple[Edit, ...]:
    """Leave out what not every server knows; never the last suite."""
    common = {*COMMON_TLS13, *(suite for suites in COMMON.values() for suite in suites)}
    return variants.without_suites(hello, [s for s in hello.suites if s not in common])


def without_ecdsa(hello: Hello) -> tuple[Edit, ...]:
    """Leave the suites for a certificate of ECDSA out."""
    return _without_kind(hello, "ECDSA")


def without_rsa(hello: Hello) -> tuple[Edit, ...]:
    """Leave the suites for a certificate of RSA out."""
    return _without_kind(hello, "RSA")


def _without_kind(hello: Hello, kind: str) -> tuple[Edit, ...]:
    return variants.without_suites(
        hello, [suite for suite in hello.suites if kind in authentications((suite,))]
    )
