"""IP fragments, put together again (RFC 791 section 3.2, RFC 8200 section 4.5).

Must never hold more than a bounded number of datagrams, nor wait for one for ever.
"""

from __future__ import annotations

from typing import TypeAlias

#: What tells one datagram's fragments: source, destination, protocol, identification.
Key: TypeAlias = tuple[bytes, bytes, int, int]

#: Datagrams waited for at once, and seconds waited for one (RFC 8200: 60).
MOST = 512
PATIENCE = 60.0
LONGEST = 65_535


class Puzzle:
    """One datagram whose fragments are being collected; where they overlap the first wins."""

    __slots__ = ("began", "pieces", "size")

    def __init__(self, began: float) -> None:
        self.began = began
        self.pieces: dict[int, bytes] = {}
        self.size: int | None = None

    def add(self, offset: int, data: bytes, last: bool) -> None:
        """Keep a fragment that lies `offset` bytes behind the first one's payload."""
        if last and self.size is None:
            self.size = offset + len(data)
        self.pieces.setdefault(offset, data)

    def solve(self) -> bytes | None:
        """Return the whole payload, None while bytes are missing."""
        if self.size is None or 0 not in self.pieces:
            return None
        whole = bytearray()
        for offset, data in sorted(self.pieces.items()):
            if offset > len(whole):
                return None
            whole += data[len(whole) - offset :]
        return bytes(whole[: self.size]) if len(whole) >= self.size else None


class Fragments:
    """The datagrams being put together."""

    def __init__(self) -> None:
        self._puzzles: dict[Key, Puzzle] = {}
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._puzzles)

    def add(self, key: Key, offset: int, data: bytes, last: bool, at: float) -> bytes | None:
        """Take one fragment; return the whole payload when this was the missing one."""
        if offset + len(data) > LONGEST:
            return None
        puzzle = self._puzzles.get(key)
        if puzzle is None or at - puzzle.began > PATIENCE:
            puzzle = self._begin(key, at)
        puzzle.add(offset, data, last)
        whole = puzzle.solve()
        if whole is not None:
            del self._puzzles[key]
        return whole

    def _begin(self, key: Key, at: float) -> Puzzle:
        self._puzzles.pop(key, None)
        while len(self._puzzles) >= MOST:
            del self._puzzles[next(iter(self._puzzles))]
            self.dropped += 1
        puzzle = self._puzzles[key] = Puzzle(at)
        return puzzle
