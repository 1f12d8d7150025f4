"""`tlswire demo`: a captured failure replayed to a server on this machine, and explained."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tlswire.language import say

if TYPE_CHECKING:
    from tlswire.result import Replay

#: What is replayed: a client that offers one suite with DHE, captured before an ECDHE-only server.
CAPTURE = "cipher-no-overlap.pcapng"
NAME = "partner.example.com"
#: The captures of a checkout, and where a wheel has them.
FOLDERS = (Path(__file__).parents[2] / "captures", Path(__file__).parents[1] / "captures")

EXAMPLES = """\b
Examples:
  tlswire demo
  tlswire demo --json | jq .replays[0].verdict

\b
Exit codes:
  0  the failure came about again, and a change of one thing proved its cause
  1  it went otherwise
"""


@click.command(name="demo", epilog=EXAMPLES)
@click.option("--json", "as_json", is_flag=True, help="Print the document of schema tlswire/1.")
@click.option("--color/--no-color", "colour", default=None, help="Default: on a terminal.")
def command(as_json: bool, colour: bool | None) -> int:
    """Start a TLS server on loopback, replay a captured failure to it, and explain it.

    Nothing but loopback is used, and nothing is left behind.
    """
    import ssl

    import tlswire.decode as decode
    from tlswire.cli import loopback
    from tlswire.cli.replay import perform
    from tlswire.replay import Asked
    from tlswire.way import Way

    path = capture()
    found = decode.scan(path)
    with loopback.LoopbackServer(NAME) as server:
        if not as_json:
            click.echo(say("Captured: a handshake that failed, in {capture}.", capture=CAPTURE))
            click.echo(
                say(
                    "Started:  a server on {target}, {library},",
                    target=server.target,
                    library=ssl.OPENSSL_VERSION,
                )
            )
            click.echo(say("          that takes {what}.", what=say(loopback.TAKES)))
            click.echo(say("Replayed: the captured ClientHello, byte for byte, to that server.\n"))
        asked = Asked(target=server.target)
        done = perform(
            found, found.seen, asked, Way(), form="json" if as_json else "text", colour=colour
        )
    return 0 if all(map(proved, done)) else 1


def proved(done: Replay) -> bool:
    """Tell whether the failure came about again and its cause was proved."""
    return any(cause.confidence == "proved" for cause in done.verdict.causes)


def capture() -> Path:
    """Return the path of the bundled capture. Raises CaptureError when it was not installed."""
    from tlswire.errors import CaptureError

    for folder in FOLDERS:
        if (folder / CAPTURE).is_file():
            return folder / CAPTURE
    raise CaptureError(say("{capture} was not installed with tlswire", capture=CAPTURE))
