"""The grammar itself, run by construct: slow, and it says where and why bytes do not fit.

Imported only when a fast parser gave up, or when the place of a field is wanted.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from tlswire.errors import Trouble
from tlswire.grammar.handshake import FORMS
from tlswire.grammar.words import Window, interpret, written


class Attempt(NamedTuple):
    """What one form makes of a body; `complete` when it fits to the last byte."""

    form: str
    fields: dict[str, Any] | None
    troubles: tuple[Trouble, ...]
    complete: bool
    window: Window

    @property
    def rank(self) -> tuple[bool, bool]:
        """Return how well the form fits: to the end, and without any trouble."""
        return self.complete, not self.troubles


def attempt(form: str, kind: str, body: bytes) -> Attempt:
    """Read `body` as `form`; paths in the troubles begin with `kind`."""
    parsed = interpret(FORMS[form], kind, body)
    troubles = tuple(parsed.window.troubles)
    return Attempt(form, parsed.fields, troubles, parsed.complete, parsed.window)


def best(forms: tuple[str, ...], kind: str, body: bytes) -> tuple[Attempt, bool]:
    """Return the form that fits best, the first of equals, and whether it is the only one."""
    attempts = [attempt(form, kind, body) for form in forms]
    chosen = max(attempts, key=lambda each: each.rank)
    return chosen, sum(each.rank == chosen.rank for each in attempts) == 1


def spans(form: str, kind: str, body: bytes) -> dict[str, tuple[int, int]]:
    """Return (offset, length) of every field, `extensions[3].body` and the like."""
    found = attempt(form, kind, body).window.spans
    return {written(path)[len(kind) + 1 :]: span for path, span in found.items() if path != kind}
