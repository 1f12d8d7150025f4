"""What was changed in a hello, in a few words: alike changes together, lengths only counted.

Every edit by itself, with its bytes, is in the JSON.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Final

from tlswire.codes import CIPHER_SUITES, EXTENSIONS, GROUPS, SIGNATURE_SCHEMES
from tlswire.few import few, together
from tlswire.language import counted, mark, say
from tlswire.result import Edit

#: Changed lengths follow from the change itself.
LENGTHS = mark("length of ")
#: Names that one of several alike changes tells before it counts.
MOST_NAMES: Final = 3
_WORD: Final = re.compile(r"\w{4,}")
_BLANK: Final = "\0"


def changes(edits: Sequence[Edit]) -> str:
    """Return what was changed and where, lengths that only follow left out."""
    follows = LENGTHS, say(LENGTHS)
    meant = [edit for edit in edits if not edit.why.startswith(follows)]
    told = list(_alike_together(meant))
    follow = len(edits) - len(meant)
    if follow and told:
        told.append(counted("{number} length follows", "{number} lengths follow", follow))
    return together(told)


def _alike_together(edits: Iterable[Edit]) -> Iterable[str]:
    """Yield each change where it begins; those that differ in one name only are told as one."""
    groups: dict[str, tuple[int, list[str]]] = {}
    for edit in edits:
        shape, name = _shape(edit.why)
        groups.setdefault(shape, (edit.offset, []))[1].append(name)
    for shape, (offset, names) in groups.items():
        why = shape.replace(_BLANK, few(list(dict.fromkeys(names)), MOST_NAMES))
        yield say("byte {offset}: {why}", offset=offset, why=why)


def _shape(why: str) -> tuple[str, str]:
    """Return a change without the one registered name in it, and the name; else all of it."""
    names = [word for word in _WORD.findall(why) if word in _names()]
    return (why.replace(names[0], _BLANK), names[0]) if len(names) == 1 else (why, "")


@cache
def _names() -> frozenset[str]:
    registries = CIPHER_SUITES, EXTENSIONS, GROUPS, SIGNATURE_SCHEMES
    return frozenset(name for registry in registries for name in registry.values())
