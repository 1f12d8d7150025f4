"""A file whose reads halt once at a place, so that all packets before it are handed out there."""

from __future__ import annotations

from io import FileIO


class Halting(FileIO):
    """Reads a file; `halted` is true from when everything before the place was read."""

    def __init__(self, path: str, place: int) -> None:
        """Begin at the file's beginning."""
        super().__init__(path)
        self._place = place
        self.halted = False

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next bytes, none from behind the place together with some before it."""
        left = self._place - self.tell()
        if left > 0 and size is not None:
            size = min(size, left) if size >= 0 else left
        data = super().read(-1 if size is None else size) or b""
        self.halted = self.halted or len(data) >= left
        return data
