"""`tlswire replay CAPTURE --against WHAT`: what would come of it, told offline. Sends nothing."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tlswire.cli.exits import ESTABLISHED, FAILED, NOTHING
from tlswire.language import say

if TYPE_CHECKING:
    from tlswire.decode import Scan
    from tlswire.seen import Seen
    from tlswire.surveyed import Meeting


def predict(
    found: Scan, chosen: Sequence[Seen], words: str, *, as_json: bool, colour: bool | None
) -> int:
    """Set captured hellos against a saved survey, a policy or a cipher string, and print.

    Equal hellos are one. Raises SelectionError for what is none of the three.
    """
    from tlswire.replay import group
    from tlswire.survey.meeting import meet
    from tlswire.survey.sides import read_side

    side = read_side(words)
    meetings = [
        meet(members[0].offer, side, sorted(seen.flow.number for seen in members))
        for members in group(chosen)
        if members[0].offer is not None
    ]
    _print(found, chosen, meetings, as_json=as_json, colour=colour)
    if not meetings:
        return NOTHING
    return ESTABLISHED if all(meeting.would_pass for meeting in meetings) else FAILED


def _print(
    found: Scan,
    chosen: Sequence[Seen],
    meetings: Sequence[Meeting],
    *,
    as_json: bool,
    colour: bool | None,
) -> None:
    if as_json:
        from msgspec.structs import replace

        import tlswire.decode as decode
        from tlswire.reports import json
        from tlswire.seen import explain

        document = decode.document(found, list(explain(list(chosen))))
        sys.stdout.buffer.write(json.render(replace(document, meetings=tuple(meetings))))
        return
    from tlswire.reports import surveys, terminal
    from tlswire.reports.page import Page

    page = Page(terminal.width())
    for meeting in meetings:
        surveys.met(page, meeting)
    page.line("  " + say("nothing was sent"))
    terminal.show(page, colour=terminal.wants_colour(colour))
