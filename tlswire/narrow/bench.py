"""The bench on which hellos are tried: every connection counted, none made twice without need.

It sends through `replay.attempts`, to one target, and never more than it was allowed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from tlswire.comparison import same_end
from tlswire.errors import TlswireError
from tlswire.experiments import went_on
from tlswire.language import say
from tlswire.narrow.mixing import without_binders
from tlswire.replay.attempts import Tried, attempt
from tlswire.replay.plans import Plan
from tlswire.result import Step
from tlswire.sources.dialling import Address
from tlswire.variants import Hello, Sending
from tlswire.variants.shape import Shape, put_together

#: Seconds between segments, so that a server cannot read two at once by chance.
APART: Final = 0.05
#: Once a hello passed, an answer that takes this many times as long, and a second and a half, is
#: none: a server that is silent costs no more than that.
SLOWER, LEAST_PATIENCE = 20, 1.5


class SpentError(TlswireError):
    """All connections that were allowed are made."""


class Bench:
    """Tries shapes of one hello; `steps` is the table of what was tried and what came of it."""

    def __init__(
        self,
        planned: Plan,
        hello: Hello,
        addresses: list[Address],
        allowed: int,
        told: Callable[[Step], None] | None = None,
    ) -> None:
        self.steps: list[Step] = []
        self.allowed = allowed
        self.last: Tried | None = None  # of the last hello that passed
        self._planned, self._hello, self._addresses = planned, hello, addresses
        self._known: dict[object, Tried] = {}
        self._told = told

    @property
    def first(self) -> Tried:
        """Return the first hello that was tried: the one as captured."""
        return next(iter(self._known.values()))

    @property
    def left(self) -> int:
        """Return how many connections may still be made."""
        return self.allowed - len(self.steps)

    def sending(self, shape: Shape) -> Sending:
        """Return what of a shape leaves, its segments kept apart."""
        pause = max(shape.pause, APART)
        return put_together(shape._replace(pause=pause), self._hello)

    def passes(self, shape: Shape, told: str) -> bool:
        """Tell whether the server goes on with this hello; `told` says what it is."""
        return went_on(self.tried(shape, told).seen)

    def tried(self, shape: Shape, told: str, *, again: bool = False) -> Tried:
        """Send a hello, unless the same was sent before. Raises SpentError, and TargetError."""
        leaves = self.sending(shape)
        key = leaves.flight.pieces
        if again or key not in self._known:
            self._known[key] = self._send(leaves, told)
        found = self._known[key]
        if went_on(found.seen):
            self.last = found
        return found

    def alike(self, one: Tried, other: Tried) -> bool:
        """Tell whether two hellos came to the same end."""
        return same_end(one.seen.ending, other.seen.ending)

    def _send(self, leaves: Sending, told: str) -> Tried:
        if self.left <= 0:
            raise SpentError(say("{allowed} connections were not enough", allowed=self.allowed))
        variant = "narrowed" if leaves.edits else "exact"
        done = attempt(self._planned, self._addresses, variant, leaves)
        passed = went_on(done.seen)
        if passed:
            self._hasten(SLOWER * done.attempt.elapsed_ms / 1000)
        step = Step(number=len(self.steps) + 1, sent=told, passed=passed, attempt=done.attempt)
        self.steps.append(step)
        if self._told is not None:
            self._told(step)
        return done

    def _hasten(self, seconds: float) -> None:
        """Wait no longer for answers than a server like this one could take."""
        way = self._planned.way
        hastened = replace(way, timeout=min(way.timeout, max(LEAST_PATIENCE, seconds)))
        self._planned = self._planned._replace(way=hastened)


def unbound(shape: Shape) -> Shape:
    """Return the shape that every change begins with: its binders would vouch for other bytes."""
    return without_binders(shape)
