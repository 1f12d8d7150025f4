"""`tlswire man`: the manual page, written from the commands themselves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

import click

EXAMPLES = """\b
Examples:
  tlswire man | man -l -                             reads it
  tlswire man > /usr/local/share/man/man1/tlswire.1
"""
ENVIRONMENT: Final = (
    ("NO_COLOR", "No colours, whatever it says (no-color.org)."),
    ("COLUMNS", "How wide the text is where the output is no terminal."),
    ("TLSWIRE_TRACEBACK", "An error shows where in the program it came about."),
)


@click.command(name="man", epilog=EXAMPLES)
def command() -> int:
    """Print the manual page, in roff."""
    from tlswire.cli import main

    click.echo("\n".join(page(main)))
    return 0


def page(group: click.Group) -> Iterator[str]:
    """Yield the lines of the manual page of a group of commands."""
    from tlswire import __version__

    context = click.Context(group, info_name="tlswire")
    yield f'.TH TLSWIRE 1 "" "tlswire {__version__}" "User Commands"'
    yield from (".SH NAME", rf"tlswire \- {_roff(_first(group.help)).rstrip('.')}")
    yield from (".SH SYNOPSIS", r".B tlswire", r".I COMMAND", "[options]")
    yield ".SH COMMANDS"
    commands = [(name, group.get_command(context, name)) for name in group.list_commands(context)]
    for name, found in commands:
        if found is not None:
            yield from _command(name, found, context)
    yield from _exit_codes()
    yield ".SH ENVIRONMENT"
    for name, text in ENVIRONMENT:
        yield from (".TP", rf".B {name}", _roff(text))
    yield from (".SH SEE ALSO", r".BR tshark (1),", r".BR openssl (1)")


def _command(name: str, found: click.Command, above: click.Context) -> Iterator[str]:
    context = click.Context(found, info_name=name, parent=above)
    usage = " ".join(found.collect_usage_pieces(context))
    yield from (f".SS tlswire {_roff(name)} {_roff(usage)}", *_paragraphs(found.help or ""))
    for parameter in found.get_params(context):
        record = parameter.get_help_record(context)
        if record is not None:
            yield from (".TP", rf".B {_roff(record[0])}", _roff(record[1]))
    yield from _paragraphs(found.epilog or "")


def _exit_codes() -> Iterator[str]:
    from tlswire.cli import EXIT_CODES

    yield ".SH EXIT STATUS"
    for line in EXIT_CODES.splitlines():
        code = re.match(r"\s+(\d+)\s+(.*)", line)
        if code is not None:
            yield from (".TP", rf".B {code[1]}", _roff(code[2]))


def _paragraphs(text: str) -> Iterator[str]:
    r"""Yield paragraphs; what follows click's `\b` keeps its lines."""
    for part in re.split(r"\n\s*\n", text.strip("\n")):
        lines = part.split("\n")
        if lines[0].strip() == "\b":
            yield from (".PP", ".nf", *map(_roff, lines[1:]), ".fi")
        elif part.strip():
            yield from (".PP", _roff(" ".join(part.split())))


def _first(text: str | None) -> str:
    return (text or "").strip().split("\n")[0]


def _roff(text: str) -> str:
    """Return text that roff takes for text: no escape, no request, hyphens that can be copied."""
    quoted = text.replace("\\", r"\e").replace("-", r"\-")
    quoted = "".join(c if c.isascii() else rf"\[u{ord(c):04X}]" for c in quoted)
    return r"\&" + quoted if quoted.startswith((".", "'")) else quoted
