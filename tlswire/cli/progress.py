"""How far a long read has come, on a terminal's stderr; silent anywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

#: Seconds before the first word, and between two.
PATIENCE = 1.0
#: Columns that the line may take; it is wiped by as many blanks.
WIDTH = 60


class Progress:
    """Rewrites one line on stderr while it is entered, and wipes it in the end."""

    def __init__(self, name: str) -> None:
        path = Path(name)
        self._name = path.name
        self._size = path.stat().st_size if path.is_file() else 0
        self._due = time.monotonic() + PATIENCE
        self._written = False

    @property
    def told(self) -> Callable[[int], None] | None:
        """Return what to call with the bytes read so far, None where nobody looks."""
        return self._tell if sys.stderr.isatty() else None

    def _tell(self, read: int) -> None:
        if time.monotonic() < self._due:
            return
        self._due = time.monotonic() + PATIENCE
        share = f"{100 * read // self._size}%" if self._size else f"{read >> 20} MiB"
        self._write(f"reading {ascii(self._name)[1:-1][:40]}: {share}")

    def _write(self, text: str) -> None:
        sys.stderr.write("\r" + text.ljust(WIDTH))
        sys.stderr.flush()
        self._written = True

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *error: object) -> None:
        if self._written:
            self._write("")
            sys.stderr.write("\r")
