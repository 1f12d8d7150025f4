"""Two hellos side by side, for a person: only what differs, and what may matter first."""

from __future__ import annotations

from tlswire.diff import Difference, HelloDiff
from tlswire.few import few
from tlswire.language import say
from tlswire.reports.page import Page, Span

#: Members shown of one side; the JSON has them all.
MOST = 12


def render(found: HelloDiff, page: Page) -> None:
    """Write what differs between two hellos."""
    page.line(Span(f"A  {found.a}", "title"))
    page.line(Span(f"B  {found.b}", "title"))
    for difference in sorted(found.differences, key=lambda d: d.matters is None):
        _part(difference, page)
    page.blank()
    if not found.differences:
        page.line(say("The two hellos offer the same."))
    if found.same:
        page.wrap(", ".join(map(say, found.same)), Span(f"  {say('same: ')}", "dim"), style="dim")


def _part(difference: Difference, page: Page) -> None:
    page.blank()
    page.line(Span(f"  {say(difference.part)}", "strong"))
    if difference.order:
        page.line("    " + say("the same members in another order"))
    for side, names in (("A", difference.only_a), ("B", difference.only_b)):
        if names:
            page.wrap(few(names, MOST), "    " + say("only {side}: ", side=side))
    if difference.matters:
        page.wrap(difference.matters, Span(f"    {say('may matter: ')}", "warn"))
