"""`tlswire reach HOST [PORTS]`: which ports answer, who answers, and what speaks there."""

from __future__ import annotations

import asyncio
import sys
from typing import TYPE_CHECKING

import click

from tlswire.cli import limits
from tlswire.language import say

if TYPE_CHECKING:
    from tlswire.surveyed import Reach

#: Ports that one run may try.
MOST_PORTS = 65535
EXAMPLES = """\b
Examples:
  tlswire reach 192.0.2.7                    the usual ports of TLS
  tlswire reach www.example.com 80,443,8000-8100
  tlswire reach --from capture.pcapng        the captured server, its port
  tlswire reach 192.0.2.7 1-65535 --rate 500 --no-speak

\b
States:
  open         the connection is accepted
  closed       a reset; its TTL tells whether the host itself sent it (needs raw sockets)
  filtered     no answer, or an ICMP message that says administratively prohibited
  unreachable  an ICMP message from a router, or no route

\b
Exit codes:
  0  some port speaks TLS, at once or after a preamble
  1  none does
  2  wrong use, or input that cannot be read
  4  no port could be reached
"""


@click.command(name="reach", epilog=EXAMPLES)
@click.argument("host", required=False)
@click.argument("ports", required=False)
@click.option("--from", "capture", metavar="CAPTURE", help="The server of this capture.")
@click.option("--no-speak", is_flag=True, help="Only connect: do not ask what speaks there.")
@limits.options(
    parallel=50,
    most=500,
    rate=100.0,
    timeout=3.0,
    awaited="How long an answer to a SYN is waited for.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the document of schema tlswire/1.")
@click.option("--color/--no-color", "colour", default=None, help="Default: on a terminal.")
def command(
    host: str | None,
    ports: str | None,
    capture: str | None,
    no_speak: bool,
    parallel: int,
    rate: float,
    timeout: float,
    as_json: bool,
    colour: bool | None,
) -> int:
    """Try ports of a host: open, closed and by whom, filtered; and what speaks there.

    Nobody but the named host, or the captured server, is contacted.
    """
    from tlswire.survey.caller import Limits
    from tlswire.survey.ports import USUAL, reach

    if host is None and capture is None:
        raise click.UsageError(say("name a host, or --from CAPTURE"))
    usual: tuple[int, ...] = USUAL
    if host is None and capture is not None:
        host, usual = _captured(capture)
    wanted = parse_ports(ports) if ports else usual
    within = Limits(parallel=parallel, rate=rate, timeout=timeout)
    done = asyncio.run(reach(_bare(host or ""), wanted, within, speak=not no_speak))
    _print(done, as_json=as_json, colour=colour)
    return _code(done)


def parse_ports(words: str) -> tuple[int, ...]:
    """Read `80,443,8000-8100`. Raises click.UsageError."""
    found: dict[int, None] = {}
    for word in words.split(","):
        low, dash, high = word.strip().partition("-")
        if not low.isdecimal() or (dash and not high.isdecimal()):
            raise click.UsageError(say("{word!r} is no port: write 443, or 8000-8100", word=word))
        first, last = int(low), int(high or low)
        if not 0 < first <= last <= MOST_PORTS:
            raise click.UsageError(
                say("{word!r}: ports go from 1 to {most_ports}", word=word, most_ports=MOST_PORTS)
            )
        found |= dict.fromkeys(range(first, last + 1))
    return tuple(found)


def _bare(host: str) -> str:
    return host.removeprefix("[").removesuffix("]")


def _captured(capture: str) -> tuple[str, tuple[int, ...]]:
    """Return the server of the first failed conversation, else of the first, and its ports."""
    from tlswire.cli import selection

    found = selection.read(capture)
    if not found.seen:
        raise click.UsageError(say("{capture}: no TCP connection in it", capture=capture))
    first = next((seen for seen in found.seen if seen.failed), found.seen[0])
    address = first.flow.server.endpoint.address
    own = [s for s in found.seen if s.flow.server.endpoint.address == address]
    ports = {seen.flow.server.endpoint.port for seen in own}
    return address, tuple(sorted(ports))


def _print(done: Reach, *, as_json: bool, colour: bool | None) -> None:
    from tlswire.reports import json, reaches, terminal
    from tlswire.reports.page import Page

    if as_json:
        sys.stdout.buffer.write(json.render(json.of_reach([done])))
        return
    page = Page(terminal.width())
    reaches.render(done, page)
    terminal.show(page, colour=terminal.wants_colour(colour))


def _code(done: Reach) -> int:
    opened = [port for port in done.ports if port.state == "open"]
    if not opened:
        return 4
    return 0 if any(port.speaks and "TLS" in port.speaks for port in opened) else 1
