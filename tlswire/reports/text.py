"""What a capture holds, for a person: a summary, then each kind of failure once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from tlswire.reports import ladder, tree, verdicts
from tlswire.reports.endings import in_short, stopped
from tlswire.reports.page import Cell, Page, Span
from tlswire.result import Connection, Datagrams, Document, Group, Summary

Detail = Literal["quiet", "usual", "every", "whole"]

#: Kinds of failure shown with a ladder, rows of a table, and servers of a protocol that is only
#: counted, unless more is asked for.
MOST_GROUPS, MOST_ROWS, MOST_SERVERS = 3, 15, 4

OUTCOMES: tuple[tuple[str, str, str], ...] = (
    ("failed", "failed", "bad"),
    ("not_tls", "not TLS", "bad"),
    ("incomplete", "cannot be told", "warn"),
    ("established", "established", "good"),
)
NO_CAUSE = "no cause named"
WORDS = {key: (word, style) for key, word, style in OUTCOMES}


def render(document: Document, page: Page, detail: Detail = "usual") -> None:
    """Write a document on a page; `whole` decodes every field of what the document holds."""
    summarise(page, called(document.capture), document.summary)
    if detail == "whole":
        for connection in document.connections:
            _whole(page, connection, document.capture or "")
        return
    if not document.connections and not document.summary.left_out:
        page.line("  no TLS over TCP in this capture")
    _failures(page, document, detail)
    _others(page, document, detail)


def called(capture: str | None) -> str:
    """Return what a capture is called."""
    return "standard input" if capture in (None, "-") else str(capture)


def summarise(page: Page, capture: str, summary: Summary) -> None:
    """Write what the capture holds, in a few lines."""
    held = f"{plural(summary.packets, 'packet')}, {plural(summary.connections, 'connection')}"
    counts = [(getattr(summary, key), word, style) for key, word, style in OUTCOMES]
    told = [Span(f"  {count} {word}", style) for count, word, style in counts if count]
    page.head(capture, Span(held), *told)
    if summary.tcp_without_tls:
        page.line(f"  {plural(summary.tcp_without_tls, 'TCP connection')} without TLS (--all-tcp)")
    if summary.left_out:
        page.line(f"  {plural(summary.left_out, 'connection')} left out, as asked")
    for protocol in dict.fromkeys(seen.protocol for seen in summary.datagrams):
        _datagrams(page, [seen for seen in summary.datagrams if seen.protocol == protocol])
    for note in summary.notes:
        page.wrap(note, Span("  note: ", "warn"))


def _datagrams(page: Page, found: Sequence[Datagrams]) -> None:
    count = sum(seen.conversations for seen in found)
    counted = plural(count, f"{found[0].protocol} conversation")
    servers = [seen.server for seen in found]
    more = f" and {len(servers) - MOST_SERVERS} more" if len(servers) > MOST_SERVERS else ""
    told = ", ".join(servers[:MOST_SERVERS])
    page.wrap(f"{counted}, counted and not decoded: {told}{more}", "  ")


def plural(count: int, thing: str) -> str:
    """Return `1 packet`, `2 packets`."""
    return f"{count} {thing}" + ("" if count == 1 else "s")


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
        page.line(f"{len(groups) - len(shown)} more kinds of failure: -v shows every one")


def _tables(page: Page, groups: Sequence[Group], detail: Detail) -> None:
    """Write failures by cause where there are many kinds, and then equal ones together."""
    most = len(groups) if detail == "every" else MOST_ROWS
    if len(groups) > MOST_GROUPS:
        page.title("Failures by first cause")
        page.table(list(_by_cause(groups)))
    page.title("Failures, equal ones together")
    below = [group.cause or NO_CAUSE for group in groups[:most]]
    page.table([_group_row(group) for group in groups[:most]], elastic=(1, 3), below=below)
    if len(groups) > most:
        page.line(f"  and {len(groups) - most} more: -v lists every one")


def _by_cause(groups: Sequence[Group]) -> Iterator[tuple[Cell | str, ...]]:
    causes: dict[str, list[Group]] = {}
    for group in groups:
        causes.setdefault(group.cause or NO_CAUSE, []).append(group)
    counts = {cause: sum(len(g.connections) for g in alike) for cause, alike in causes.items()}
    for cause in sorted(causes, key=lambda cause: -counts[cause]):
        servers = len({group.server for group in causes[cause]})
        yield _times(counts[cause]), Cell(cause, "name"), plural(servers, "server")


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
        others = len(group.connections) - 1
        told = f"  and {others} more like it: {_numbers(group.connections[1:], 8)}"
        page.line(Span(told, "dim"))
    _steps(page, connection)
    verdicts.write(page, connection.verdict, capture)


def _whole(page: Page, connection: Connection, capture: str) -> None:
    page.blank()
    _head(page, connection)
    for word, value in _facts(connection):
        page.line(Span(f"  {word:<14}", "dim"), value)
    for step in connection.cleartext.steps if connection.cleartext else ():
        page.line(Span(f"  {'in clear':<14}", "dim"), step)
    _steps(page, connection)
    verdicts.write(page, connection.verdict, capture, whole=True)
    tree.draw(page, connection)


def _facts(connection: Connection) -> list[tuple[str, str]]:
    offered = connection.alpn_offered
    told = [
        ("preamble", connection.preamble),
        ("version", connection.version),
        ("cipher suite", connection.cipher_suite),
        ("ALPN offered", " ".join(offered) if offered else None),
        ("ALPN", connection.alpn),
        ("resumed", {True: "yes", False: "no", None: None}[connection.resumed]),
        ("JA3", connection.ja3),
        ("JA3S", connection.ja3s),
        ("JA4", connection.ja4),
        ("history", connection.history),
    ]
    return [(word, value) for word, value in told if value]


def _head(page: Page, connection: Connection) -> None:
    word, style = WORDS[connection.outcome]
    name = f"  {connection.server_name}" if connection.server_name else ""
    ends = f"{connection.client} -> {connection.server}"
    page.line(Span(f"#{connection.id}  {ends}", "title"), name, "  ", Span(word, style))


def _steps(page: Page, connection: Connection) -> None:
    if connection.preamble:
        page.line(Span(f"  after cleartext: {connection.preamble}", "dim"))
    ended = None if connection.outcome == "incomplete" else connection.ended_by
    if connection.messages:
        ladder.draw(page, ladder.rungs(connection.messages, connection.started, ended))
    if connection.stopped_at is not None:
        style = WORDS[connection.outcome][1]
        page.wrap(stopped(connection), Span("  Stopped at ", style), style=style, hang=4)
    if connection.trust is not None:
        trusted = connection.trust.trusted
        told = f"{'trusted' if trusted else 'not trusted'} by {connection.trust.store}: "
        style = "good" if trusted else "bad"
        page.wrap(told + connection.trust.why, Span("  Chain      ", style), hang=4)


def _others(page: Page, document: Document, detail: Detail) -> None:
    """Write tables of the connections that did not fail, and why some cannot be told."""
    if detail == "quiet":
        return
    most = len(document.connections) if detail == "every" else MOST_ROWS
    for outcome, heading in (("incomplete", "Cannot be told"), ("established", "Established")):
        found = [c for c in document.connections if c.outcome == outcome]
        count = getattr(document.summary, outcome)
        if found:
            page.title(heading)
            below = [c.verdict.summary for c in found[:most]] if outcome == "incomplete" else []
            page.table([_row(c) for c in found[:most]], elastic=(2, 4), below=below)
        if count > most:
            page.line(f"  and {count - most} more: -v lists every one")


def _row(connection: Connection) -> tuple[Cell | str, ...]:
    return (
        Cell(f"#{connection.id}", right=True),
        connection.server,
        connection.server_name or "",
        connection.version or "",
        connection.cipher_suite or "",
        connection.alpn or "",
        Cell("resumed" if connection.resumed else "", "dim"),
    )
