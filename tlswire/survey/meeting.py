"""A captured client against what a server takes: what they share, what is chosen, what to add.

Predicts and sends nothing. A server settles the version first, and only then looks for a suite: a
client that offers TLS 1.3 and shares no suite of it is refused, whatever else it offers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Final, Literal, NamedTuple

from tlswire.codes import VERSIONS, Version
from tlswire.language import counted, mark, say
from tlswire.offer import Offer
from tlswire.policies import POLICIES, RANK, Kind, judge_one
from tlswire.suites import SUITES, SuiteFacts
from tlswire.survey import registry
from tlswire.survey.sides import ServerSide
from tlswire.surveyed import Addition, CommonVersion, Level, Meeting, SurveyedVersion

#: Additions told for each side.
MOST_ADDITIONS: Final = 4
#: RFC 5246 section 7.4.1.4.1: what a client of TLS 1.2 accepts that does not say.
UNSAID: Final = ("rsa_pkcs1_sha1", "dsa_sha1", "ecdsa_sha1")


class Settled(NamedTuple):
    """What would come of it: the version settled, what it would choose, or why it cannot."""

    common: tuple[CommonVersion, ...]
    obstacle: str | None
    kind: Literal["version", "suite", "group", "signature_algorithm"] | None = None

    @property
    def best(self) -> CommonVersion | None:
        """Return the version that would be settled on: the highest in common."""
        return self.common[0] if self.common else None


def meet(offer: Offer, side: ServerSide, connections: Sequence[int] = ()) -> Meeting:
    """Predict what comes of a client's hello to a server."""
    settled = settle(offer, side)
    best, passed = settled.best, settled.obstacle is None
    return Meeting(
        connections=tuple(connections),
        client=describe(offer),
        offered=VERSIONS.get(offer.highest, f"0x{offer.highest:04x}"),
        would_pass=passed,
        version=best.version if best and passed else None,
        suite=best.chosen_suite if best and passed else None,
        group=best.chosen_group if best and passed else None,
        summary=_summary(settled, side),
        common=settled.common,
        additions=() if passed else tuple(additions(offer, side, settled)),
        notes=tuple(_notes(offer, side)),
    )


def describe(offer: Offer) -> str:
    """Return what a client offers, in a few words."""
    count = sum(suite in SUITES for suite in offer.suites)  # signalling values are none
    return say(
        FOR_A_NAME if offer.server_name else NAMELESS,
        version=VERSIONS.get(offer.highest, offer.highest),
        suites=counted("{number} suite", "{number} suites", count),
        name=offer.server_name,
    )


FOR_A_NAME: Final = mark("up to {version}, {suites} for {name}")
NAMELESS: Final = mark("up to {version}, {suites}, no server name")


def settle(offer: Offer, side: ServerSide) -> Settled:
    """Find what both have in common, by version, the highest first."""
    offered = {VERSIONS[v] for v in _versions(offer) if v in VERSIONS}
    common = tuple(_common(offer, each) for each in side.versions if each.version in offered)
    if not common:
        return Settled((), say("no version in common"), "version")
    best = common[0]
    return Settled(common, best.obstacle, _kind(best))


def _versions(offer: Offer) -> Sequence[int]:
    """Without supported_versions a client takes any version up to its own (RFC 8446 4.2.1)."""
    if offer.versions != (offer.legacy_version,):
        return offer.versions
    return [v for v in registry.VERSIONS if Version.ssl_3_0 <= v <= offer.legacy_version]


def _kind(
    best: CommonVersion,
) -> Literal["version", "suite", "group", "signature_algorithm"] | None:
    if best.obstacle is None:
        return None
    words: dict[str, Literal["group", "signature_algorithm"]] = {
        "group": "group",
        "signature": "signature_algorithm",
    }
    return next((kind for word, kind in words.items() if word in best.obstacle), "suite")


def _common(offer: Offer, taken: SurveyedVersion) -> CommonVersion:
    own = [registry.suite_name(suite) for suite in offer.suites]
    ordered, other = (taken.suites, own) if taken.preference == "server" else (own, taken.suites)
    suites = [suite for suite in ordered if suite in other]
    groups = _groups(offer, taken)
    schemes = _schemes(offer, taken)
    usable = [suite for suite in suites if _usable(suite, groups, schemes, taken)]
    chosen = usable[0] if usable else None
    return CommonVersion(
        version=taken.version,
        suites=tuple(suites),
        groups=tuple(groups or ()),
        signature_algorithms=tuple(schemes or ()),
        chosen_suite=chosen,
        chosen_group=groups[0] if chosen and groups and _needs_group(chosen, taken) else None,
        obstacle=None if chosen else _obstacle(suites, groups, taken),
    )


def _groups(offer: Offer, taken: SurveyedVersion) -> list[str] | None:
    """Return the groups in common; None where either side leaves them open."""
    if taken.groups is None or offer.groups is None:
        return None
    own = [registry.group_name(group) for group in offer.groups]
    return [group for group in own if group in taken.groups]


def _schemes(offer: Offer, taken: SurveyedVersion) -> list[str] | None:
    if not taken.signature_algorithms:
        return None
    if offer.signature_algorithms is None:
        return [each for each in UNSAID if each in taken.signature_algorithms]
    own = [registry.scheme_name(scheme) for scheme in offer.signature_algorithms]
    return [scheme for scheme in own if scheme in taken.signature_algorithms]


@cache
def _facts(name: str) -> SuiteFacts | None:
    return next((facts for facts in SUITES.values() if facts.name == name), None)


def _needs_group(suite: str, taken: SurveyedVersion) -> bool:
    facts = _facts(suite)
    return facts is not None and facts.key_exchange in ("any", "ECDHE", "ECDHE_PSK", "ECDH_anon")


def _usable(
    suite: str,
    groups: Sequence[str] | None,
    schemes: Sequence[str] | None,
    taken: SurveyedVersion,
) -> bool:
    if _needs_group(suite, taken) and groups is not None and not groups:
        return False
    facts = _facts(suite)
    if facts is None or schemes is None or taken.version != VERSIONS[Version.tls_1_2]:
        return True
    if facts.key_exchange not in ("ECDHE", "DHE") or facts.authentication == "anon":
        return True
    word = {"RSA": "rsa", "ECDSA": "ecdsa", "DSS": "dsa"}.get(facts.authentication, "")
    kinds = ("ecdsa", "ed25519", "ed448") if word == "ecdsa" else (word,)
    return any(scheme.startswith(kinds) for scheme in schemes)


def _obstacle(suites: Sequence[str], groups: Sequence[str] | None, taken: SurveyedVersion) -> str:
    if not suites:
        return say("no suite in common")
    if groups is not None and not groups and any(_needs_group(s, taken) for s in suites):
        return say("no group in common for the suites in common")
    return say("no signature algorithm in common for the suites in common")


def _summary(settled: Settled, side: ServerSide) -> str:
    best = settled.best
    if settled.obstacle is None and best is not None:
        return say(
            "{who} would take {version}, {suite} with {group}."
            if best.chosen_group
            else "{who} would take {version}, {suite}.",
            who=side.label,
            version=best.version,
            suite=best.chosen_suite,
            group=best.chosen_group,
        )
    return say(
        "{who} would refuse it: {obstacle}."
        if best is None
        else "{who} would refuse it: {obstacle} in {version}, the version both would settle on.",
        who=side.label,
        obstacle=settled.obstacle,
        version=best.version if best is not None else None,
    )


def _notes(offer: Offer, side: ServerSide) -> Iterator[str]:
    if all(version.groups is None for version in side.versions):
        yield say("nothing is known of the groups that the server takes")
    if all(version.signature_algorithms is None for version in side.versions):
        yield say("nothing is known of the signature algorithms that the server can make")


# -- what to add -------------------------------------------------------------------------


def additions(offer: Offer, side: ServerSide, settled: Settled) -> Iterator[Addition]:
    """Yield what either side could add, the best in the eyes of all policies first."""
    kind = settled.kind
    if kind is None:
        return
    theirs, ours = WISHES[kind](offer, side, settled)
    yield from _ranked("client", kind, theirs, say("{who} takes it", who=side.label))
    yield from _ranked("server", kind, ours, say("the client offers it"))


def _ranked(
    who: Literal["client", "server"],
    kind: Literal["version", "suite", "group", "signature_algorithm"],
    names: Iterable[str],
    why: str,
) -> Iterator[Addition]:
    ranked = sorted(dict.fromkeys(names), key=lambda name: _rank(kind, name))
    for name in ranked[:MOST_ADDITIONS]:
        text = say("Enable {name}: {why}.", name=name, why=why)
        yield Addition(who=who, kind=kind, name=name, levels=levels(kind, name), text=text)


def levels(kind: Kind, name: str) -> dict[str, Level]:
    """Return what every policy says of a thing that is its business."""
    rulings = ((policy.id, judge_one(policy, kind, name)) for policy in POLICIES)
    return {policy: ruling.level for policy, ruling in rulings if ruling is not None}


def _rank(kind: Kind, name: str) -> int:
    return sum(RANK[level] for level in levels(kind, name).values())


def _wish_versions(offer: Offer, side: ServerSide, settled: Settled) -> tuple[list[str], list[str]]:
    offered = sorted((v for v in _versions(offer) if v in VERSIONS), reverse=True)
    return [each.version for each in side.versions], [VERSIONS[v] for v in offered[:1]]


def _wish_suites(offer: Offer, side: ServerSide, settled: Settled) -> tuple[list[str], list[str]]:
    assert settled.best is not None
    taken = side.of(settled.best.version)
    tls13 = settled.best.version == VERSIONS[Version.tls_1_3]
    own = [registry.suite_name(s) for s in offer.suites if s in SUITES]
    fitting = [s for s in own if (_exchange(s) == "any") == tls13]
    return list(taken.suites if taken else ()), fitting


def _exchange(suite: str) -> str | None:
    facts = _facts(suite)
    return facts.key_exchange if facts is not None else None


def _wish_groups(offer: Offer, side: ServerSide, settled: Settled) -> tuple[list[str], list[str]]:
    assert settled.best is not None
    taken = side.of(settled.best.version)
    own = [registry.group_name(group) for group in offer.groups or ()]
    return list(taken.groups or ()) if taken else [], own


def _wish_schemes(offer: Offer, side: ServerSide, settled: Settled) -> tuple[list[str], list[str]]:
    assert settled.best is not None
    taken = side.of(settled.best.version)
    own = [registry.scheme_name(scheme) for scheme in offer.signature_algorithms or ()]
    return list(taken.signature_algorithms or ()) if taken else [], own


#: For each obstacle, what the client could add, and what the server could.
WISHES: Final = {
    "version": _wish_versions,
    "suite": _wish_suites,
    "group": _wish_groups,
    "signature_algorithm": _wish_schemes,
}
