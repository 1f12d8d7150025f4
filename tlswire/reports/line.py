"""One handshake in one line, as it ends: for those who watch, and for grep."""

from __future__ import annotations

from datetime import datetime

from tlswire.language import say
from tlswire.reports.endings import in_short
from tlswire.reports.page import Page, Span
from tlswire.reports.text import outcome, style_of
from tlswire.reports.verdicts import confidence
from tlswire.result import Connection


def write(page: Page, connection: Connection) -> None:
    """Write when, who, to whom, what was agreed or where it stopped, and the likeliest cause."""

    at = datetime.fromtimestamp(connection.started).isoformat(" ", "milliseconds")[5:]
    ends = f"#{connection.id} {connection.client} -> {connection.server}"
    agreed = [connection.server_name, connection.version, connection.cipher_suite]
    told = "  ".join(text for text in agreed if text)
    page.line(
        Span(f"{at}  ", "dim"),
        Span(ends, "title"),
        f"  {told}  " if told else "  ",
        Span(outcome(connection.outcome), style_of(connection.outcome)),
        *_end(connection),
    )


def _end(connection: Connection) -> list[Span]:
    """Return where it stopped, who ended it and how, and the first cause."""
    if connection.outcome == "established":
        return [Span(f"  {say('resumed')}", "dim")] if connection.resumed else []
    spans = [Span(f"  {connection.stopped_at}  {in_short(connection.ended_by)}")]
    if connection.verdict.causes:
        cause = connection.verdict.causes[0]
        spans.append(Span(f"  {cause.id} ({confidence(cause.confidence)})", "name"))
    return spans
