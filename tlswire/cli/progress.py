"""How far a long read has come, on a terminal's stderr; silent anywhere else.

While it is entered the collector of garbage in circles looks seldom: what reading makes has none,
and looking for it costs a fifth of the time. The first Ctrl-C ends the reading, and what was found
until then is told; the second ends all.
"""

from __future__ import annotations

import gc
import signal
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any

from tlswire.sources.watch import Watch

#: Seconds before the first word, and between two.
PATIENCE = 1.0
#: Columns that the line may take; it is wiped by as many blanks.
WIDTH = 78
LONGEST_NAME = 30
#: Objects made between two looks of the collector, and looks until it looks at older ones.
SELDOM = (50_000, 20, 100)


class Progress(Watch):
    """Rewrites one line on stderr while it is entered, and wipes it in the end."""

    def __init__(self, *names: str) -> None:
        super().__init__()
        self._name = Path(names[0]).name if names else ""
        self._size = _size_of(names)
        self._due = time.monotonic() + PATIENCE
        self._written = False
        self._watched = sys.stderr.isatty()
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
        share = f"{100 * read // self._size}%" if read <= self._size else f"{read >> 20} MiB"
        name = ascii(self._name)[1:-1][:LONGEST_NAME]
        counts = f", {self.connections} connections, {self.failed} failed" * bool(self.connections)
        self._write(f"reading {name}: {share}{counts}"[:WIDTH])

    def _write(self, text: str) -> None:
        sys.stderr.write("\r" + text.ljust(WIDTH))
        sys.stderr.flush()
        self._written = True

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
        if self._written:
            self._write("")
            sys.stderr.write("\r")

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        if self.over or self.waiting:
            raise KeyboardInterrupt
        self.over = True


def _size_of(names: Sequence[str]) -> int:
    """Return the bytes of all files, 0 when one is a pipe."""
    paths = [Path(name) for name in names]
    return sum(p.stat().st_size for p in paths) if all(p.is_file() for p in paths) else 0
