"""From a case to a verdict: ask every cause, weigh the answers, say it in one sentence.

Knows no cause by name. Rules: an established or untellable handshake has no causes, save one that
the client reset at once, and one whose ClientHello lost its beginning on the way; beside a proved
cause the merely possible ones are not named; five at most.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tlswire.causes import next_step, refusals, story, unseen_hello
from tlswire.causes.case import Case, CauseModule, Finding, Refuted
from tlswire.language import counted, mark, say
from tlswire.remedies import settings
from tlswire.result import Cause, Confidence, RuledOut, Verdict

#: Causes that a verdict names at most.
MOST = 5
_RANK: dict[Confidence, int] = {"proved": 0, "likely": 1, "possible": 2}
_SENTENCES: dict[Confidence, str] = {
    "proved": mark("{told}: {why}."),
    "likely": mark("{told}: most likely {why}."),
    "possible": mark("{told}: perhaps {why}."),
}
#: The same where other causes fit as well: `others` says how many.
_RIVALLED: dict[Confidence, str] = {
    "likely": mark("{told}: most likely {why} ({others})."),
    "possible": mark("{told}: perhaps {why} ({others})."),
}


class Named(NamedTuple):
    """A cause with what it found."""

    cause: CauseModule
    finding: Finding


def without_causes(case: Case) -> Verdict | None:
    """Return the verdict on a case that needs no cause; None when it needs one."""
    if case.ending.outcome == "incomplete" and not refusals.headless(case):
        told = story.incomplete(case.ending, case.transcript, case.flow)
        return Verdict(summary=say("{told}.", told=told), next_step=next_step.for_capture(case))
    if case.ending.outcome == "established" and case.left_at_once is None:
        return _completed(case)
    return None


def _completed(case: Case) -> Verdict:
    return Verdict(summary=say("{told}.", told=story.established(case.transcript)))


#: A browser that will not show the page leaves so, and so does one that opened a spare connection.
IF_UNHAPPY = mark(
    "If that client reports an error: {why} (`tlswire explain {cause}`). Without one, nothing is "
    "wrong."
)


def _left_in_order(case: Case, named: list[Named]) -> Verdict:
    """An orderly close blames nobody; what the client may have minded is said as a next step."""
    best, completed = named[0], story.established(case.transcript)
    return Verdict(
        summary=say("{told}; the client closed at once, before any data.", told=completed),
        next_step=say(IF_UNHAPPY, why=best.finding.why, cause=best.cause.ID),
    )


def judge(case: Case, causes: Iterable[CauseModule]) -> Verdict:
    """Return the verdict on a case that failed, or was dropped at once."""
    told = unseen_hello.findings(case)
    answers = [
        (cause, told.get(cause.ID) or _passed_elsewhere(case, cause, cause.look(case)))
        for cause in causes
    ]
    named = _best([Named(c, _capped(case, a)) for c, a in answers if isinstance(a, Finding)])
    if case.ending.outcome == "established" and not named:
        return _completed(case)
    if case.ending.outcome == "established" and case.left_at_once == "fin":
        return _left_in_order(case, named)
    ruled_out = tuple(RuledOut(id=c.ID, why=a.why) for c, a in answers if isinstance(a, Refuted))
    return Verdict(
        summary=_summary(case, named),
        causes=tuple(_cause(case, *each, number=n) for n, each in enumerate(named)),
        ruled_out=ruled_out,
        next_step=next_step.for_causes(case, [each.cause for each in named], _settled(named)),
    )


def _passed_elsewhere(
    case: Case, cause: CauseModule, answer: Finding | Refuted | None
) -> Finding | Refuted | None:
    """Rule out what only a change of the hello would cure, where the same hello was served."""
    unproved = isinstance(answer, Finding) and answer.confidence != "proved"
    if unproved and cause.SPLIT_BY and OF_THE_OFFER.issuperset(cause.SPLIT_BY):
        return (
            Refuted(say(PASSED)) if case.stopped("SERVER_HELLO") and case.served_alike else answer
        )
    return answer


#: Variants that change what is offered, and nothing else: neither the size nor the order of it.
OF_THE_OFFER = frozenset(
    {"version", "sni", "suites", "groups", "signature_algorithms", "alpn", "extension"}
)
PASSED = mark("the same offer, with the same name, was served in another connection")


def _capped(case: Case, finding: Finding) -> Finding:
    """Of a handshake that completed nothing is proved, nor by an alert that was not read.

    Of one that was cut all is possible.
    """
    if case.ending.outcome == "incomplete":
        return finding._replace(confidence="possible")
    unproved = case.ending.outcome == "established" or case.unread
    if unproved and finding.confidence == "proved":
        return finding._replace(confidence="likely")
    return finding


def _best(found: list[Named]) -> list[Named]:
    ranked = sorted(found, key=lambda n: (_RANK[n.finding.confidence], -n.finding.weight))
    if _settled(ranked):
        ranked = [n for n in ranked if n.finding.confidence != "possible"]
    return ranked[:MOST]


def _settled(ranked: list[Named]) -> bool:
    return bool(ranked) and ranked[0].finding.confidence == "proved"


def _cause(case: Case, cause: CauseModule, finding: Finding, number: int) -> Cause:
    """Return a cause as a result; settings to paste only for the first, and for likely ones."""
    general = (cited.remedy for cited in cause.REMEDIES)
    telling = number == 0 or finding.confidence != "possible"
    return Cause(
        id=cause.ID,
        confidence=finding.confidence,
        evidence=finding.evidence,
        remedies=(*general, *(settings(cause.ID, case.offer) if telling else ())),
    )


def _summary(case: Case, named: list[Named]) -> str:
    if case.ending.outcome == "established":
        told = say(
            "{told}, and the client reset it at once", told=story.established(case.transcript)
        )
    else:
        told = case.told
    if not named:
        return say("{told}; no cause of the catalogue fits.", told=told)
    best = named[0].finding
    return sentence(told, best.why, best.confidence, len(named) - 1)


def sentence(told: str, why: str, confidence: Confidence, others: int) -> str:
    """Return a summary: how it ended, why, how sure that is, and how many other causes are left."""
    if not others or confidence == "proved":
        return say(_SENTENCES[confidence], told=told, why=why)
    fit = counted("{number} other cause fits as well", "{number} other causes fit as well", others)
    return say(_RIVALLED[confidence], told=told, why=why, others=fit)
