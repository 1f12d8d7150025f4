"""What is known of a construct without reading: its size, its pieces, what it holds."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from construct import Renamed, Struct

from tlswire import codes
from tlswire.grammar import words as w

#: What an object is called in codes.py, by identity.
REGISTRIES = {id(value): name for name, value in vars(codes).items() if isinstance(value, dict)}

#: Size in bytes -> the letter of struct for a number of that size, and what reading it without
#: struct costs, where one call of struct costs 4 (measured; only the proportion matters).
LETTERS = {1: ("B", 1), 2: ("H", 3), 4: ("I", 5), 8: ("Q", 5)}
COST_OF_A_CALL, COST_OF_A_SLICE = 4, 2


def width_of_items(con: Any) -> int:
    """Return 1 or 2 for a list of numbers of so many bytes, 0 for anything else."""
    if not isinstance(con, w.Several) or con.count < w.MOST_ELEMENTS:
        return 0
    item = con.item
    size = fixed_size(item) if isinstance(item, w.Code | w.Number) else None
    return size if size in (1, 2) else 0


def bounds(con: w.Framed, size: str) -> list[str]:
    """Return the conditions under which a length breaks its bounds."""
    least = [f"{size} < {con.least}"] if con.least else []
    return least if con.most is None else [*least, f"{size} > {con.most}"]


def fixed_size(con: Any) -> int | None:
    """Return how many bytes a construct always takes, None when that varies."""
    if isinstance(con, Renamed):
        return fixed_size(con.subcon)
    if isinstance(con, Struct):
        sizes = [fixed_size(field) for field in con.subcons]
        return None if None in sizes else sum(size or 0 for size in sizes)
    if isinstance(con, w.Code):
        return con.number.size
    if isinstance(con, w.Missing):
        return 0
    return con.size if isinstance(con, w.Number | w.Fixed) else None


def run_size(fields: list[Any]) -> int:
    """Return the bytes of the fields up to the first that varies, with that one's length."""
    total = 0
    for field in fields:
        size = fixed_size(field)
        if size is None:
            framed = field.subcon
            isframed = isinstance(framed, w.Framed) and isinstance(framed.length, w.Number)
            return total + (framed.length.size if isframed else 0)
        total += size
    return total


Piece = tuple[str, int, int]  # the letters of struct, bytes, and the cost without struct


def pieces(con: Any) -> list[Piece] | None:
    """Return what a construct of a fixed size is made of, None when struct cannot unpack it."""
    if isinstance(con, Renamed):
        return pieces(con.subcon)
    if isinstance(con, Struct):
        parts = [pieces(field) for field in con.subcons]
        return None if None in parts else [piece for part in parts for piece in part or ()]
    if isinstance(con, w.Fixed):
        return [(f"{con.size}s", con.size, COST_OF_A_SLICE)]
    if isinstance(con, w.Missing):
        return []
    number = con.number if isinstance(con, w.Code) else con
    if isinstance(number, w.Number) and number.size in LETTERS:
        letter, cost = LETTERS[number.size]
        return [(letter, number.size, cost)]
    return None


def length_piece(field: Any) -> Piece | None:
    """Return the piece that the length of a frame is, None for anything else."""
    framed = field.subcon
    parts = pieces(framed.length) if isinstance(framed, w.Framed) else None
    return parts[0] if parts else None


def bound(con: Any, names: Iterator[str]) -> str:
    """Return the expression of a construct whose pieces have been unpacked into `names`."""
    if isinstance(con, Renamed):
        return bound(con.subcon, names)
    if isinstance(con, Struct):
        return braces({field.name: bound(field, names) for field in con.subcons})
    return repr(con.value) if isinstance(con, w.Missing) else next(names)


def braces(fields: dict[str, str]) -> str:
    """Return the text of a dict."""
    return "{" + ", ".join(f'"{name}": {value}' for name, value in fields.items()) + "}"


def lists(con: Any) -> bool:
    """Tell whether a construct holds a list of anything but numbers."""
    if isinstance(con, w.Several):
        return not isinstance(con.item, w.Number | w.Code)
    below = list(getattr(con, "subcons", ())) + list(getattr(con, "cases", {}).values())
    below += [getattr(con, name, None) for name in ("subcon", "inside", "otherwise")]
    return any(lists(one) for one in below if one is not None)


def shape(con: Any) -> Any:
    """Return which fields below `con` hold a number of which registry, None when none does."""
    if isinstance(con, w.Code):
        return REGISTRIES[id(con.names)]
    if isinstance(con, Struct):
        fields = {field.name: shape(field.subcon) for field in con.subcons}
        return {name: below for name, below in fields.items() if below} or None
    if isinstance(con, w.Tagged):
        bodies = {number: shape(body) for number, body in con.bodies.items()}
        return {"type": shape(con.number), "bodies": {n: s for n, s in bodies.items() if s}}
    if isinstance(con, w.By):
        return merged([shape(case) for case in [*con.cases.values(), con.otherwise]])
    inside = getattr(con, "item", None) or getattr(con, "inside", None)
    return shape(inside) if inside is not None else None


def merged(shapes: list[Any]) -> Any:
    """Return one shape that holds for all; two that contradict each other are a mistake."""
    whole: dict[Any, Any] = {}
    for one in shapes:
        for name, below in (one or {}).items():
            if whole.setdefault(name, below) != below:
                whole[name] = merged([whole[name], below])
    return whole or None
