"""Which certificates a server shows: by kind of key, by version, with and without a name.

Up to TLS 1.2 they are in the clear; in TLS 1.3 our own keys open them. That for the name asked is
judged as a client of today would by the roots that were given; the clock comes with them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final, Literal, NamedTuple

from msgspec.structs import replace

from tlswire import certificates, trust
from tlswire.codes import VERSIONS, ExtensionType, Version
from tlswire.language import say
from tlswire.suites import SUITES
from tlswire.survey import registry
from tlswire.survey.answer import Answer
from tlswire.survey.caller import Caller
from tlswire.survey.features import question_for
from tlswire.survey.handshakes import shake
from tlswire.survey.question import Question, server_name
from tlswire.survey.versions import Accepted
from tlswire.surveyed import SurveyedCertificate
from tlswire.trust import Fault, Roots

Kind = Literal["any", "RSA", "ECDSA", "EdDSA", "DSS"]
#: A name that no server has (RFC 6761 section 6.4).
NOBODY: Final = "no-such-name.invalid"
_SCHEMES: Final[dict[Kind, tuple[str, ...]]] = {
    "RSA": ("rsa_",),
    "ECDSA": ("ecdsa_",),
    "EdDSA": ("ed25519", "ed448"),
}


class Judge(NamedTuple):
    """A client of this moment, and whom it trusts."""

    roots: Roots
    now: float


class Asked(NamedTuple):
    """One question for a certificate."""

    found: Accepted
    kind: Kind
    name: str | None


async def find_certificates(
    caller: Caller, found: Sequence[Accepted], judge: Judge
) -> tuple[tuple[SurveyedCertificate, ...], tuple[str, ...]]:
    """Ask for every kind of certificate, each chain told once; and say who gets none."""
    own = caller.shape.name
    usable = [each for each in found if each.version >= Version.ssl_3_0 and each.suites]
    if not usable:
        return (), ()
    newest = usable[0]
    wanted = [Asked(newest, kind, own) for kind in _kinds(newest)]
    wanted += [Asked(each, "any", own) for each in usable[1:]]
    if newest.version > Version.ssl_3_0:
        wanted += [Asked(newest, "any", None)] if own is not None else []
        wanted += [Asked(newest, "any", NOBODY)]
    answers = await asyncio.gather(*(_ask(caller, asked) for asked in wanted))
    answered = list(zip(wanted, answers, strict=True))
    return tuple(_told(answered, own, judge)), tuple(_refusals(answered))


def _kinds(found: Accepted) -> tuple[Kind, ...]:
    """Return the kinds of key that a version can show apart."""
    if found.version >= Version.tls_1_3:
        return ("any", "RSA", "ECDSA", "EdDSA")
    present = {SUITES[suite].authentication for suite in found.suites}
    kinds: tuple[Kind, ...] = ("RSA", "ECDSA", "DSS")
    return ("any", *(kind for kind in kinds if kind in present))


async def _ask(caller: Caller, asked: Asked) -> Answer:
    question = _named(_of_kind(question_for(asked.found), asked), asked, caller.shape.name)
    if asked.found.version >= Version.tls_1_3:
        return (await shake(caller, question)).answer
    return await caller.ask(question, whole=True)


def _of_kind(question: Question, asked: Asked) -> Question:
    """Offer only what a certificate of the kind can do."""
    if asked.kind == "any":
        return question
    if asked.found.version >= Version.tls_1_3:
        words = _SCHEMES[asked.kind]
        schemes = tuple(
            n for n in registry.USUAL_SCHEMES_13 if registry.scheme_name(n).startswith(words)
        )
        return question._replace(schemes=schemes)
    suites = [s for s in asked.found.suites if SUITES[s].authentication == asked.kind]
    return question._replace(suites=tuple(suites))


def _named(question: Question, asked: Asked, own: str | None) -> Question:
    """Ask with another name than the survey's, or without one."""
    if asked.name == own:
        return question
    if asked.name is None:
        return question._replace(dropped=question.dropped | {ExtensionType.server_name})
    extension = (ExtensionType.server_name, server_name(asked.name))
    return question._replace(added=(*question.added, extension))


def _refusals(answered: Sequence[tuple[Asked, Answer]]) -> Iterator[str]:
    """Yield what becomes of a client without a name, or with one that the server has not."""
    for asked, answer in answered:
        if answer.accepted or asked.kind != "any":
            continue
        if asked.name == NOBODY:
            yield say("a name that the server does not have: it {told}", told=answer.told)
        elif asked.name is None:
            yield say("no name: the server {told}", told=answer.told)


def _told(
    answered: Sequence[tuple[Asked, Answer]], own: str | None, judge: Judge
) -> list[SurveyedCertificate]:
    """Tell each chain once for each name that got it, with the versions that show it."""
    merged: dict[tuple[str | None, tuple[bytes, ...]], list[Asked]] = {}
    for asked, answer in answered:
        if answer.chain:
            merged.setdefault((asked.name, answer.chain), []).append(asked)
    told: list[SurveyedCertificate] = []
    shown: set[tuple[bytes, ...]] = set()
    for (name, chain), all_asked in merged.items():
        if name == NOBODY and chain in shown:
            continue  # the same as without a name, or with the right one
        if name is None and chain in shown:
            continue
        shown.add(chain)
        shown_one = _certificate(name, chain, all_asked)
        told.append(_judged(shown_one, chain, judge) if name == own else shown_one)
    return told


def _judged(
    shown: SurveyedCertificate, chain: tuple[bytes, ...], judge: Judge
) -> SurveyedCertificate:
    """Judge the chain as a client does that asked for the name, and has these roots."""
    if not len(judge.roots) or shown.trouble:
        return shown
    read = certificates.read_chain(chain)
    faults = trust.judge(read, judge.roots, shown.for_name, judge.now, judge.now).faults
    minded = next((f for f in faults if f.cause not in trust.MINDED_BY_SOME), None)
    return replace(shown, judged_by=judge.roots.name, trusted=minded is None, **_of(minded))


def _of(fault: Fault | None) -> dict[str, str]:
    return {} if fault is None else {"fault": fault.text, "fault_cause": fault.cause}


def _certificate(
    name: str | None, chain: tuple[bytes, ...], asked: Sequence[Asked]
) -> SurveyedCertificate:
    leaf = certificates.read(chain[0])
    versions = dict.fromkeys(VERSIONS[each.found.version] for each in asked)
    kinds = [each.kind for each in asked]
    return SurveyedCertificate(
        for_name=name,
        matches=leaf.covers(name) if name is not None and name != NOBODY else None,
        key=leaf.key,
        bits=leaf.bits,
        curve=leaf.curve,
        subject=leaf.subject,
        issuer=leaf.issuer,
        names=leaf.names,
        not_before=leaf.not_before,
        not_after=leaf.not_after,
        signature_hash=leaf.signature_hash,
        self_signed=leaf.self_signed,
        chain_length=len(chain),
        sha256=sha256(chain[0]).hexdigest(),
        versions=tuple(versions),
        suites="any" if "any" in kinds else kinds[0],
        ocsp=bool(leaf.ocsp_urls),
        trouble=leaf.trouble,
    )
