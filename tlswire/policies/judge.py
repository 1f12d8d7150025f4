"""One judge: what a policy says of a thing, of a whole configuration, and where policies differ."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Final, NamedTuple

from tlswire.policies.policy import Kind, Policy, Row, expand
from tlswire.surveyed import (
    Disagreement,
    Judged,
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
#: Keys as certificates name them, and as policies do.
_KEYS: Final = {"Ed25519": "EdDSA", "Ed448": "EdDSA"}


class Ruling(NamedTuple):
    """What a policy says of one thing, and where."""

    level: Level
    reference: str
    note: str | None


def judge_one(policy: Policy, kind: Kind, name: str, version: str | None = None) -> Ruling | None:
    """Return what the policy says of one thing; None when its kind is none of its business."""
    return _ruling(policy.id, policy.rows.get(kind, ()), policy, kind, name, version)


def _ruling(
    key: str, rows: Sequence[Row], policy: Policy, kind: Kind, name: str, version: str | None
) -> Ruling | None:
    for row in rows:
        if (not row.versions or version in row.versions) and _names(row.names, name):
            return Ruling(row.level, row.reference, row.note)
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
) -> PolicyVerdict:
    """Judge the whole configuration of a server."""
    judged = [*_judge_versions(policy, versions)]
    judged += [j for c in certificates if (j := _judge_certificate(policy, c)) is not None]
    unique = tuple(dict.fromkeys(judged))
    counts = Counter(each.level for each in unique)
    found: list[Level] = [each.level for each in unique]
    worst: Level = max(found, key=lambda level: RANK[level]) if found else "not_mentioned"
    return PolicyVerdict(
        policy=policy.id,
        title=policy.title,
        source=policy.source,
        level=worst,
        counts={level: counts[level] for level in RANK if counts[level]},
        judged=unique,
        missing=tuple(_missing(policy, versions)),
    )


def things(versions: Sequence[SurveyedVersion]) -> Iterable[tuple[Kind, str, str]]:
    """Yield everything that a server takes: kind, name, version."""
    for each in versions:
        yield "version", each.version, each.version
        yield from (("suite", suite, each.version) for suite in each.suites)
        yield from (("group", group, each.version) for group in each.groups or ())
        yield from (("group", f"dh-{bits}", each.version) for bits in each.dh_bits if bits <= 1024)
        schemes = each.signature_algorithms or ()
        yield from (("signature_algorithm", scheme, each.version) for scheme in schemes)


def _judge_versions(policy: Policy, versions: Sequence[SurveyedVersion]) -> Iterable[Judged]:
    for kind, name, version in things(versions):
        ruling = judge_one(policy, kind, name, version)
        if ruling is not None:
            yield Judged(kind=kind, name=name, **ruling._asdict())


def _judge_certificate(policy: Policy, shown: SurveyedCertificate) -> Judged | None:
    """Judge a certificate's key by its kind and size."""
    if not policy.keys or shown.key is None:
        return None
    key, bits = _KEYS.get(shown.key, shown.key), shown.bits or 0
    name = f"{shown.key} {bits}" if shown.bits else shown.key
    bits = 256 if key == "EdDSA" and not bits else bits
    for row in policy.keys:
        if row.key == key and bits >= row.bits:
            return Judged(
                kind="certificate",
                name=name,
                level=row.level,
                reference=row.reference,
                note=row.note,
            )
    unlisted = policy.unlisted.get("certificate")
    if unlisted is None:
        return None
    return Judged(kind="certificate", name=name, **unlisted._asdict())


def _missing(policy: Policy, versions: Sequence[SurveyedVersion]) -> Iterable[str]:
    taken = {(kind, name.replace(" ", "_").lower()) for kind, name, _ in things(versions)}
    for required in policy.required:
        if required.kind == "group" and all(v.groups is None for v in versions):
            continue
        names = expand(required.names)
        if not any((required.kind, name.lower()) in taken for name in names):
            told = " or ".join(name.replace("TLS_1", "TLS 1") for name in names)
            yield f"{told} ({required.reference})"


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
