"""`tlswire explain WORD…`: what a suite, an alert, a number, a cause or a log line means."""

from __future__ import annotations

import shutil
import textwrap
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tlswire.explain.articles import Explanation

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
  tlswire explain --json AES128-SHA

\b
Exit codes:
  0  every word is known
  2  a word is not
"""
WIDEST = 100
INDENT = 18


@click.command(epilog=EPILOG, short_help="Say what a suite, an alert, a number or an error means.")
@click.argument("words", nargs=-1, required=True, metavar="WORD...")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(words: tuple[str, ...], as_json: bool) -> int:
    """Say what a word of TLS means, in the spelling of any library.

    A WORD is a cipher suite, an alert, an extension, a group, a signature scheme, a number of any
    registry, the id of a cause, or a line of a log with an OpenSSL error code. Case, blanks,
    hyphens and underscores do not matter.
    """
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


def join_words(words: tuple[str, ...]) -> tuple[str, ...]:
    """Take `handshake failure` without quotes for one word when together they are one."""
    from tlswire.explain.spellings import plain, spelled

    joined = " ".join(words)
    return (joined,) if plain(joined) in spelled() else words


def print_json(found: list[Explanation]) -> None:
    """Print the document, one line."""
    import msgspec

    from tlswire.explain import Explained

    document = msgspec.json.encode(Explained(explanations=tuple(found)))
    click.echo(msgspec.json.format(document, indent=2))


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
        yield from wrap(part.label, text, width)
    for library, name in explanation.spellings.items():
        yield from wrap(library, name, width)
    if explanation.recommended is not None:
        yield from wrap("recommended", show_rating(explanation.recommended), width)
    if explanation.causes:
        yield from wrap("possible causes", ", ".join(explanation.causes), width)


def show_code(explanation: Explanation) -> str:
    """Show a number as its registry, or its library, writes it."""
    code = explanation.code or 0
    if explanation.kind == "library error":
        return f"{code:08X}"
    return f"0x{code:04X}" if code > 0xFF or explanation.kind == "cipher suite" else str(code)


def show_rating(rating: str) -> str:
    """Show the Recommended column with what it says."""
    from tlswire.explain.meanings import RATINGS

    return f"{rating}: {RATINGS[rating]}"


def wrap(label: str, text: str, width: int) -> Iterable[str]:
    """Wrap a labelled text, keeping the paragraphs that it has."""
    head = f"  {label:<{INDENT - 2}}"
    hang = " " * INDENT if label else "  "
    for number, paragraph in enumerate(text.split("\n")):
        first = (head if label else "  ") if number == 0 else hang
        yield from textwrap.wrap(
            paragraph, width, initial_indent=first, subsequent_indent=hang
        ) or [""]
