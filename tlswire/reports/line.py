"""One handshake in one line, as it ends: for those who watch, and for grep."""

from __future__ import annotations

from datetime import datetime

from tlswire.reports.endings import in_short
from tlswire.reports.page import Page, Span
from tlswire.reports.text import WORDS
from tlswire.result import Connection


def write(page: Page, connection: Connection) -> None:
    """Write when, who, to whom, what was agreed or where it stopped, and the likeliest cause."""
    word, style = WORDS[connection.outcome]
    at = datetime.fromtimestamp(connection.started).isoformat(" ", "milliseconds")[5:]
    ends = f"#{connection.id} {connection.client} -> {connection.server}"
    agreed = [connection.server_name, connection.version, connection.cipher_suite]
    told = "  ".join(text for text in agreed if text)
    page.line(
        Span(f"{at}  ", "dim"),
        Span(ends, "title"),
        f"  {told}  " if told else "  ",
        Span(word, style),
        *_end(connection),
    )


def _end(connection: Connection) -> list[Span]:
    """Return where it stopped, who ended it and how, and the first cause."""
    if connection.outcome == "established":
        return [Span("  resumed", "dim")] if connection.resumed else []
    spans = [Span(f"  {connection.stopped_at}  {in_short(connection.ended_by)}")]
    if connection.verdict.causes:
        cause = connection.verdict.causes[0]
        spans.append(Span(f"  {cause.id} ({cause.confidence})", "name"))
    return spans
