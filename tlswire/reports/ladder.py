"""A handshake as a ladder: one rung a message, client at the left, server at the right.

Draws what the contract lists and judges nothing. Runs of unreadable records are one rung.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from tlswire.language import mark, say
from tlswire.observed import EndedAt, EndedBy, Message, Side, TroubleAt
from tlswire.records import MISSING
from tlswire.reports.endings import side
from tlswire.reports.escape import escape
from tlswire.reports.facts import BY_SIZE, facts, title
from tlswire.reports.page import Page, Span, fold

#: Columns between the two rails, and those before the left one.
RUNG, LEAD = 28, 18
#: A rung's facts take this many lines; `--connection N` shows everything.
MOST_LINES = 4
#: With less room beside a rung its facts stand below it.
LEAST = 26


#: The last rung, where the end is no message of its own.
ENDS: dict[str, str] = {
    "encrypted_alert": mark("(encrypted alert)"),
    "rst": mark("(reset)"),
    "fin": mark("(close)"),
    "silence": mark("(silence)"),
    "non_tls": mark("(not TLS)"),
    "icmp": mark("(ICMP error)"),
}


class Rung(NamedTuple):
    """One line of the ladder; `after` is seconds since the start."""

    frame: int | None
    after: float | None
    sender: Side | Literal["network"]
    label: str
    facts: str = ""
    style: str = ""
    trouble: str = ""
    messages: tuple[Message, ...] = ()  # what it stands for


def rungs(
    messages: Iterable[Message],
    started: float,
    ended: EndedBy | None = None,
    place: EndedAt | None = None,
) -> list[Rung]:
    """Return the rungs of a handshake, unreadable records of one side joined, and its end.

    The end stands where it came: a greeting that is no TLS before the hello that it met.
    """
    made = [_rung(run, started) for run in _runs(messages)]
    if ended is None or ended.how not in ENDS or ended.side == "capture":
        return made
    label = say(ENDS[ended.how])
    after = place.time - started if place is not None else None
    frame = place.frame if place is not None else None
    last = Rung(frame, after, ended.side, label, style="bad")
    if ended.how != "encrypted_alert":
        return _placed(made, last)
    if _has(made, title("alert"), ended.side):  # opened with keys
        return made
    if _has(made[-1:], "Encrypted", ended.side):  # the record that was told to be the alert
        return [*made[:-1], made[-1]._replace(label=label, style="bad")]
    return _placed(made, last)


def _placed(made: list[Rung], last: Rung) -> list[Rung]:
    """Put the end in its place in time; frames decide where two have the same time."""
    if last.after is None:
        return [*made, last]
    at, frame = last.after, last.frame or 0
    before = [rung for rung in made if (rung.after or 0.0, rung.frame or 0) <= (at, frame)]
    return [*before, last, *made[len(before) :]]


def _has(made: Sequence[Rung], label: str, side: str) -> bool:
    return any((rung.label, rung.sender) == (label, side) for rung in made)


def _runs(messages: Iterable[Message]) -> Iterator[list[Message]]:
    run: list[Message] = []
    for message in messages:
        if run and not _joins(run[-1], message):
            yield run
            run = []
        run.append(message)
    if run:
        yield run


def _joins(before: Message, message: Message) -> bool:
    same = (before.type, before.sender) == (message.type, message.sender)
    return same and message.type in BY_SIZE


def _rung(run: Sequence[Message], started: float) -> Rung:
    first = run[0]
    told = facts(first)
    if len(run) > 1:
        size = sum(m.length for m in run)
        told = say("{number} records, {size} bytes", number=len(run), size=size)
    style = "bad" if first.type == "alert" else ""
    broken = misread(first.trouble) if first.trouble else ""
    label = title(first.type)
    after = first.time - started
    return Rung(first.frame, after, first.sender, label, told, style, broken, tuple(run))


def misread(trouble: TroubleAt) -> str:
    """Return what a message holds instead of what it should, and in which field."""
    if trouble.found == say(MISSING):
        return say("some of its {number} are not in the capture", number=trouble.expected)
    return say(
        "{field}: expected {expected}, found {found}",
        field=trouble.path,
        expected=trouble.expected,
        found=trouble.found,
    )


def draw(page: Page, ladder: Sequence[Rung]) -> None:
    """Draw a ladder on a page."""
    heads = f" {say('frame'):>5}  {say('time'):>8}  "
    ends = f"{side('client'):<{RUNG - 6}}{side('server')}"
    page.line(Span(heads + ends, "dim"))
    for rung in ladder:
        _draw_rung(page, rung)


def _draw_rung(page: Page, rung: Rung) -> None:
    frame = "" if rung.frame is None else str(rung.frame)
    beside = page.width - LEAD - RUNG - 2 >= LEAST
    indent = LEAD + 2 + (RUNG if beside else 0)
    told = _in_short(fold(escape(rung.facts), page.width - indent), page.width - indent)
    first = told.pop(0) if beside and told else ""
    lead = Span(f" {frame:>5}  {elapsed(rung.after):>8}  ", "dim")
    page.line(lead, Span(arrow(rung), rung.style or "name"), "  ", Span(first, rung.style))
    for more in told:
        page.line(" " * indent, Span(more, rung.style))
    if rung.trouble:
        page.wrap(rung.trouble, " " * (LEAD + 2), style="warn")


def _in_short(rows: list[str], room: int) -> list[str]:
    if len(rows) <= MOST_LINES:
        return rows
    return [*rows[: MOST_LINES - 1], rows[MOST_LINES - 1][: room - 4] + " ..."]


def arrow(rung: Rung, columns: int = RUNG) -> str:
    """Return `|-- ClientHello ---->|` or `|<---- ServerHello --|`, `columns` wide."""
    label = f" {rung.label} "
    if rung.sender == "network":
        return f"|{label.center(columns - 2, '~')}|"
    line = "-" * max(columns - len(label) - 5, 1)
    return f"|--{label}{line}>|" if rung.sender == "client" else f"|<{line}{label}--|"


def elapsed(seconds: float | None) -> str:
    """Return a time since the start that is easy to compare; empty when it is not known."""
    if seconds is None:
        return ""
    if abs(seconds) < 1:
        return f"{seconds * 1000:.1f} ms"
    return f"{seconds:.2f} s" if abs(seconds) < 100 else f"{seconds:.0f} s"
