"""How a command that runs on tells what it sees: a line or a JSON object a handshake, at once.

A failure is shown with its ladder and its verdict the first time; another one like it is a line.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

import click

from tlswire import findings
from tlswire.cli.sections import together
from tlswire.language import say
from tlswire.live.tally import Tally
from tlswire.result import SCHEMA, Connection, Summary
from tlswire.tally import FAILURES

if TYPE_CHECKING:
    from tlswire.reports.line import Lines
    from tlswire.reports.page import Page
    from tlswire.seen import Seen

#: What every command that tells handshakes as they end can be told, in the order of its help.
options = together(
    (
        click.option(
            "--jsonl", "as_lines", is_flag=True, help="One connection of the contract a line."
        ),
        click.option(
            "--idle",
            metavar="SECONDS",
            type=click.FloatRange(min=0.1),
            default=30.0,
            show_default=True,
            help="A handshake in which nobody says anything for so long has stopped.",
        ),
        click.option(
            "--log",
            "form",
            type=click.Choice(["text", "json"]),
            default="text",
            help="How notices on stderr are written.",
        ),
        click.option(
            "--metrics", metavar="ADDR:PORT", help="Counts for Prometheus, answered there."
        ),
        click.option("--color/--no-color", "colour", default=None, help="Default: on a terminal."),
        click.option("-q", "--quiet", is_flag=True, help="A line each, and no ladder of failures."),
        click.option(
            "-v", "--verbose", is_flag=True, help="The ladder of every failure, not of one kind."
        ),
    )
)

#: Kinds of failure remembered; when there are more, all of them are new again.
MOST_KINDS = 4096


class Teller:
    """Writes connections to standard output, and counts them."""

    def __init__(
        self,
        *,
        as_lines: bool = False,
        failed: bool = False,
        quiet: bool = False,
        verbose: bool = False,
        colour: bool | None = None,
        capture: str = "",
        heard: Callable[[Seen, Connection], None] | None = None,
        at_once: bool = True,
    ) -> None:
        """Begin; `capture` is the file that a next step may name, `heard` is told as well.

        What is not told `at_once` is told by `flush`.
        """
        self.tally = Tally()
        self._as_lines, self._failed = as_lines, failed
        self._quiet, self._verbose = quiet, verbose
        self._colour, self._capture = colour, capture
        self._heard, self._at_once = heard, at_once
        self._kinds: set[tuple[object, ...]] = set()

    def tell(self, seen: Seen, listed: bool = True) -> Connection:
        """Tell of one connection, or only count it; return it as it was told."""
        shown = listed and (not self._failed or seen.failed)
        whole = shown and (self._as_lines or (seen.failed and not self._quiet))
        connection = findings.connection(seen, brief=not whole)
        self.tally.add(connection)
        if self._heard is not None:
            self._heard(seen, connection)
        if shown and self._as_lines:
            self._write_json(connection)
        elif shown:
            self._write(connection, seen.flow.notes)
        return connection

    @property
    def needs_all(self) -> bool:
        """Tell whether all of every connection is asked for, not only what its line says."""
        return self._as_lines or self._heard is not None

    def retell(self, connection: Connection, listed: bool = True) -> bool:
        """Tell of one that is like one before in all that its line says.

        False where it is to be shown with its ladder: that needs all of it.
        """
        failed = connection.outcome in FAILURES
        if failed and listed and self._is_new(connection):
            return False
        self.tally.add(connection)
        if listed and (failed or not self._failed):
            self._write(connection, [])
        return True

    def summarise(self, packets: int, notes: tuple[str, ...] = (), without_tls: int = 0) -> None:
        """Write the last line of JSON lines: the counts."""
        outcomes = self.tally.outcomes
        summary = Summary(
            packets=packets,
            connections=self.tally.total,
            established=outcomes["established"],
            failed=outcomes["failed"],
            incomplete=outcomes["incomplete"],
            not_tls=outcomes["not_tls"],
            tcp_without_tls=without_tls,
            notes=notes,
        )
        self._write_json({"schema": SCHEMA, "capture": None, "summary": summary})

    @cached_property
    def _width(self) -> int:
        from tlswire.reports import terminal

        return terminal.width()

    @cached_property
    def _coloured(self) -> bool:
        from tlswire.reports import terminal

        return terminal.wants_colour(self._colour)

    @property
    def exit_code(self) -> int:
        """Return the code of the contract for all that was told."""
        from tlswire.cli.exits import ESTABLISHED, FAILED, NOTHING

        if self.tally.outcomes["failed"] or self.tally.outcomes["not_tls"]:
            return FAILED
        return ESTABLISHED if self.tally.outcomes["established"] else NOTHING

    def _write_json(self, said: object) -> None:
        import msgspec

        sys.stdout.buffer.write(msgspec.json.encode(said) + b"\n")
        if self._at_once:
            self.flush()

    def _write(self, connection: Connection, notes: list[str]) -> None:
        explained = connection.outcome in FAILURES and self._deserves(connection)
        if not explained and not self._coloured:
            self._write_plain(connection)
            return
        from tlswire.reports import line, terminal
        from tlswire.reports.page import Page

        page = Page(self._width)
        line.write(page, connection)
        if explained:
            self._explain(page, connection, notes)
        terminal.show(page, colour=self._coloured)
        if self._at_once:
            self.flush()

    def _write_plain(self, connection: Connection) -> None:
        self._put(self._lines.plain(connection))
        if self._at_once:
            self.flush()

    @cached_property
    def _put(self) -> Callable[[str], None]:
        from tlswire.reports import terminal

        return terminal.put

    @cached_property
    def _lines(self) -> Lines:
        from tlswire.reports.line import Lines

        return Lines()

    @staticmethod
    def flush() -> None:
        """Let out what was told."""
        sys.stdout.flush()

    def _explain(self, page: Page, connection: Connection, notes: list[str]) -> None:
        from tlswire.reports import text

        text.failure(page, self._capture, self._with_capture(connection))
        for note in notes:
            text.noted(page, note)
        page.blank()

    def _with_capture(self, connection: Connection) -> Connection:
        """Say how to get the capture that a next step needs, where none is written."""
        step = connection.verdict.next_step
        if self._capture or step is None or "CAPTURE" not in step:
            return connection
        from msgspec import structs

        step = say("Record it (`tlswire listen --write CAPTURE`, or tcpdump). {step}", step=step)
        verdict = structs.replace(connection.verdict, next_step=step)
        return structs.replace(connection, verdict=verdict)

    def _is_new(self, connection: Connection) -> bool:
        """Tell whether a failure is to be explained: the first of its kind, or each if asked."""
        if self._quiet or self._verbose:
            return self._verbose
        return _kind(connection) not in self._kinds

    def _deserves(self, connection: Connection) -> bool:
        """Tell the same, and take note that it was explained."""
        is_new = self._is_new(connection)
        if is_new and not self._verbose:
            if len(self._kinds) >= MOST_KINDS:
                self._kinds.clear()
            self._kinds.add(_kind(connection))
        return is_new


def _kind(connection: Connection) -> tuple[object, ...]:
    causes = tuple(cause.id for cause in connection.verdict.causes[:1])
    return connection.server, connection.stopped_at, connection.ended_by, causes
