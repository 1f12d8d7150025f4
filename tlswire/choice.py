"""Which connections of a capture are wanted: by address, name, outcome and time.

Must never change what was understood of a connection: what is left out is only not told.
"""

from __future__ import annotations

from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from tlswire.errors import SelectionError
from tlswire.language import say
from tlswire.seen import Seen

if TYPE_CHECKING:
    from tlswire.filters import Filter

#: A number below this counts seconds from the first connection's start, above it from 1970.
EARLIEST_EPOCH = 100_000_000.0


class Choice(NamedTuple):
    """What a connection must be to be told of; None asks for nothing."""

    filter: Filter | None = None
    name: str | None = None  # a glob over the server name
    failed: bool = False
    since: float | None = None  # when it began; see `read_time`
    until: float | None = None

    def takes(self, seen: Seen, began: float) -> bool:
        """Tell whether a connection is wanted; the first of the capture started at `began`."""
        return (
            (not self.failed or seen.failed)
            and (self.filter is None or self.filter(seen.flow))
            and (self.name is None or _is_named(seen, self.name))
            and (self.since is None or seen.flow.started >= _absolute(self.since, began))
            and (self.until is None or seen.flow.started <= _absolute(self.until, began))
        )


#: Nothing is left out.
EVERYTHING = Choice()


def read_time(text: str) -> float:
    """Return a time as seconds: ISO 8601 (UTC unless it says otherwise), or a number of seconds.

    Raises SelectionError for any other text.
    """
    try:
        number = float(text)
        if number >= 0:
            return number
    except ValueError:
        pass
    try:
        time = datetime.fromisoformat(text)
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        told = say(
            "an ISO time, such as 2026-01-31T08:15:00, or seconds from the first connection's start"
        )
        raise SelectionError(say("'{text}' is no time: {told}", text=text, told=told)) from None


def _absolute(time: float, began: float) -> float:
    return time if time >= EARLIEST_EPOCH else began + time


def _is_named(seen: Seen, pattern: str) -> bool:
    """Server names are compared without regard to case (RFC 6066 section 3)."""
    name = seen.offer.server_name if seen.offer else None
    return name is not None and fnmatchcase(name.lower(), pattern.lower())
