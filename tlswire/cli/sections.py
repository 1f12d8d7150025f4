"""Options in sections: a command with many of them stays readable in its --help."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click


class Option(click.Option):
    """An option that belongs to a section of the help."""

    def __init__(self, *declared: Any, section: str = "Options", **attributes: Any) -> None:
        super().__init__(*declared, **attributes)
        self.section = section


class Command(click.Command):
    """A command whose help lists its options by section, in the order in which they appear."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write every section with its options; those of no section come last."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record is not None and isinstance(parameter, click.Option):
                title = getattr(parameter, "section", "Other")
                sections.setdefault(title, []).append(record)
        for title, records in sections.items():
            with formatter.section(title):
                formatter.write_dl(records)


def option(section: str, *declared: str, **attributes: Any) -> Callable[[Any], Any]:
    """Declare an option of a section, as `click.option` does."""
    return click.option(*declared, cls=Option, section=section, **attributes)


def together(options: Sequence[Callable[[Any], Any]]) -> Callable[[Any], Any]:
    """Return one decorator for several options, which keep their order in the help."""

    def decorate(function: Any) -> Any:
        for each in reversed(options):
            function = each(function)
        return function

    return decorate
