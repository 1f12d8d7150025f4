"""One judge: what a policy says of a thing, of a whole configuration, and where policies differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final, NamedTuple

from tlswire.policies.configuration import TRAITS, Configuration
from tlswire.policies.policy import MISSING, KeySize, Kind, Policy, Row, Trait, expand
from tlswire.surveyed import (
    Disagreement,
    Features,
    Judged,
    JudgedKind,
    Level,
    PolicyVerdict,
    SurveyedCertificate,
    SurveyedVersion,
)

#: The better the smaller; what a white list does not mention is worse than what it degrades.
RANK: Final[dict[Level, int]] = {
    "recommended": 0,
    "accepted": 1,
    "degraded": 2,
    "not_mentioned": 3,
    "forbidden": 4,
}
#: How a prime of DHE that was met is named, with its bits: it has no name of its own.
PRIME: Final = "dh-"
DAY: Final = 86400
#: Keys as certificates name them, and as policies do.
_KEYS: Final = {"Ed25519": "EdDSA", "Ed448": "EdDSA"}


class Ruling(NamedTuple):
    """What a policy says of one thing, and where."""

    level: Level
    reference: str
    note: str | None


def judge_one(policy: Policy, kind: Kind, name: str, version: str | None = None) -> Ruling | None:
    """Return what the policy says of one thing; None when its kind is none of its business."""
    if kind == "group" and name.startswith(PRIME):
        return _of_size(policy, "DH", int(name.removeprefix(PRIME)), None) or _unlisted(
            policy, kind
        )
    return _of_rows(policy.rows.get(kind, ()), name, version) or _unlisted(policy, kind)


def _of_rows(rows: Sequence[Row], name: str, version: str | None = None) -> Ruling | None:
    for row in rows:
        if (not row.versions or version in row.versions) and _names(row.names, name):
            return Ruling(row.level, row.reference, row.note)
    return None


def _of_size(policy: Policy, key: str, bits: int, curve: str | None) -> Ruling | None:
    for row in policy.keys:
        if row.key == key and bits >= row.bits and _on_curve(row, curve):
            return Ruling(row.level, row.reference, row.note)
    return None


def _on_curve(row: KeySize, curve: str | None) -> bool:
    return not row.curves or curve in row.curves.split()


def _unlisted(policy: Policy, kind: Kind) -> Ruling | None:
    unlisted = policy.unlisted.get(kind)
    return Ruling(*unlisted) if unlisted is not None else None


@lru_cache(maxsize=8192)
def _names(words: str, name: str) -> bool:
    """Versions are written with `_` for the blank; an asterisk stands for anything."""
    plain = name.replace(" ", "_").lower()
    return any(
        fnmatchcase(plain, word.lower()) if "*" in word else plain == word.lower()
        for word in expand(words)
    )


def level_of(policy: Policy, kind: Kind, name: str, version: str | None = None) -> Level:
    """Return the level alone; what is none of the policy's business is not mentioned."""
    ruling = judge_one(policy, kind, name, version)
    return ruling.level if ruling is not None else "not_mentioned"


def judge(
    policy: Policy,
    versions: Sequence[SurveyedVersion],
    certificates: Sequence[SurveyedCertificate] = (),
    features: Features | None = None,
) -> PolicyVerdict:
    """Judge the whole configuration of a server."""
    found = Configuration(versions, certificates, features)
    judged = [*_judge_versions(policy, versions)]
    judged += [each for shown in certificates for each in _judge_certificate(policy, shown)]
    judged += [each for trait in policy.traits if (each := _judge_trait(trait, found)) is not None]
    unique = tuple(dict.fromkeys(judged))
    counts = Counter(each.level for each in unique)
    levels: list[Level] = [each.level for each in unique]
    worst: Level = max(levels, key=lambda level: RANK[level]) if levels else "not_mentioned"
    return PolicyVerdict(
        policy=policy.id,
        title=policy.title,
        source=policy.source,
        level=worst,
        counts={level: counts[level] for level in RANK if counts[level]},
        judged=unique,
        missing=(*_missing(policy, versions), *_missing_traits(policy, found)),
    )


def things(versions: Sequence[SurveyedVersion]) -> Iterable[tuple[Kind, str, str]]:
    """Yield everything that a server takes: kind, name, version."""
    for each in versions:
        yield "version", each.version, each.version
        yield from (("suite", suite, each.version) for suite in each.suites)
        yield from (("group", group, each.version) for group in each.groups or ())
        yield from (("group", f"{PRIME}{bits}", each.version) for bits in each.dh_bits)
        schemes = each.signature_algorithms or ()
        yield from (("signature_algorithm", scheme, each.version) for scheme in schemes)


def _judge_versions(policy: Policy, versions: Sequence[SurveyedVersion]) -> Iterable[Judged]:
    for kind, name, version in things(versions):
        ruling = judge_one(policy, kind, name, version)
        if ruling is not None:
            yield Judged(kind=kind, name=name, **ruling._asdict())


def _judge_certificate(policy: Policy, shown: SurveyedCertificate) -> Iterable[Judged]:
    """Judge a certificate by its key, by what signed it, and by how long it is valid."""
    if policy.keys and shown.key is not None:
        yield from _told("certificate", _key_name(shown), _key_ruling(policy, shown))
    if shown.signature_hash is not None:
        ruling = _of_rows(policy.hashes, shown.signature_hash)
        name = f"certificate signed with {shown.signature_hash}"
        yield from _told("certificate_signature", name, ruling)
    if policy.longest is not None and shown.not_before is not None and shown.not_after is not None:
        days = round((shown.not_after - shown.not_before) / DAY)
        if days > policy.longest.days:
            ruling = Ruling(policy.longest.level, policy.longest.reference, None)
            yield from _told("certificate", f"certificate valid for {days} days", ruling)


def _told(kind: JudgedKind, name: str, ruling: Ruling | None) -> Iterable[Judged]:
    if ruling is not None:
        yield Judged(kind=kind, name=name, **ruling._asdict())


def _key_name(shown: SurveyedCertificate) -> str:
    return f"{shown.key} {shown.bits}" if shown.bits else str(shown.key)


def _key_ruling(policy: Policy, shown: SurveyedCertificate) -> Ruling | None:
    key, bits = _KEYS.get(shown.key or "", shown.key or ""), shown.bits or 0
    bits = 256 if key == "EdDSA" and not bits else bits
    return _of_size(policy, key, bits, shown.curve) or _unlisted(policy, "certificate")


def _judge_trait(trait: Trait, found: Configuration) -> Judged | None:
    """Judge what is there, or what is not; a demand that is missed is told elsewhere."""
    holds = TRAITS[trait.name](found)
    level = None if holds is None else trait.there if holds else trait.absent
    if level is None or level == MISSING:
        return None
    return Judged(
        kind="feature",
        name=trait.name if holds else f"no {trait.name}",
        level=level,
        reference=trait.reference,
        note=trait.note,
    )


def _missing_traits(policy: Policy, found: Configuration) -> Iterable[str]:
    for trait in policy.traits:
        if trait.absent == MISSING and TRAITS[trait.name](found) is False:
            yield f"{trait.name} ({trait.reference})"


def _missing(policy: Policy, versions: Sequence[SurveyedVersion]) -> Iterable[str]:
    taken = {(kind, name.replace(" ", "_").lower()) for kind, name, _ in things(versions)}
    for required in policy.required:
        if required.kind == "group" and not any(map(_shows_curves, versions)):
            continue
        names = expand(required.names)
        if not any((required.kind, name.lower()) in taken for name in names):
            told = " or ".join(name.replace("TLS_1", "TLS 1") for name in names)
            yield f"{told} ({required.reference})"


def _shows_curves(version: SurveyedVersion) -> bool:
    """Tell whether groups were asked for, and the version has curves at all."""
    elliptic = version.version == "TLS 1.3" or any("_ECDH" in suite for suite in version.suites)
    return elliptic and version.groups is not None


def disagreements(
    policies: Sequence[Policy], versions: Sequence[SurveyedVersion]
) -> tuple[Disagreement, ...]:
    """Return what one policy recommends or accepts, and another forbids, degrades or omits."""
    found = {}
    for kind, name, version in things(versions):
        levels = {
            policy.id: ruling.level
            for policy in policies
            if (ruling := judge_one(policy, kind, name, version)) is not None
        }
        ranks = {RANK[level] for level in levels.values()}
        if ranks and min(ranks) <= 1 and max(ranks) == RANK["forbidden"]:
            found[kind, name] = Disagreement(kind=kind, name=name, levels=levels)
    return tuple(found.values())
