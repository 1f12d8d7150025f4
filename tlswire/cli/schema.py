"""`tlswire schema`: the contract of `--json`, printed from its types."""

from __future__ import annotations

import sys

import click

EXAMPLES = """\b
Examples:
  tlswire schema > tlswire-1.schema.json
  tlswire schema --explain > tlswire-explain-1.schema.json
"""


@click.command(name="schema", epilog=EXAMPLES)
@click.option("--explain", "explained", is_flag=True, help="Of explain --json: tlswire-explain/1.")
def command(explained: bool) -> int:
    """Print the JSON schema of what --json prints, tlswire/1."""
    from tlswire import explain
    from tlswire.reports import json

    sys.stdout.buffer.write(explain.contract() if explained else json.schema())
    return 0
