"""A verdict on a page: why, on what evidence, what was ruled out, who changes what, what next."""

from __future__ import annotations

import re
import shlex

from tlswire.reports.page import Page, Span
from tlswire.result import Cause, Evidence, Verdict

#: Columns before a verdict's text, so that its parts stand under each other.
MARGIN = 13
#: A next step that begins with a command.
COMMAND = re.compile(r"Run `(?P<command>[^`]+)`[:,]? ?(?P<rest>.*)", re.DOTALL)
STYLES = {"proved": "bad", "likely": "warn", "possible": "dim"}
#: On a page for one screen: so many causes get their evidence, so many refuted ones are named.
MOST_CAUSES, MOST_EVIDENCE, MOST_RULED_OUT, MOST_SETTINGS = 3, 4, 4, 3


def write(page: Page, verdict: Verdict, capture: str = "", *, whole: bool = False) -> None:
    """Write a verdict; unless `whole`, on one screen, with what to do for the best cause."""
    page.blank()
    page.wrap(verdict.summary or "no cause is named", _lead("Why"), style="strong")
    told: set[Evidence] = set()
    for number, cause in enumerate(verdict.causes):
        _cause(page, cause, told, whole=whole, brief=not whole and number >= MOST_CAUSES)
        if whole:
            _remedies(page, cause, whole=True)
    if verdict.causes and not whole:
        _remedies(page, verdict.causes[0], whole=False)
    _ruled_out(page, verdict, whole=whole)
    if verdict.next_step:
        _next(page, verdict.next_step, capture)


def _next(page: Page, step: str, capture: str) -> None:
    """Write the next step, a command to run on a line of its own, ready to be copied."""
    command = COMMAND.match(step)
    if command is not None and capture:
        ready = command["command"].replace("CAPTURE", shlex.quote(capture))
        page.line(_lead("Next"), Span(ready, "name"))
        rest = command["rest"]
        page.wrap(rest[:1].upper() + rest[1:], " " * MARGIN)
        return
    page.wrap(step, _lead("Next"))


def _lead(word: str, style: str = "strong") -> Span:
    return Span(f"  {word:<{MARGIN - 2}}", style)


def _cause(page: Page, cause: Cause, told: set[Evidence], *, whole: bool, brief: bool) -> None:
    page.line(_lead(cause.confidence, STYLES[cause.confidence]), Span(cause.id, "name"))
    new = [evidence for evidence in cause.evidence if whole or evidence not in told]
    for evidence in new if whole else [] if brief else new[:MOST_EVIDENCE]:
        place = Span(_place(evidence, whole=whole), "dim")
        page.wrap(evidence.text, " " * MARGIN, place, hang=MARGIN + 2)
    told.update(new)


def _place(evidence: Evidence, *, whole: bool) -> str:
    """Return where the evidence stands: the frame, and the byte span when all is wanted."""
    if evidence.frame is None:
        return "- "
    if whole and evidence.offset is not None and evidence.length:
        last = evidence.offset + evidence.length - 1
        return f"frame {evidence.frame}, {evidence.sender} bytes {evidence.offset}-{last}: "
    return f"frame {evidence.frame}: "


def _remedies(page: Page, cause: Cause, *, whole: bool) -> None:
    advice = [remedy for remedy in cause.remedies if remedy.setting is None]
    for number, remedy in enumerate(advice):
        who = Span(f"{remedy.who.replace('_', ' ')}: ", "strong")
        page.wrap(remedy.text, _lead("" if number else "Change"), who, hang=MARGIN + 2)
    settings = [remedy for remedy in cause.remedies if remedy.setting is not None]
    for number, remedy in enumerate(settings if whole else settings[:MOST_SETTINGS]):
        product = Span(f"{remedy.product}: ", "strong")
        page.wrap(remedy.setting or "", _lead("" if number else "Paste"), product, hang=MARGIN + 2)
    if not whole and len(settings) > MOST_SETTINGS:
        others = dict.fromkeys(remedy.product or "" for remedy in settings[MOST_SETTINGS:])
        page.wrap(f"{', '.join(others)}: in --json", " " * MARGIN, style="dim")


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
