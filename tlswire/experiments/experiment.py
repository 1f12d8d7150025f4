"""One experiment: a change of the captured hello, when it is worth a connection, what it proves.

Holds the words of the tables and nothing else; sends nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tlswire.experiments.changes import Change
from tlswire.experiments.situations import Situation, went_on
from tlswire.language import say
from tlswire.seen import Seen


class Control(NamedTuple):
    """A change that must not pass: when it does, the experiment's own change proves nothing."""

    change: Change
    told: str  # what it shows when it passes, as a sentence to be said
    passed: Callable[[Seen], bool] | None = None  # what passing is, where not as of the experiment
    settles: bool = True  # that it is known now what decides; else the others are tried
    variant: str | None = None  # what it is called, where not as the experiment


class Experiment(NamedTuple):
    """A change worth trying when the exact hello failed in a certain way."""

    cause: str
    variant: str
    applies: Situation
    change: Change
    told: str  # what was changed, for "with … the server went on"; said by `changed`
    passed: Callable[[Seen], bool] = went_on
    besides: tuple[str, ...] = ()  # causes that the same change would end: then none is proved
    controls: tuple[Control, ...] = ()
    instead_of: tuple[str, ...] = ()  # causes that a coarser change would seem to prove
    of_size: bool = False  # that the hello grows or shrinks is the very change
    about: str = ""  # what fills the blank of that name in `told`

    @property
    def changed(self) -> str:
        """Return what was changed, in the language in use."""
        return say(self.told, about=self.about) if self.about else say(self.told)
