"""Bytes that fit a form of the grammar, for hypothesis, and what becomes of bytes on a bad day."""

from __future__ import annotations

from typing import Any

from construct import Renamed, Struct
from hypothesis import strategies as st

from tlswire.grammar import words as w
from tlswire.grammar.handshake import FORMS


def written(draw: st.DrawFn, con: Any, scope: dict[str, int]) -> bytes:
    """Return bytes that the construct reads without trouble: the grammar walked the other way."""
    if isinstance(con, Renamed | w.Body):
        return written(draw, con.subcon if isinstance(con, Renamed) else con.inside, scope)
    if isinstance(con, Struct):
        return fields_written(draw, con)
    if isinstance(con, w.Number | w.Code):
        size = con.size if isinstance(con, w.Number) else con.number.size
        return draw(st.binary(min_size=size, max_size=size))
    if isinstance(con, w.Fixed):
        return draw(st.binary(min_size=con.size, max_size=con.size))
    if isinstance(con, w.Varint):
        return draw(st.sampled_from((b"\x05", b"\x40\x08", b"\x80\x00\x00\x09")))
    if isinstance(con, w.Rest):
        return draw(st.binary(min_size=con.least, max_size=con.least + 3))
    if isinstance(con, w.Several):
        return b"".join(written(draw, con.item, scope) for _ in range(draw(st.integers(0, 3))))
    if isinstance(con, w.Framed):
        return framed(draw, con, scope)
    if isinstance(con, w.By):
        return written(draw, con.cases.get(scope[con.key], con.otherwise), scope)
    if isinstance(con, w.Tail):
        return written(draw, con.inside, scope) if draw(st.booleans()) else b""
    if isinstance(con, w.Tagged):
        number = draw(st.sampled_from([*con.bodies, 0x0A0A]))
        body = written(draw, con.bodies[number], scope) if number in con.bodies else b"?"
        return number.to_bytes(2, "big") + len(body).to_bytes(2, "big") + body
    assert isinstance(con, w.Missing), con
    return b""


def framed(draw: st.DrawFn, con: w.Framed, scope: dict[str, int]) -> bytes:
    """Return a length and what fills it, within its bounds."""
    inside = written(draw, con.inside, scope)
    while len(inside) < con.least:
        inside += written(draw, con.inside, scope) or bytes(con.least)
    if isinstance(con.length, w.Varint):
        return bytes([len(inside) % 64]) + inside[:63]
    return len(inside).to_bytes(con.length.size, "big") + inside


def fields_written(draw: st.DrawFn, con: Any) -> bytes:
    """Return the bytes of a struct; a length that stands before its data is made to fit."""
    scope: dict[str, int] = {}
    parts: dict[str, bytes] = {}
    for field in con.subcons:
        inside = field.subcon
        if isinstance(inside, w.Counted):
            parts[field.name] = written(draw, inside.inside, scope)
            size = len(parts[inside.length])
            parts[inside.length] = len(parts[field.name]).to_bytes(size, "big")
            continue
        keys = [b for b in con.subcons if getattr(key_of(b.subcon), "key", None) == field.name]
        if keys and (cases := key_of(keys[0].subcon).cases) and draw(st.booleans()):
            size = len(written(draw, inside, scope))
            parts[field.name] = draw(st.sampled_from(sorted(cases))).to_bytes(size, "big")
        else:
            parts[field.name] = written(draw, inside, scope)
        scope[field.name] = int.from_bytes(parts[field.name], "big")
    return b"".join(parts.values())


def key_of(con: Any) -> Any:
    """Return the `By` that a field holds, itself or behind a length."""
    return con.inside if isinstance(con, w.Framed) else con


@st.composite
def well_formed(draw: st.DrawFn, form: str) -> tuple[bytes, bytes]:
    """Bytes that fit the form, and what becomes of them with a change here and there."""
    body = written(draw, FORMS[form], {})
    return body, mutated(draw, body)


def mutated(draw: st.DrawFn, body: bytes) -> bytes:
    """Cut, lengthen and change bytes here and there."""
    changed = bytearray(body)
    for _ in range(draw(st.integers(0, 3))):
        if not changed:
            break
        place = draw(st.integers(0, len(changed) - 1))
        action = draw(st.sampled_from(("set", "near", "cut", "delete", "insert")))
        if action == "set":
            changed[place] = draw(st.integers(0, 255))
        elif action == "near":
            changed[place] = (changed[place] + draw(st.sampled_from((-2, -1, 1, 2)))) % 256
        elif action == "cut":
            del changed[place:]
        elif action == "delete":
            del changed[place]
        else:
            changed.insert(place, draw(st.integers(0, 255)))
    return bytes(changed)
