"""Our own words are strict, and no page of the grammar uses construct's lenient ones."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from construct import Struct

from tlswire.grammar import words as w
from tlswire.grammar.interpreted import interpret

GRAMMAR = Path(__file__).resolve().parent.parent / "tlswire/grammar"
#: What construct has and what lets broken bytes pass in silence.
BANNED = {"GreedyRange", "Optional", "Select", "Peek", "Pointer", "Prefixed", "Array", "compile"}
#: What the pages stand on.
MACHINERY = {"words.py", "window.py", "interpreted.py"}


@pytest.mark.parametrize("page", sorted(GRAMMAR.glob("*.py")), ids=lambda page: page.name)
def test_no_lenient_word(page: Path) -> None:
    if page.name == "words.py":
        return
    used = {
        node.id if isinstance(node, ast.Name) else node.attr
        for node in ast.walk(ast.parse(page.read_text()))
        if isinstance(node, ast.Name | ast.Attribute)
    }
    assert not used & BANNED


@pytest.mark.parametrize("page", sorted(GRAMMAR.glob("*.py")), ids=lambda page: page.name)
def test_pages_take_only_struct_from_construct(page: Path) -> None:
    taken = {
        name.name
        for node in ast.walk(ast.parse(page.read_text()))
        if isinstance(node, ast.ImportFrom) and node.module == "construct"
        for name in node.names
    }
    assert page.name in MACHINERY or taken <= {"Struct", "Construct"}


def troubles(form: object, data: str) -> list[tuple[str, int, str, str]]:
    """Return what is wrong with the bytes, read as `form` under the name `m`."""
    return [tuple(t) for t in interpret(form, "m", bytes.fromhex(data)).window.troubles]  # type: ignore[misc]


pair = Struct("a" / w.u8, "b" / w.u16)


@pytest.mark.parametrize(
    ("form", "data", "value"),
    [
        (w.u24, "010203", 0x010203),
        (w.Code(w.u16, {5: "five"}), "0007", 7),
        (w.Fixed(2), "abcd", b"\xab\xcd"),
        (w.opaque8(), "02abcd", b"\xab\xcd"),
        (w.Vector(w.u8, w.u16), "0400010002", [1, 2]),
        (w.Vector(w.u8, w.u16), "00", []),
        (w.Body(pair), "010203", {"a": 1, "b": 0x0203}),
        (Struct("t" / w.Tail(w.u8)), "", {"t": None}),
        (Struct("t" / w.Tail(w.u8)), "05", {"t": 5}),
        (
            Struct("n" / w.u8, "x" / w.Counted("n", w.Rest())),
            "02abcd",
            {"n": 2, "x": b"\xab\xcd"},
        ),
        (w.varint, "25", 37),
        (w.varint, "7bbd", 15293),
        (w.varint, "9d7f3e7d", 494878333),
        (w.varint, "c2197c5eff14e88c", 151288809941952652),
    ],
)
def test_whole(form: object, data: str, value: object) -> None:
    parsed = interpret(form, "m", bytes.fromhex(data))
    assert parsed.fields == value
    assert parsed.window.troubles == []
    assert parsed.window.at == len(bytes.fromhex(data))


@pytest.mark.parametrize(
    ("form", "data", "trouble"),
    [
        (w.u24, "0102", ("m", 0, "uint24", "2 left")),
        (w.Fixed(2), "ab", ("m", 0, "2 bytes", "1 left")),
        (
            Struct("x" / w.opaque8()),
            "03abcd",
            ("m.x", 1, "3 bytes, as its length says", "2 left"),
        ),
        (Struct("v" / w.Vector(w.u8, w.u16)), "03000102", ("m.v[1]", 3, "uint16", "1 left")),
        # the window of the list ends before the bytes do: nothing is read past it
        (Struct("v" / w.Vector(w.u8, pair)), "020102030405", ("m.v[0].b", 2, "uint16", "1 left")),
        (w.Body(w.u8), "0102", ("m", 1, "the end", "1 more bytes")),
        (Struct("t" / w.Tail(w.u16)), "05", ("m.t", 0, "uint16", "1 left")),
        (Struct("f" / w.Framed(w.u8, w.u8)), "020102", ("m.f", 2, "the end", "1 more bytes")),
        (Struct("v" / w.Vector(w.u8, w.u8, 2)), "0101", ("m.v", 1, "2 or more bytes", "1 bytes")),
        (
            Struct("v" / w.Vector(w.u8, w.u8, count=1)),
            "020102",
            ("m.v", 2, "at most 1 elements", "more"),
        ),
    ],
)
def test_broken_bytes_name_the_place(
    form: object, data: str, trouble: tuple[str, int, str, str]
) -> None:
    assert troubles(form, data) == [trouble]


def test_second_element_cut_short_is_not_swallowed() -> None:
    """The very case that `Prefixed(u16, GreedyRange(...))` lets pass."""
    form = Struct("v" / w.Vector(w.u16, w.opaque16()))
    assert troubles(form, "0007 0001aa 0005bbcc")[0][0] == "m.v[1]"
