"""How far a long read has come, on a terminal's stderr; silent anywhere else.

While it is entered the collector of garbage in circles looks seldom: what reading makes has none,
and looking for it costs a fifth of the time. The first Ctrl-C ends the reading, and what was found
until then is told; the second ends all.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any

from tlswire.language import counted, say
from tlswire.sources.watch import Watch

if TYPE_CHECKING:
    from tlswire.reports.terminal import Bar

#: Seconds before the first word, and between two.
PATIENCE = 1.0
LONGEST_NAME = 20
#: Objects made between two looks of the collector, and looks until it looks at older ones.
SELDOM = (50_000, 20, 100)


class Progress(Watch):
    """Draws one line on stderr while it is entered, and wipes it in the end."""

    def __init__(self, *names: str, streaming: bool = False) -> None:
        """Begin; who is `streaming` lines to the same terminal shows itself how far it is."""
        super().__init__()
        self._name = os.path.basename(names[0]) if names else ""
        self._size = _size_of(names)
        self._due = time.monotonic() + PATIENCE
        self._bar: Bar | None = None
        self._watched = sys.stderr.isatty() and not (streaming and sys.stdout.isatty())
        self._before: Any = None
        self._thresholds = gc.get_threshold()

    def about_to_wait(self) -> None:
        """Let whoever reads our pipe see what was found."""
        sys.stdout.flush()

    def told(self, read: int) -> None:
        """Say how much was read, where somebody looks and it is time."""
        if not self._watched or time.monotonic() < self._due:
            return
        self._due = time.monotonic() + PATIENCE
        if self._bar is None:
            from tlswire.reports.terminal import Bar

            name = ascii(self._name)[1:-1][:LONGEST_NAME]
            self._bar = Bar(say("reading {name}", name=name), self._size)
        self._bar.show(read, self._counts())

    def wipe(self) -> None:
        """Take the line away: what follows goes to the same terminal."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None

    def _counts(self) -> str:
        if not self.connections:
            return ""
        seen = counted("{number} connection", "{number} connections", self.connections)
        return f"{seen}, " + counted("{number} failed", "{number} failed", self.failed)

    def __enter__(self) -> Progress:
        self._thresholds = gc.get_threshold()
        gc.set_threshold(*SELDOM)
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(self, *error: object) -> None:
        gc.set_threshold(*self._thresholds)
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)
        self.wipe()

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self.over or self.waiting:
            raise KeyboardInterrupt
        self.over = True


def _size_of(names: Sequence[str]) -> int:
    """Return the bytes of all files, 0 when one is a pipe."""
    return sum(map(os.path.getsize, names)) if all(map(os.path.isfile, names)) else 0
