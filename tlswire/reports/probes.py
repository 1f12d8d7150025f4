"""What a probe found, for a person: the handshake step by step, what was agreed, who answered.

What `curl -vv` and `openssl s_client` show, and what they do not: the preamble, the edits, each
message by its fields, why it stopped and what to change.
"""

from __future__ import annotations

from collections.abc import Sequence

from tlswire.language import counted, say
from tlswire.reports import played, verdicts
from tlswire.reports.attempts import proof, reached, result
from tlswire.reports.edits import changes
from tlswire.reports.endings import stopped
from tlswire.reports.escape import escape
from tlswire.reports.ladder import elapsed, rungs
from tlswire.reports.page import Cell, Page, Span, lead
from tlswire.reports.repeats import repeats
from tlswire.reports.replays import again, offer
from tlswire.reports.text import noted
from tlswire.result import Attempt, Replay

#: Columns before what a rung says.
RUNG = 34


def render(replay: Replay, client: str, page: Page) -> None:
    """Write what came of the hello of one client."""
    page.line(Span(escape(replay.target), "title"), "  " + say("as {client}", client=client))
    shown = played.farthest(replay.attempts)
    if shown is not None:
        _way(page, shown)
        _ladder(page, shown)
        _outcome(page, shown)
        played.write(page, replay.attempts)
        proof(page, replay.attempts)
    repeats(page, replay.repeats)
    verdicts.write(page, replay.verdict)
    again(page, replay)
    for note in replay.notes:
        noted(page, note, "dim")


def sum_up(done: Sequence[Replay], clients: Sequence[str], page: Page) -> None:
    """Write what came of each of several clients, one a line."""
    page.title(counted("{number} clients", "{number} clients", len(done)))
    rows = [_line(replay, clients) for replay in done]
    page.table(rows, elastic=(1, 2), below=[_blamed(replay) for replay in done])


def _blamed(replay: Replay) -> str:
    """Return the cause of what failed, in a line of its own: an id is not to be cut."""
    shown, cause = played.farthest(replay.attempts), next(iter(replay.verdict.causes), None)
    passed = shown is not None and shown.ended_by is None and shown.agreed is not None
    if passed or cause is None:
        return ""
    return f"{verdicts.confidence(cause.confidence)} {cause.id}"


def _line(replay: Replay, clients: Sequence[str]) -> tuple[Cell | str, ...]:
    client = clients[replay.connections[0]]
    shown = played.farthest(replay.attempts)
    if shown is None:
        return (client, Cell(say("nothing sent"), "bad"), "")
    agreed = shown.agreed
    if shown.ended_by is not None or agreed is None:
        return (client, Cell(result(shown), "bad"), "")
    chosen = " ".join(filter(None, (agreed.version, agreed.cipher_suite)))
    return (client, Cell(chosen, "good"), " ".join(filter(None, (agreed.group, agreed.alpn))))


def _way(page: Page, shown: Attempt) -> None:
    """Say how TLS was reached: address, time, cleartext."""
    if shown.connected_ms is None:
        page.line(lead(say("Connected")), Span(reached(shown), "bad"))
    else:
        took = elapsed(shown.connected_ms / 1000)
        told = say("{server} in {time}", server=shown.server, time=took)
        page.line(lead(say("Connected")), told)
    if changed := changes(shown.edits):
        page.wrap(changed, lead(say("Changed")))
    if shown.preamble is not None:
        for number, step in enumerate(shown.preamble.steps):
            page.wrap(escape(step), lead(say("In clear") if number == 0 else ""))


def _ladder(page: Page, shown: Attempt) -> None:
    start = shown.messages[0].time if shown.messages else 0.0
    for rung in rungs(shown.messages, start, shown.ended_by, shown.ended_at):
        arrow = "-->" if rung.sender == "client" else "<--"
        after = elapsed(rung.after) if rung.after is not None else ""
        head = f"{after:>9} {arrow} {escape(rung.label)}"
        page.wrap(escape(rung.facts), Span(f"{head:<{RUNG}} ", rung.style))


def _outcome(page: Page, shown: Attempt) -> None:
    page.blank()
    hello = next((m for m in shown.messages if m.type == "client_hello"), None)
    if hello is not None and hello.fields:
        page.wrap(offer(hello.fields), lead(say("Offered")))
    if shown.ended_by is not None:
        page.wrap(stopped(shown), lead(say("Stopped at")), style="bad")
    elif shown.outcome == "established":
        told = say("in {time}", time=elapsed(shown.elapsed_ms / 1000))
        page.line(lead(say("Completed")), Span(told, "good"))
    if shown.answer is not None:
        page.wrap(escape(shown.answer), lead(say("Answer")))
