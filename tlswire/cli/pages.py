"""Reports printed one after the other, and on a terminal what goes on before the next."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from tlswire.language import say

if TYPE_CHECKING:
    from tlswire.reports.page import Page

#: Seconds before a wait is worth a word.
PATIENCE = 1.0
#: Columns that the word may take; it is wiped by as many blanks.
WIDTH = 40


class Pages:
    """Prints pages to stdout, a blank line between them."""

    def __init__(self, colour: bool | None) -> None:
        """Begin; without a wish of the user there are colours on a terminal only."""
        self._colour = colour
        self._begun = False

    def show(self, write: Callable[[Page], None]) -> None:
        """Let `write` fill a page, and print it at once."""
        from tlswire.reports import terminal
        from tlswire.reports.page import Page

        page = Page(terminal.width())
        if self._begun:
            page.line()
        self._begun = True
        write(page)
        TICKER.wipe()
        terminal.show(page, colour=terminal.wants_colour(self._colour))
        sys.stdout.flush()


class Ticker:
    """Says on a terminal's stderr which connection is being made, once it has taken a while."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._written = False

    def told(self, number: int) -> None:
        """Hear that a connection is about to be made."""
        if sys.stderr.isatty() and time.monotonic() - self._began > PATIENCE:
            self._write(say("connection {number} ...", number=number))
            self._written = True

    def wipe(self) -> None:
        """Take the word back, for something else is printed."""
        if self._written:
            self._write("")
            sys.stderr.write("\r")
            sys.stderr.flush()
        self._written = False

    def _write(self, text: str) -> None:
        sys.stderr.write("\r" + text.ljust(WIDTH))
        sys.stderr.flush()


#: One terminal, one line: whoever prints wipes it first.
TICKER = Ticker()
