"""What a replay found, for a person: both ladders side by side, the proof, the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tlswire.codes import ExtensionType
from tlswire.reports import played as played_on
from tlswire.reports import verdicts
from tlswire.reports.endings import in_short, stopped
from tlswire.reports.escape import escape
from tlswire.reports.facts import Fields, extension, facts, names, suites, text, versions
from tlswire.reports.ladder import Rung, elapsed, rungs
from tlswire.reports.page import Cell, Page, Span, fold
from tlswire.reports.text import plural
from tlswire.result import Answer, Attempt, Connection, Document, Edit, Message, Replay

VANTAGE = (
    "Sent from this machine. A firewall or load balancer on the captured client's own path may "
    "act otherwise than what stands between this machine and the target."
)
#: Columns before the text of a labelled line, as in a verdict.
LABEL = verdicts.MARGIN
GUTTER = 2
#: Changed lengths follow from the change itself; their edits are in the JSON.
LENGTHS = "length of "
#: Lines for what one message of a ladder says.
MOST_ROWS = 3


def render(document: Document, replay: Replay, page: Page) -> None:
    """Write one replay, beside the captured connections it stands for."""
    by_id = {connection.id: connection for connection in document.connections}
    _replay(page, replay, _captured(replay, by_id))


def sum_up(done: Sequence[Replay], page: Page) -> None:
    """Write what came of each of several replays, one a line."""
    page.title(plural(len(done), "replay"))
    page.table([_line(replay) for replay in done], elastic=(3,))


def _line(replay: Replay) -> tuple[Cell | str, ...]:
    same = {True: "same as captured", False: "not as captured", None: ""}[replay.reproduced]
    played = played_on.farthest(replay.attempts)
    cause = replay.verdict.causes[0] if replay.verdict.causes else None
    return (
        _numbers(replay),
        replay.target,
        same,
        result(played) if played else "nothing sent",
        Cell(f"{cause.confidence} {cause.id}" if cause else "", "name"),
    )


def _numbers(replay: Replay, most: int = 2) -> str:
    more = f" and {len(replay.connections) - most} more" if len(replay.connections) > most else ""
    return " ".join(f"#{number}" for number in replay.connections[:most]) + more


def _captured(replay: Replay, by_id: dict[int, Connection]) -> Connection:
    """Return the captured connection to compare with: a failed one where there is one."""
    members = [by_id[number] for number in replay.connections]
    return next((c for c in members if c.outcome == "failed"), members[0])


def _replay(page: Page, replay: Replay, captured: Connection) -> None:
    _head(page, replay, captured)
    played = played_on.farthest(replay.attempts)
    if played is not None and played.messages:
        side_by_side(page, captured, played)
    if played is not None:
        _comparison(page, replay, played)
    if played is not None and played.messages:
        _offers_and_takes(page, captured, replay.attempts)
        played_on.write(page, replay.attempts)
        proof(page, replay.attempts)
    repeats(page, replay.repeats)
    verdicts.write(page, replay.verdict)
    _notes(page, replay)


def _head(page: Page, replay: Replay, captured: Connection) -> None:
    host = f"  {captured.server_name}" if captured.server_name else ""
    page.line(Span(f"{_numbers(replay, 6)}  to {replay.target}", "title"), host)


# -- two ladders ---------------------------------------------------------------------------------


def side_by_side(page: Page, captured: Connection, exact: Attempt) -> None:
    """Draw the captured ladder at the left and the replayed one at the right."""
    half = (page.width - GUTTER - 2) // 2
    left = [("captured " + captured.server, "dim"), *_column(captured.messages, half)]
    keys = ", keys of our own" if exact.variant == "twin" else ""
    right = [(f"replayed now{keys}", "dim"), *_column(exact.messages, half)]
    for side, told in (
        (left, in_short(captured.ended_by) or "handshake completed"),
        (right, in_short(exact.ended_by) or _went_on(exact)),
    ):
        side.extend((row, "strong") for row in fold(told, half))
    for number in range(max(len(left), len(right))):
        one, other = (_at(side, number) for side in (left, right))
        gap = " " * (half - len(one[0]) + GUTTER)
        page.line("  ", Span(*one), gap, Span(*other))


def _at(side: Sequence[tuple[str, str]], number: int) -> tuple[str, str]:
    return side[number] if number < len(side) else ("", "")


def _column(messages: Sequence[Message], width: int) -> Iterable[tuple[str, str]]:
    start = messages[0].time if messages else 0.0
    for rung in rungs(messages, start):
        yield from ((row, rung.style) for row in _rows(rung, width))


def _rows(rung: Rung, width: int) -> list[str]:
    """Return a rung as a few narrow lines, of the hello only its name: both sides share it."""
    arrow = "-->" if rung.sender == "client" else "<--"
    head = f"{elapsed(rung.after):>8} {arrow} {rung.label}"
    told = "" if rung.label == "ClientHello" else escape(rung.facts)
    if len(head) + 2 + len(told) <= width:
        return [f"{head}  {told}".rstrip()]
    rows = fold(told, width - 13)
    if len(rows) > MOST_ROWS:
        last = rows[MOST_ROWS - 1]
        kept = last if len(last) + 4 <= width - 13 else last.rpartition(" ")[0]
        rows = [*rows[: MOST_ROWS - 1], f"{kept.rstrip(',;')} ...".strip()]
    return [head, *(" " * 13 + row for row in rows)]


def _went_on(exact: Attempt) -> str:
    return "went on; the replay stops here by choice" if exact.stopped_at else "handshake completed"


# -- what came of it -----------------------------------------------------------------------------


def _comparison(page: Page, replay: Replay, exact: Attempt) -> None:
    page.blank()
    page.wrap(reached(exact), lead("Reached"))
    if exact.preamble is not None:
        page.wrap(
            f"{exact.preamble.protocol}: {'; '.join(exact.preamble.steps) or 'nobody said a word'}",
            lead("In clear"),
        )
    if replay.reproduced is not None:
        told, style = (
            (
                "yes: the server answers the captured bytes as it did in the capture",
                "bad" if exact.ended_by is not None else "good",
            )
            if replay.reproduced
            else ("no: the server answers the captured bytes otherwise than in the capture", "good")
        )
        page.line(lead("Same"), Span(told, style))
    if replay.first_difference is not None:
        apart = replay.first_difference
        told = f"{apart.message}: captured {apart.captured}, replayed {apart.replayed}"
        page.wrap(told, lead("Differs at"))
    if exact.ended_by is not None:
        page.wrap(stopped(exact), lead("Stopped at"))


def reached(exact: Attempt) -> str:
    """Return how far the exact attempt came, before anybody refused anything."""
    if exact.stopped_at == "TCP_CONNECT":
        return "no TCP connection"
    hello = next((m for m in exact.messages if m.type == "client_hello"), None)
    sent = f", ClientHello of {hello.length} bytes sent" if hello is not None else ""
    if exact.outcome == "established":
        return f"TCP connection accepted{sent}, handshake completed"
    return f"TCP connection accepted{sent}"


def lead(word: str) -> Span:
    """Return the word before a labelled line."""
    return Span(f"  {word:<{LABEL - 2}}", "strong")


def _offers_and_takes(page: Page, captured: Connection, attempts: Sequence[Attempt]) -> None:
    """Say what the client offers, and what the server chose wherever it chose."""
    hello = next((m for m in captured.messages if m.type == "client_hello"), None)
    if hello is not None and hello.fields:
        page.wrap(offer(hello.fields), lead("Offered"))
    changed = [a for a in attempts if a.variant not in played_on.VARIANTS]
    for taken in dict.fromkeys(filter(None, map(choice, changed))):
        page.wrap(taken, lead("Taken"), style="good")


def offer(fields: Fields) -> str:
    """Return what a ClientHello offers, all that a server may refuse it for."""
    offered = suites(fields)
    told = [versions(fields)]
    told.append(f"{len(offered)} suite{'' if len(offered) == 1 else 's'}: {names(offered, 4)}")
    groups = extension(fields, ExtensionType.supported_groups).get("named_group_list")
    told.append(f"groups {names(groups, 4)}" if groups else "no groups named")
    protocols = extension(fields, ExtensionType.application_layer_protocol_negotiation).get(
        "protocol_name_list"
    )
    told.append("ALPN " + " ".join(map(text, protocols)) if protocols else "no ALPN")
    return "; ".join(told)


def choice(attempt: Attempt) -> str | None:
    """Return what the server chose in an attempt, None where it did not choose."""
    hello = next((m for m in attempt.messages if m.type == "server_hello"), None)
    if hello is None:
        return None
    return f"{facts(hello)} (with {attempt.variant} changed)"


def proof(page: Page, attempts: Sequence[Attempt]) -> None:
    """Write the attempts as a table, when there was more than the exact one."""
    if len(attempts) < 2:
        return
    page.blank()
    changed = any(attempt.variant not in played_on.VARIANTS for attempt in attempts)
    page.line(Span("  One change at a time" if changed else "  Attempts", "strong"))
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
    page.table(rows, elastic=(2,), below=below)


def _told(attempt: Attempt) -> str:
    shown = "a client certificate shown" if attempt.variant == "client-certificate" else ""
    changed = changes(attempt.edits) or "the bytes as captured"
    return "; ".join(filter(None, (changed, shown)))


def repeats(page: Page, answers: Sequence[Answer]) -> None:
    """Write what answered the same bytes, alike answers in one row."""
    if not answers:
        return
    total = sum(answer.count for answer in answers)
    page.blank()
    page.line(Span(f"  The same hello {total} times, by what answered", "strong"))
    rows = [
        (
            Cell(f"{answer.count}", right=True),
            Cell(f"{answer.share:.0%}", "dim", right=True),
            answer.server,
            Cell(repeat_ending(answer), "good" if answer.passed else "bad"),
        )
        for answer in answers
    ]
    page.table(rows, elastic=(3,), below=[repeat_marks(answer) for answer in answers])


def repeat_ending(answer: Answer) -> str:
    """Return what came of equal tries."""
    if answer.passed or answer.ended_by is None:
        return "went on" if answer.passed else f"{answer.outcome} at {answer.stopped_at}"
    return f"{in_short(answer.ended_by)}, at {answer.stopped_at}"


def repeat_marks(answer: Answer) -> str:
    """Return by what one would know this server again."""
    chosen = " ".join(filter(None, (answer.version, answer.cipher_suite, answer.group)))
    tickets = answer.session_tickets
    marks = [
        chosen,
        answer.signature,
        f"ALPN {answer.alpn}" if answer.alpn else "",
        "asks for a client certificate" if answer.client_certificate_asked else "",
        f"{tickets} ticket{'' if tickets == 1 else 's'}" if tickets is not None else "",
        f"certificate {answer.certificate[:16]}" if answer.certificate else "",
        f"ServerHello {answer.server_hello[:8]}" if answer.server_hello else "",
        f"TTL {answer.ttl}" if answer.ttl is not None else "",
    ]
    return ", ".join(filter(None, marks)) or "it showed nothing of itself"


def result(attempt: Attempt) -> str:
    """Return what came of an attempt, in a few words."""
    if attempt.ended_by is not None:
        return f"{in_short(attempt.ended_by)}, at {attempt.stopped_at}"
    if attempt.outcome == "established":
        return "passed: the handshake completed"
    if any(m.type == "server_hello" for m in attempt.messages):
        return "passed: the server answers with a ServerHello"
    return f"{attempt.outcome} at {attempt.stopped_at}" if attempt.stopped_at else attempt.outcome


def changes(edits: Sequence[Edit]) -> str:
    """Return what was changed and where, lengths that only follow left out."""
    told = [f"byte {e.offset}: {e.why}" for e in edits if not e.why.startswith(LENGTHS)]
    follow = len(edits) - len(told)
    if follow and told:
        told.append("1 length follows" if follow == 1 else f"{follow} lengths follow")
    return "; ".join(told)


def again(page: Page, replay: Replay) -> None:
    """Write the command that does it again, in one line: so it can be copied."""
    if replay.reproduce:
        page.line(lead("Again"), replay.reproduce)


def _notes(page: Page, replay: Replay) -> None:
    """Write the notes, and where the replay came from; a verdict of a difference says it itself."""
    page.blank()
    again(page, replay)
    notes = [*replay.notes, *([VANTAGE] if replay.reproduced else [])]
    for note in notes:
        page.wrap(note, Span("  note: ", "dim"), style="dim")
