"""`tlswire decode`: a capture in, a report out."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from tlswire.choice import Choice
    from tlswire.reports.text import Detail

EXAMPLES = """\b
Examples:
  tlswire decode capture.pcapng              what failed, why, and what to change
  tlswire decode capture.pcapng -c 12        connection 12 with every field decoded
  tlswire decode capture.pcapng --keylog keys.log
  tlswire decode --json capture.pcapng       the same for programs, schema tlswire/1
  tlswire decode capture.pcapng --filter 'net 10.0.0.0/8 and port 443' --sni '*.example.com'
  tcpdump -w - port 443 | tlswire decode -   from a pipe

Exit codes: 0 every handshake completed, 1 some failed or were not TLS, 2 input that cannot
be read, 3 nothing TLS found or nothing that can be told.
"""


@click.command(name="decode", epilog=EXAMPLES)
@click.argument("capture")
@click.option(
    "-c",
    "--connection",
    "connections",
    metavar="N",
    type=click.IntRange(min=0),
    multiple=True,
    help="Only this connection, every field decoded; N is Wireshark's tcp.stream. Repeatable.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the document of schema tlswire/1.")
@click.option("--jsonl", "as_lines", is_flag=True, help="One connection a line, a summary last.")
@click.option("--all-tcp", is_flag=True, help="List TCP connections without TLS as well.")
@click.option("--keylog", metavar="FILE", help="Read protected messages with this SSLKEYLOGFILE.")
@click.option(
    "--rsa-key",
    "rsa_keys",
    metavar="FILE",
    multiple=True,
    help="Read RSA key exchanges with this server's private key (PEM). Repeatable.",
)
@click.option(
    "--filter", "expression", metavar="BPF", help="Only these addresses and ports, as in tcpdump."
)
@click.option("--sni", metavar="GLOB", help="Only connections that ask for such a server name.")
@click.option("--failed", is_flag=True, help="Only connections that failed or were not TLS.")
@click.option(
    "--since", metavar="TIME", help="Only connections begun from then on: ISO or seconds."
)
@click.option("--until", metavar="TIME", help="Only connections begun then or earlier.")
@click.option("--color/--no-color", "colour", default=None, help="Default: on a terminal.")
@click.option("-q", "--quiet", is_flag=True, help="Summary and a table of failures only.")
@click.option("-v", "--verbose", is_flag=True, help="Every failed connection, not one of a kind.")
def command(
    capture: str,
    connections: tuple[int, ...],
    as_json: bool,
    as_lines: bool,
    all_tcp: bool,
    keylog: str | None,
    rsa_keys: tuple[str, ...],
    expression: str | None,
    sni: str | None,
    failed: bool,
    since: str | None,
    until: str | None,
    colour: bool | None,
    quiet: bool,
    verbose: bool,
) -> int:
    """Say what the TLS handshakes of a capture (pcap, pcapng, - for stdin) came to, and why."""
    from tlswire.cli.exits import of_decode
    from tlswire.cli.selection import decode_chosen

    document = decode_chosen(
        capture,
        connections,
        all_tcp=all_tcp,
        keylog=keylog,
        rsa_keys=rsa_keys,
        choice=_choose(expression, sni, failed, since, until),
    )
    if as_json or as_lines:
        from tlswire.reports import json

        lines = json.render_lines(document) if as_lines else [json.render(document)]
        sys.stdout.buffer.writelines(lines)
        return of_decode(document)

    from tlswire.reports import terminal, text
    from tlswire.reports.page import Page

    page = Page(terminal.width())
    text.render(document, page, _detail(bool(connections), quiet, verbose))
    terminal.show(page, colour=terminal.wants_colour(colour))
    return of_decode(document)


def _choose(
    expression: str | None, sni: str | None, failed: bool, since: str | None, until: str | None
) -> Choice:
    from tlswire.choice import Choice, read_time
    from tlswire.filters import parse

    return Choice(
        filter=None if expression is None else parse(expression),
        name=sni,
        failed=failed,
        since=None if since is None else read_time(since),
        until=None if until is None else read_time(until),
    )


def _detail(chosen: bool, quiet: bool, verbose: bool) -> Detail:
    if quiet:
        return "quiet"
    if chosen:
        return "whole"
    return "every" if verbose else "usual"
