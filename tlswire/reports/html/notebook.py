"""A document as a table for a notebook: what came of each connection, the failed ones first."""

from __future__ import annotations

from tlswire.reports import story
from tlswire.reports.cases import cases
from tlswire.reports.html.overview import ORDER, rows
from tlswire.reports.html.pages import Pages
from tlswire.result import Document


def table(document: Document, most: int) -> str:
    """Return the sentence of the report and a table of at most so many rows."""
    listed = sorted(rows(document.connections), key=lambda row: ORDER.index(row.outcome))
    return Pages().render(
        "notebook.html",
        title=story.headline(document, cases(document)),
        rows=listed[:most],
        more=len(listed) - len(listed[:most]),
    )
