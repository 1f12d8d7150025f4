"""A report for a ticket, in Markdown: the sentence, the ladder, the proof, what to change.

Text from the wire stands in code spans, or is escaped so that it can be no markup, no link, no
mention and no HTML.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from tlswire.few import together
from tlswire.language import counted, mark, say
from tlswire.reports import ladder, played, story, tickets, verdicts
from tlswire.reports.attempts import reached, result
from tlswire.reports.cases import Case, cases
from tlswire.reports.edits import changes
from tlswire.reports.endings import in_short, stopped
from tlswire.reports.escape import escape
from tlswire.reports.measured import Measured
from tlswire.reports.page import Page
from tlswire.reports.repeats import repeat_ending, repeat_marks
from tlswire.reports.text import NO_CAUSE, called
from tlswire.result import Answer, Attempt, Cause, Document, Evidence

#: Kinds of failure told at length, and rows of a table: a ticket is read whole.
MOST_CASES, MOST_ROWS = 5, 30
WIDTH = 100
#: What a replay came to, by whether it went as in the capture.
REPLAYED = {
    True: mark("Replayed to {target}: {came}, and the server answered as in the capture."),
    False: mark(
        "Replayed to {target}: {came}, and the server answered otherwise than in the capture."
    ),
    None: mark("Replayed to {target}: {came}."),
}
MARKUP = re.compile(r"[\\`*\[\]#|<>&~$]|(?<![^\W_])_|_(?![^\W_])|(?<=www)\.|:(?=//)|^[-+=]")
#: A number that would begin a list.
NUMBERED = re.compile(r"^(\d+)([.)])")


def quote(text: str) -> str:
    """Return text as it is to be read, in Markdown that can mean nothing else."""
    told = MARKUP.sub(lambda found: f"\\{found[0]}", escape(text))
    told = NUMBERED.sub(r"\1\\\2", told)
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
        left = len(told) - MOST_CASES
        lines += [say("{number} more kinds are in the table above.", number=left), ""]
    lines += [f"### {say('How it was measured')}", "", *_measured(document, measured)]
    return "\n".join(lines) + "\n"


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    made = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    return [*made, *(f"| {' | '.join(row)} |" for row in rows), ""]


def _overview(told: Sequence[Case]) -> list[str]:
    rows = [
        (
            str(len(case.numbers)),
            code(case.cause.id) if case.cause else say(NO_CAUSE),
            code(case.replay.target if case.replay else case.connection.server),
            quote(case.connection.stopped_at or ""),
            quote(in_short(case.connection.ended_by)),
        )
        for case in told[:MOST_ROWS]
    ]
    left = len(told) - MOST_ROWS
    more = [say("and {number} more kinds", number=left), ""] if left > 0 else []
    heads = say("Connections"), say("Cause"), say("Server"), say("Stopped at"), say("Ended by")
    return _table(heads, rows) + more


def _case(case: Case, measured: Measured) -> Iterator[str]:
    found = case.connection
    reason = story.reason(case)
    yield from (f"### {quote(reason[:1].upper() + reason[1:])}", "")
    name = f" ({code(found.server_name)})" if found.server_name else ""
    yield say(
        "Connection {which}: {client} to {server}",
        which=like_it(case),
        client=code(found.client),
        server=code(found.server) + name,
    )
    yield from ("", quote(case.verdict.summary), "")
    yield from _ladder(case)
    where = f"**{say('Stopped at')}** {quote(stopped(found))}."
    yield from (where, "") if found.stopped_at else ()
    yield from _replay(case)
    for cause in case.verdict.causes:
        yield from _cause(cause)
    yield from _remedies(case)
    command = verdicts.next_command(case.verdict.next_step, measured.capture)
    head = f"**{say('Next')}**"
    if command is not None:
        yield from (head, "", "```", escape(command[0]), "```", "", quote(command[1]), "")
    elif case.verdict.next_step:
        yield from (f"{head} {quote(case.verdict.next_step)}", "")


def like_it(case: Case) -> str:
    """Return the number of a connection, and how many more are like it."""
    number = str(case.connection.id)
    if len(case.numbers) == 1:
        return number
    return counted(
        "{which}, and {number} more like it",
        "{which}, and {number} more like it",
        len(case.numbers) - 1,
        which=number,
    )


def _ladder(case: Case) -> Iterator[str]:
    page = Page(WIDTH)
    found = case.connection
    if found.messages:
        ended = None if found.outcome == "incomplete" else found.ended_by
        ladder.draw(page, ladder.rungs(found.messages, found.started, ended, found.ended_at))
        yield from _block(page.plain())


def _block(text: str) -> Iterator[str]:
    """Yield a block of code; a fence inside cannot end it."""
    fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", text)), default=0))
    yield from (f"{fence}text", *text.rstrip().split("\n"), fence, "")


def _replay(case: Case) -> Iterator[str]:
    if case.replay is None or case.exact is None:
        return
    came = quote(reached(case.played or case.exact))
    yield say(REPLAYED[case.replay.reproduced], target=code(case.replay.target), came=came)
    yield ""
    if case.exact.preamble is not None:
        spoken = case.exact.preamble
        yield say(
            "In clear before TLS, {protocol}: {words}.",
            protocol=code(spoken.protocol),
            words=quote(together(spoken.steps)),
        )
        yield ""
    shown = [(row.label, quote(row.text)) for row in played.rows(case.replay.attempts)]
    if shown:
        yield from _table(("", say("What the replay was shown")), shown)
    if len(case.replay.attempts) > 1:
        yield from _table(
            ("#", say("Sent"), say("Changed"), say("Answer"), say("Time")),
            (_attempt(n, attempt) for n, attempt in enumerate(case.replay.attempts, 1)),
        )
    if case.replay.repeats:
        yield say("The same hello many times, by what answered:")
        yield ""
        heads = say("Times"), say("Share"), say("Server"), say("Answer")
        yield from _table(heads, map(_row, case.replay.repeats))
    if case.replay.reproduce:
        yield say("To send it again:")
        yield ""
        yield from _block(case.replay.reproduce)


def _row(answer: Answer) -> tuple[str, ...]:
    marks = repeat_marks(answer)
    told = quote(f"{repeat_ending(answer)} ({marks})")
    return str(answer.count), f"{answer.share:.0%}", code(answer.server), told


def _attempt(number: int, attempt: Attempt) -> tuple[str, ...]:
    changed = changes(attempt.edits) or say("nothing")
    took = f"{attempt.elapsed_ms:.1f} ms"
    return str(number), code(attempt.variant), quote(changed), quote(result(attempt)), took


def _cause(cause: Cause) -> Iterator[str]:
    title = quote(story.cause_title(cause.id))
    sure = f"**{verdicts.confidence(cause.confidence).capitalize()}**"
    yield say("{sure} {cause}: {title}", sure=sure, cause=code(cause.id), title=title)
    yield ""
    yield from (f"- {_evidence(evidence)}" for evidence in cause.evidence)
    yield ""


def _evidence(evidence: Evidence) -> str:
    frame = "" if evidence.frame is None else say("frame {frame}: ", frame=evidence.frame)
    return frame + quote(evidence.text)


def _remedies(case: Case) -> Iterator[str]:
    found = tickets.teams(case.verdict)
    if found:
        yield from (f"**{say('What to change')}**", "")
    for who, remedies in found.items():
        yield "- " + say("{who}:", who=say(story.TEAMS[who]))
        yield from (f"  - {quote(remedy.text)}" for remedy in remedies)
    yield from ("",) if found else ()


def _measured(document: Document, measured: Measured) -> Iterator[str]:
    yield "- " + say("Command: {command}", command=code(measured.command))
    capture = code(called(measured.capture or None))
    if measured.size is not None:
        capture = f"{capture}, {say('{size} bytes', size=measured.size)}"
    yield "- " + say("Capture: {capture}", capture=capture)
    if measured.sha256:
        yield "- " + say("SHA-256: {digest}", digest=code(measured.sha256))
    yield "- " + say("Seen from: {place}", place=quote(say(measured.vantage)))
    versions = f"tlswire {measured.version}, {quote(measured.python)}"
    yield "- " + say("Versions: {versions}", versions=versions)
    yield from ("- " + say("Note: {note}", note=quote(note)) for note in document.summary.notes)
