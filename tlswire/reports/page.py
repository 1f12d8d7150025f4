"""Lines of styled text with a width: written once, shown plain or in colour.

Everything put on a page is escaped here, so no report can forget it. Knows nothing of TLS.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from tlswire.reports.escape import escape

#: Narrower or wider than this a page is not laid out; between them it takes what it is given.
NARROWEST, WIDEST, USUAL = 60, 160, 100
GAP = INDENT = 2
#: Columns before the text of a labelled line, so that what is said stands under each other.
MARGIN = 13
LEAST = 8  # columns of an elastic column at least


class Span(NamedTuple):
    """A piece of a line; `style` is a meaning (`good`, `bad`, `dim` ...), not a colour."""

    text: str
    style: str = ""


class Cell(NamedTuple):
    """A cell of a table; numbers stand at the right."""

    text: str
    style: str = ""
    right: bool = False


def lead(word: str, style: str = "strong") -> Span:
    """Return the word before a labelled line; one that is too long pushes its own line only."""
    return Span(f"  {word:<{MARGIN - INDENT - 1}} ", style)


class Page:
    """Lines of spans, laid out for one width in columns."""

    def __init__(self, width: int = USUAL) -> None:
        self.width = max(NARROWEST, min(WIDEST, width))
        self.lines: list[tuple[Span, ...]] = []

    def line(self, *spans: Span | str) -> None:
        """Write one line as it is, however long."""
        made = (span if isinstance(span, Span) else Span(span) for span in spans)
        self.lines.append(tuple(Span(escape(s.text), s.style) for s in made if s.text))

    def blank(self) -> None:
        """Leave a line empty, never two in a row nor at the top."""
        if self.lines and self.lines[-1]:
            self.lines.append(())

    def title(self, text: str) -> None:
        """Begin a part of the page."""
        self.blank()
        self.line(Span(text, "title"))

    def head(self, name: str, *spans: Span) -> None:
        """Write `name: ...` in one line; where that is too wide, what is said goes below it."""
        if self.fits(name, ": ", *spans):
            self.line(Span(name, "title"), ": ", *spans)
        else:
            self.line(Span(name, "title"))
            self.line(" " * INDENT, *spans)

    def fits(self, *spans: Span | str) -> bool:
        """Tell whether spans have room on one line."""
        texts = (span.text if isinstance(span, Span) else span for span in spans)
        return sum(len(escape(text)) for text in texts) <= self.width

    def wrap(self, text: str, *lead: Span | str, style: str = "", hang: int | None = None) -> None:
        """Write `text` after `lead`, further lines indented to where it began, or to `hang`."""
        made = [span if isinstance(span, Span) else Span(span) for span in lead]
        begun = sum(len(escape(span.text)) for span in made)
        rows = fold(escape(text), self.width - begun)
        if hang is not None and rows:
            rows = [rows[0], *fold(" ".join(rows[1:]), self.width - hang)]
        self.line(*made, Span(rows[0] if rows else "", style))
        for row in rows[1:]:
            self.line(" " * (begun if hang is None else hang), Span(row, style))

    def table(
        self,
        rows: Sequence[Sequence[Cell | str]],
        *,
        heads: Sequence[str] = (),
        elastic: Collection[int] = (),
        below: Sequence[str] = (),
        whole: int | None = None,
    ) -> None:
        """Write rows with aligned columns; on a narrow page the `elastic` columns give way.

        A column without a text is left out. A text `below` stands under its row, from the second
        column on, and so does the column that is to be read `whole` where it has no room.
        """
        cells = [[c if isinstance(c, Cell) else Cell(c) for c in row] for row in rows]
        under = [[Cell(text, "dim")] for text in below] or [[] for _ in cells]
        if whole is not None and self._too_wide(cells):
            under = [[row[whole], *texts] for row, texts in zip(cells, under, strict=True)]
            cells = [[*row[:whole], *row[whole + 1 :]] for row in cells]
            elastic = [n - (n > whole) for n in elastic]
        empty = [not any(cell.text for cell in column) for column in zip(*cells, strict=True)]
        if heads:
            right = [cell.right for cell in cells[0]] if cells else [False] * len(heads)
            cells.insert(0, [Cell(h, "dim", r) for h, r in zip(heads, right, strict=True)])
        kept = [n for n, nothing in enumerate(empty) if not nothing]
        cells = [[row[n] for n in kept] for row in cells]
        widths = _widths(cells, self.width - INDENT, [kept.index(n) for n in elastic if n in kept])
        for number, row in enumerate(cells):
            self.line(" " * INDENT, *_row(row, widths))
            for cell in under[number] if number < len(under) else ():
                if cell.text:
                    self.wrap(cell.text, " " * (INDENT + widths[0] + GAP), style=cell.style)

    def _too_wide(self, cells: Sequence[Sequence[Cell]]) -> bool:
        columns = zip(*cells, strict=True)
        widths = [max(len(escape(cell.text)) for cell in column) for column in columns]
        return sum(widths) + GAP * (sum(map(bool, widths)) - 1) > self.width - INDENT

    def plain(self) -> str:
        """Return the page as text without any style."""
        rows = ("".join(span.text for span in line).rstrip() for line in self.lines)
        return "\n".join(rows) + "\n" if self.lines else ""


def fold(text: str, width: int) -> list[str]:
    """Break text into lines of at most `width` columns, words too long for one after a `_`."""
    width = max(width, 16)
    folder = (
        _NameWrapper if any(len(word) > width for word in text.split()) else textwrap.TextWrapper
    )
    return folder(width, break_on_hyphens=False).wrap(text)


class _NameWrapper(textwrap.TextWrapper):
    """Breaks `TLS_ECDHE_RSA_WITH_...` where a reader would."""

    wordsep_simple_re = re.compile(r"(\s+|(?<=_)(?=[A-Z0-9]))")


def shorten(text: str, width: int) -> str:
    """Cut the middle out of text that is wider than `width` columns."""
    if len(text) <= width:
        return text
    keep = max(width - 3, 2)
    return text[: keep - keep // 2] + "..." + text[len(text) - keep // 2 :]


def _widths(cells: Iterable[Sequence[Cell]], room: int, elastic: Collection[int]) -> list[int]:
    columns = list(zip(*cells, strict=True))
    widths = [max(len(escape(cell.text)) for cell in column) for column in columns]
    while sum(widths) + GAP * (len(widths) - 1) > room:
        widest = max(elastic, key=lambda n: widths[n], default=None)
        if widest is None or widths[widest] <= LEAST:
            break
        widths[widest] -= 1
    return widths


def _row(row: Sequence[Cell], widths: Sequence[int]) -> Iterable[Span]:
    for number, (cell, width) in enumerate(zip(row, widths, strict=True)):
        text = shorten(escape(cell.text), width)
        gap = " " * GAP if number < len(row) - 1 else ""
        yield Span((text.rjust(width) if cell.right else text.ljust(width)) + gap, cell.style)
