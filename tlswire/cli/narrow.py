"""`tlswire narrow`: the smallest change to a captured ClientHello that passes."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from tlswire.cli import going
from tlswire.cli.going import WHAT
from tlswire.cli.outputs import (
    OUTPUT,
    STDOUT,
    exhibitor,
    html_option,
    nothing_but_text,
    one_form,
    write_html,
    write_whole,
)
from tlswire.cli.sections import Command, option
from tlswire.language import say

if TYPE_CHECKING:
    from tlswire.decode import Scan
    from tlswire.findings import Show
    from tlswire.narrow import Good
    from tlswire.replay import Plan
    from tlswire.result import Document, Narrowing, Step


EXAMPLES = """\b
Examples:
  tlswire narrow capture.pcapng                          between the failed hello and a plain one
  tlswire narrow capture.pcapng -c 12 --target 10.0.0.7  connection 12, to another address
  tlswire narrow fails.pcapng --good works.pcapng        between the failed hello and one that works
  tlswire narrow fails.pcapng --good 'mixed.pcapng#3'    the good one is connection 3
  tlswire narrow fails.pcapng --good curl                the good one is curl's, from the library
  tlswire narrow capture.pcapng --json | jq .narrowings[0].smallest_change

\b
Exit codes:
  0  the hello as captured passes
  1  it fails; the change that passes was found
  2  wrong use, or input that cannot be read
  3  it fails, and no change that passes was found; or nothing failed in the capture
  4  the target could not be reached
"""


@click.command(name="narrow", cls=Command, epilog=EXAMPLES)
@click.argument("capture")
@option(WHAT, "-t", "--target", metavar="HOST[:PORT]", help="Send to this server, not as captured.")
@option(
    WHAT,
    "-c",
    "--connection",
    metavar="N",
    type=click.IntRange(min=0),
    help="The connection to narrow (Wireshark's tcp.stream); else the first that failed.",
)
@option(
    WHAT,
    "--good",
    metavar="FILE[#N]|CLIENT",
    help="The hello at the other end: one that works, captured, or of a client of the library "
    "(curl, chromium ...). Default: plain hellos are tried.",
)
@option(
    WHAT,
    "--connections",
    "allowed",
    metavar="COUNT",
    type=click.IntRange(min=2, max=1000),
    default=60,
    show_default=True,
    help="Connections to make at most.",
)
@option(WHAT, "--dry-run", is_flag=True, help="Say what would be tried, and send nothing.")
@going.options
@option(OUTPUT, "--json", "as_json", is_flag=True, help="Print the document of schema tlswire/1.")
@html_option
@option(OUTPUT, "--color/--no-color", "colour", default=None, help="Default: on a terminal.")
def command(
    capture: str,
    target: str | None,
    connection: int | None,
    good: str | None,
    allowed: int,
    dry_run: bool,
    as_json: bool,
    html: str | None,
    colour: bool | None,
    **way: Any,
) -> int:
    """Find what in a failing ClientHello decides: the smallest change that passes.

    The captured hello is sent to its server, or to the target that you name, again and again with
    parts of it replaced by those of a hello that works, halving what is left each time. The
    result is the smallest change that passes, and the smallest part that fails by itself.
    """
    from tlswire.cli import selection
    from tlswire.narrow import narrow
    from tlswire.replay import plan

    form = one_form(json=as_json, html=html == STDOUT)
    if dry_run:
        nothing_but_text(form, html)
    found = selection.read(capture)
    numbers = () if connection is None else (connection,)
    chosen = selection.choose_hellos(found, numbers)
    asked, how = going.read(way, target=target)
    planned = plan(found, chosen, asked, how)[0]
    other = _good(good) if good is not None else None
    if dry_run:
        _tell(planned, other, allowed)
        return 0
    more = len(chosen) - len(planned.members)
    with going.kept(how):
        done = narrow(planned, other, allowed=allowed, told=_progress())
    document = _document(found, planned, done, exhibitor(html))
    if form != "text":
        write_whole(document, form, capture, sys.stdout, sent=True)
    else:
        _print(done, more, colour)
    write_html(document, html, capture, sent=True)
    return _exit_code(done)


def _good(place: str) -> Good:
    from tlswire.cli.hellos import hello_of
    from tlswire.narrow import good_from
    from tlswire.replay.plans import plan

    named = hello_of(place, working=True)
    (planned,) = plan(named.scan, [named.seen], tapes=named.tapes)
    return good_from(
        planned.flight, say("the hello of {name}", name=named.name), named=not named.client
    )


def _tell(planned: Plan, good: Good | None, allowed: int) -> None:
    from tlswire.narrow import ends
    from tlswire.reports.escape import escape

    numbers = " ".join(f"#{number}" for number in planned.connections)
    tried = ends(planned, good)
    if isinstance(tried, str):
        click.echo(f"{numbers}: {escape(tried)}")
    else:
        click.echo(
            say(
                "{numbers}: {number} bytes to {target}, in {allowed} connections at most",
                numbers=numbers,
                number=len(planned.flight.data),
                target=escape(str(planned.target)),
                allowed=allowed,
            )
        )
        for told, count in tried:
            click.echo(
                "  "
                + say("the other end: {told}, {count} differences", told=escape(told), count=count)
            )
    click.echo(say("nothing was sent"))


def _progress() -> Callable[[Step], None] | None:
    """Tell a terminal how many connections were made; nobody else."""
    if not sys.stderr.isatty():
        return None

    def told(step: Step) -> None:
        word = "passed" if step.passed else "failed"
        sys.stderr.write(
            "\r"
            + say("connection {number}: {word}", number=step.number, word=word).ljust(40)
            + "\r"
        )
        sys.stderr.flush()

    return told


def _document(found: Scan, planned: Plan, done: Narrowing, show: Show | None) -> Document:
    from msgspec.structs import replace

    import tlswire.decode as decode
    from tlswire.seen import explain

    document = decode.document(found, list(explain(list(planned.members))), show=show)
    return replace(document, narrowings=(done,))


def _print(done: Narrowing, more: int, colour: bool | None) -> None:
    from tlswire.reports import narrowings, terminal
    from tlswire.reports.page import Page

    page = Page(terminal.width())
    narrowings.render(done, page)
    if more > 0:
        page.line("  " + say("{more} more failed; -c N narrows another", more=more))
    terminal.show(page, colour=terminal.wants_colour(colour))


def _exit_code(done: Narrowing) -> int:
    from tlswire.cli import exits
    from tlswire.states import TCP_CONNECT

    if not done.steps:
        return exits.UNREACHABLE if done.unreached else exits.NOTHING
    first = done.steps[0]
    if first.attempt.stopped_at == TCP_CONNECT:
        return exits.UNREACHABLE
    if first.passed:
        return exits.ESTABLISHED
    return exits.FAILED if done.smallest_change else exits.NOTHING
