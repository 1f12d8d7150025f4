"""`tlswire replay`: a captured ClientHello once more to its server, and what comes of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tlswire.decode import Scan
    from tlswire.player import Piece
    from tlswire.replay import Plan
    from tlswire.reports.page import Page
    from tlswire.result import Document, Replay
    from tlswire.seen import Seen

#: Bytes on a line of `--dry-run`.
ROW = 24

EXAMPLES = """\b
Examples:
  tlswire replay capture.pcapng                       every failed hello, to its captured server
  tlswire replay capture.pcapng --target 10.0.0.7     the same, to another address
  tlswire replay capture.pcapng -c 12 --dry-run       what would be sent, and to whom
  tlswire replay capture.pcapng --json | jq .replays

\b
Exit codes:
  0  the server went on where the capture failed, or as it did
  1  the hello as captured failed or was answered with something else than TLS
  2  wrong use, or input that cannot be read
  3  nothing to replay, or nothing that can be told
  4  no target could be reached
"""


@click.command(name="replay", epilog=EXAMPLES)
@click.argument("capture")
@click.option("-t", "--target", metavar="HOST[:PORT]", help="Send to this server, not as captured.")
@click.option(
    "-c",
    "--connection",
    "connections",
    metavar="N",
    type=click.IntRange(min=0),
    multiple=True,
    help="Only this connection; N is Wireshark's tcp.stream. Repeatable.",
)
@click.option("-a", "--all", "every", is_flag=True, help="Also the hellos that did not fail.")
@click.option(
    "--timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0.05, max=600),
    default=5.0,
    show_default=True,
    help="To wait for a connection, and for each answer.",
)
@click.option("--dry-run", is_flag=True, help="Say what would be sent to whom, and send nothing.")
@click.option("--no-experiments", is_flag=True, help="Send the captured bytes only, once.")
@click.option("--json", "as_json", is_flag=True, help="Print the document of schema tlswire/1.")
@click.option("--color/--no-color", "colour", default=None, help="Default: on a terminal.")
def command(
    capture: str,
    target: str | None,
    connections: tuple[int, ...],
    every: bool,
    timeout: float,
    dry_run: bool,
    no_experiments: bool,
    as_json: bool,
    colour: bool | None,
) -> int:
    """Send captured ClientHellos again, compare the answers, and prove a cause by experiment.

    The bytes are those of the capture; equal hellos to one server are sent once. After a failure
    one thing at a time is changed until a change passes. Only the captured server, or the
    target that you name, is contacted.
    """
    from tlswire.cli import selection
    from tlswire.cli.exits import of_replay
    from tlswire.replay import plan

    found = selection.read(capture)
    chosen = selection.choose_hellos(found, connections, every=every)
    if dry_run:
        _tell_plans(plan(found, chosen, target))
        return 0
    done = perform(
        *(found, chosen, target),
        as_json=as_json,
        colour=colour,
        timeout=timeout,
        experiments=not no_experiments,
    )
    return of_replay(done)


def _tell_plans(plans: Sequence[Plan]) -> None:
    from tlswire.reports.escape import escape
    from tlswire.reports.text import plural

    for planned in plans:
        numbers = " ".join(f"#{number}" for number in planned.connections)
        if planned.why_not:
            click.echo(f"{numbers}: {escape(planned.why_not)}")
        else:
            pieces = plural(len(planned.flight.pieces), "segment")
            size = plural(len(planned.flight.data), "byte")
            click.echo(f"{numbers}: {size} in {pieces} to {escape(str(planned.target))}")
            _tell_pieces(planned.flight.pieces)
        for note in planned.flight.notes:
            click.echo(f"  {escape(note)}")
    click.echo("nothing was sent")


def _tell_pieces(pieces: Sequence[Piece]) -> None:
    """Show the bytes of every segment; offsets count from the first byte of the flight."""
    offset = 0
    for piece in pieces:
        for start in range(0, len(piece.data), ROW):
            row = piece.data[start : start + ROW]
            click.echo(f"  {offset + start:6}  {row.hex(' ')}")
        offset += len(piece.data)
        if piece is not pieces[-1]:
            click.echo("          -- next segment")


def perform(
    found: Scan,
    chosen: Sequence[Seen],
    target: str | None,
    *,
    as_json: bool = False,
    colour: bool | None = None,
    timeout: float = 5.0,
    experiments: bool = True,
) -> list[Replay]:
    """Replay, and print: text as each is done, JSON in the end."""
    from msgspec.structs import replace

    from tlswire import decode
    from tlswire.replay import replay
    from tlswire.seen import explain

    document = decode.document(found, list(explain(list(chosen))))
    printer = _Printer(document, colour)
    told = None if as_json else printer.told
    done = replay(found, chosen, target, timeout=timeout, experiments=experiments, told=told)
    if as_json:
        from tlswire.reports import json

        sys.stdout.buffer.write(json.render(replace(document, replays=tuple(done))))
    else:
        printer.sum_up(done)
    return done


class _Printer:
    """Prints each replay as it is done, and a table when there was more than one."""

    def __init__(self, document: Document, colour: bool | None) -> None:
        self._document = document
        self._colour = colour
        self._begun = False

    def told(self, done: Replay) -> None:
        from tlswire.reports import replays

        page = self._page()
        replays.render(self._document, done, page)
        self._show(page)

    def sum_up(self, done: Sequence[Replay]) -> None:
        from tlswire.reports import replays

        if len(done) > 1:
            page = self._page()
            replays.sum_up(done, page)
            self._show(page)

    def _page(self) -> Page:
        from tlswire.reports import terminal
        from tlswire.reports.page import Page

        page = Page(terminal.width())
        if self._begun:
            page.line()
        self._begun = True
        return page

    def _show(self, page: Page) -> None:
        from tlswire.reports import terminal

        terminal.show(page, colour=terminal.wants_colour(self._colour))
        sys.stdout.flush()
