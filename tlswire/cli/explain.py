"""`tlswire explain WORD…`: what a suite, an alert, a number, a cause or a log line means."""

from __future__ import annotations

import io
import os
import shutil
import sys
import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

from tlswire import language
from tlswire.language import say

if TYPE_CHECKING:
    from tlswire.explain.articles import Explanation
    from tlswire.explain.tallies import Tally

EPILOG = """\b
Examples:
  tlswire explain TLS_DHE_RSA_WITH_AES_128_CBC_SHA
  tlswire explain DHE-RSA-AES128-SHA 0xC0,0x2F
  tlswire explain handshake_failure
  tlswire explain 40                      (every registry that has the number)
  tlswire explain X25519MLKEM768 SNI rsa_pss_rsae_sha256
  tlswire explain 'error:14077410:SSL routines:SSL23_GET_SERVER_HELLO'
  tlswire explain 'peer closed connection in SSL handshake'   (what a log, a browser, a box says)
  tlswire explain cert-missing-intermediate                   (the page of a cause)
  tlswire explain --causes                                    (all of them, by stage)
  tlswire explain < /var/log/nginx/error.log                  (a log, grouped and counted)
  tlswire explain --json AES128-SHA

\b
Exit codes:
  0  every word is known, or a line of the log is
  2  a word is not, or no line is
"""
WIDEST = 100
#: Characters that are shown of a line of a log.
EXAMPLE = 300
#: A line without end is read in pieces of so many characters.
PIECE = 65536
INDENT = 18


@click.command(epilog=EPILOG, short_help="Say what a suite, an alert, a number or an error means.")
@click.argument("words", nargs=-1, metavar="[WORD...]")
@click.option("--causes", "all_causes", is_flag=True, help="List every cause, by stage.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(words: tuple[str, ...], all_causes: bool, as_json: bool) -> int:
    """Say what a word of TLS means, in the spelling of any library.

    A WORD is a cipher suite, an alert, an extension, a group, a signature scheme, a number of any
    registry, the id of a cause, or what a library, a server, a client, a balancer or a firewall
    prints. Case, blanks, hyphens and underscores do not matter. Without a WORD, or with `-`, a log
    is read from standard input, with the name of a file from there; what it tells of handshakes
    is counted and explained.
    """
    if all_causes:
        return print_index(as_json)
    if words in ((), ("-",)):
        return explain_log(standard_input(), as_json)
    if len(words) == 1 and "\n" in words[0].strip():
        return explain_log(words[0].splitlines(), as_json)
    if len(words) == 1 and is_log(words[0]):
        with open(words[0], errors="replace") as log:
            return explain_log(iter(lambda: log.readline(PIECE), ""), as_json)
    return explain_words(words, as_json)


def explain_words(words: tuple[str, ...], as_json: bool) -> int:
    """Explain each word; a word that nobody knows is the user's error, told last."""
    from tlswire.explain import UnknownWordError, explain

    found: list[Explanation] = []
    missing: UnknownWordError | None = None
    for word in join_words(words):
        try:
            found += explain(word)
        except UnknownWordError as error:
            missing = missing or error
    if found:
        print_json(found) if as_json else print_text(found)
    if missing is not None:
        raise missing
    return 0


def is_log(word: str) -> bool:
    """Tell whether a word that means nothing by itself is the name of a file."""
    from tlswire.explain import find

    return os.path.isfile(word) and not find(word)


# -- a log ------------------------------------------------------------------------------------


def standard_input() -> Iterator[str]:
    """Yield the lines of standard input, what is no text replaced; a line without end in pieces."""
    from tlswire.errors import SelectionError

    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="replace")
    if sys.stdin.isatty():
        text = say("name a WORD, or give a log on standard input: tlswire explain < error.log")
        raise SelectionError(text)
    yield from iter(lambda: sys.stdin.readline(PIECE), "")


def explain_log(lines: Iterable[str], as_json: bool) -> int:
    """Explain what the lines of a log tell, the most frequent first.

    Raises SelectionError where it is empty.
    """
    from tlswire.errors import SelectionError
    from tlswire.explain.tallies import tally

    counted = tally(lines)
    if as_json:
        print_document(counted)
    else:
        print_tally(counted)
    if not counted.lines:
        raise SelectionError(say("nothing to explain: no word given, and no line to read"))
    if not counted.told:
        raise SelectionError(
            say("none of the {lines} lines tells of a TLS handshake", lines=counted.lines)
        )
    return 0


def print_tally(counted: Tally) -> None:
    """Print how often what was told, with an example and its meaning."""
    width = min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST)
    if counted.told:
        click.echo(
            language.counted(
                "{lines} lines, {understood} tell of handshakes: {number} kind",
                "{lines} lines, {understood} tell of handshakes: {number} kinds",
                len(counted.told),
                lines=counted.lines,
                understood=counted.understood,
            )
        )
    for told in counted.told:
        title, *rest = lines(told.explanation, width)
        click.echo("\n" + click.style(f"{told.count} x  {title}", bold=True))
        example = say(
            "line {first_line}: {example}", first_line=told.first_line, example=told.example
        )
        click.echo("\n".join([*wrap("", example[:EXAMPLE], width), *rest]))


# -- the catalogue ----------------------------------------------------------------------------


def print_index(as_json: bool) -> int:
    """Print every cause, by stage."""
    from tlswire.explain.index import Catalogue, index

    stages = index()
    if as_json:
        print_document(Catalogue(stages=stages))
        return 0
    for number, stage in enumerate(stages):
        click.echo(("\n" if number else "") + click.style(say(stage.title), bold=True))
        for cause in stage.causes:
            click.echo(f"  {cause.id:<40} {say(cause.summary)}")
    click.echo("\n" + say("The page of one: tlswire explain CAUSE"))
    return 0


def print_document(document: object) -> None:
    """Print any typed result as JSON."""
    import msgspec

    click.echo(msgspec.json.format(msgspec.json.encode(document), indent=2))


def join_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """Take words without quotes for one when only together they mean something."""
    from tlswire.explain import find
    from tlswire.explain.spellings import plain, spelled

    joined = " ".join(words)
    if plain(joined) in spelled():
        return (joined,)
    understood = len(words) > 1 and not all(map(find, words)) and find(joined)
    return (joined,) if understood else words


def print_json(found: list[Explanation]) -> None:
    """Print the document, one line."""
    from tlswire.explain import Explained

    print_document(Explained(explanations=tuple(found)))


def print_text(found: list[Explanation]) -> None:
    """Print paragraphs; names stand out on a terminal."""
    width = min(shutil.get_terminal_size((WIDEST, 24)).columns, WIDEST)
    for number, explanation in enumerate(found):
        title, *rest = lines(explanation, width)
        click.echo(("\n" if number else "") + click.style(title, bold=True))
        click.echo("\n".join(rest))


def lines(explanation: Explanation, width: int) -> Iterator[str]:
    """Yield the lines of one explanation."""
    code = "" if explanation.code is None else f" {show_code(explanation)}"
    yield f"{explanation.name}  ({explanation.kind}{code})"
    yield from wrap("", explanation.summary, width)
    for part in explanation.parts:
        text = part.text if part.value is None else f"{part.value}: {part.text}"
        yield from wrap(say(part.label), text, width)
    for library, name in explanation.spellings.items():
        yield from wrap(library, name, width)
    if explanation.recommended is not None:
        yield from wrap(say("recommended"), show_rating(explanation.recommended), width)
    if explanation.causes:
        yield from wrap(say("possible causes"), ", ".join(explanation.causes), width)


def show_code(explanation: Explanation) -> str:
    """Show a number as its registry, or its library, writes it."""
    code = explanation.code or 0
    if explanation.kind == "library error":
        return f"{code:08X}"
    return f"0x{code:04X}" if code > 0xFF or explanation.kind == "cipher suite" else str(code)


def show_rating(rating: str) -> str:
    """Show the Recommended column with what it says."""
    from tlswire.explain.meanings import RATINGS

    return say("{rating}: {meaning}", rating=rating, meaning=say(RATINGS[rating]))


def wrap(label: str, text: str, width: int) -> Iterable[str]:
    """Wrap a labelled text, keeping the paragraphs that it has."""
    head = f"  {label:<{INDENT - 3}} "
    hang = " " * INDENT if label else "  "
    for number, paragraph in enumerate(text.split("\n")):
        first = (head if label else "  ") if number == 0 else hang
        yield from textwrap.wrap(
            paragraph,
            width,
            initial_indent=first,
            subsequent_indent=hang,
            break_on_hyphens=False,
        ) or [""]
