"""What came of an attempt: how far it got, who ended it, and all of a replay's in a table."""

from __future__ import annotations

from collections.abc import Sequence

from tlswire.few import together
from tlswire.language import mark, say
from tlswire.reports import played as played_on
from tlswire.reports.edits import changes
from tlswire.reports.endings import in_short
from tlswire.reports.ladder import elapsed
from tlswire.reports.page import Cell, Page, Span
from tlswire.result import Attempt, EndedBy

#: An outcome that nobody brought about, in a word.
SHORT_OF = {
    "established": mark("established"),
    "failed": mark("failed"),
    "incomplete": mark("incomplete"),
    "not_tls": mark("not TLS"),
}


def reached(exact: Attempt) -> str:
    """Return how far the exact attempt came, before anybody refused anything."""
    if exact.stopped_at == "TCP_CONNECT":
        return say("no TCP connection")
    told = [say("TCP connection accepted")]
    hello = next((m for m in exact.messages if m.type == "client_hello"), None)
    if hello is not None:
        told.append(say("ClientHello of {size} bytes sent", size=hello.length))
    if exact.outcome == "established":
        told.append(say("handshake completed"))
    return ", ".join(told)


def result(attempt: Attempt) -> str:
    """Return what came of an attempt, in a few words."""
    if attempt.ended_by is not None:
        return ended(attempt.ended_by, attempt.stopped_at)
    if attempt.outcome == "established":
        return say("passed: the handshake completed")
    if any(m.type == "server_hello" for m in attempt.messages):
        return say("passed: the server answers with a ServerHello")
    if attempt.stopped_at:
        return short_of(attempt.outcome, attempt.stopped_at)
    return outcome(attempt.outcome)


def ended(by: EndedBy, awaited: str | None) -> str:
    """Return who ended it, and how and where."""
    return say("{ended}, at {awaited}", ended=in_short(by), awaited=awaited)


def short_of(key: str, awaited: str | None) -> str:
    """Return an outcome that nobody brought about, and where."""
    return say("{outcome} at {awaited}", outcome=outcome(key), awaited=awaited)


def outcome(key: str) -> str:
    """Return an outcome that nobody brought about, in a word."""
    return say(SHORT_OF[key])


def proof(page: Page, attempts: Sequence[Attempt]) -> None:
    """Write the attempts as a table, when there was more than the exact one."""
    if len(attempts) < 2:
        return
    page.blank()
    changed = any(attempt.variant not in played_on.VARIANTS for attempt in attempts)
    heading = say("One change at a time") if changed else say("Attempts")
    page.line(Span(f"  {heading}", "strong"))
    rows = [
        (
            Cell(str(number + 1), "dim", right=True),
            attempt.variant,
            Cell(result(attempt), "good" if attempt.ended_by is None else "bad"),
            Cell(elapsed(attempt.elapsed_ms / 1000), "dim", right=True),
        )
        for number, attempt in enumerate(attempts)
    ]
    below = [_told(attempt) for attempt in attempts]
    page.table(rows, whole=2, below=below)


def _told(attempt: Attempt) -> str:
    shown = attempt.variant == "client-certificate"
    ours = attempt.variant == played_on.OURS
    sent = say("a plain hello of our own") if ours else say("the bytes as captured")
    told = [changes(attempt.edits) or sent]
    return together([*told, say("a client certificate shown")] if shown else told)
