"""`tlswire rehearse CAPTURES…`: whom a changed server would lock out. Sends nothing."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from tlswire.cli.outputs import STDOUT, html_option, junit_option, one_form, write_html, write_whole
from tlswire.language import say

if TYPE_CHECKING:
    from tlswire.surveyed import Rehearsal

EXAMPLES = """\b
Examples:
  tlswire rehearse edge.pcapng --policy mozilla-intermediate
  tlswire rehearse monday.pcap tuesday.pcap --policy anssi
  tlswire rehearse edge.pcap --policy new-server.json           (of `tlswire survey --save`)
  tlswire rehearse edge.pcap --policy 'ECDHE+AESGCM:!aNULL' --versions 'TLS 1.2,TLS 1.3'

\b
Policies: anssi, mozilla-modern, mozilla-intermediate, mozilla-old, nist-800-52r2,
bsi-tr-02102-2, pci-dss-4.

\b
Exit codes:
  0  every client of the captures would get through
  1  some would be locked out
  2  wrong use, or input that cannot be read
  3  no ClientHello in the captures
"""


@click.command(name="rehearse", epilog=EXAMPLES)
@click.argument("captures", nargs=-1, required=True)
@click.option(
    "--policy",
    required=True,
    metavar="WHAT",
    help="A policy's name, a saved survey, or a cipher string of OpenSSL.",
)
@click.option(
    "--versions",
    metavar="VERSIONS",
    help="With a cipher string: what else the server would take. Default: TLS 1.2,TLS 1.3.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the document of schema tlswire/1.")
@junit_option
@html_option
@click.option("--color/--no-color", "colour", default=None, help="Default: on a terminal.")
def command(
    captures: tuple[str, ...],
    policy: str,
    versions: str | None,
    as_json: bool,
    as_junit: bool,
    html: str | None,
    colour: bool | None,
) -> int:
    """Try a changed server policy on the clients of captures: who gets through, who does not.

    Clients that offer the same are one group. No traffic is sent, and no server is asked.
    """
    from tlswire.cli import selection
    from tlswire.reports import json
    from tlswire.survey.rehearsal import rehearse
    from tlswire.survey.sides import read_side

    side = read_side(policy, _versions(versions))
    done = rehearse([(capture, selection.read(capture).seen) for capture in captures], side)
    form = one_form(json=as_json, junit=as_junit, html=html == STDOUT)
    _print(done, form, colour)
    write_html(json.of_rehearsal(done), html, captures)
    if not done.clients:
        return 3
    return 1 if done.locked_out else 0


def _versions(words: str | None) -> list[int] | None:
    from tlswire.codes import VERSIONS
    from tlswire.survey import registry

    if words is None:
        return None
    by_name = {VERSIONS[version].replace(" ", "").lower(): version for version in registry.VERSIONS}
    names = [word.strip().replace(" ", "").lower() for word in words.split(",")]
    for name in names:
        if name not in by_name:
            raise click.UsageError(
                say("--versions knows no {name!r}: write 'TLS 1.2,TLS 1.3'", name=name)
            )
    return sorted((by_name[name] for name in names), reverse=True)


def _print(done: Rehearsal, form: str, colour: bool | None) -> None:
    from tlswire.reports import json, rehearsals, terminal
    from tlswire.reports.page import Page

    if form != "text":
        write_whole(json.of_rehearsal(done), form, done.captures, sys.stdout)
        return
    page = Page(terminal.width())
    rehearsals.render(done, page)
    terminal.show(page, colour=terminal.wants_colour(colour))
