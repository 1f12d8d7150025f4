"""The `tlswire` command: a literal table of commands, each loaded only when it is run.

`tlswire --help` imports click and nothing else. Every error raised on purpose becomes one line
on stderr and its exit code; a traceback never reaches the user unless TLSWIRE_TRACEBACK is set.
"""

from __future__ import annotations

import atexit
import gc
import os
import sys
from importlib import import_module
from typing import Any, NamedTuple

import click

from tlswire import language
from tlswire.language import say

#: What a shell reports for a program ended by Ctrl-C, and by a pipe whose reader has left.
INTERRUPTED, PIPE_CLOSED = 130, 141
#: A defect of tlswire itself: EX_SOFTWARE of sysexits, so that it is never taken for a finding.
DEFECT = 70
#: Where the context keeps the arguments as they were given, and that Ctrl-C ended a run.
ARGUMENTS = "tlswire.arguments"
BROKEN_OFF = "tlswire.broken_off"


# What is left in the end is freed with the process: to look for circles in it takes longer than to
# read a hundred megabytes.
atexit.register(gc.freeze)


class Row(NamedTuple):
    """One command: its name, the module whose `command` it is, its line in the help."""

    name: str
    module: str
    help: str


COMMANDS: tuple[Row, ...] = (
    Row(
        "decode", "tlswire.cli.decode", "Say what the TLS handshakes of a capture came to, and why."
    ),
    Row("replay", "tlswire.cli.replay", "Send a captured ClientHello again, compare, and explain."),
    Row("probe", "tlswire.cli.probe", "Shake hands as curl, Java, a browser or a monitor does."),
    Row("listen", "tlswire.cli.listen", "Say what the handshakes on an interface come to."),
    Row("serve", "tlswire.cli.serve", "Answer real clients as the server of a capture did."),
    Row("relay", "tlswire.cli.relay", "Pass connections on; say what their handshakes came to."),
    Row("narrow", "tlswire.cli.narrow", "Find the smallest change to a failing hello that passes."),
    Row("diff", "tlswire.cli.diff", "Compare two ClientHellos: what one offers, the other not."),
    Row(
        "explain", "tlswire.cli.explain", "Say what a suite, an alert, a number or an error means."
    ),
    Row("survey", "tlswire.cli.survey", "Say what a server accepts, and what is weak in it."),
    Row("rehearse", "tlswire.cli.rehearse", "Say whom a changed server policy would lock out."),
    Row("reach", "tlswire.cli.reach", "Say which ports answer, who answers, what speaks there."),
    Row("bundle", "tlswire.cli.bundle", "Put a connection without names into a zip for a vendor."),
    Row("verify", "tlswire.cli.verify", "Check such a zip: its files, and its verdict once more."),
    Row("schema", "tlswire.cli.schema", "Print the JSON schema of what --json prints."),
    Row("completion", "tlswire.cli.completion", "Print the completion script of a shell."),
    Row("man", "tlswire.cli.man", "Print the manual page."),
    Row("demo", "tlswire.cli.demo", "Replay a failed handshake to a server on this machine."),
)

EXAMPLES = """\b
Examples:
  tlswire decode capture.pcap
  tlswire replay capture.pcap --target 198.51.100.20:443
  tlswire decode --json capture.pcap | jq .summary
"""

EXIT_CODES = """\b
Exit codes:
  0  every handshake completed
  1  some handshake failed or was not TLS
  2  wrong use, or input that cannot be read
  3  nothing TLS found, or nothing that can be told
  4  no target could be reached
"""


class Commands(click.Group):
    """The commands of the table, in its order."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names as the table has them."""
        return [row.name for row in COMMANDS]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Keep the arguments as they were given: a report says what command made it."""
        ctx.meta[ARGUMENTS] = list(args)
        return super().parse_args(ctx, args)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the module of a command and return it."""
        for row in COMMANDS:
            if row.name == cmd_name:
                command: click.Command = import_module(row.module).command
                if LANGUAGE not in command.params:
                    command.params.append(LANGUAGE)
                return command
        return None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl([(row.name, row.help) for row in COMMANDS])

    def invoke(self, ctx: click.Context) -> Any:
        """Run a command, and turn what it returns or raises into an exit code."""
        try:
            code = super().invoke(ctx)
            sys.stdout.flush()
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except KeyboardInterrupt:
            raise click.exceptions.Exit(INTERRUPTED) from None
        except BrokenPipeError:
            _drop_output()
            raise click.exceptions.Exit(PIPE_CLOSED) from None
        except Exception as error:
            raise _refuse(error) from None
        if BROKEN_OFF in ctx.meta:
            code = INTERRUPTED
        ctx.exit(code if isinstance(code, int) else 0)


def _refuse(error: Exception) -> click.exceptions.Exit:
    """Write the one line that stands for an error, and return its exit code as click's exit."""
    if os.environ.get("TLSWIRE_TRACEBACK"):
        raise error
    from tlswire.reports.escape import escape

    text, code = _told(error)
    click.echo(f"tlswire: {escape(text)}", err=True)
    return click.exceptions.Exit(code)


def _told(error: Exception) -> tuple[str, int]:
    from tlswire.errors import TlswireError

    if isinstance(error, TlswireError):
        return str(error), error.exit_code
    if isinstance(error, OSError) and error.filename is not None:
        return f"{error.filename}: {error.strerror}", TlswireError.exit_code
    told = f"{type(error).__name__}: {error}".rstrip(": ")
    return say("{told} (a defect of tlswire; TLSWIRE_TRACEBACK=1 shows where)", told=told), DEFECT


def _drop_output() -> None:
    """Let the interpreter flush at its end into nowhere: the reader has left."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _show_version(ctx: click.Context, parameter: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from tlswire import __version__

        if "--verbose" in ctx.meta.get(ARGUMENTS, ()):
            from tlswire.cli import versions

            click.echo("\n".join(versions.lines()))
        else:
            click.echo(f"tlswire {__version__}")
        ctx.exit()


def _speak(ctx: click.Context, parameter: click.Parameter, chosen: str | None) -> None:
    """Choose the language before anything is said: as asked, else as the environment has it."""
    if chosen is not None:
        language.use(chosen)
    elif ctx.parent is None:
        language.use(language.preferred(os.environ))


#: The same before and after the name of a command.
LANGUAGE = click.Option(
    ["--lang"],
    type=click.Choice(language.LANGUAGES),
    is_eager=True,
    expose_value=False,
    callback=_speak,
    help="Language of verdicts and reports; as LANG has it unless given.",
)


@click.group(
    cls=Commands,
    epilog=EXAMPLES + "\n" + EXIT_CODES,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit; with --verbose all that a bug report needs.",
)
@click.option("--verbose", is_flag=True, hidden=True, expose_value=False)
def main() -> None:
    """Say where a TLS handshake stops, who stopped it and how, why, and what to change."""


main.params.append(LANGUAGE)
