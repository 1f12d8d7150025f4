"""A verdict on a page: why, on what evidence, what was ruled out, who changes what, what next."""

from __future__ import annotations

from tlswire.reports.page import Page, Span
from tlswire.result import Cause, Evidence, Verdict

#: Columns before a verdict's text, so that its parts stand under each other.
MARGIN = 12
STYLES = {"proved": "bad", "likely": "warn", "possible": "dim"}
#: On a page for one screen: so many causes get their evidence, so many refuted ones are named.
MOST_CAUSES, MOST_EVIDENCE, MOST_RULED_OUT = 3, 4, 4


def write(page: Page, verdict: Verdict, *, whole: bool = False) -> None:
    """Write a verdict; unless `whole`, no more than fits a screen."""
    page.blank()
    page.wrap(verdict.summary or "no cause is named", _lead("Why"), style="strong")
    for number, cause in enumerate(verdict.causes):
        _cause(page, cause, whole=whole, told=whole or number < MOST_CAUSES)
    _remedies(page, verdict, whole=whole)
    _ruled_out(page, verdict, whole=whole)
    if verdict.next_step:
        page.wrap(verdict.next_step, _lead("Next"))


def _lead(word: str, style: str = "strong") -> Span:
    return Span(f"  {word:<{MARGIN - 2}}", style)


def _cause(page: Page, cause: Cause, *, whole: bool, told: bool) -> None:
    page.line(_lead(cause.confidence, STYLES[cause.confidence]), Span(cause.id, "name"))
    if not told:
        return
    shown = cause.evidence if whole else cause.evidence[:MOST_EVIDENCE]
    for evidence in shown:
        page.wrap(evidence.text, " " * MARGIN, Span(f"{_place(evidence, whole=whole)}", "dim"))


def _place(evidence: Evidence, *, whole: bool) -> str:
    """Return where the evidence stands: the frame, and the byte span when all is wanted."""
    if evidence.frame is None:
        return "- "
    if whole and evidence.offset is not None and evidence.length:
        last = evidence.offset + evidence.length - 1
        return f"frame {evidence.frame}, {evidence.sender} bytes {evidence.offset}-{last}: "
    return f"frame {evidence.frame}: "


def _remedies(page: Page, verdict: Verdict, *, whole: bool) -> None:
    seen: set[tuple[str, str]] = set()
    causes = verdict.causes if whole else verdict.causes[:MOST_CAUSES]
    for remedy in (r for cause in causes for r in cause.remedies):
        if (remedy.who, remedy.text) in seen:
            continue
        lead = _lead("Change" if not seen else "")
        page.wrap(remedy.text, lead, Span(f"{remedy.who.replace('_', ' ')}: ", "strong"))
        seen.add((remedy.who, remedy.text))


def _ruled_out(page: Page, verdict: Verdict, *, whole: bool) -> None:
    if not verdict.ruled_out:
        return
    if whole:
        for refuted in verdict.ruled_out:
            page.wrap(refuted.why, _lead("not", "dim"), Span(f"{refuted.id}: ", "dim"), style="dim")
        return
    named = [refuted.id for refuted in verdict.ruled_out]
    more = f" and {len(named) - MOST_RULED_OUT} more" if len(named) > MOST_RULED_OUT else ""
    page.wrap(", ".join(named[:MOST_RULED_OUT]) + more, _lead("Ruled out", "dim"), style="dim")
