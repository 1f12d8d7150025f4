"""`tlswire bundle`: a connection for somebody else's eyes, in one zip."""

from __future__ import annotations

from pathlib import Path

import click

from tlswire.language import mark, say

OTHERWISE = mark("without names, or without its neighbours, the verdict is another one")
KEEP_NAMES = mark(
    "without names, or without its neighbours, the verdict is another one; --keep-names may keep it"
)

EXAMPLES = """\b
Examples:
  tlswire bundle capture.pcapng -c 12                 writes tlswire-12.zip
  tlswire bundle capture.pcapng -c 12 -o ticket.zip
  tlswire verify ticket.zip

\b
In it: the packets of these connections with other addresses and names and without payload after
the handshake, the report (HTML, Markdown, JSON), versions, and the command that shows it again.
"""


@click.command(name="bundle", epilog=EXAMPLES)
@click.argument("capture")
@click.option(
    "-c",
    "--connection",
    "connections",
    metavar="N",
    type=click.IntRange(min=0),
    multiple=True,
    help="This connection; N is Wireshark's tcp.stream. Repeatable. Default: the one that failed.",
)
@click.option("-o", "--output", metavar="FILE", help="Where to write the zip.")
@click.option("--keep-names", is_flag=True, help="Leave server and certificate names as they are.")
def command(
    capture: str, connections: tuple[int, ...], output: str | None, keep_names: bool
) -> int:
    """Put a connection into a zip for a vendor: reduced, anonymous, with report and proof.

    Addresses and names are replaced consistently; lengths, times and all bytes of the handshake
    that are no name stay, so that the verdict stays. What is not replaced is listed in README.txt.
    """
    from tlswire import bundles
    from tlswire.cli import selection
    from tlswire.errors import SelectionError
    from tlswire.reports.counts import thousands
    from tlswire.reports.escape import escape
    from tlswire.reports.text import connections as as_many
    from tlswire.reports.text import packets

    if capture == "-":
        raise SelectionError(
            say("a bundle reads its capture twice: give a file, not standard input")
        )
    found = selection.read(capture)
    chosen = selection.choose_for_bundle(found, connections)
    path = output or f"tlswire-{'-'.join(str(seen.flow.number) for seen in chosen)}.zip"
    made = bundles.make(capture, found.seen, chosen, keep_names)
    Path(path).write_bytes(made.data)
    manifest = made.manifest
    click.echo(
        say(
            "{path}: {packets} of {connections}, {size} bytes",
            path=escape(path),
            packets=packets(manifest.packets),
            connections=as_many(manifest.connections),
            size=thousands(len(made.data)),
        )
    )
    replaced = manifest.names_replaced
    click.echo(say("Not replaced:") if replaced else say("Names are kept. Not replaced:"))
    for each in manifest.not_replaced:
        click.echo(f"  - {each}")
    if not manifest.verdict_kept:
        told = KEEP_NAMES if replaced else OTHERWISE
        click.echo(f"tlswire: {say(told)}", err=True)
    return 0
