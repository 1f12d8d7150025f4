"""`tlswire replay`: a captured ClientHello once more to its server, and what comes of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from tlswire.cli import going, own
from tlswire.cli.going import WHAT
from tlswire.cli.outputs import (
    OUTPUT,
    STDOUT,
    exhibitor,
    html_option,
    junit_option,
    markdown_option,
    nothing_but_text,
    one_form,
    write_html,
    write_whole,
)
from tlswire.cli.pages import Pages
from tlswire.cli.sections import Command, option
from tlswire.language import counted, say

if TYPE_CHECKING:
    from tlswire.decode import Scan
    from tlswire.flight import Piece
    from tlswire.replay import Plan
    from tlswire.replay.own import Own
    from tlswire.replay.routes import Asked
    from tlswire.result import Document, Replay
    from tlswire.seen import Seen
    from tlswire.way import Way

#: Bytes on a line of `--dry-run`.
ROW = 24


EXAMPLES = """\b
Examples:
  tlswire replay capture.pcapng                       every failed hello, to its captured server
  tlswire replay capture.pcapng --target 10.0.0.7     the same, to another address
  tlswire replay capture.pcapng -c 12 --dry-run       what would be sent, and to whom
  tlswire replay capture.pcapng --repeat 20           do all members of the pool answer alike?
  tlswire replay capture.pcapng --map 10.0.0.5=lb.example.com:8443
  tlswire replay capture.pcapng --proxy socks5://127.0.0.1:1080 --starttls smtp
  tlswire replay capture.pcapng --cert me.p12         the same, and with a client certificate
  tlswire replay capture.pcapng --html report.html
  tlswire replay capture.pcapng --against server.json   (of `survey --save`) sends nothing
  tlswire replay capture.pcapng --json | jq .replays

\b
Exit codes:
  0  the server went on where the capture failed, or as it did
  1  the hello as captured failed or was answered with something else than TLS
  2  wrong use, or input that cannot be read
  3  nothing to replay, or nothing that can be told
  4  no target could be reached
"""


@click.command(name="replay", cls=Command, epilog=EXAMPLES)
@click.argument("capture")
@option(WHAT, "-t", "--target", metavar="HOST[:PORT]", help="Send to this server, not as captured.")
@option(
    WHAT,
    "--targets",
    metavar="HOST[:PORT],…",
    help="To all of these servers, and group what they answer.",
)
@option(
    WHAT,
    "--map",
    "mapped",
    metavar="CAPTURED=HOST[:PORT]",
    multiple=True,
    help="Where a captured address (of a balancer, behind NAT) is found from here. Repeatable.",
)
@option(
    WHAT,
    "-c",
    "--connection",
    "connections",
    metavar="N",
    type=click.IntRange(min=0),
    multiple=True,
    help="Only this connection; N is Wireshark's tcp.stream. Repeatable.",
)
@option(WHAT, "-a", "--all", "every", is_flag=True, help="Also the hellos that did not fail.")
@option(
    WHAT,
    "--server-name",
    metavar="NAME",
    help="Ask for this name in place of the captured one; '' for none.",
)
@option(
    WHAT,
    "--repeat",
    metavar="N",
    type=click.IntRange(min=1, max=10_000),
    default=1,
    help="Send it so many times, round all addresses of the target: does every one answer alike?",
)
@option(WHAT, "--no-experiments", is_flag=True, help="Send the captured bytes only, once.")
@option(
    WHAT,
    "--against",
    metavar="SERVER",
    help="Predict, and send nothing: a saved survey, a policy's name or a cipher string.",
)
@option(WHAT, "--dry-run", is_flag=True, help="Say what would be sent to whom, and send nothing.")
@going.options
@own.options
@option(OUTPUT, "--json", "as_json", is_flag=True, help="Print the document of schema tlswire/1.")
@markdown_option
@junit_option
@html_option
@option(OUTPUT, "-q", "--quiet", is_flag=True, help="A line for each replay, and no ladders.")
@option(OUTPUT, "--color/--no-color", "colour", default=None, help="Default: on a terminal.")
def command(capture: str, **options: Any) -> int:
    """Send captured ClientHellos again, compare the answers, and prove a cause by experiment.

    The bytes are those of the capture; equal hellos to one server are sent once. A client that
    never came to its hello is followed as far as it came, with a plain hello of our own. After a
    failure one thing at a time is changed until a change passes. Only the captured server, or the
    target that you name, is contacted.
    """
    from tlswire.cli import selection
    from tlswire.replay import plan, unsaid

    form, html, colour = _form(options), options["html"], options["colour"]
    if options["dry_run"]:
        nothing_but_text(form, html)
    mine = own.read(options)
    asked, way = _asked(options)
    found = selection.read(capture)
    which, every = options["connections"], options["every"]
    if options["against"] is not None:
        from tlswire.cli.against import predict

        chosen = selection.choose_hellos(found, which, every=every)
        as_json = options["as_json"]
        return predict(found, chosen, options["against"], as_json=as_json, colour=colour)
    chosen = selection.choose_to_replay(found, which, every=every)
    if options["dry_run"]:
        _tell_plans(plan(found, chosen, asked, way, instead=unsaid.hello))
        return 0
    from tlswire.cli.exits import of_replay

    with going.kept(way):
        done = perform(
            *(found, chosen, asked, way),
            form=form,
            html=html,
            colour=colour,
            experiments=not options["no_experiments"],
            repeat=options["repeat"],
            mine=mine,
            command=going.spelled(click.get_current_context()),
        )
    return of_replay(done)


def _form(options: dict[str, Any]) -> str:
    return one_form(
        json=options["as_json"],
        markdown=options["as_markdown"],
        junit=options["as_junit"],
        quiet=options["quiet"],
        html=options["html"] == STDOUT,
    )


def _asked(options: dict[str, Any]) -> tuple[Asked, Way]:
    from tlswire.replay.routes import parse_map

    return going.read(
        options,
        target=options["target"],
        more_targets=tuple(filter(None, (options["targets"] or "").split(","))),
        mapped=parse_map(options["mapped"]),
        server_name=options["server_name"],
    )


def _tell_plans(plans: Sequence[Plan]) -> None:
    from tlswire.replay.routes import told
    from tlswire.reports.escape import escape

    for planned in plans:
        numbers = " ".join(f"#{number}" for number in planned.connections)
        if planned.why_not:
            click.echo(say("{what}: {why}", what=numbers, why=escape(planned.why_not)))
        else:
            pieces = counted(
                "{number} segment to {target}",
                "{number} segments to {target}",
                len(planned.flight.pieces),
                target=escape(str(planned.target)),
            )
            size = counted(
                "{number} byte in {segments}",
                "{number} bytes in {segments}",
                len(planned.flight.data),
                segments=pieces,
            )
            click.echo(say("{what}: {why}", what=numbers, why=size))
            for stage in planned.way.stages:
                click.echo("  " + say("first {step}", step=escape(told(stage))))
            _tell_pieces(planned.flight.pieces)
        for note in planned.flight.notes:
            click.echo(f"  {escape(note)}")
    click.echo(say("nothing was sent"))


def _tell_pieces(pieces: Sequence[Piece]) -> None:
    """Show the bytes of every segment; offsets count from the first byte of the flight."""
    offset = 0
    for piece in pieces:
        for start in range(0, len(piece.data), ROW):
            row = piece.data[start : start + ROW]
            click.echo(f"  {offset + start:6}  {row.hex(' ')}")
        offset += len(piece.data)
        if piece is not pieces[-1]:
            click.echo(f"          -- {say('next segment')}")


def perform(
    found: Scan,
    chosen: Sequence[Seen],
    asked: Asked,
    way: Way,
    *,
    form: str = "text",
    html: str | None = None,
    colour: bool | None = None,
    experiments: bool = True,
    repeat: int = 1,
    command: str = "",
    mine: Own | None = None,
) -> list[Replay]:
    """Replay, and print: text as each is done, any other form in the end."""
    from msgspec.structs import replace

    import tlswire.decode as decode
    from tlswire.replay import replay
    from tlswire.seen import explain

    document = decode.document(found, list(explain(list(chosen))), show=exhibitor(html))
    printer = _Printer(document, colour)
    told = printer.told if form == "text" else None
    done = replay(
        *(found, chosen, asked, way),
        experiments=experiments,
        repeat=repeat,
        command=command,
        own=mine,
        told=told,
    )
    document = replace(document, replays=tuple(done))
    if form in ("text", "quiet"):
        printer.sum_up(done, always=form == "quiet")
    else:
        write_whole(document, form, found.name, sys.stdout, sent=True)
    write_html(document, html, found.name, sent=True)
    return done


class _Printer:
    """Prints each replay as it is done, and a table when there was more than one."""

    def __init__(self, document: Document, colour: bool | None) -> None:
        self._document = document
        self._pages = Pages(colour)

    def told(self, done: Replay) -> None:
        from tlswire.reports import replays

        self._pages.show(lambda page: replays.render(self._document, done, page))

    def sum_up(self, done: Sequence[Replay], *, always: bool = False) -> None:
        from tlswire.reports import replays

        if len(done) > 1 or always:
            self._pages.show(lambda page: replays.sum_up(done, page))
