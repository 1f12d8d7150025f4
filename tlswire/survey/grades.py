"""A letter for a server from its worst weakness, as those know it who use SSL Labs or testssl.

`T` says that the certificate is not trusted, `M` that it is for another name: then the letter that
the rest has earned is told beside it. Whether trust was judged at all is said in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tlswire.language import say
from tlswire.survey.weaknesses import SEVERITIES
from tlswire.surveyed import Severity, SurveyedCertificate, Weakness

#: The letter for the worst that was found.
GRADES: Final[dict[Severity, str]] = {
    "info": "A+",
    "low": "A",
    "medium": "B",
    "high": "D",
    "critical": "F",
}
#: Weaknesses that are a matter of trust.
OF_TRUST: Final = frozenset(
    ("cert-untrusted", "cert-self-signed", "cert-expired", "cert-early", "cert-name")
)


class Mark(NamedTuple):
    """The letter, what it would be without the matter of trust, and who judged that."""

    letter: str
    if_trusted: str | None
    trust: str


def mark(
    weaknesses: Sequence[Weakness], shown: Sequence[SurveyedCertificate], *, asked: bool
) -> Mark:
    """Return the mark of a server; `shown` are its certificates for the name asked for."""
    judged = [each for each in shown if each.trusted is not None]
    if not judged:
        return Mark(grade(weaknesses), None, _unjudged(shown, asked=asked))
    wrong = next((each for each in judged if not each.trusted), None)
    if wrong is None:
        return Mark(grade(weaknesses), None, say("trusted by {store}", store=judged[0].judged_by))
    rest = grade([each for each in weaknesses if each.id not in OF_TRUST])
    letter = "M" if wrong.fault_cause == "cert-name-mismatch" else "T"
    told = say("not trusted by {store}: {why}", store=wrong.judged_by, why=wrong.fault)
    return Mark(letter, rest, told)


def grade(weaknesses: Sequence[Weakness]) -> str:
    """Return the letter for the worst weakness."""
    worst = max((SEVERITIES.index(each.severity) for each in weaknesses), default=0)
    return GRADES[SEVERITIES[worst]]


def _unjudged(shown: Sequence[SurveyedCertificate], *, asked: bool) -> str:
    if not asked:
        return say("not judged: certificates were not asked for")
    if not shown:
        return say("not judged: the server shows no certificate for the name")
    return say("not judged: no roots to judge by, or a certificate that cannot be read")
