"""`--metrics ADDR:PORT` of the commands that run on; without it nothing is imported or opened."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from tlswire.cli.listening import parse_place

if TYPE_CHECKING:
    from tlswire.result import Connection
    from tlswire.seen import Seen


class Measured:
    """Metrics where they were asked for."""

    def __init__(self, place: str | None) -> None:
        """Make them. Raises SelectionError: no such place, or the library is missing."""
        self._place = None if place is None else parse_place(place)
        self._metrics = None
        if place is not None:
            from tlswire.live.metrics import Metrics

            self._metrics = Metrics()

    @property
    def heard(self) -> Callable[[Seen, Connection], None] | None:
        """Return what is to be told of every connection."""
        return None if self._metrics is None else self._metrics.add

    def watch(self, name: str, text: str, value: Callable[[], float]) -> None:
        """Let a number be asked for."""
        if self._metrics is not None:
            self._metrics.watch(name, text, value)

    def serve(self) -> None:
        """Answer from now on."""
        if self._metrics is not None and self._place is not None:
            self._metrics.serve(*self._place)
