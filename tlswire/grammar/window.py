"""The bytes being read by the interpreted grammar, and what is noted on the way.

A `Window` knows where reading stands and where it must stop, keeps the span and the value of each
field, and collects troubles. It knows nothing of what the bytes mean.
"""

from __future__ import annotations

from typing import Any

from construct import ConstructError

from tlswire.errors import Trouble
from tlswire.language import say

#: Troubles that one message may have; the rest is not noted.
MOST_TROUBLES = 64


class Malformed(ConstructError):  # type: ignore[misc]  # noqa: N818
    """The bytes break the grammar here; never leaves this package."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(
            say(
                "expected {expected}, found {found}", expected=trouble.expected, found=trouble.found
            ),
            trouble.path,
        )
        self.trouble = trouble


class Window:
    """The bytes being read: `at` moves, `end` is where the innermost announced length stops."""

    __slots__ = ("at", "data", "end", "spans", "troubles", "values")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0
        self.end = len(data)
        self.spans: dict[str, tuple[int, int]] = {}
        self.values: dict[str, Any] = {}
        self.troubles: list[Trouble] = []

    def take(self, size: int, path: str, what: str) -> bytes:
        """Return the next `size` bytes, or raise Malformed when the window holds fewer."""
        start, stop = self.at, self.at + size
        if stop > self.end:
            raise self.malformed(path, what, say("{number} left", number=self.end - start))
        self.at = stop
        return self.data[start:stop]

    def narrow(self, size: int, path: str) -> int:
        """Make the next `size` bytes the window and return the old end."""
        if self.at + size > self.end:
            what = say("{size} bytes, as its length says", size=size)
            raise self.malformed(path, what, say("{number} left", number=self.end - self.at))
        outer, self.end = self.end, self.at + size
        return outer

    def malformed(self, path: str, expected: str, found: str, at: int | None = None) -> Malformed:
        """Return the error to raise for what stands `at` this offset, else here."""
        offset = self.at if at is None else at
        return Malformed(Trouble(written(path), offset, expected, found))

    def note(self, error: Malformed) -> None:
        """Keep a trouble that does not stop the reading."""
        if len(self.troubles) < MOST_TROUBLES:
            self.troubles.append(error.trouble)

    def finish(self, path: str) -> None:
        """Check that nothing is left in the window."""
        if self.at != self.end:
            raise self.malformed(
                path, say("the end"), say("{number} more bytes", number=self.end - self.at)
            )

    def keep(self, path: str, start: int, value: Any) -> Any:
        """Record where a field stood and what it holds, and return the value."""
        self.spans[path] = (start, self.at - start)
        self.values[path] = value
        return value


def written(path: str) -> str:
    """Return construct's path as `client_hello.extensions[3].body`."""
    return path.replace(" -> [", "[").replace(" -> ", ".")
