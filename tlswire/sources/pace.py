"""Few connections: so many a second, and so many in all. The politeness of everything that dials.

One `Pace` is shared by all connections of a run. It decides nothing but when, and how many.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import Final

from tlswire.errors import BrokenOffError, BudgetError
from tlswire.language import counted, say

#: Connections a second, and in all, that nobody minds.
RATE: Final = 5
MOST: Final = 200


class Pace:
    """Lets `rate` connections through in any second, `most` in all; `made` counts them.

    `told` hears the number of each, from 1, before it is made.
    """

    def __init__(
        self,
        rate: int = RATE,
        most: int = MOST,
        told: Callable[[int], None] = lambda number: None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.made = 0
        self.broken = False  # by the user: nothing more is to be awaited
        self._most, self._told = most, told
        self._recent: deque[float] = deque(maxlen=rate)
        self._clock, self._sleep = clock, sleep

    def break_off(self) -> None:
        """Let the connection in hand be given up, and none be made any more."""
        self.broken = True

    def heed(self) -> None:
        """Raise BrokenOffError where the run was broken off."""
        if self.broken:
            raise BrokenOffError(say("Ctrl-C ended the run"))

    def wait(self) -> None:
        """Return when the next connection may be made; raises BudgetError when none may."""
        self.heed()
        if self.made >= self._most:
            raise BudgetError(
                counted(
                    "{number} connection was made, and no more are allowed",
                    "{number} connections were made, and no more are allowed",
                    self._most,
                )
            )
        if len(self._recent) == self._recent.maxlen:
            self._sleep(max(0.0, self._recent[0] + 1 - self._clock()))
        self._recent.append(self._clock())
        self.made += 1
        self._told(self.made)
