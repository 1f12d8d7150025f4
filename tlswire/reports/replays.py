"""What a replay found, for a person: both ladders side by side, the proof, the verdict."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tlswire.codes import ExtensionType
from tlswire.few import and_more, together
from tlswire.language import counted, mark, say
from tlswire.reports import played as played_on
from tlswire.reports import verdicts
from tlswire.reports.attempts import proof, reached, result
from tlswire.reports.endings import in_short, stopped
from tlswire.reports.escape import escape
from tlswire.reports.facts import Fields, extension, facts, names, suites, text, versions
from tlswire.reports.ladder import Rung, elapsed, rungs
from tlswire.reports.page import Cell, Page, Span, fold, lead
from tlswire.reports.repeats import repeats
from tlswire.reports.text import noted
from tlswire.result import (
    Attempt,
    Connection,
    Document,
    FirstDifference,
    Message,
    Replay,
    Spoken,
)

VANTAGE = mark(
    "Sent from this machine. A firewall or load balancer on the captured client's own path may "
    "act otherwise than what stands between this machine and the target."
)
GUTTER = 2
#: Lines for what one message of a ladder says.
MOST_ROWS = 3


def render(document: Document, replay: Replay, page: Page) -> None:
    """Write one replay, beside the captured connections it stands for."""
    by_id = {connection.id: connection for connection in document.connections}
    _replay(page, replay, _captured(replay, by_id))


def sum_up(done: Sequence[Replay], page: Page) -> None:
    """Write what came of each of several replays, one a line however long: nothing is cut."""
    page.title(counted("{number} replay", "{number} replays", len(done)))
    page.table([_line(replay) for replay in done])


def _line(replay: Replay) -> tuple[Cell | str, ...]:
    same = {True: say("same as captured"), False: say("not as captured"), None: ""}
    played = played_on.farthest(replay.attempts)
    cause = replay.verdict.causes[0] if replay.verdict.causes else None
    return (
        _numbers(replay),
        replay.target,
        same[replay.reproduced],
        _fate(replay, played),
        Cell(f"{verdicts.confidence(cause.confidence)} {cause.id}" if cause else "", "name"),
    )


def _fate(replay: Replay, played: Attempt | None) -> str:
    if refuses(replay):
        ended = in_short(replay.ended_by)
        return say("the server goes on, the client would not: {ended}", ended=ended)
    return result(played) if played else say("nothing sent")


def _numbers(replay: Replay, most: int = 2) -> str:
    told = " ".join(f"#{number}" for number in replay.connections[:most])
    return and_more(told, len(replay.connections) - most)


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
    verdicts.write(page, replay.verdict)
    if played is not None and played.messages:
        proof(page, replay.attempts)
    repeats(page, replay.repeats)
    _notes(page, replay)


def _head(page: Page, replay: Replay, captured: Connection) -> None:
    host = f"  {captured.server_name}" if captured.server_name else ""
    told = say("{numbers}  to {target}", numbers=_numbers(replay, 6), target=replay.target)
    page.line(Span(told, "title"), host)


# -- two ladders ---------------------------------------------------------------------------------


def side_by_side(page: Page, captured: Connection, exact: Attempt) -> None:
    """Draw the captured ladder at the left and the replayed one at the right."""
    half = (page.width - GUTTER - 2) // 2
    was = say("captured {server}", server=captured.server)
    left = [(was, "dim"), *_column(captured.messages, half)]
    twin = exact.variant == "twin"
    now = say("replayed now, keys of our own") if twin else say("replayed now")
    right = [(now, "dim"), *_column(exact.messages, half)]
    for side, told in (
        (left, in_short(captured.ended_by) or say("handshake completed")),
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
    if exact.stopped_at:
        return say("went on; the replay stops here by choice")
    return say("handshake completed")


# -- what came of it -----------------------------------------------------------------------------


def _comparison(page: Page, replay: Replay, exact: Attempt) -> None:
    page.blank()
    page.wrap(reached(exact), lead(say("Reached")))
    if exact.preamble is not None:
        page.wrap(dialogue(exact.preamble), lead(say("In clear")))
    if replay.reproduced is not None:
        style = "bad" if replay.reproduced and exact.ended_by is not None else "good"
        ours = exact.variant == played_on.OURS
        told = same_answer(reproduced=replay.reproduced, ours=ours)
        page.line(lead(say("Same")), Span(told, style))
    if replay.first_difference is not None:
        page.wrap(apart(replay.first_difference), lead(say("Differs at")))
    if exact.ended_by is not None:
        page.wrap(stopped(exact), lead(say("Stopped at")))
    if refuses(replay) and (exact.ended_by is None or exact.ended_by.side != "client"):
        page.wrap(_refusal(replay), lead(say("The client")), style="bad")


def refuses(replay: Replay) -> bool:
    """Tell whether the captured client would refuse what the replay was shown."""
    return replay.ended_by is not None and replay.ended_by.side == "client"


def _refusal(replay: Replay) -> str:
    if replay.ended_by is not None and replay.ended_by.how == "non_tls":
        return say("would say the same again, as it did in the capture: no TLS")
    return say(
        "would hang up again, as it did in the capture: {ended}, at {state}",
        ended=in_short(replay.ended_by),
        state=replay.stopped_at,
    )


def dialogue(spoken: Spoken) -> str:
    """Return what was said before TLS, and in which protocol."""
    words = together(spoken.steps) or say("nobody said a word")
    return say("{protocol}: {words}", protocol=spoken.protocol, words=words)


def same_answer(*, reproduced: bool, ours: bool = False) -> str:
    """Say whether the server answers now as it did in the capture; with `ours` it had no hello."""
    if ours:
        again = say("yes: it ends as it did in the capture")
        return again if reproduced else say("no: it ends otherwise than in the capture")
    if reproduced:
        return say("yes: the server answers the captured bytes as it did in the capture")
    return say("no: the server answers the captured bytes otherwise than in the capture")


def apart(found: FirstDifference) -> str:
    """Return the first message that is not the captured one."""
    return say(
        "{message}: captured {captured}, replayed {replayed}",
        message=found.message,
        captured=found.captured,
        replayed=found.replayed,
    )


def _offers_and_takes(page: Page, captured: Connection, attempts: Sequence[Attempt]) -> None:
    """Say what the client offers, and what the server chose wherever it chose."""
    hello = next((m for m in captured.messages if m.type == "client_hello"), None)
    if hello is not None and hello.fields:
        page.wrap(offer(hello.fields), lead(say("Offered")))
    changed = [a for a in attempts if a.variant not in played_on.VARIANTS]
    for taken in dict.fromkeys(filter(None, map(choice, changed))):
        page.wrap(taken, lead(say("Taken")), style="good")


def offer(fields: Fields) -> str:
    """Return what a ClientHello offers, all that a server may refuse it for."""
    offered = suites(fields)
    told = [versions(fields)]
    told.append(
        counted(
            "{number} suite: {names}",
            "{number} suites: {names}",
            len(offered),
            names=names(offered, 4),
        )
    )
    groups = extension(fields, ExtensionType.supported_groups).get("named_group_list")
    told.append(
        say("groups {groups}", groups=names(groups, 4)) if groups else say("no groups named")
    )
    protocols = extension(fields, ExtensionType.application_layer_protocol_negotiation).get(
        "protocol_name_list"
    )
    told.append("ALPN " + " ".join(map(text, protocols)) if protocols else say("no ALPN"))
    return together(told)


def choice(attempt: Attempt) -> str | None:
    """Return what the server chose in an attempt, None where it did not choose."""
    hello = next((m for m in attempt.messages if m.type == "server_hello"), None)
    if hello is None:
        return None
    return say("{answer} (with {variant} changed)", answer=facts(hello), variant=attempt.variant)


def again(page: Page, replay: Replay) -> None:
    """Write the command that does it again, in one line: so it can be copied."""
    if replay.reproduce:
        page.line(lead(say("Again")), replay.reproduce)


def _notes(page: Page, replay: Replay) -> None:
    """Write the notes, and where the replay came from; a verdict of a difference says it itself."""
    page.blank()
    again(page, replay)
    notes = [*replay.notes, *([say(VANTAGE)] if replay.reproduced else [])]
    for note in notes:
        noted(page, note, "dim")
