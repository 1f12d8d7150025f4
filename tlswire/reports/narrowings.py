"""What a narrowing found, for a person: the two answers, then the table that proves them."""

from __future__ import annotations

from collections.abc import Sequence

from tlswire.reports import verdicts
from tlswire.reports.ladder import elapsed
from tlswire.reports.page import Cell, Page, Span
from tlswire.reports.replays import changes, result
from tlswire.result import Change, Narrowing, Step

LABEL = verdicts.MARGIN


def render(done: Narrowing, page: Page) -> None:
    """Write one narrowing."""
    numbers = " ".join(f"#{number}" for number in done.connections[:6])
    page.line(Span(f"{numbers}  to {done.target}", "title"))
    page.blank()
    if done.good is not None:
        page.wrap(f"{done.good}, which passes", _lead("Against"))
    if done.smallest_change:
        _answer(page, "Passes if", done.smallest_change, "good")
        told = changes(done.edits)
        if told:
            page.wrap(told, Span(" " * LABEL), style="dim")
    if done.smallest_failing:
        _answer(page, "Fails by", done.smallest_failing, "bad")
    if done.steps:
        _proof(page, done)
    page.blank()
    verdicts.write(page, done.verdict)
    for note in done.notes:
        page.wrap(note, Span("  note: ", "dim"), style="dim")


def _lead(word: str) -> Span:
    return Span(f"  {word:<{LABEL - 2}}", "strong")


def _answer(page: Page, word: str, found: Sequence[Change], style: str) -> None:
    for n, change in enumerate(found):
        page.wrap(change.text, _lead(word if n == 0 else "and"), style=style)


def _proof(page: Page, done: Narrowing) -> None:
    made = len(done.steps)
    page.blank()
    page.line(
        Span("  Proof", "strong"),
        f"  {made} connection{'s' * (made != 1)} of {done.allowed} allowed",
    )
    page.table([_row(step) for step in done.steps], below=[step.sent for step in done.steps])


def _row(step: Step) -> tuple[Cell, ...]:
    told = "passed" if step.passed else result(step.attempt)
    return (
        Cell(str(step.number), "dim", right=True),
        Cell(told, "good" if step.passed else "bad"),
        Cell(elapsed(step.attempt.elapsed_ms / 1000), "dim", right=True),
    )
