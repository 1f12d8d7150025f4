"""What TLS bytes mean: the facade. Never keeps state of a connection, never does I/O.

`read` runs the generated parsers of `fast`, for layouts seen often what `layouts` has drawn of
them, and does not import construct; bytes that those cannot read go to the grammar itself, which
says where and why. The pages of the grammar are `records`, `handshake`, `key_exchange` and
`extensions`, written in the words of `words`.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from tlswire.grammar.fast import PARSERS
from tlswire.grammar.fast_words import Unreadable
from tlswire.grammar.forms import FIXED, Choice, choose, kind_of
from tlswire.grammar.layouts import READERS
from tlswire.grammar.situation import Reading, Situation

__all__ = ["Reading", "Situation", "kind_of", "locate", "read", "show"]

UNKNOWN = Situation()


def read(kind: str, body: bytes, situation: Situation = UNKNOWN) -> Reading:
    """Return what the body of a message says, and what is wrong with it. Never raises.

    `kind` is the RFC's name in snake case (`kind_of` gives it), `body` is without the 4-byte
    handshake header. What cannot be told without knowing more is `{"raw": body}`.
    """
    choice = FIXED.get(kind) or choose(kind, body, situation)
    if choice.alone:
        return read_alone(choice, kind, body)
    for form in choice.forms:
        try:
            # Reading(...) takes twice as long
            return tuple.__new__(Reading, (READERS[form](body), ()))
        except Unreadable:
            continue
    return explain(choice, kind, body)


def read_alone(choice: Choice, kind: str, body: bytes) -> Reading:
    """Return what the one form that fits says; raw when several fit."""
    found = []
    for form in choice.forms:
        with suppress(Unreadable):
            found.append(PARSERS[form](body, len(body)))
    if not found:
        return explain(choice, kind, body)
    return Reading(found[0] if len(found) == 1 else {"raw": body}, ())


def explain(choice: Choice, kind: str, body: bytes) -> Reading:
    """Return what the interpreted grammar can still read, and what is wrong where."""
    from tlswire.grammar.interpreted import best

    chosen, alone = best(choice.forms, kind, body)
    if choice.certain or (chosen.complete and (alone or not choice.alone)):
        return Reading(chosen.fields, chosen.troubles)
    return Reading({"raw": body}, ())


def locate(kind: str, body: bytes, situation: Situation = UNKNOWN) -> dict[str, tuple[int, int]]:
    """Return field path -> (offset, length) in `body`.

    Paths are those of `fields` in `read`: `cipher_suites[2]`, `extensions[3].body`. The length
    prefix of a field is at `<path>.length`; `extensions[3]` itself is the whole extension.
    """
    from tlswire.grammar.interpreted import best, spans

    choice: Choice = choose(kind, body, situation)
    return spans(best(choice.forms, kind, body)[0].form, kind, body)


def show(kind: str, fields: dict[str, Any], situation: Situation = UNKNOWN) -> dict[str, Any]:
    """Return `fields` of `read` in the shape of the JSON contract: codes with names, hex."""
    from tlswire.grammar import shown

    return shown.show(kind, fields)
