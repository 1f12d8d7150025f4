"""`tlswire schema`: the contract of `--json`, printed from its types."""

from __future__ import annotations

import sys

import click

EXAMPLES = """\b
Examples:
  tlswire schema > tlswire-1.schema.json
"""


@click.command(name="schema", epilog=EXAMPLES)
def command() -> int:
    """Print the JSON schema of what --json prints, tlswire/1."""
    from tlswire.reports import json

    sys.stdout.buffer.write(json.schema())
    return 0
