"""What the policies say of a server, for a person: objections first, and where they disagree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from tlswire.few import few, together
from tlswire.language import mark, say
from tlswire.reports.page import Page, Span
from tlswire.surveyed import Disagreement, Level, PolicyVerdict

#: Things of one level that are told, and kinds of disagreement.
MOST: Final = 4
STYLES: Final[dict[Level, str]] = {
    "recommended": "good",
    "accepted": "good",
    "degraded": "warn",
    "not_mentioned": "warn",
    "forbidden": "bad",
}
LEVELS: Final[dict[Level, str]] = {
    "recommended": mark("recommended"),
    "accepted": mark("accepted"),
    "degraded": mark("degraded"),
    "not_mentioned": mark("not mentioned"),
    "forbidden": mark("forbidden"),
}


def judged(page: Page, verdicts: Sequence[PolicyVerdict], *, whole: bool) -> None:
    """Write what each policy objects to; `whole` names everything that a line would only count."""
    if not verdicts:
        return
    page.title(say("Policies"))
    room = max(len(policy.title) for policy in verdicts)
    for policy in verdicts:
        style = "bad" if policy.missing else STYLES[policy.level]
        page.wrap(_objections(policy, whole=whole), Span(f"  {policy.title:<{room}}  ", style))


def _objections(policy: PolicyVerdict, *, whole: bool) -> str:
    told = [say("lacks {missing}", missing=missing) for missing in policy.missing]
    for level in ("forbidden", "degraded", "not_mentioned"):
        names = [each.name for each in policy.judged if each.level == level]
        most = MOST if level == "forbidden" else MOST // 2
        if names:
            where = few(names, len(names) if whole else most)
            told.append(say("{what}: {where}", what=say(LEVELS[level]), where=where))
    good = sum(policy.counts.get(level, 0) for level in ("recommended", "accepted"))
    return together(told) or say(
        "all {number} things found are recommended or accepted", number=good
    )


def disagreements(page: Page, found: Sequence[Disagreement], *, whole: bool) -> None:
    """Write what some policy accepts and another forbids; what they see alike is told together."""
    alike: dict[str, list[str]] = {}
    for each in found:
        alike.setdefault(levels(each.levels), []).append(each.name)
    if not alike:
        return
    page.title(say("Where they disagree"))
    ranked = sorted(alike.items(), key=lambda said: -len(said[1]))
    for said, names in ranked if whole else ranked[:MOST]:
        where = few(names, len(names) if whole else MOST // 2)
        page.wrap(say("{what}: {where}", what=where, where=said), "  ")
    if len(ranked) > MOST and not whole:
        more = sum(len(names) for _, names in ranked[MOST:])
        page.wrap(say("and on {number} more: -v", number=more), "  ", style="dim")


def levels(given: Mapping[str, Level]) -> str:
    """Return who gives which level, the best first; who does not mention a thing says nothing."""
    said = {
        word: [policy for policy, each in given.items() if each == level]
        for level, word in LEVELS.items()
        if level != "not_mentioned"
    }
    return together(
        say("{level} by {policies}", level=say(word), policies=", ".join(names))
        for word, names in said.items()
        if names
    )
