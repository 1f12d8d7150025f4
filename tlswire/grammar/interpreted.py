"""The grammar itself, run by construct: slow, and it says where and why bytes do not fit.

Imported only when a fast parser gave up, or when the place of a field is wanted.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from construct import Construct, Container

from tlswire.errors import Trouble
from tlswire.grammar.handshake import FORMS
from tlswire.grammar.window import MOST_TROUBLES, Malformed, Window, written


class Parsed(NamedTuple):
    """What came of interpreting a message: as much of it as could be read."""

    fields: dict[str, Any] | None
    window: Window
    complete: bool


def interpret(form: Construct, path: str, data: bytes) -> Parsed:
    """Read `data` as `form`; never raises on any bytes."""
    window = Window(data)
    context = Container(_parsing=True, _building=False, _sizing=False)
    context._params = context
    try:
        return Parsed(plain(form._parsereport(window, context, path)), window, True)
    except Malformed as error:
        window.troubles[MOST_TROUBLES - 1 :] = [error.trouble]  # what stopped it is always told
        return Parsed(partial(path, window), window, False)


def partial(path: str, window: Window) -> dict[str, Any] | None:
    """Return the outer fields that could be read, with the elements of the list that broke."""
    fields: dict[str, Any] = {}
    for place, value in window.values.items():
        names = place[len(path) :].split(" -> ")[1:]
        if len(names) == 1:
            fields[names[0]] = plain(value)
        elif len(names) == 2 and names[1].startswith("["):
            elements = fields.setdefault(names[0], [])
            if len(elements) == int(names[1][1:-1]):
                elements.append(plain(value))
    return fields or None


def plain(value: Any) -> Any:
    """Return construct's containers as plain dicts and lists."""
    if isinstance(value, dict):
        return {name: plain(part) for name, part in value.items() if name != "_io"}
    return [plain(part) for part in value] if isinstance(value, list) else value


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
