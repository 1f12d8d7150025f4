"""A file whose reads halt once at a place, so that all packets before it are handed out there.

Where exactly the place is, a packet's beginning, is asked for when the reading comes near it.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path


class Halting:
    """Reads a file; `halted` is true from when everything before the place was read."""

    def __init__(self, path: Path, near: int, ask: Callable[[], int]) -> None:
        """Begin; `near` is the earliest place that may come out, `ask` is called once."""
        self._file = path.open("rb", buffering=0)
        self.name = str(path)
        self._near = near
        self._ask = ask
        self._place: int | None = None
        self._read = 0

    @property
    def halted(self) -> bool:
        """Tell whether all before the place was read; it stays so."""
        return self._place is not None and self._read >= self._place

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes, none from behind the place together with some before it."""
        if self._place is None and self._read + size > self._near:
            self._place = self._ask()
        if self._place is not None and self._read < self._place:
            size = min(size, self._place - self._read)
        data = self._file.read(size) or b""
        self._read += len(data)
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()
