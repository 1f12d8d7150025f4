"""What a capture holds, for a person: a summary, then each kind of failure once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Literal, NamedTuple

from tlswire.few import few
from tlswire.language import counted, mark, say
from tlswire.observed import Connection, Datagrams, Group, Summary
from tlswire.reports import ladder, tree, verdicts
from tlswire.reports.endings import in_short, stopped
from tlswire.reports.page import Cell, Page, Span, lead

if TYPE_CHECKING:
    from tlswire.result import Document

Detail = Literal["quiet", "usual", "every", "whole"]

#: Kinds of failure shown with a ladder, rows of a table, and servers of a protocol that is only
#: counted, unless more is asked for.
MOST_GROUPS, MOST_ROWS, MOST_SERVERS = 3, 15, 4
#: Next steps for what cannot be told: many connections want the same one.
MOST_STEPS = 2


class Outcome(NamedTuple):
    """How an outcome is said: of one handshake, of many; and its style."""

    key: str
    word: str
    many: Callable[[int], str]
    style: str


OUTCOMES: tuple[Outcome, ...] = (
    Outcome(
        "failed",
        mark("failed"),
        lambda n: counted("{number} failed", "{number} failed", n),
        "bad",
    ),
    Outcome(
        "not_tls",
        mark("not TLS"),
        lambda n: counted("{number} not TLS", "{number} not TLS", n),
        "bad",
    ),
    Outcome(
        "incomplete",
        mark("cannot be told"),
        lambda n: counted("{number} cannot be told", "{number} cannot be told", n),
        "warn",
    ),
    Outcome(
        "established",
        mark("established"),
        lambda n: counted("{number} established", "{number} established", n),
        "good",
    ),
)
NO_CAUSE = mark("no cause named")
TRUSTED = mark("trusted by {store}: {why}")
NOT_TRUSTED = mark("not trusted by {store}: {why}")
_BY_KEY = {outcome.key: outcome for outcome in OUTCOMES}


def render(document: Document, page: Page, detail: Detail = "usual") -> None:
    """Write a document on a page; `whole` decodes every field of what the document holds."""
    summarise(page, called(document.capture), document.summary)
    if detail == "whole":
        for connection in document.connections:
            _whole(page, connection, document.capture or "")
        return
    if not document.connections and not document.summary.left_out:
        page.line("  " + say("no TLS over TCP in this capture"))
    _failures(page, document, detail)
    _others(page, document, detail)


def called(capture: str | None) -> str:
    """Return what a capture is called."""
    return say("standard input") if capture in (None, "-") else str(capture)


def packets(number: int) -> str:
    """Return `1 packet`, `2 packets`."""
    return counted("{number} packet", "{number} packets", number)


def connections(number: int) -> str:
    """Return `1 connection`, `2 connections`."""
    return counted("{number} connection", "{number} connections", number)


def outcome(key: str) -> str:
    """Return what came of one handshake, in a word or three."""
    return say(_BY_KEY[key].word)


def style_of(key: str) -> str:
    """Return the style of an outcome."""
    return _BY_KEY[key].style


def summarise(page: Page, capture: str, summary: Summary) -> None:
    """Write what the capture holds, in a few lines."""
    held = f"{packets(summary.packets)}, {connections(summary.connections)}"
    counts = [(getattr(summary, outcome.key), outcome) for outcome in OUTCOMES]
    told = [Span(f"  {each.many(count)}", each.style) for count, each in counts if count]
    page.head(capture, Span(held), *told)
    if summary.tcp_without_tls:
        page.line(f"  {without_tls(summary.tcp_without_tls)} (--all-tcp)")
    if summary.left_out:
        page.line(f"  {left_out(summary.left_out)}")
    for protocol in dict.fromkeys(seen.protocol for seen in summary.datagrams):
        _datagrams(page, [seen for seen in summary.datagrams if seen.protocol == protocol])
    for note in summary.notes:
        noted(page, note)


def noted(page: Page, note: str, style: str = "warn") -> None:
    """Write a note; a dim one is dim altogether."""
    lead = Span(f"  {say('note: ')}", style)
    page.wrap(note, lead, style=style if style == "dim" else "")


def without_tls(number: int) -> str:
    """Return how many TCP connections held no TLS."""
    return counted(
        "{number} TCP connection without TLS", "{number} TCP connections without TLS", number
    )


def left_out(number: int) -> str:
    """Return how many connections are not told of."""
    return counted(
        "{number} connection left out, as asked", "{number} connections left out, as asked", number
    )


def _datagrams(page: Page, found: Sequence[Datagrams]) -> None:
    told = counted(
        "{number} {protocol} conversation, counted and not decoded: {servers}",
        "{number} {protocol} conversations, counted and not decoded: {servers}",
        sum(seen.conversations for seen in found),
        protocol=found[0].protocol,
        servers=few([seen.server for seen in found], MOST_SERVERS),
    )
    page.wrap(told, "  ")


def _failures(page: Page, document: Document, detail: Detail) -> None:
    groups = document.summary.failures
    by_id = {connection.id: connection for connection in document.connections}
    if len(groups) > 1 or (groups and detail == "quiet"):
        _tables(page, groups, detail)
    if detail == "quiet":
        return
    shown = groups if detail == "every" else groups[:MOST_GROUPS]
    for group in shown:
        for number in group.connections if detail == "every" else group.connections[:1]:
            failure(
                page,
                document.capture or "",
                by_id[number],
                group if detail == "usual" else None,
            )
    if len(groups) > len(shown):
        page.blank()
        page.line(
            say(
                "{number} more kinds of failure: -v shows every one",
                number=len(groups) - len(shown),
            )
        )


def _tables(page: Page, groups: Sequence[Group], detail: Detail) -> None:
    """Write failures by cause where there are many kinds, and then equal ones together."""
    most = len(groups) if detail == "every" else MOST_ROWS
    if len(groups) > MOST_GROUPS:
        page.title(say("Failures by first cause"))
        page.table(list(_by_cause(groups)))
    page.title(say("Failures, equal ones together"))
    below = [group.cause or say(NO_CAUSE) for group in groups[:most]]
    page.table(list(map(_group_row, groups[:most])), elastic=(1,), whole=3, below=below)
    _listed_by_v(page, len(groups) - most)


def _listed_by_v(page: Page, left: int) -> None:
    if left > 0:
        told = counted(
            "and {number} more: -v lists every one", "and {number} more: -v lists every one", left
        )
        page.line(f"  {told}")


def _by_cause(groups: Sequence[Group]) -> Iterator[tuple[Cell | str, ...]]:
    causes: dict[str, list[Group]] = {}
    for group in groups:
        causes.setdefault(group.cause or say(NO_CAUSE), []).append(group)
    counts = {cause: sum(len(g.connections) for g in alike) for cause, alike in causes.items()}
    for cause in sorted(causes, key=lambda cause: -counts[cause]):
        servers = len({group.server for group in causes[cause]})
        told = counted("{number} server", "{number} servers", servers)
        yield _times(counts[cause]), Cell(cause, "name"), told


def _group_row(group: Group) -> tuple[Cell | str, ...]:
    return (
        _times(len(group.connections)),
        group.server,
        group.stopped_at or "",
        Cell(in_short(group.ended_by), "bad"),
        _numbers(group.connections, 2),
    )


def _times(count: int) -> Cell:
    return Cell(f"{count}x", "strong", right=True)


def _numbers(numbers: Sequence[int], most: int = 3) -> str:
    told = " ".join(f"#{number}" for number in numbers[:most])
    return told + (" ..." if len(numbers) > most else "")


def failure(page: Page, capture: str, connection: Connection, group: Group | None = None) -> None:
    """Write one failed connection: ladder, where it stopped, verdict."""
    page.blank()
    _head(page, connection)
    if group is not None and len(group.connections) > 1:
        told = counted(
            "and {number} more like it: {others}",
            "and {number} more like it: {others}",
            len(group.connections) - 1,
            others=_numbers(group.connections[1:], 8),
        )
        page.line(Span(f"  {told}", "dim"))
    _steps(page, connection)
    verdicts.write(page, connection.verdict, capture)


def _whole(page: Page, connection: Connection, capture: str) -> None:
    page.blank()
    _head(page, connection)
    for word, value in _facts(connection):
        page.line(Span(f"  {word:<14}", "dim"), value)
    for step in connection.cleartext.steps if connection.cleartext else ():
        page.line(Span(f"  {say('in clear'):<14}", "dim"), step)
    _steps(page, connection)
    verdicts.write(page, connection.verdict, capture, whole=True)
    tree.draw(page, connection)


def _facts(connection: Connection) -> list[tuple[str, str]]:
    offered = connection.alpn_offered
    told = [
        (say("preamble"), connection.preamble),
        (say("version"), connection.version),
        (say("cipher suite"), connection.cipher_suite),
        (say("ALPN offered"), " ".join(offered) if offered else None),
        ("ALPN", connection.alpn),
        (say("resumed"), {True: say("yes"), False: say("no"), None: None}[connection.resumed]),
        ("JA3", connection.ja3),
        ("JA3S", connection.ja3s),
        ("JA4", connection.ja4),
        (say("history"), connection.history),
    ]
    return [(word, value) for word, value in told if value]


def _head(page: Page, connection: Connection) -> None:
    came = Span(outcome(connection.outcome), style_of(connection.outcome))
    name = f"  {connection.server_name}" if connection.server_name else ""
    ends = Span(f"#{connection.id}  {connection.client} -> {connection.server}", "title")
    if page.fits(ends, name, "  ", came):
        page.line(ends, name, "  ", came)
    else:
        page.line(ends)
        page.line(name, "  ", came)


def _steps(page: Page, connection: Connection) -> None:
    if connection.preamble:
        told = say("after cleartext: {preamble}", preamble=connection.preamble)
        page.line(Span(f"  {told}", "dim"))
    ended = None if connection.outcome == "incomplete" else connection.ended_by
    if connection.messages:
        ladder.draw(
            page, ladder.rungs(connection.messages, connection.started, ended, connection.ended_at)
        )
    if connection.stopped_at is not None:
        style = style_of(connection.outcome)
        page.wrap(stopped(connection), lead(say("Stopped at"), style), style=style, hang=4)
    if connection.trust is not None:
        trust = connection.trust
        told = say(TRUSTED if trust.trusted else NOT_TRUSTED, store=trust.store, why=trust.why)
        page.wrap(told, lead(say("Chain"), "good" if trust.trusted else "bad"), hang=4)


def _others(page: Page, document: Document, detail: Detail) -> None:
    """Write tables of the connections that did not fail, and why some cannot be told."""
    if detail == "quiet":
        return
    most = len(document.connections) if detail == "every" else MOST_ROWS
    for key, heading in (
        ("incomplete", say("Cannot be told")),
        ("established", say("Established")),
    ):
        found = [c for c in document.connections if c.outcome == key]
        if found:
            page.title(heading)
            below = [c.verdict.summary for c in found[:most]] if key == "incomplete" else []
            page.table([_row(c) for c in found[:most]], elastic=(2, 4), below=below)
            steps = (c.verdict.next_step for c in found[:most] if key == "incomplete")
            for step in islice(dict.fromkeys(filter(None, steps)), MOST_STEPS):
                verdicts.follow(page, step, document.capture or "")
        _listed_by_v(page, getattr(document.summary, key) - most)


def _row(connection: Connection) -> tuple[Cell | str, ...]:
    return (
        Cell(f"#{connection.id}", right=True),
        connection.server,
        connection.server_name or "",
        connection.version or "",
        connection.cipher_suite or "",
        connection.alpn or "",
        Cell(say("resumed") if connection.resumed else "", "dim"),
    )
