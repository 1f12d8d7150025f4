"""Who watches a long reading: is told how far it is, and may end it before the end of the file.

A signal handler sets `over`; what was read until then is still told. Must never print.
"""

from __future__ import annotations


class Watch:
    """Watches nothing; whoever wants to know makes a class of this one."""

    def __init__(self) -> None:
        self.over = False  # read no further
        self.waiting = False  # inside a read that may take long: a pipe that is silent
        self.connections = 0  # found so far
        self.failed = 0

    def about_to_wait(self) -> None:
        """Take note that a read follows: what was found should be seen by now."""

    def told(self, read: int) -> None:
        """Take note that so many bytes were read."""
