"""The same hello many times, by what answered: a pool's members told apart."""

from __future__ import annotations

from collections.abc import Sequence

from tlswire.language import counted, say
from tlswire.reports import played as played_on
from tlswire.reports.attempts import ended, short_of
from tlswire.reports.page import Cell, Page, Span
from tlswire.result import Answer


def repeats(page: Page, answers: Sequence[Answer]) -> None:
    """Write what answered the same bytes, alike answers in one row."""
    if not answers:
        return
    total = sum(answer.count for answer in answers)
    page.blank()
    told = counted(
        "The same hello {number} times, by what answered",
        "The same hello {number} times, by what answered",
        total,
    )
    page.line(Span(f"  {told}", "strong"))
    rows = [
        (
            Cell(f"{answer.count}", right=True),
            Cell(f"{answer.share:.0%}", "dim", right=True),
            answer.server,
            Cell(repeat_ending(answer), "good" if answer.passed else "bad"),
        )
        for answer in answers
    ]
    page.table(rows, whole=3, below=[repeat_marks(answer) for answer in answers])


def repeat_ending(answer: Answer) -> str:
    """Return what came of equal tries."""
    if answer.passed or answer.ended_by is None:
        return say("went on") if answer.passed else short_of(answer.outcome, answer.stopped_at)
    return ended(answer.ended_by, answer.stopped_at)


def repeat_marks(answer: Answer) -> str:
    """Return by what one would know this server again."""
    chosen = " ".join(filter(None, (answer.version, answer.cipher_suite, answer.group)))
    tickets = answer.session_tickets
    marks = [
        chosen,
        answer.signature,
        f"ALPN {answer.alpn}" if answer.alpn else "",
        say("asks for a client certificate") if answer.client_certificate_asked else "",
        played_on.tickets(tickets) if tickets is not None else "",
        say("certificate {mark}", mark=answer.certificate[:16]) if answer.certificate else "",
        _with_it(answer.issuers) if answer.issuers is not None else "",
        say("OCSP stapled") if answer.stapled else "",
        f"ServerHello {answer.server_hello[:8]}" if answer.server_hello else "",
        f"TTL {answer.ttl}" if answer.ttl is not None else "",
    ]
    return ", ".join(filter(None, marks)) or say("it showed nothing of itself")


def _with_it(issuers: Sequence[str]) -> str:
    if not issuers:
        return say("no issuer sent with it")
    return counted("{number} issuer sent with it", "{number} issuers sent with it", len(issuers))
