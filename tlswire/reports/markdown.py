"""A report for a ticket, in Markdown: the sentence, the ladder, the proof, what to change.

Text from the wire stands in code spans, or is escaped so that it can be no markup, no link, no
mention and no HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from tlswire.reports import ladder, played, story, tickets
from tlswire.reports.cases import Case, cases
from tlswire.reports.endings import in_short, stopped
from tlswire.reports.escape import escape
from tlswire.reports.measured import Measured
from tlswire.reports.page import Page
from tlswire.reports.replays import changes, reached, repeat_ending, repeat_marks, result
from tlswire.result import Answer, Attempt, Cause, Document, Evidence

#: Kinds of failure told at length, and rows of a table: a ticket is read whole.
MOST_CASES, MOST_ROWS = 5, 30
WIDTH = 100
MARKUP = re.compile(
    r"[\\`*\[\]#|<>&~$]|(?<![^\W_])_|_(?![^\W_])|(?<=www)\.|:(?=//)|^(?:[-+=]|\d+(?=[.)]))"
)


def quote(text: str) -> str:
    """Return text as it is to be read, in Markdown that can mean nothing else."""
    told = MARKUP.sub(lambda found: f"\\{found[0]}", escape(text))
    return told.replace("@", "&#64;")


def code(text: str) -> str:
    """Return text as a code span, whatever is in it; `|` would end a cell of a table."""
    told = escape(text).replace("|", "\\x7c")
    fence = "`" * (1 + max(map(len, re.findall(r"`+", told)), default=0))
    pad = " " if told.startswith("`") or told.endswith("`") or not told.strip() else ""
    return f"{fence}{pad}{told}{pad}{fence}"


def render(document: Document, measured: Measured) -> str:
    """Return the report as Markdown."""
    told = cases(document)
    lines = [f"## {quote(story.headline(document, told))}", ""]
    if len(told) > 1:
        lines += _overview(told)
    for case in told[:MOST_CASES]:
        lines += _case(case, measured)
    if len(told) > MOST_CASES:
        lines += [f"{len(told) - MOST_CASES} more kinds are in the table above.", ""]
    lines += ["### How it was measured", "", *_measured(document, measured)]
    return "\n".join(lines) + "\n"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    made = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return [*made, *(f"| {' | '.join(row)} |" for row in rows), ""]


def _overview(told: Sequence[Case]) -> list[str]:
    rows = [
        (
            str(len(case.numbers)),
            code(case.cause.id) if case.cause else "no cause named",
            code(case.replay.target if case.replay else case.connection.server),
            quote(case.connection.stopped_at or ""),
            quote(in_short(case.connection.ended_by)),
        )
        for case in told[:MOST_ROWS]
    ]
    more = [f"and {len(told) - MOST_ROWS} more kinds", ""] if len(told) > MOST_ROWS else []
    return _table(("Connections", "Cause", "Server", "Stopped at", "Ended by"), rows) + more


def _case(case: Case, measured: Measured) -> Iterator[str]:
    found = case.connection
    reason = story.reason(case)
    yield from (f"### {quote(reason[:1].upper() + reason[1:])}", "")
    name = f" ({code(found.server_name)})" if found.server_name else ""
    more = f", and {len(case.numbers) - 1} more like it" if len(case.numbers) > 1 else ""
    yield f"Connection {found.id}{more}: {code(found.client)} to {code(found.server)}{name}"
    yield from ("", quote(case.verdict.summary), "")
    yield from _ladder(case)
    yield from (f"**Stopped at** {quote(stopped(found))}.", "") if found.stopped_at else ()
    yield from _replay(case)
    for cause in case.verdict.causes:
        yield from _cause(cause)
    yield from _remedies(case)
    command = tickets.next_command(case.verdict, measured.capture)
    if command is not None:
        yield from ("**Next**", "", "```", escape(command[0]), "```", "", quote(command[1]), "")
    elif case.verdict.next_step:
        yield from (f"**Next** {quote(case.verdict.next_step)}", "")


def _ladder(case: Case) -> Iterator[str]:
    page = Page(WIDTH)
    found = case.connection
    if found.messages:
        ended = None if found.outcome == "incomplete" else found.ended_by
        ladder.draw(page, ladder.rungs(found.messages, found.started, ended))
        yield from _block(page.plain())


def _block(text: str) -> Iterator[str]:
    """Yield a block of code; a fence inside cannot end it."""
    fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", text)), default=0))
    yield from (f"{fence}text", *text.rstrip().split("\n"), fence, "")


def _replay(case: Case) -> Iterator[str]:
    if case.replay is None or case.exact is None:
        return
    same = {True: "as in the capture", False: "otherwise than in the capture", None: ""}
    answer = same[case.replay.reproduced]
    told = f", and the server answered {answer}" if answer else ""
    came = quote(reached(case.played or case.exact))
    yield f"Replayed to {code(case.replay.target)}: {came}{told}."
    yield ""
    if case.exact.preamble is not None:
        spoken = case.exact.preamble
        yield f"In clear before TLS, {code(spoken.protocol)}: {quote('; '.join(spoken.steps))}."
        yield ""
    shown = [(row.label, quote(row.text)) for row in played.rows(case.replay.attempts)]
    if shown:
        yield from _table(("", "What the replay was shown"), shown)
    if len(case.replay.attempts) > 1:
        yield from _table(
            ("#", "Sent", "Changed", "Answer", "Time"),
            (_attempt(n, attempt) for n, attempt in enumerate(case.replay.attempts, 1)),
        )
    if case.replay.repeats:
        yield "The same hello many times, by what answered:"
        yield ""
        yield from _table(("Times", "Share", "Server", "Answer"), map(_row, case.replay.repeats))
    if case.replay.reproduce:
        yield "To send it again:"
        yield ""
        yield from _block(case.replay.reproduce)


def _row(answer: Answer) -> tuple[str, ...]:
    marks = repeat_marks(answer)
    told = quote(f"{repeat_ending(answer)} ({marks})")
    return str(answer.count), f"{answer.share:.0%}", code(answer.server), told


def _attempt(number: int, attempt: Attempt) -> tuple[str, ...]:
    changed = changes(attempt.edits) or "nothing"
    took = f"{attempt.elapsed_ms:.1f} ms"
    return str(number), code(attempt.variant), quote(changed), quote(result(attempt)), took


def _cause(cause: Cause) -> Iterator[str]:
    title = quote(story.cause_title(cause.id))
    yield f"**{cause.confidence.capitalize()}** {code(cause.id)}: {title}"
    yield ""
    yield from (f"- {_evidence(evidence)}" for evidence in cause.evidence)
    yield ""


def _evidence(evidence: Evidence) -> str:
    frame = "" if evidence.frame is None else f"frame {evidence.frame}: "
    return frame + quote(evidence.text)


def _remedies(case: Case) -> Iterator[str]:
    found = tickets.teams(case.verdict)
    if found:
        yield from ("**What to change**", "")
    for who, remedies in found.items():
        yield f"- {story.TEAMS[who]}:"
        yield from (f"  - {quote(remedy.text)}" for remedy in remedies)
    yield from ("",) if found else ()


def _measured(document: Document, measured: Measured) -> Iterator[str]:
    yield f"- Command: {code(measured.command)}"
    size = "" if measured.size is None else f", {measured.size} bytes"
    yield f"- Capture: {code(measured.capture or 'standard input')}{size}"
    if measured.sha256:
        yield f"- SHA-256: {code(measured.sha256)}"
    yield f"- Seen from: {quote(measured.vantage)}"
    yield f"- Versions: tlswire {measured.version}, {quote(measured.python)}"
    yield from (f"- Note: {quote(note)}" for note in document.summary.notes)
