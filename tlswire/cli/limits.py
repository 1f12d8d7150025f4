"""How hard a command may knock: connections at once, connections a second, seconds of patience."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from tlswire.cli.sections import together


def options(
    *, parallel: int, most: int, rate: float, timeout: float, awaited: str
) -> Callable[[Any], Any]:
    """Return the options with a command's defaults; `awaited` says what the patience is for."""
    return together(
        (
            click.option(
                "--parallel",
                type=click.IntRange(1, most),
                default=parallel,
                show_default=True,
                help="Connections at once.",
            ),
            click.option(
                "--rate",
                type=click.FloatRange(0.1, 10000),
                default=rate,
                show_default=True,
                help="Connections a second at most.",
            ),
            click.option(
                "--timeout",
                metavar="SECONDS",
                type=click.FloatRange(0.05, 600),
                default=timeout,
                show_default=True,
                help=awaited,
            ),
        )
    )
