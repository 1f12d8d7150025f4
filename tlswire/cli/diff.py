"""`tlswire diff`: two ClientHellos compared by meaning."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tlswire.seen import Seen

EXAMPLES = """\b
Examples:
  tlswire diff works.pcapng fails.pcapng
  tlswire diff 'capture.pcapng#3' 'capture.pcapng#12'     two connections of one capture
  tlswire diff works.pcapng fails.pcapng -c 0 -c 7
  tlswire diff --json works.pcapng fails.pcapng | jq '.differences[] | select(.matters)'

\b
Exit codes:
  0  the two hellos offer the same
  1  they differ
  2  wrong use, or input that cannot be read
"""


@click.command(name="diff", epilog=EXAMPLES)
@click.argument("a", metavar="A")
@click.argument("b", metavar="B")
@click.option(
    "-c",
    "--connection",
    "connections",
    metavar="N",
    type=click.IntRange(min=0),
    multiple=True,
    help="The connection of A, then that of B; else the first with a ClientHello.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the differences as JSON.")
@click.option("--color/--no-color", "colour", default=None, help="Default: on a terminal.")
def command(
    a: str, b: str, connections: tuple[int, ...], as_json: bool, colour: bool | None
) -> int:
    """Compare two ClientHellos: what one offers, the other does not, and a server may mind.

    A and B are captures; FILE#N is connection N of one (Wireshark's tcp.stream).
    """
    from tlswire.diff import compare
    from tlswire.errors import SelectionError

    if len(connections) > 2:
        raise SelectionError("-c is given twice at most: for A, then for B")
    first, second = (*connections, None, None)[:2]
    (one, name), (other, other_name) = hello_of(a, first), hello_of(b, second)
    found = compare(one, other, (name, other_name))
    if as_json:
        import msgspec

        sys.stdout.buffer.write(msgspec.json.format(msgspec.json.encode(found), indent=1) + b"\n")
        return int(bool(found.differences))

    from tlswire.reports import diffs, terminal
    from tlswire.reports.page import Page

    page = Page(terminal.width())
    diffs.render(found, page)
    terminal.show(page, colour=terminal.wants_colour(colour))
    return int(bool(found.differences))


def hello_of(place: str, number: int | None) -> tuple[Seen, str]:
    """Return the connection that FILE or FILE#N names, and a name for it.

    Raises SelectionError when it has no ClientHello.
    """
    from tlswire.cli import selection
    from tlswire.errors import SelectionError

    path, number = split(place, number)
    found = selection.read(path)
    numbers = () if number is None else (number,)
    hellos = [s for s in found.seen if s.transcript.client_hello is not None]
    chosen = selection.choose_hellos(found, numbers) if numbers else hellos
    if not chosen:
        raise SelectionError(f"{path}: no ClientHello")
    name = f"{path}#{chosen[0].flow.number}"
    more = "" if number is not None or len(hellos) == 1 else f"  (the first of {len(hellos)})"
    return chosen[0], name + more


def split(place: str, number: int | None) -> tuple[str, int | None]:
    """Return the file of FILE#N and its number; a file of that very name is taken as it is."""
    path, found, digits = place.rpartition("#")
    if not found or not digits.isdecimal() or Path(place).exists():
        return place, number
    return path, int(digits) if number is None else number
