"""Where a weakness is found: in suites, groups, certificates, features, unusual hellos.

Each function returns what looks for one thing and names the places that have it. Judges nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from typing import Final, NamedTuple

from tlswire.language import say
from tlswire.suites import SUITES, SuiteFacts
from tlswire.surveyed import Features, SurveyedCertificate, SurveyedVersion, Tolerance


class Found(NamedTuple):
    """All that was found of one server."""

    versions: Sequence[SurveyedVersion]
    certificates: Sequence[SurveyedCertificate] = ()
    features: Features | None = None
    tolerance: Sequence[Tolerance] = ()
    now: float = 0.0


@cache
def _by_name() -> dict[str, SuiteFacts]:
    return {facts.name: facts for facts in SUITES.values()}


def suites(
    test: Callable[[SuiteFacts], bool], versions: Sequence[str] | None = None
) -> Callable[[Found], Iterable[str]]:
    """Look for suites, in these versions or in all."""

    def where(found: Found) -> Iterable[str]:
        for version in found.versions:
            if versions is None or version.version in versions:
                facts = (_by_name().get(suite) for suite in version.suites)
                yield from (each.name for each in facts if each is not None and test(each))

    return where


def version(*names: str) -> Callable[[Found], Iterable[str]]:
    """Look for versions by name."""
    return lambda found: (v.version for v in found.versions if v.version in names)


def groups(test: Callable[[str], bool]) -> Callable[[Found], Iterable[str]]:
    """Look for groups by name."""
    return lambda found: (g for v in found.versions for g in v.groups or () if test(g))


def primes(least: int, below: int) -> Callable[[Found], Iterable[str]]:
    """Look for Diffie-Hellman primes of these sizes in bits."""
    return lambda found: (
        say("DHE of {bits} bits", bits=bits)
        for v in found.versions
        for bits in v.dh_bits
        if least <= bits < below
    )


def schemes(*endings: str) -> Callable[[Found], Iterable[str]]:
    """Look for signature schemes by how their names end."""
    return lambda found: (
        s for v in found.versions for s in v.signature_algorithms or () if s.endswith(endings)
    )


def certificates(
    test: Callable[[SurveyedCertificate, float], bool],
) -> Callable[[Found], Iterable[str]]:
    """Look for certificates; the test is told the time as well."""
    return lambda found: (
        c.subject or c.sha256[:16] for c in found.certificates if test(c, found.now)
    )


#: Faults of a chain that other rows tell.
TOLD_ELSEWHERE: Final = ("cert-expired", "clock-skew", "cert-name-mismatch")


def untrusted(found: Found) -> Iterable[str]:
    """Name the certificates that were judged and are not trusted, and whose roots say so."""
    for each in found.certificates:
        alone = each.self_signed and each.chain_length == 1
        if each.trusted is False and each.fault_cause not in TOLD_ELSEWHERE and not alone:
            yield say(
                "{subject} by {judged_by}: {fault}",
                subject=each.subject or each.sha256[:16],
                judged_by=each.judged_by,
                fault=each.fault,
            )


def feature(test: Callable[[Features], bool], where: str) -> Callable[[Found], Iterable[str]]:
    """Look for a feature; `where` names it."""
    return lambda found: (say(where),) if found.features and test(found.features) else ()


def without(version: str) -> Callable[[Found], Iterable[str]]:
    """Look for a version that is missing."""

    def where(found: Found) -> Iterable[str]:
        taken = [v.version for v in found.versions]
        return (say("{taken} at best", taken=taken[0]),) if taken and version not in taken else ()

    return where


def intolerant(found: Found) -> Iterable[str]:
    """Name the unusual hellos that were not taken."""
    return (f"{each.test}: {each.result}" for each in found.tolerance if each.result != "ok")


def choosing(found: Found) -> Iterable[str]:
    """Where the client's order decides, a client may choose what is weak."""
    for version in found.versions:
        facts = [_by_name()[s] for s in version.suites if s in _by_name()]
        if version.preference == "client" and any(map(_is_mixed_bag, facts)):
            yield version.version


def _is_mixed_bag(facts: SuiteFacts) -> bool:
    return not facts.forward_secrecy and facts.key_exchange != "any"


def is_small_block(facts: SuiteFacts) -> bool:
    """Tell whether blocks have 64 bits."""
    return facts.encryption.startswith(("3DES", "IDEA"))


def is_below(bits: int) -> Callable[[SuiteFacts], bool]:
    """Look for keys of fewer bits that no other row tells."""
    return lambda facts: (
        0 < facts.bits < bits and "EXPORT" not in facts.name and "RC4" not in facts.encryption
    )


def is_static(facts: SuiteFacts) -> bool:
    """Tell whether who gets the key later reads what was recorded."""
    return not facts.forward_secrecy and facts.key_exchange not in ("any", "NULL", "RSA_EXPORT")


def small_curve(name: str) -> bool:
    """Tell whether a curve has less than 224 bits."""
    digits = "".join(c for c in name.split("k")[0].split("r")[0] if c.isdigit())
    return name.startswith(("sect", "secp")) and "_" not in name and 0 < int(digits or 0) < 224
