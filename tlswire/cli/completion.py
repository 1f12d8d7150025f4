"""`tlswire completion`: the script that teaches a shell the commands and options."""

from __future__ import annotations

import click

from tlswire.language import say

SHELLS = ("bash", "zsh", "fish")

EXAMPLES = """\b
Examples:
  tlswire completion bash > ~/.local/share/bash-completion/completions/tlswire
  tlswire completion zsh > ~/.zfunc/_tlswire       with ~/.zfunc in fpath
  tlswire completion fish > ~/.config/fish/completions/tlswire.fish
"""


@click.command(name="completion", epilog=EXAMPLES)
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print the completion script of a shell: bash, zsh or fish."""
    from click.shell_completion import get_completion_class

    from tlswire.cli import main

    found = get_completion_class(shell)
    if found is None:
        raise click.UsageError(say("no completion for {shell}", shell=shell))
    made = found(main, {}, "tlswire", "_TLSWIRE_COMPLETE")
    click.echo(made.source_template % made.source_vars())
    return 0
