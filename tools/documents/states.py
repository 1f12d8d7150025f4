"""The table of states as a drawing and as a list, made from `tlswire.states`."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import groupby
from typing import NamedTuple

from tlswire.states import AWAITED, TABLE, Row

#: Pixels: a box, the room between the two columns for what is said on the arrows, a step down.
BOX, TALL, GAP, STEP, MARGIN = 200, 34, 460, 84, 14
#: Pixels of what is written: a line, a character, about.
LINE, CHARACTER = 13, 5.9
WIDTH = 2 * (BOX + MARGIN) + GAP
ORDER = {state: number for number, state in enumerate(AWAITED)}
SHOWN = [state for state in AWAITED if state not in ("TCP_CONNECT", "PREAMBLE")]
#: Where on an arrow its label may stand, the best place first; 0 is where the arrow begins.
PLACES = (0.5, 0.35, 0.65, 0.25, 0.75, 0.42, 0.58, 0.3, 0.7, 0.2, 0.8)

STYLE = """<style>
.states text { font: 11px system-ui, sans-serif; fill: currentColor; }
.states .state { font-size: 13px; font-weight: 600; text-anchor: middle; }
.states .said { text-anchor: middle; paint-order: stroke; stroke-width: 4px;
  stroke: var(--md-default-bg-color, white); stroke-linejoin: round; }
.states rect { fill: none; stroke: currentColor; rx: 6; }
.states .client { fill: rgba(64, 128, 208, .16); }
.states .server { fill: rgba(208, 128, 48, .16); }
.states path { fill: none; stroke: currentColor; opacity: .5; marker-end: url(#arrow); }
.states .head { font-size: 13px; font-weight: 700; text-anchor: middle; }
</style>"""
ARROW = (
    '<defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" '
    'markerHeight="7" orient="auto"><path d="M0 0L10 5L0 10z" style="fill:currentColor;'
    'marker-end:none"/></marker></defs>'
)


class Point(NamedTuple):
    """A place in the drawing, in pixels."""

    x: float
    y: float


class Arrow(NamedTuple):
    """A cubic curve between two boxes, and what is said on it."""

    points: tuple[Point, Point, Point, Point]
    said: tuple[str, ...]

    def at(self, t: float) -> Point:
        """Return the point of the curve at `t`, from 0 to 1."""
        weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
        xs, ys = zip(*self.points, strict=True)
        return Point(
            sum(w * x for w, x in zip(weights, xs, strict=True)),
            sum(w * y for w, y in zip(weights, ys, strict=True)),
        )


def drawing() -> str:
    """Return the states as SVG: whose turn it is left and right, messages on the arrows.

    What leaves a state as it is stands in the table only.
    """
    arrows = [_arrow(at, to, rows) for at, to, rows in _moves() if at != to]
    height = MARGIN + 30 + len(SHOWN) * STEP
    parts = [*map(_path, arrows), *map(_box, SHOWN), *_labels(arrows)]
    return (
        f'<div class="states">{STYLE}<svg viewBox="0 0 {WIDTH} {height}" role="img" '
        'aria-label="The states of a handshake and the messages that lead from one to the next">'
        f"{ARROW}{_heads()}{''.join(parts)}</svg></div>\n"
    )


def table() -> str:
    """Return the rows of the table as Markdown."""
    rows = [
        f"| `{row.at}` | {row.who} | `{row.what}` | {row.when.replace('!', 'not ')} | `{row.to}` |"
        for row in TABLE
    ]
    head = "| in state | from | message | when | leads to |\n|---|---|---|---|---|"
    return "\n".join((head, *rows, ""))


def _moves() -> Iterator[tuple[str, str, list[Row]]]:
    rows = sorted(TABLE, key=lambda row: (ORDER[row.at], ORDER[row.to]))
    for (at, to), found in groupby(rows, key=lambda row: (row.at, row.to)):
        yield at, to, list(found)


def _heads() -> str:
    return "".join(
        f'<text class="head" x="{_left(side) + BOX / 2}" y="{MARGIN + 10}">'
        f"the {side}'s turn</text>"
        for side in ("client", "server")
    )


def _left(side: str) -> int:
    return MARGIN if side == "client" else WIDTH - MARGIN - BOX


def _top(state: str) -> int:
    return MARGIN + 30 + SHOWN.index(state) * STEP


def _box(state: str) -> str:
    side, top = AWAITED[state], _top(state)
    x = _left(side)
    return (
        f'<rect class="{side}" x="{x}" y="{top}" width="{BOX}" height="{TALL}"/>'
        f'<text class="state" x="{x + BOX / 2}" y="{top + 22}">{state}</text>'
    )


def _arrow(at: str, to: str, rows: list[Row]) -> Arrow:
    """Lead from the inner edge of one box to that of the next."""
    x1, x2, y1, y2 = _inner(at), _inner(to), _top(at) + TALL / 2, _top(to) + TALL / 2
    shift = 9 if y2 > y1 else 0  # there and back are two lines
    begin, end = Point(x1, y1 + shift), Point(x2, y2 - shift)
    inwards = 1 if AWAITED[at] == "client" else -1
    if AWAITED[at] == AWAITED[to]:
        bulge = inwards * (30 + 42 * abs(ORDER[to] - ORDER[at]))
        bends = (begin._replace(x=x1 + bulge), end._replace(x=x2 + bulge))
    else:
        bends = (begin._replace(x=x1 + inwards * 60), end._replace(x=x2 - inwards * 60))
    return Arrow((begin, *bends, end), tuple(_said(rows)))


def _inner(state: str) -> int:
    return MARGIN + BOX if AWAITED[state] == "client" else WIDTH - MARGIN - BOX


def _path(arrow: Arrow) -> str:
    first, *others = (f"{p.x:.0f} {p.y:.0f}" for p in arrow.points)
    return f'<path d="M{first}C{",".join(others)}"/>'


def _labels(arrows: list[Arrow]) -> Iterator[str]:
    """Write each label on its arrow where no other label stands yet."""
    taken: list[tuple[float, float, float, float]] = []
    for arrow in arrows:
        wide, tall = max(map(len, arrow.said)) * CHARACTER, len(arrow.said) * LINE
        places = [_area(arrow.at(t), wide, tall) for t in PLACES]
        area = next((p for p in places if not any(_overlap(p, t) for t in taken)), places[0])
        taken.append(area)
        x = (area[0] + area[2]) / 2
        lines = "".join(
            f'<tspan x="{x:.0f}" y="{area[1] + LINE * (number + 0.8):.0f}">{escape(line)}</tspan>'
            for number, line in enumerate(arrow.said)
        )
        yield f'<text class="said">{lines}</text>'


def _area(middle: Point, wide: float, tall: float) -> tuple[float, float, float, float]:
    left = min(max(middle.x - wide / 2, MARGIN + BOX + 4), WIDTH - MARGIN - BOX - 4 - wide)
    return left, middle.y - tall / 2, left + wide, middle.y + tall / 2


def _overlap(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]


def _said(rows: list[Row]) -> Iterator[str]:
    said: dict[str, list[str]] = {}
    for row in rows:
        said.setdefault(row.what, []).append(row.when.replace("!", "not "))
    return (f"{what}{_when(when)}" for what, when in said.items())


def _when(conditions: list[str]) -> str:
    told = " or ".join(dict.fromkeys(conditions))
    return f" ({told})" if all(conditions) else ""
