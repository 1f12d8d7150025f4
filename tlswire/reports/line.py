"""One handshake in one line, as it ends: for those who watch, and for grep."""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache

from tlswire.language import say
from tlswire.reports.endings import in_short
from tlswire.reports.escape import escape
from tlswire.reports.page import Page, Span
from tlswire.reports.text import outcome, style_of
from tlswire.reports.verdicts import confidence
from tlswire.result import Connection


def write(page: Page, connection: Connection) -> None:
    """Write when, who, to whom, what was agreed or where it stopped, and the likeliest cause."""
    page.line(
        Span(_when(connection), "dim"),
        Span(_ends(connection), "title"),
        f"  {connection.server_name}" if connection.server_name else "",
        *_rest(connection),
    )


#: Of what lines have in common so much is remembered; then all is forgotten.
MOST_RESTS = 4096


class Lines:
    """The same without colour, for a wire on which many are told: what they share is made once."""

    def __init__(self) -> None:
        self._rests: dict[tuple[object, ...], str] = {}

    def plain(self, connection: Connection) -> str:
        """Return a line with its end."""
        cause = connection.verdict.causes[0] if connection.verdict.causes else None
        shared = (
            *(connection.version, connection.cipher_suite, connection.outcome, connection.resumed),
            *(connection.stopped_at, connection.ended_by),
            *((cause.id, cause.confidence) if cause is not None else ()),
        )
        rest = self._rests.get(shared)
        if rest is None:
            if len(self._rests) >= MOST_RESTS:
                self._rests.clear()
            rest = "".join(escape(span.text) for span in _rest(connection)).rstrip() + "\n"
            self._rests[shared] = rest
        name = f"  {escape(connection.server_name)}" if connection.server_name else ""
        return f"{_when(connection)}{_ends(connection)}{name}{rest}"


def _when(connection: Connection) -> str:
    started = connection.started
    second = started // 1
    thousandths, carried = round((started - second) * 1e6) // 1000, 0
    if thousandths == 1000:
        thousandths, carried = 0, 1
    return f"{_second(second + carried)}.{thousandths:03}  "


@lru_cache(maxsize=64)
def _second(second: float) -> str:
    """Return a second as it is told: many lines are told of one."""
    return datetime.fromtimestamp(second).isoformat(" ", "seconds")[5:]


def _ends(connection: Connection) -> str:
    return f"#{connection.id} {connection.client} -> {connection.server}"


def _rest(connection: Connection) -> list[Span]:
    """Return what follows upon the name: the same for all that went the same way."""
    agreed = [text for text in (connection.version, connection.cipher_suite) if text]
    return [
        Span("".join(f"  {text}" for text in agreed) + "  "),
        Span(outcome(connection.outcome), style_of(connection.outcome)),
        *_end(connection),
    ]


def _end(connection: Connection) -> list[Span]:
    """Return where it stopped, who ended it and how, and the first cause."""
    if connection.outcome == "established":
        return [Span(f"  {say('resumed')}", "dim")] if connection.resumed else []
    spans = [Span(f"  {connection.stopped_at}  {in_short(connection.ended_by)}")]
    if connection.verdict.causes:
        cause = connection.verdict.causes[0]
        spans.append(Span(f"  {cause.id} ({confidence(cause.confidence)})", "name"))
    return spans
