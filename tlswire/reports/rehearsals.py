"""What a changed policy would do to the clients of captures, for a person."""

from __future__ import annotations

from typing import Final

from tlswire.few import few
from tlswire.language import counted, say
from tlswire.reports.page import Page, Span, lead
from tlswire.reports.surveys import added
from tlswire.reports.text import noted
from tlswire.surveyed import Rehearsal, Rehearsed

#: Names told of one group.
MOST: Final = 4


def render(rehearsal: Rehearsal, page: Page) -> None:
    """Write a rehearsal: who would be locked out first, then who would not."""
    out = rehearsal.locked_out
    whose = say("for the clients of {captures}", captures=few(rehearsal.captures, MOST))
    page.line(Span(rehearsal.policy, "title"), f"  {whose}")
    told = counted(
        "{handshakes} of {number} kind: {out} would be locked out",
        "{handshakes} of {number} kinds: {out} would be locked out",
        len(rehearsal.groups),
        handshakes=counted("{number} handshake", "{number} handshakes", rehearsal.clients),
        out=out,
    )
    page.wrap(f"  {told}", "", style="bad" if out else "good")
    for number, group in enumerate(rehearsal.groups):
        _group(page, number + 1, group)
    for note in rehearsal.notes:
        noted(page, note)


def _group(page: Page, number: int, group: Rehearsed) -> None:
    verdict = Span(say("passes"), "good") if group.would_pass else Span(say("LOCKED OUT"), "bad")
    told = say(
        "{number} of them, up to {version}", number=group.count, version=group.client_version
    )
    page.title(f"{number}  {told}  {group.ja4 or ''}")
    chosen = f"{group.version}, {group.suite}" if group.would_pass else str(group.why)
    page.wrap(say(": {why}", why=chosen), "  ", verdict)
    if group.passed_before is not None and not group.would_pass:
        page.wrap(
            say("got through in the capture")
            if group.passed_before
            else say("failed in the capture too"),
            lead(say("before")),
        )
    for word, names in (
        (say("asks for"), group.server_names),
        (say("from"), group.addresses),
        (say("in"), group.connections),
    ):
        if names:
            page.wrap(few(names, MOST), lead(word))
    for addition in group.additions:
        added(page, addition)
