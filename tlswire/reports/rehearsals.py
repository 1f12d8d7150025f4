"""What a changed policy would do to the clients of captures, for a person."""

from __future__ import annotations

from typing import Final

from tlswire.reports.page import Page, Span
from tlswire.reports.surveys import added
from tlswire.surveyed import Rehearsal, Rehearsed

LABEL: Final = 13
#: Names told of one group.
MOST: Final = 4


def render(rehearsal: Rehearsal, page: Page) -> None:
    """Write a rehearsal: who would be locked out first, then who would not."""
    out = rehearsal.locked_out
    page.line(Span(rehearsal.policy, "title"), f"  for the clients of {_some(rehearsal.captures)}")
    count, kinds = rehearsal.clients, len(rehearsal.groups)
    told = f"{count} handshake{'s' * (count != 1)} of {kinds} kind{'s' * (kinds != 1)}"
    page.wrap(f"  {told}: {out} would be locked out", "", style="bad" if out else "good")
    for number, group in enumerate(rehearsal.groups):
        _group(page, number + 1, group)
    for note in rehearsal.notes:
        page.wrap(note, Span("  note: ", "warn"))


def _group(page: Page, number: int, group: Rehearsed) -> None:
    verdict = Span("passes", "good") if group.would_pass else Span("LOCKED OUT", "bad")
    page.title(f"{number}  {group.count} of them, up to {group.client_version}  {group.ja4 or ''}")
    chosen = f": {group.version}, {group.suite}" if group.would_pass else f": {group.why}"
    page.wrap(chosen, "  ", verdict)
    if group.passed_before is not None and not group.would_pass:
        before = (
            "got through in the capture" if group.passed_before else "failed in the capture too"
        )
        page.wrap(before, _lead("before"))
    for word, names in (
        ("asks for", group.server_names),
        ("from", group.addresses),
        ("in", group.connections),
    ):
        if names:
            page.wrap(_some(names), _lead(word))
    for addition in group.additions:
        added(page, addition)


def _some(names: tuple[str, ...]) -> str:
    more = f" and {len(names) - MOST} more" if len(names) > MOST else ""
    return ", ".join(names[:MOST]) + more


def _lead(word: str) -> Span:
    return Span(f"  {word:<{LABEL - 2}}", "strong")
