"""`tlswire probe`: a handshake with the hello of a real client, without a capture."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from tlswire.cli import going, own
from tlswire.cli.going import WHAT
from tlswire.cli.outputs import (
    OUTPUT,
    STDOUT,
    html_option,
    junit_option,
    markdown_option,
    one_form,
    write_html,
    write_whole,
)
from tlswire.cli.pages import Pages
from tlswire.cli.sections import Command, option
from tlswire.language import say

if TYPE_CHECKING:
    from tlswire.clients import Client
    from tlswire.decode import Scan
    from tlswire.flight import Tape
    from tlswire.replay.own import Own
    from tlswire.replay.routes import Asked
    from tlswire.result import Replay
    from tlswire.way import Way

#: Asked for where a preamble says that no HTTP follows; it offers no ALPN.
PLAIN, USUAL = "openssl-3.0", "curl"

EXAMPLES = """\b
Examples:
  tlswire probe www.example.com                        as curl does it
  tlswire probe mail.example.com --starttls smtp
  tlswire probe www.example.com --as java-8-style,chromium
  tlswire probe www.example.com --as all               which clients can connect, and why not
  tlswire probe 192.0.2.7:8443 --server-name www.example.com --repeat 20
  tlswire probe --list

\b
Exit codes:
  0  the server went on with every hello
  1  a hello was refused, or answered with something else than TLS
  2  wrong use
  3  nothing that can be told
  4  the target could not be reached
"""


@click.command(name="probe", cls=Command, epilog=EXAMPLES)
@click.argument("target", metavar="HOST[:PORT]", required=False)
@option(
    WHAT,
    "--as",
    "clients",
    metavar="NAME,…",
    help="Say the hello of this client, of several, or of all. Default: curl.",
)
@option(WHAT, "--list", "listing", is_flag=True, help="List the clients, and send nothing.")
@option(
    WHAT,
    "--server-name",
    metavar="NAME",
    help="Ask for this name; '' for none. Default: the target's.",
)
@option(
    WHAT,
    "--repeat",
    metavar="N",
    type=click.IntRange(min=1, max=10_000),
    default=1,
    help="Do it so many times, round all addresses of the target: does every one answer alike?",
)
@option(WHAT, "--no-experiments", is_flag=True, help="Change nothing where a hello is refused.")
@going.options
@own.options
@option(OUTPUT, "--json", "as_json", is_flag=True, help="Print the document of schema tlswire/1.")
@markdown_option
@junit_option
@html_option
@option(OUTPUT, "--color/--no-color", "colour", default=None, help="Default: on a terminal.")
def command(target: str | None, clients: str | None, listing: bool, **options: Any) -> int:
    """Shake hands with a server as a real client does, and tell all of it.

    The hello is one of a library made from real programs, its server name set to the target's. The
    handshake is played to the last message; where it is refused, one thing at a time is changed
    until a change passes. Only the target is contacted.
    """
    from tlswire import clients as bundled
    from tlswire.cli.exits import of_replay

    if listing:
        return _list(bundled.library())
    if target is None:
        raise click.UsageError(say("Missing argument 'HOST[:PORT]'; --list names the clients."))
    wanted = bundled.chosen((clients or _usual(options)).split(","))
    return of_replay(_probe(target, wanted, _form(options), options))


def _form(options: Mapping[str, Any]) -> str:
    return one_form(
        json=options["as_json"],
        markdown=options["as_markdown"],
        junit=options["as_junit"],
        html=options["html"] == STDOUT,
    )


def _usual(way: Mapping[str, Any]) -> str:
    return PLAIN if way["starttls"] not in (None, "none") else USUAL


def _port(starttls: str | None) -> int:
    """Return where the server listens, when no port is given."""
    from tlswire.preambles.dialects import ALIASES
    from tlswire.preambles.signs import port_of
    from tlswire.way import HTTPS

    return port_of(ALIASES.get(starttls or "", starttls or "")) or HTTPS


def _list(clients: Sequence[Client]) -> int:
    from tlswire.reports.escape import escape

    width = max(len(one.name) for one in clients)
    for one in clients:
        click.echo(f"{one.name:<{width}}  {escape(one.what)} ({escape(one.program)})")
    return 0


def _probe(
    target: str, wanted: Sequence[Client], form: str, options: Mapping[str, Any]
) -> list[Replay]:
    """Try each client in turn, and print: text as each is done, any other form in the end."""
    from msgspec.structs import replace

    import tlswire.decode as decode
    from tlswire import clients as bundled
    from tlswire.cli.outputs import exhibitor
    from tlswire.seen import explain

    html = options["html"]
    mine, (asked, way) = own.read(options), _asked(target, options)
    found, tapes = bundled.read(wanted)
    document = decode.document(found, list(explain(list(found.seen))), show=exhibitor(html))
    teller = _Teller(wanted, options["colour"])
    done: list[Replay] = []
    with going.kept(way):
        for each in _shaken(found, tapes, asked, way, mine, options):
            done.append(each)
            if form == "text":
                teller.told(each)
    document = replace(document, replays=tuple(done))
    if form == "text":
        teller.sum_up(done)
    else:
        write_whole(document, form, found.name, sys.stdout, sent=True)
    write_html(document, html, found.name, sent=True)
    return done


def _asked(target: str, options: Mapping[str, Any]) -> tuple[Asked, Way]:
    from tlswire.flow import Endpoint
    from tlswire.replay.routes import parse_target

    where = parse_target(target, Endpoint("", _port(options["starttls"])))
    name = options["server_name"]
    return going.read(
        options,
        target=str(where),
        server_name=_asked_name(where.address) if name is None else name,
        own_addresses=True,
    )


def _shaken(
    found: Scan,
    tapes: Mapping[int, Tape],
    asked: Asked,
    way: Way,
    mine: Own,
    options: Mapping[str, Any],
) -> Iterator[Replay]:
    """Yield what came of each client, until the target is gone or the user has had enough."""
    from msgspec.structs import replace

    from tlswire.replay import replay, unreached

    command = going.spelled(click.get_current_context())
    for seen in found.seen:
        seen.flow.started = time.time()  # a chain is judged now, not when the hello was made
        (one,) = replay(
            *(found, [seen], asked, way),
            experiments=not options["no_experiments"],
            repeat=options["repeat"],
            own=mine,
            tapes=tapes,
        )
        yield replace(one, reproduce=command)
        if unreached(one) or going.over(way):
            return


def _asked_name(host: str) -> str:
    """Return the name to ask for: none for an address (RFC 6066 section 3)."""
    from tlswire.experiments.names import is_name

    return host if is_name(host) else ""


class _Teller:
    """Prints each probe as it is done, and a table when there was more than one."""

    def __init__(self, clients: Sequence[Client], colour: bool | None) -> None:
        self._clients = clients
        self._pages = Pages(colour)

    def told(self, done: Replay) -> None:
        """Print one."""
        from tlswire.reports import probes

        client = self._clients[done.connections[0]]
        self._pages.show(lambda page: probes.render(done, client.program, page))

    def sum_up(self, done: Sequence[Replay]) -> None:
        """Print a line for each client, where there are several."""
        from tlswire.reports import probes

        names = [one.name for one in self._clients]
        if len(done) > 1:
            self._pages.show(lambda page: probes.sum_up(done, names, page))
