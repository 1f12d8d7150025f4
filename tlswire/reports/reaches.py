"""Which ports of a host answer, for a person: the open ones first, equal ones counted."""

from __future__ import annotations

from collections.abc import Sequence

from tlswire.language import mark, say
from tlswire.reports.page import Cell, Page, Span
from tlswire.reports.text import noted
from tlswire.surveyed import Port, Reach

STYLES = {"open": "good", "closed": "bad", "filtered": "warn", "unreachable": "bad"}
STATES = {
    "open": mark("open"),
    "closed": mark("closed"),
    "filtered": mark("filtered"),
    "unreachable": mark("unreachable"),
}
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
        page.table([_row(port) for port in shown], heads=heads(), elastic=(3, 4))
    for alike in others.values():
        if len(alike) > MOST:
            _together(page, alike)
    for note in reach.notes:
        noted(page, note)


def heads() -> tuple[str, ...]:
    """Return what stands over the columns."""
    return say("port"), say("state"), "TTL", say("what"), say("by or banner")


def _row(port: Port) -> tuple[Cell | str, ...]:
    what = port.speaks or port.how or ""
    if port.preamble:
        what = say("{protocol} after {preamble}", protocol=what, preamble=port.preamble)
    return (
        Cell(str(port.port), right=True),
        Cell(say(STATES[port.state]), STYLES[port.state]),
        Cell("" if port.ttl is None else str(port.ttl), "dim", right=True),
        what,
        port.by or port.banner or "",
    )


def _together(page: Page, alike: Sequence[Port]) -> None:
    first = alike[0]
    told = [first.how or "", say("by {who}", who=first.by) if first.by else ""]
    told += [f"TTL {first.ttl}" if first.ttl is not None else ""]
    words = ", ".join(filter(None, told))
    told_of = say(
        "{number} ports {state} ({how}): {ports}",
        number=len(alike),
        state=say(STATES[first.state]),
        how=words,
        ports=ranges([port.port for port in alike]),
    )
    page.wrap(told_of, "  ", style=STYLES[first.state])


def ranges(numbers: Sequence[int]) -> str:
    """Return numbers as ranges: 1-3,7."""
    told: list[list[int]] = []
    for number in sorted(numbers):
        if told and number == told[-1][-1] + 1:
            told[-1][1:] = [number]
        else:
            told.append([number])
    return ",".join("-".join(map(str, each)) for each in told)
