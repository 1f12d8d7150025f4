"""`tlswire decode`: captures in, a report of each out."""

from __future__ import annotations

import gc
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

import click

from tlswire.cli.outputs import (
    STDOUT,
    csv_option,
    exhibitor,
    html_option,
    junit_option,
    markdown_option,
    one_form,
)

if TYPE_CHECKING:
    from tlswire.baseline import Baseline
    from tlswire.choice import Choice
    from tlswire.cli.printing import Form
    from tlswire.cli.selection import Asked
    from tlswire.cli.writing import Writing
    from tlswire.filters import Filter
    from tlswire.reports.text import Detail

EXAMPLES = """\b
Examples:
  tlswire decode capture.pcapng              what failed, why, and what to change
  tlswire decode capture.pcapng -c 12        connection 12 with every field decoded
  tlswire decode capture.pcapng --list       one line a connection, as each ends
  tlswire decode capture.pcapng --keylog keys.log
  tlswire decode --json capture.pcapng       the same for programs, schema tlswire/1
  tlswire decode capture.pcapng --html report.html
  tlswire decode capture.pcapng --filter 'net 10.0.0.0/8 and port 443' --sni '*.example.com'
  tlswire decode capture.pcapng --ca corporate-roots.pem
  tlswire decode capture.pcapng --failed --write failed.pcapng
  tlswire decode --merge ring_*.pcap         the files of a ring buffer as one capture
  tcpdump -w - port 443 | tlswire decode -   from a pipe; Ctrl-C tells what was found

Exit codes: 0 every handshake completed, 1 some failed or were not TLS, 2 input that cannot
be read, 3 nothing TLS found or nothing that can be told.
"""


@click.command(name="decode", epilog=EXAMPLES)
@click.argument("captures", nargs=-1, required=True, metavar="CAPTURE...")
@click.option("--merge", is_flag=True, help="Read all as one capture, in the order of time.")
@click.option(
    "-c",
    "--connection",
    "connections",
    metavar="N",
    type=click.IntRange(min=0),
    multiple=True,
    help="Only this connection, every field decoded; N is Wireshark's tcp.stream. Repeatable.",
)
@click.option("--list", "as_list", is_flag=True, help="One line a connection, as each ends.")
@click.option("--json", "as_json", is_flag=True, help="Print the document of schema tlswire/1.")
@click.option(
    "--jsonl", "as_lines", is_flag=True, help="One connection a line as each ends, a summary last."
)
@csv_option
@markdown_option
@junit_option
@html_option
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
    "--ca", metavar="FILE", help="Judge chains by the client's own store (PEM), as of their time."
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
@click.option(
    "--overlap",
    type=click.Choice(["first", "last"]),
    default="first",
    show_default=True,
    help="Which bytes count where TCP sent some twice and they differ.",
)
@click.option(
    "--jobs",
    metavar="N",
    type=click.IntRange(1, 64),
    default=None,
    help="Processes that read for --list: two at most. Default: two for a large file.",
)
@click.option(
    "--write", metavar="FILE", help="Write the packets of these connections to FILE, as pcapng."
)
@click.option(
    "--baseline", metavar="FILE", help="Tell what servers answered otherwise before; learn it."
)
@click.option("--color/--no-color", "colour", default=None, help="Default: on a terminal.")
@click.option("-q", "--quiet", is_flag=True, help="Summary and a table of failures only.")
@click.option("-v", "--verbose", is_flag=True, help="Every failed connection, not one of a kind.")
def command(captures: Sequence[str], merge: bool, **options: Any) -> int:
    """Say what the TLS handshakes of captures (pcap, pcapng, - for stdin) came to, and why.

    Several captures are told one after the other, or with --merge as one. A pattern in quotes
    ('ring_*.pcap') stands for all files that it matches.
    """
    gc.disable()  # what is loaded is no garbage: to look for some takes a twentieth of the start
    from tlswire.cli import printing, selection

    gc.enable()
    names = selection.expand(captures)
    return printing.tell(
        [tuple(names)] if merge else names,
        _asked(options, tuple(names), merge),
        _form(options),
        _detail(options),
        options["colour"],
        sys.stdout,
        options["html"],
        options["jobs"],
    )


def _form(options: dict[str, Any]) -> Form:
    asked = one_form(
        list=options["as_list"],
        jsonl=options["as_lines"],
        csv=options["as_csv"],
        markdown=options["as_markdown"],
        junit=options["as_junit"],
        json=options["as_json"],
        html=options["html"] == STDOUT,
    )
    return cast("Form", asked)


def _asked(options: dict[str, Any], names: tuple[str, ...], merged: bool) -> Asked:
    """Return what is asked of the captures. Raises SelectionError."""
    from tlswire.cli.selection import Asked, store_of

    return Asked(
        options["connections"],
        options["all_tcp"],
        _choice(options),
        options["keylog"],
        options["rsa_keys"],
        options["overlap"],
        exhibitor(options["html"]),
        _writing(options["write"], names, merged),
        store_of(options["ca"]),
        _baseline(options["baseline"]),
    )


def _choice(options: dict[str, Any]) -> Choice:
    from tlswire.choice import Choice, read_time

    expression, since, until = options["expression"], options["since"], options["until"]
    return Choice(
        filter=None if expression is None else _filter(expression),
        name=options["sni"],
        failed=options["failed"],
        since=None if since is None else read_time(since),
        until=None if until is None else read_time(until),
    )


def _filter(expression: str) -> Filter:
    from tlswire.filters import parse

    return parse(expression)


def _writing(path: str | None, names: tuple[str, ...], merged: bool) -> Writing | None:
    if path is None:
        return None
    from tlswire.cli.writing import Writing

    return Writing(path, names, merged)


def _baseline(path: str | None) -> Baseline | None:
    if path is None:
        return None
    from tlswire.baseline import Baseline

    return Baseline(path)


def _detail(options: dict[str, Any]) -> Detail:
    if options["quiet"]:
        return "quiet"
    if options["connections"]:
        return "whole"
    return "every" if options["verbose"] else "usual"
