"""What a narrowing found, for a person: the two answers, then the table that proves them."""

from __future__ import annotations

from collections.abc import Sequence

from tlswire.language import counted, say
from tlswire.reports import verdicts
from tlswire.reports.attempts import result
from tlswire.reports.edits import changes
from tlswire.reports.ladder import elapsed
from tlswire.reports.page import MARGIN, Cell, Page, Span, lead
from tlswire.reports.text import noted
from tlswire.result import Change, Narrowing, Step


def render(done: Narrowing, page: Page) -> None:
    """Write one narrowing."""
    numbers = " ".join(f"#{number}" for number in done.connections[:6])
    page.line(Span(say("{numbers}  to {target}", numbers=numbers, target=done.target), "title"))
    page.blank()
    if done.good is not None:
        page.wrap(say("{hello}, which passes", hello=done.good), lead(say("Against")))
    if done.smallest_change:
        _answer(page, say("Passes if"), done.smallest_change, "good")
        told = changes(done.edits)
        if told:
            page.wrap(told, Span(" " * MARGIN), style="dim")
    if done.smallest_failing:
        _answer(page, say("Fails by"), done.smallest_failing, "bad")
    if done.steps:
        _proof(page, done)
    page.blank()
    verdicts.write(page, done.verdict)
    for note in done.notes:
        noted(page, note, "dim")


def _answer(page: Page, word: str, found: Sequence[Change], style: str) -> None:
    for n, change in enumerate(found):
        page.wrap(change.text, lead(word if n == 0 else say("and")), style=style)


def _proof(page: Page, done: Narrowing) -> None:
    told = counted(
        "{number} connection of {allowed} allowed",
        "{number} connections of {allowed} allowed",
        len(done.steps),
        allowed=done.allowed,
    )
    page.blank()
    page.line(Span(f"  {say('Proof')}", "strong"), f"  {told}")
    page.table([_row(step) for step in done.steps], below=[step.sent for step in done.steps])


def _row(step: Step) -> tuple[Cell, ...]:
    told = say("passed") if step.passed else result(step.attempt)
    return (
        Cell(str(step.number), "dim", right=True),
        Cell(told, "good" if step.passed else "bad"),
        Cell(elapsed(step.attempt.elapsed_ms / 1000), "dim", right=True),
    )
