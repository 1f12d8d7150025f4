"""One connection a row, for a spreadsheet. No cell can be a formula, none breaks its line."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from tlswire.reports.escape import escape
from tlswire.result import AlertCode, Connection

#: A cell that begins so is taken for a formula by a spreadsheet; a quote before it prevents that.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")

COLUMNS: Final[tuple[tuple[str, Callable[[Connection], object]], ...]] = (
    ("connection", lambda c: c.id),
    ("started", lambda c: _time(c.started)),
    ("client", lambda c: c.client),
    ("server", lambda c: c.server),
    ("server_name", lambda c: c.server_name),
    ("preamble", lambda c: c.preamble),
    ("client_version", lambda c: c.client_version),
    ("version", lambda c: c.version),
    ("cipher_suite", lambda c: c.cipher_suite),
    ("alpn", lambda c: c.alpn),
    ("resumed", lambda c: {True: "yes", False: "no", None: None}[c.resumed]),
    ("ja3", lambda c: c.ja3),
    ("ja4", lambda c: c.ja4),
    ("history", lambda c: c.history),
    ("outcome", lambda c: c.outcome),
    ("stopped_at", lambda c: c.stopped_at),
    ("ended_by", lambda c: c.ended_by.side if c.ended_by else None),
    ("how", lambda c: c.ended_by.how if c.ended_by else None),
    ("alert", lambda c: _alert(c.ended_by.alert if c.ended_by else None)),
    ("cause", lambda c: c.verdict.causes[0].id if c.verdict.causes else None),
    ("confidence", lambda c: c.verdict.causes[0].confidence if c.verdict.causes else None),
    ("summary", lambda c: c.verdict.summary),
)


def head(*before: str) -> str:
    """Return the line with the names of the columns; `before` are those of the caller."""
    return _line([*before, *(name for name, _ in COLUMNS)])


def row(connection: Connection, *before: str) -> str:
    """Return the line of a connection."""
    return _line([*before, *(tell(connection) for _, tell in COLUMNS)])


def cell(value: object) -> str:
    """Return a value as a cell that is shown and never computed."""
    text = "" if value is None else escape(str(value))
    return f"'{text}" if text.startswith(FORMULA) else text


def _line(values: list[object] | list[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([cell(value) for value in values])
    return out.getvalue()


def _time(at: float) -> str:
    try:
        return datetime.fromtimestamp(at, UTC).isoformat(timespec="microseconds")
    except (ValueError, OverflowError, OSError):
        return str(at)


def _alert(alert: AlertCode | None) -> str | None:
    if alert is None:
        return None
    return alert.name or (None if alert.code is None else str(alert.code))
