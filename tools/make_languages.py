#!/usr/bin/env python3
"""Bring the translations up to date: find what is said, merge it into each .po, compile the .mo.

    python tools/make_languages.py            # after any change of a sentence
    python tools/make_languages.py --check    # change nothing; exit 1 where something is missing

What is new or has changed stays untranslated in the .po, to be written by hand; --check names it.
"""

from __future__ import annotations

import argparse
import ast
import io
import re
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import IO, Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "tlswire"
sys.path.insert(0, str(ROOT))

from tlswire.causes.catalogue import CAUSES  # noqa: E402
from tlswire.language import CATALOGUES, DOMAIN, LANGUAGES  # noqa: E402

#: One string of a message, or its singular and plurals.
Strings = str | tuple[str, ...] | list[str] | None

#: What holds a message, and at which argument: the words of language.py, and tables of rows.
KEYWORDS: dict[str, tuple[int, ...]] = {
    "say": (1,),
    "mark": (1,),
    "counted": (1, 2),
    "Cited": (2,),  # remedies, in tlswire/causes/
    "Experiment": (5,),
    "Opener": (1,),
}


def calls(file: IO[bytes], keywords: Any, tags: Any, options: Any) -> Iterator[Found]:
    """Yield the messages of a Python file, those inside f-strings too, which babel's own misses."""
    for node in ast.walk(ast.parse(file.read())):
        if isinstance(node, ast.Call):
            called = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
            for said in product(*map(_texts, node.args)) if called in KEYWORDS else ():
                yield node.lineno, called, said, []


def _texts(node: ast.expr) -> list[str | None]:
    """Return what an argument may be, None where that is no literal."""
    if isinstance(node, ast.IfExp):
        return [*_texts(node.body), *_texts(node.orelse)]
    return [node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None]


Found = tuple[int, str, tuple[str | None, ...], list[str]]
METHODS: list[tuple[str, Any]] = [("**.py", calls), ("**.html", "jinja2"), ("**.j2", "jinja2")]


def titles() -> Iterator[tuple[str, str]]:
    """Yield the first line of each cause's page, which reports say, and the file it stands in."""
    for known in CAUSES:
        path = f"tlswire/causes/{known.ID.replace('-', '_')}.py"
        yield path, (known.__doc__ or "").strip().partition("\n")[0]


def template() -> Catalog:
    """Return all messages of the package, without line numbers: they would change every day."""
    catalogue = Catalog(project=DOMAIN, version="", charset="utf-8", fuzzy=False)
    for path, title in titles():
        catalogue.add(title, None, [(path, 0)])
    for found in extract_from_dir(PACKAGE, METHODS, keywords=KEYWORDS):
        file, _line, message, comments, context = found
        catalogue.add(message, None, [(f"tlswire/{file}", 0)], [], comments, context=context)
    return catalogue


def merged(path: Path, language: str) -> Catalog:
    """Return a language's catalogue with every message of today; what is no longer said goes."""
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    catalogue.update(template(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    for message in catalogue:
        if message.id and language in TYPOGRAPHY:
            message.string = _typeset(message.string, TYPOGRAPHY[language])
    return catalogue


#: Where a language has a space that must not break: before and after which signs.
TYPOGRAPHY = {"fr": re.compile(r" (?=[:;?!»](?:[\s.,)]|$))|(?<=«) ")}
NO_BREAK = "\N{NO-BREAK SPACE}"


def _typeset(said: Strings, spaces: re.Pattern[str]) -> Strings:
    told = tuple(spaces.sub(NO_BREAK, each) for each in _forms(said))
    return told if isinstance(said, tuple | list) else told[0]


def untranslated(catalogue: Catalog) -> list[Message]:
    """Return the messages that still want a translation, or have one that does not fit."""
    return [
        message
        for message in catalogue
        if message.id and (message.fuzzy or not _whole(message) or not _same_blanks(message))
    ]


def _same_blanks(message: Message) -> bool:
    """Tell whether a translation fills in what the message does; a form may leave out {number}."""
    wanted = _blanks(_forms(message.id)[-1])
    return all(_blanks(each) == wanted for each in _forms(message.string))


def _blanks(text: str) -> set[str]:
    return set(re.findall(r"(?<!\{)\{[^{}]+\}", text)) - {"{number}"}


def _forms(strings: Strings) -> tuple[str, ...]:
    return (strings or "",) if isinstance(strings, str | None) else tuple(strings)


def _whole(message: Message) -> bool:
    return all(_forms(message.string))


def po(catalogue: Catalog) -> bytes:
    """Return a catalogue as a .po: in the order of files, one reference each, no date."""
    buffer = io.BytesIO()
    write_po(buffer, catalogue, width=100, sort_by_file=True, include_lineno=False)
    lines = buffer.getvalue().splitlines(keepends=True)
    return b"".join(line for line in lines if not line.startswith(_DATES))


#: Lines of the header that change with every run, or that nobody fills in.
_DATES = (
    b'"POT-Creation-Date',
    b'"PO-Revision-Date',
    b'"Generated-By',
    b'"Report-Msgid-Bugs-To',
    b'"Last-Translator',
    b'"Language-Team',
)


def mo(catalogue: Catalog) -> bytes:
    """Return a catalogue compiled."""
    buffer = io.BytesIO()
    write_mo(buffer, catalogue)
    return buffer.getvalue()


def spoken(compiled: Path) -> dict[object, object]:
    """Return what a .mo holds."""
    with compiled.open("rb") as file:
        return _strings(read_mo(file))


def _strings(catalogue: Catalog) -> dict[object, object]:
    return {_forms(m.id): _forms(m.string) for m in catalogue if m.id and _whole(m)}


def main() -> int:
    """Write or check every language; return an exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="change nothing")
    check = parser.parse_args().check
    wrong = 0
    for language in (each for each in LANGUAGES if each != "en"):
        folder = Path(CATALOGUES, language, "LC_MESSAGES")
        path, compiled = folder / f"{DOMAIN}.po", folder / f"{DOMAIN}.mo"
        catalogue = merged(path, language)
        missing = untranslated(catalogue)
        for message in missing:
            print(f"{language}: not translated: {message.id!r}")
        if check:
            stale = path.read_bytes() != po(catalogue) or spoken(compiled) != _strings(catalogue)
            wrong += len(missing) + stale
            print(f"{language}: {'out of date' if stale else 'up to date'}, {len(missing)} missing")
        else:
            path.write_bytes(po(catalogue))
            compiled.write_bytes(mo(catalogue))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
