"""A verdict on a page: why, on what evidence, what was ruled out, who changes what, what next."""

from __future__ import annotations

import re
import shlex

from tlswire.few import few
from tlswire.language import mark, say
from tlswire.observed import Cause, Evidence, Verdict
from tlswire.reports.page import MARGIN, Page, Span, lead

#: A next step that begins with a command, in any language: `Run <command>: it tells ...`.
COMMAND = re.compile(r"\w+ `(?P<command>tlswire [^`]+)`\s?[:,]? ?(?P<rest>.*)", re.DOTALL)
#: How sure a cause is, in a word.
SURE = {"proved": mark("proved"), "likely": mark("likely"), "possible": mark("possible")}
#: Who is to change something, over a list and in front of what to change.
TEAM = {
    "client": mark("client"),
    "server": mark("server"),
    "load_balancer": mark("load balancer"),
    "firewall": mark("firewall"),
    "network": mark("network"),
}
CLIENT_BYTES = mark("frame {frame}, client bytes {first}-{last}: ")
SERVER_BYTES = mark("frame {frame}, server bytes {first}-{last}: ")


def confidence(key: str) -> str:
    """Return how sure a cause is, in a word."""
    return say(SURE[key])


def team(key: str) -> str:
    """Return who is to change something."""
    return say(TEAM[key])


STYLES = {"proved": "bad", "likely": "warn", "possible": "dim"}
#: On a page for one screen: so many causes get their evidence, so many refuted ones are named.
MOST_CAUSES, MOST_EVIDENCE, MOST_RULED_OUT, MOST_SETTINGS = 3, 4, 4, 3


def write(page: Page, verdict: Verdict, capture: str = "", *, whole: bool = False) -> None:
    """Write a verdict; unless `whole`, on one screen, with what to do for the best cause."""
    page.blank()
    page.wrap(verdict.summary or say("no cause is named"), lead(say("Why")), style="strong")
    told: set[Evidence] = set()
    for number, cause in enumerate(verdict.causes):
        _cause(page, cause, told, whole=whole, brief=not whole and number >= MOST_CAUSES)
        if whole:
            _remedies(page, cause, whole=True)
    if verdict.causes and not whole:
        _remedies(page, verdict.causes[0], whole=False)
    _ruled_out(page, verdict, whole=whole)
    if verdict.next_step:
        follow(page, verdict.next_step, capture)


def follow(page: Page, step: str, capture: str) -> None:
    """Write the next step, a command to run on a line of its own, ready to be copied."""
    command = next_command(step, capture)
    if command is not None:
        page.line(lead(say("Next")), Span(command[0], "name"))
        page.wrap(command[1], " " * MARGIN)
        return
    page.wrap(step, lead(say("Next")))


def next_command(step: str | None, capture: str) -> tuple[str, str] | None:
    """Return the command that a next step runs, ready to be copied, and what it is for."""
    found = COMMAND.match(step or "")
    if found is None or not capture:
        return None
    ready = found["command"].replace("CAPTURE", shlex.quote(capture))
    return ready, found["rest"][:1].upper() + found["rest"][1:]


def _cause(page: Page, cause: Cause, told: set[Evidence], *, whole: bool, brief: bool) -> None:
    sure = lead(confidence(cause.confidence), STYLES[cause.confidence])
    page.line(sure, Span(cause.id, "name"))
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
        place = CLIENT_BYTES if evidence.sender == "client" else SERVER_BYTES
        return say(place, frame=evidence.frame, first=evidence.offset, last=last)
    return say("frame {frame}: ", frame=evidence.frame)


def _remedies(page: Page, cause: Cause, *, whole: bool) -> None:
    advice = [remedy for remedy in cause.remedies if remedy.setting is None]
    for number, remedy in enumerate(advice):
        who = Span(say("{who}: ", who=team(remedy.who)), "strong")
        page.wrap(remedy.text, lead("" if number else say("Change")), who, hang=MARGIN + 2)
    settings = [remedy for remedy in cause.remedies if remedy.setting is not None]
    for number, remedy in enumerate(settings if whole else settings[:MOST_SETTINGS]):
        product = Span(say("{who}: ", who=say(remedy.product or "")), "strong")
        paste = lead("" if number else say("Paste"))
        page.wrap(remedy.setting or "", paste, product, hang=MARGIN + 2)
    if not whole and len(settings) > MOST_SETTINGS:
        others = dict.fromkeys(say(each.product or "") for each in settings[MOST_SETTINGS:])
        told = say("{products}: in --json", products=", ".join(others))
        page.wrap(told, " " * MARGIN, style="dim")


def _ruled_out(page: Page, verdict: Verdict, *, whole: bool) -> None:
    if not verdict.ruled_out:
        return
    if whole:
        for refuted in verdict.ruled_out:
            which = Span(say("{who}: ", who=refuted.id), "dim")
            page.wrap(refuted.why, lead(say("not"), "dim"), which, style="dim")
        return
    refuted_ids = [refuted.id for refuted in verdict.ruled_out]
    page.wrap(few(refuted_ids, MOST_RULED_OUT), lead(say("Ruled out"), "dim"), style="dim")
