"""What a word means: a suite, an alert, an extension, a number, a cause, a line of a log.

`explain(word)` asks each row of `READERS` in turn and returns all that they know. Finds and says;
never prints, never reads a capture.

    spellings     a name, as anybody writes it, to a registry's number
    articles      the article on a number
    meanings      the prose of the articles; alert_meanings, that on alerts
    alert_causes  what each alert leaves possible
    log_lines     lines of logs, by the code or the words in them
    stack_errors  error codes of the OpenSSL family, unpacked; stack_reasons has their names,
                  objections what they mean, verify_errors why a chain did not verify
    said_alerts   how programs report alerts
    phrases       errors as programs print them, a table a family
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from tlswire import codes
from tlswire.codes import REGISTRIES
from tlswire.errors import SelectionError
from tlswire.explain import log_lines, meanings
from tlswire.explain.articles import SCHEMA, Explanation, Part, explain_code, explain_grease
from tlswire.explain.spellings import ORDER, plain, spelled
from tlswire.language import mark, say

if TYPE_CHECKING:
    from tlswire.causes.case import CauseModule

#: What is read of a word, and of one that may be a misspelt name.
LONGEST_WORD, LONGEST_NAME = 1000, 80


class Explained(Struct, frozen=True, kw_only=True):
    """All that was asked for; the document of `--json`."""

    schema: str = SCHEMA
    explanations: tuple[Explanation, ...]


def contract() -> bytes:
    """Return the JSON schema (draft 2020-12) of what --json prints: an article, causes, a log."""
    import msgspec

    from tlswire.explain.index import Catalogue
    from tlswire.explain.tallies import Tally

    documents, parts = msgspec.json.schema_components(
        (Explained, Catalogue, Tally), ref_template="#/$defs/{name}"
    )
    told = {"title": SCHEMA, "anyOf": list(documents), "$defs": parts}
    return msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n"


class UnknownWordError(SelectionError):
    """Nothing is known by that word; the text names what is spelt alike."""


def explain(word: str) -> tuple[Explanation, ...]:
    """Return all meanings of a word, the likeliest first; `UnknownWordError` when there is none."""
    found = find(word)
    if not found:
        raise UnknownWordError(unknown(word))
    return found


def find(word: str) -> tuple[Explanation, ...]:
    """Return all meanings of a word, none when nobody knows it."""
    asked = word.strip()[:LONGEST_WORD]
    return tuple(e for reader in READERS for e in reader.read(asked))


def unknown(word: str) -> str:
    """Return one line for a word that nobody knows, with what is spelt alike."""
    near = suggest(word[:LONGEST_NAME])
    shown = word[:60].encode("unicode_escape").decode("ascii")
    if not near:
        return say("nothing is known by '{word}'", word=shown)
    return say("nothing is known by '{word}'; near: {near}", word=shown, near=", ".join(near))


def suggest(word: str) -> list[str]:
    """Return at most five names that are spelt like the word."""
    names = {plain(name): name for names in spelled().values() for name in [names[0].spelling]}
    names |= {plain(name): name for name in causes_by_id()}
    return [names[key] for key in difflib.get_close_matches(plain(word), names, n=5, cutoff=0.7)]


# -- names and numbers --------------------------------------------------------------------------


def read_name(word: str) -> Iterator[Explanation]:
    """Explain a name, in whoever's spelling."""
    if plain(word) == "grease":
        yield explain_grease(None)
    for spelling in spelled().get(plain(word), ()):
        yield explain_code(spelling.registry, spelling.code)


#: The words that names of suites are made of, and what such a word is.
TOKENS: dict[str, dict[str, str]] = {
    "key exchange": meanings.KEY_EXCHANGES,
    "authentication": meanings.AUTHENTICATIONS,
    "cipher": meanings.CIPHERS,
    "mode of encryption": meanings.MODES,
}


def read_token(word: str) -> Iterator[Explanation]:
    """Explain one word of a suite's name, such as ECDHE or GCM."""
    for kind, table in TOKENS.items():
        for token, text in table.items():
            if plain(token) == plain(word):
                yield Explanation(kind=kind, name=token, summary=say(text))


_NUMBER = re.compile(r"\d{1,10}|0x[0-9a-f]{1,8}", re.IGNORECASE)
_BYTES = re.compile(r"\{?\s*0x([0-9a-f]{2}),\s*0x([0-9a-f]{2})\s*\}?", re.IGNORECASE)


def number_of(word: str) -> int | None:
    """Read `40`, `0x28`, `0xC02F` or `0xC0,0x2F`; None for anything else."""
    if pair := _BYTES.fullmatch(word):
        return int(pair[1] + pair[2], 16)
    if not _NUMBER.fullmatch(word):
        return None
    return int(word, 16) if word[:2].lower() == "0x" else int(word)


def read_number(word: str) -> Iterator[Explanation]:
    """Explain a number in every registry that has it."""
    number = number_of(word)
    if number is None:
        return
    if number <= 0xFFFF and codes.is_grease(number):
        yield explain_grease(number)
    order = ORDER if word[:1] == "{" or "x" in word.lower() else ("Alert", *ORDER)
    for registry in dict.fromkeys(order):  # a decimal number is an alert in most logs
        if number in REGISTRIES[registry]:
            yield explain_code(registry, number)


# -- causes -------------------------------------------------------------------------------------


def causes_by_id() -> dict[str, CauseModule]:
    """Return the catalogue of causes; imported here because it is long."""
    from tlswire.causes import CAUSES

    return {cause.ID: cause for cause in CAUSES}


_CAUSE_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


def read_cause(word: str) -> Iterator[Explanation]:
    """Show the page of a cause, the docstring of its module unfolded, and its remedies."""
    cause = causes_by_id().get(word) if _CAUSE_ID.fullmatch(word) else None
    if cause is None:
        return
    from tlswire.causes import remedies

    first, _, rest = (cause.__doc__ or "").strip().partition("\n")
    paragraphs = (" ".join(each.split()) for each in rest.strip().split("\n\n"))
    page = Part(label="", text="\n\n".join(paragraphs))
    told = remedies(cause.ID)
    advice = (Part(label=r.who.replace("_", " "), text=r.text) for r in told if not r.setting)
    settings = (Part(label=mark("paste"), text=r.text) for r in told if r.setting)
    parts = (page, *advice, *settings)
    yield Explanation(kind="cause", name=cause.ID, summary=say(first), parts=parts)


# -- the table ----------------------------------------------------------------------------------


class Reader(NamedTuple):
    """One way to understand a word."""

    what: str
    read: Callable[[str], Iterator[Explanation]]


READERS: tuple[Reader, ...] = (
    Reader("cause id", read_cause),
    Reader("name", read_name),
    Reader("word of a suite's name", read_token),
    Reader("number", read_number),
    *(Reader(what, read) for what, read in log_lines.READERS),
)
