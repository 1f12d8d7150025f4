"""The language of what is said to people: English as written, or a translation by gettext.

A sentence is written where it is said, in English: `say("{side} closed", side=...)`. One that must
stand in a table, before a language is chosen, is marked there by `mark` and said where used.
Field terms, names of the registries and text of the wire are blanks, never part of a message.
English costs no import. Never translates a key of the JSON, an id, or an option.

    say("the server sent {alert}", alert="handshake_failure(40)")
    counted("{number} packet", "{number} packets", 3)
    SUMMARY = mark("the certificate expired on {day}")      # later: say(SUMMARY, day=...)
"""

from __future__ import annotations

import os.path
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import reduce
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from gettext import NullTranslations

#: Where the catalogues are, as gettext lays them out: <language>/LC_MESSAGES/tlswire.mo.
CATALOGUES: Final = os.path.join(os.path.dirname(__file__), "languages")
DOMAIN: Final = "tlswire"
#: The languages that can be asked for; English is the one that messages are written in.
LANGUAGES: Final[tuple[str, ...]] = ("en", "fr")

_translation: NullTranslations | None = None


def use(language: str) -> None:
    """Say what follows in a language of `LANGUAGES`. Raises FileNotFoundError without catalogue."""
    global _translation
    if language == "en":
        _translation = None
        return
    from gettext import GNUTranslations
    from importlib.resources import files

    compiled = files("tlswire").joinpath("languages", language, "LC_MESSAGES", f"{DOMAIN}.mo")
    with compiled.open("rb") as catalogue:  # from within a zip as well
        _translation = GNUTranslations(catalogue)


def in_use() -> str:
    """Return the name of the language in use, as HTML's `lang` has it."""
    if _translation is None:
        return "en"
    return _translation.info().get("language") or "en"


@contextmanager
def spoken(translated: NullTranslations | None) -> Iterator[None]:
    """Say what is said inside by a translation of the caller's: for tests, and for embedders."""
    global _translation
    before, _translation = _translation, translated
    try:
        yield
    finally:
        _translation = before


def preferred(environment: Mapping[str, str]) -> str:
    """Return the first language of the environment that there is, by gettext's order of names."""
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if wanted := environment.get(name):
            spoken_here = (each[:2].lower() for each in wanted.split(":"))
            return next((each for each in spoken_here if each in LANGUAGES), "en")
    return "en"


def mark(message: str) -> str:
    """Return a message as it is: it is found here for translation, and said where it is used."""
    return message


def say(message: str, /, **blanks: object) -> str:
    """Return a message in the language in use, its blanks filled in."""
    if _translation is not None and message:  # of "", gettext has the head of the catalogue
        message = _translation.gettext(message)
    return message.format(**blanks) if blanks else message


def in_turn(clauses: Iterable[str]) -> str:
    """Return clauses as one: "this; that"."""
    return reduce(lambda first, then: say("{first}; {then}", first=first, then=then), clauses)


def counted(one: str, many: str, number: int, /, **blanks: object) -> str:
    """Return the form of a message that agrees with a number, which is its blank {number}."""
    if _translation is not None:
        message = _translation.ngettext(one, many, number)
    else:
        message = one if number == 1 else many
    return message.format(number=number, **blanks)


#: What a system says most often, in its own English, when something cannot be done.
SYSTEM: Final = (
    mark("Address already in use"),
    mark("Cannot assign requested address"),
    mark("Connection refused"),
    mark("Connection reset by peer"),
    mark("Connection timed out"),
    mark("Is a directory"),
    mark("Name or service not known"),
    mark("Network is unreachable"),
    mark("No address associated with hostname"),
    mark("No route to host"),
    mark("No space left on device"),
    mark("No such file or directory"),
    mark("Not a directory"),
    mark("Operation not permitted"),
    mark("Permission denied"),
    mark("Temporary failure in name resolution"),
    mark("timed out"),
)


def reason(error: Exception) -> str:
    """Return why the system did not do it, in the language in use where it is one of the usual."""
    return say(getattr(error, "strerror", None) or str(error))
