"""A page on its way out: in colour on a terminal, plain anywhere else.

The only user of rich, which is imported only when colour is shown.
"""

from __future__ import annotations

import os
import sys
from typing import TextIO

from tlswire.reports.page import USUAL, Page

#: What a style means in colours.
STYLES: dict[str, str] = {
    "title": "bold",
    "strong": "bold",
    "good": "green",
    "bad": "bold red",
    "warn": "yellow",
    "dim": "dim",
    "name": "cyan",
}


def wants_colour(asked: bool | None, stream: TextIO | None = None) -> bool:
    """Tell whether to colour: as asked, else on a terminal without NO_COLOR (no-color.org)."""
    if asked is not None:
        return asked
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return (stream or sys.stdout).isatty()


def width() -> int:
    """Return the columns to write for: the terminal's, else COLUMNS, else the usual."""
    if "COLUMNS" not in os.environ and not (sys.__stdout__ and sys.__stdout__.isatty()):
        return USUAL
    import shutil  # with all that it can unpack

    return shutil.get_terminal_size((USUAL, 24)).columns


def show(page: Page, *, colour: bool = False, stream: TextIO | None = None) -> None:
    """Write a page. Characters that the stream cannot encode are written as escapes."""
    out = stream or sys.stdout
    if colour:
        _show_in_colour(page, out)
        return
    put(page.plain(), out)


def put(text: str, stream: TextIO | None = None) -> None:
    """Write text that is safe to print, without colour."""
    out = stream or sys.stdout
    if not text.isascii():
        encoding = getattr(out, "encoding", None) or "utf-8"
        text = text.encode(encoding, "backslashreplace").decode(encoding)
    out.write(text)


def _show_in_colour(page: Page, out: TextIO) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(file=out, force_terminal=True, highlight=False, soft_wrap=True, markup=False)
    for line in page.lines:
        row = Text()
        for span in line:
            row.append(span.text, STYLES.get(span.style, ""))
        row.rstrip()
        console.print(row)


class Bar:
    """One line on stderr that says how far a long read is, and is wiped in the end."""

    def __init__(self, title: str, size: int) -> None:
        """Draw it; a `size` of 0 is not known. No thread: it moves when it is told to."""
        from rich import progress
        from rich.console import Console

        columns = (
            progress.TextColumn("{task.description}", markup=False),
            progress.BarColumn(10),
            progress.TaskProgressColumn() if size else progress.DownloadColumn(),
            progress.TimeRemainingColumn(),
            progress.TextColumn("{task.fields[counts]}", markup=False),
        )
        self._shown = progress.Progress(
            *columns, console=Console(stderr=True), transient=True, auto_refresh=False
        )
        self._task = self._shown.add_task(title, total=size or None, counts="")
        self._shown.start()

    def show(self, done: int, counts: str) -> None:
        """Say that so many bytes were read, and what was found in them."""
        self._shown.update(self._task, completed=done, counts=counts, refresh=True)

    def close(self) -> None:
        """Wipe it."""
        self._shown.stop()
