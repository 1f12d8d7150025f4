"""`tlswire verify`: is a bundle as it was made, and does its capture still show the same?"""

from __future__ import annotations

from pathlib import Path

import click

from tlswire.language import say

EXAMPLES = """\b
Examples:
  tlswire verify ticket.zip

\b
Exit codes:
  0  every file is as it was made, and the verdict is the same
  1  something was changed, or this version comes to another verdict
  2  no bundle, or it cannot be read
"""


@click.command(name="verify", epilog=EXAMPLES)
@click.argument("bundle")
def command(bundle: str) -> int:
    """Check a bundle: each file's SHA-256, and its verdict by decoding its capture again."""
    from tlswire import bundles
    from tlswire.reports.escape import escape

    good = True
    with Path(bundle).open("rb") as file:
        for found in bundles.check(file):
            good = good and found.good
            line = (
                f"  {'ok ' if found.good else say('BAD')}  "
                f"{escape(found.what):<16}{escape(found.told)}"
            )
            click.echo(line.rstrip())
    click.echo(say("as it was made") if good else say("not as it was made"))
    return 0 if good else 1
