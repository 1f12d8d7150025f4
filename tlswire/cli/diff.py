"""`tlswire diff`: two ClientHellos compared by meaning."""

from __future__ import annotations

import sys

import click

from tlswire.language import say

EXAMPLES = """\b
Examples:
  tlswire diff works.pcapng fails.pcapng
  tlswire diff fails.pcapng curl                          a client of the library
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

    A and B are captures, FILE#N for connection N of one (Wireshark's tcp.stream), or clients of
    the library: curl, chromium, java-8-style ... (tlswire probe --list).
    """
    from tlswire.cli.hellos import hello_of
    from tlswire.diff import compare
    from tlswire.errors import SelectionError

    if len(connections) > 2:
        raise SelectionError(say("-c is given twice at most: for A, then for B"))
    first, second = (*connections, None, None)[:2]
    one, other = hello_of(a, first), hello_of(b, second)
    found = compare(one.seen, other.seen, (one.name, other.name))
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
