"""A list: one connection a line, in columns that need no second look at the lines before.

What is wider than its column pushes the rest of its own line only.
"""

from __future__ import annotations

from tlswire.language import mark, say
from tlswire.observed import AlertCode, AlertSeen, Brief
from tlswire.reports.endings import alert_name, in_short, side
from tlswire.reports.escape import escape

#: Columns: number; both ends, server name, offered, chosen, history, outcome.
WIDTH_OF_NUMBER = 7
WIDTHS = (45, 28, 19, 48, 18, 0)
OUTCOMES = {
    "failed": mark("failed"),
    "not_tls": mark("not TLS"),
    "incomplete": mark("cannot be told"),
    "established": mark("established"),
}
ABSENT = "-"


def numbered(number: int, text: str) -> str:
    """Return a whole line, its end included."""
    return f"#{number}".ljust(WIDTH_OF_NUMBER) + f" {text}\n"


def line(ends: str, name: str | None, rest: str) -> str:
    """Return the line of one connection, without its number in front; `rest` is `story`'s."""
    return f"{ends:{WIDTHS[0]}} {escape(name or ABSENT):{WIDTHS[1]}} {rest}"


def story(found: Brief) -> str:
    """Return the columns of what happened: the same for all connections with the same story."""
    cells = (
        _offered(found),
        f"{found.version} {found.cipher_suite or ''}" if found.version else ABSENT,
        found.history or ABSENT,
        ending(found),
    )
    return " ".join(map(str.ljust, cells, WIDTHS[2:])).rstrip()


def _offered(found: Brief) -> str:
    if found.suites_offered is None:
        return ABSENT
    return say(
        "{version}, {number} suites",
        version=found.client_version or "?",
        number=found.suites_offered,
    )


def ending(found: Brief) -> str:
    """Return the outcome, and how it came to it."""
    told = say(OUTCOMES[found.outcome])
    if found.stopped_at is not None:
        told = say("{outcome} at {awaited}", outcome=told, awaited=found.stopped_at)
    if found.ended_by is not None:
        told += f", {in_short(found.ended_by)}"
    spoken = [_alert(alert) for alert in found.alerts if not _is_the_end(alert, found)]
    return told + (say("; alerts: {alerts}", alerts=", ".join(spoken)) if spoken else "")


def _is_the_end(alert: AlertSeen, found: Brief) -> bool:
    ended = found.ended_by
    told = ended.alert.code if ended is not None and ended.alert is not None else None
    return ended is not None and alert.sender == ended.side and alert.code == told


def _alert(alert: AlertSeen) -> str:
    named = AlertCode(level=alert.level, code=alert.code, name=alert.name)
    told = alert_name(named) if alert.code is not None else say("encrypted")
    return f"{side(alert.sender)} {told}"
