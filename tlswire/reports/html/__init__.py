"""The report as one page: no external resource, opens offline, prints, in the dark and on a phone.

Everything put into a template is escaped twice over: `escape` for what must not reach any reader
(controls, marks that reverse text), jinja's autoescape for HTML. The one script and its data run
under a policy that allows nothing else. What is told, by module:

    steps.py      the ladder
    match.py      offer against what is taken
    shelf.py      fields and bytes, equal ones once
    overview.py   many connections: table, breakdown, timeline
    fragments.py  the failures that are not on the page until asked for
    words.py      what the script says
    pages.py      the templates, and the one way into them
    notebook.py   the same as a table, for a notebook
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from typing import Any

from tlswire.language import say
from tlswire.reports import played, story, tickets, verdicts
from tlswire.reports.attempts import reached, result
from tlswire.reports.cases import Case, cases
from tlswire.reports.edits import changes
from tlswire.reports.html import overview, words
from tlswire.reports.html.fragments import Fragments
from tlswire.reports.html.match import match
from tlswire.reports.html.pages import Pages
from tlswire.reports.html.shelf import Shelf
from tlswire.reports.html.steps import Steps, mark, of_attempt, of_connection
from tlswire.reports.measured import Measured
from tlswire.reports.text import outcome
from tlswire.result import Attempt, Cause, Document, Message

__all__ = ["render"]

#: Kinds of failure that stand on the page itself; the others are opened from the table.
MOST_CASES = 12


def render(document: Document, measured: Measured) -> str:
    """Return the report as a whole HTML page."""
    pages, shelf = Pages(), Shelf()
    told = cases(document)
    shown = told[:MOST_CASES]
    sections = [_section(pages, case, shelf, measured) for case in shown]
    fragments = Fragments()
    open_now = {case.connection.id for case in shown}
    for case in _others(document, open_now):
        if not fragments.put(case.connection.id, _section(pages, case, shelf, measured)):
            break
    script = pages.text("page.js")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return pages.render(
        "page.html",
        title=story.headline(document, told),
        document=document,
        measured=measured,
        vantage=say(measured.vantage),
        words=pages.safe(words.packed()),
        cases=shown,
        more_cases=len(told) - len(shown),
        sections=sections,
        who=story.who_acts(told),
        breakdowns=overview.breakdowns(document.connections) if len(told) > 1 else [],
        timeline=overview.timeline(document.connections),
        rows=overview.rows(document.connections),
        opened=open_now,
        kept=fragments.kept,
        style=pages.markup("page.css"),
        script=pages.safe(script),
        digest=digest,
        shelf=shelf.packed(),
        fragments=fragments.packed(),
        clock=overview.clock,
        outcomes=_outcomes(document),
    )


def _others(document: Document, open_now: set[int]) -> list[Case]:
    """Return the failures that are not told on the page, each as a case of its own."""
    bad = ("failed", "not_tls", "incomplete")
    return [
        Case(c, (c.id,), c.verdict)
        for c in document.connections
        if c.outcome in bad and c.id not in open_now
    ]


def _outcomes(document: Document) -> list[tuple[str, str, int]]:
    counts = [(o, outcome(o), getattr(document.summary, o)) for o in overview.ORDER]
    return [row for row in counts if row[2]]


def _section(pages: Pages, case: Case, shelf: Shelf, measured: Measured) -> Any:
    """Return one case as HTML."""
    ladders = _ladders(case, shelf)
    messages: list[Message] = [*case.connection.messages]
    return pages.section(
        case=case,
        ladders=ladders,
        title=story.reason(case),
        causes=[_cause(cause, messages, shelf) for cause in case.verdict.causes],
        parts=match(case.connection.messages, _attempts(case)),
        proof=_proof(case),
        reached=reached(case.played) if case.played else "",
        shown=list(played.rows(_attempts(case))),
        exact_preamble=case.exact.preamble if case.exact else None,
        teams_of=tickets.teams(case.verdict),
        letter=lambda who: tickets.letter(case.connection, case.verdict, who, measured),
        command=verdicts.next_command(case.verdict.next_step, measured.capture),
    )


def _attempts(case: Case) -> Sequence[Attempt]:
    if case.narrowing is not None:
        return [step.attempt for step in case.narrowing.steps]
    return case.replay.attempts if case.replay else ()


def _ladders(case: Case, shelf: Shelf) -> list[Steps]:
    if case.played is None or not case.played.messages:
        return [of_connection(case.connection, shelf)]
    return [
        of_connection(
            case.connection, shelf, say("Captured, {server}", server=case.connection.server)
        ),
        of_attempt(
            case.played,
            shelf,
            say("Replayed now, {target}", target=case.replay.target if case.replay else ""),
        ),
    ]


def _cause(cause: Cause, messages: list[Message], shelf: Shelf) -> dict[str, Any]:
    evidence = [(e, mark(e, messages, shelf)) for e in cause.evidence]
    return {"cause": cause, "title": story.cause_title(cause.id), "evidence": evidence}


def _proof(case: Case) -> list[dict[str, Any]]:
    if case.narrowing is not None:
        return [_row(step.attempt, step.sent, step.passed) for step in case.narrowing.steps]
    return [
        _row(
            attempt,
            changes(attempt.edits) or say("the bytes as captured"),
            attempt.ended_by is None and attempt.stopped_at != "TCP_CONNECT",
        )
        for attempt in (case.replay.attempts if case.replay else ())
    ]


def _row(attempt: Attempt, changed: str, passed: bool) -> dict[str, Any]:
    return {
        "attempt": attempt,
        "changed": changed,
        "result": say("passed") if passed and attempt.ended_by else result(attempt),
        "passed": passed,
    }
