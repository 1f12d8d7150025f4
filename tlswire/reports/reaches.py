"""Which ports of a host answer, for a person: the open ones first, equal ones counted."""

from __future__ import annotations

from collections.abc import Sequence

from tlswire.reports.page import Cell, Page, Span
from tlswire.surveyed import Port, Reach

STYLES = {"open": "good", "closed": "bad", "filtered": "warn", "unreachable": "bad"}
#: So many ports of one kind get a line each; more are told together.
MOST = 12


def render(reach: Reach, page: Page) -> None:
    """Write what became of a host's ports."""
    where = f"  {reach.address}" if reach.address and reach.address != reach.host else ""
    page.line(Span(reach.host, "title"), where)
    shown = [port for port in reach.ports if port.state == "open"]
    others: dict[tuple[object, ...], list[Port]] = {}
    for port in reach.ports:
        if port.state != "open":
            others.setdefault((port.state, port.how, port.by, port.ttl), []).append(port)
    for alike in others.values():
        shown += alike if len(alike) <= MOST else []
    if shown:
        page.table([_row(port) for port in shown], heads=HEADS, elastic=(3, 4))
    for alike in others.values():
        if len(alike) > MOST:
            _together(page, alike)
    for note in reach.notes:
        page.wrap(note, Span("  note: ", "warn"))


HEADS = ("port", "state", "TTL", "what", "by or banner")


def _row(port: Port) -> tuple[Cell | str, ...]:
    what = port.speaks or port.how or ""
    what += f" after {port.preamble}" if port.preamble else ""
    return (
        Cell(str(port.port), right=True),
        Cell(port.state, STYLES[port.state]),
        Cell("" if port.ttl is None else str(port.ttl), "dim", right=True),
        what,
        port.by or port.banner or "",
    )


def _together(page: Page, alike: Sequence[Port]) -> None:
    first = alike[0]
    told = [first.how or "", f"by {first.by}" if first.by else ""]
    told += [f"TTL {first.ttl}" if first.ttl is not None else ""]
    words = ", ".join(filter(None, told))
    page.wrap(
        f"{len(alike)} ports {first.state} ({words}): {ranges([port.port for port in alike])}",
        "  ",
        style=STYLES[first.state],
    )


def ranges(numbers: Sequence[int]) -> str:
    """Return numbers as ranges: 1-3,7."""
    told: list[list[int]] = []
    for number in sorted(numbers):
        if told and number == told[-1][-1] + 1:
            told[-1][1:] = [number]
        else:
            told.append([number])
    return ",".join("-".join(map(str, each)) for each in told)
