"""The generated parsers: written from the grammar as it is, and equal to it on any bytes."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest
from construct import Renamed, Struct
from hypothesis import given, settings
from hypothesis import strategies as st
from vectors.reading import Vector, vectors

from tlswire.grammar import Situation, fast, kind_of, read
from tlswire.grammar import words as w
from tlswire.grammar.fast_words import Memory, Unreadable
from tlswire.grammar.forms import KINDS, choose, forms_of
from tlswire.grammar.handshake import FORMS
from tlswire.grammar.interpreted import attempt

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
import make_parsers

VECTORS = [v for v in vectors() if v.content == 22]


def test_fast_py_is_what_the_grammar_gives() -> None:
    assert make_parsers.formatted(make_parsers.generate()) == make_parsers.TARGET.read_text()


def test_every_form_has_a_parser_and_every_form_of_a_kind_exists() -> None:
    assert set(fast.PARSERS) == set(FORMS)
    assert {form for kind in KINDS for form in forms_of(kind)} <= set(FORMS)


def check(form: str, body: bytes) -> None:
    """The fast parser reads what the grammar reads without trouble, and nothing else."""
    slow = attempt(form, form, body)
    try:
        fields = fast.PARSERS[form](body, len(body))
    except Unreadable:
        assert slow.troubles
    else:
        assert slow.troubles == ()
        assert fields == slow.fields


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


@pytest.mark.parametrize("form", FORMS)
def test_fast_equals_interpreted_on_well_formed_bytes(form: str) -> None:
    fits: list[bytes] = []

    @settings(max_examples=15, deadline=None, database=None)
    @given(well_formed(form))
    def walk(case: tuple[bytes, bytes]) -> None:
        for body in case:
            check(form, body)
        if not attempt(form, form, case[0]).troubles:
            fits.append(case[0])

    walk()
    assert fits  # else only failures would have been compared


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


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, bytes]:
    """A real message, or what became of it, and a form to read it as."""
    vector = draw(st.sampled_from(VECTORS))
    forms = choose(kind_of(vector.type), vector.body, Situation()).forms
    return draw(st.sampled_from(forms)), mutated(draw, vector.body)


@settings(max_examples=400, deadline=None)
@given(mutations())
def test_fast_equals_interpreted_on_real_and_mutated_messages(case: tuple[str, bytes]) -> None:
    check(*case)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(sorted(FORMS)), st.binary(max_size=80))
def test_fast_equals_interpreted_on_any_bytes(form: str, body: bytes) -> None:
    check(form, body)


def bodies() -> list[tuple[str, int]]:
    """Each extension body of the grammar, as the message and number that name it."""
    return [
        (form, number)
        for form in ("client_hello", "server_hello", "hello_retry_request", "encrypted_extensions")
        for number in range(65536)
        if number in fast.SHAPES[form]["extensions"]["bodies"] or number < 64
    ]


@settings(max_examples=600, deadline=None)
@given(st.sampled_from(bodies()), st.binary(max_size=24))
def test_fast_equals_interpreted_on_any_extension(case: tuple[str, int], body: bytes) -> None:
    form, number = case
    extension = number.to_bytes(2, "big") + len(body).to_bytes(2, "big") + body
    block = len(extension).to_bytes(2, "big") + extension
    head = {
        "client_hello": bytes(35) + b"\x00\x02\x13\x01\x01\x00",
        "encrypted_extensions": b"",
    }.get(form, bytes(38))
    check(form, head + block)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda v: f"{v.source}-{kind_of(v.type)}")
def test_real_messages_cut_anywhere_and_with_a_byte_more(vector: Vector) -> None:
    forms = forms_of(kind_of(vector.type))
    for form in forms:
        check(form, vector.body)
        check(form, vector.body + b"\x00")
        step = 1 if len(vector.body) < 300 else 37
        for length in range(0, len(vector.body), step):
            check(form, vector.body[:length])


def test_reading_twice_gives_the_same() -> None:
    for vector in VECTORS:
        kind = kind_of(vector.type)
        assert read(kind, vector.body) == read(kind, vector.body)


def test_memory_of_extensions_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tlswire.grammar.fast_words.MOST_KNOWN", 50)
    for number in range(500):
        extension = b"\x00\x1c\x00\x02" + number.to_bytes(2, "big")
        read("encrypted_extensions", b"\x00\x06" + extension)
    memories = [m for m in vars(fast).values() if isinstance(m, Memory) and extension in m.runs]
    assert len(memories) == 1
    assert sum(map(len, memories[0].runs)) == memories[0].size <= 50
    assert len(memories[0].lengths) <= len(memories[0].runs)


def test_a_certificate_entry_with_too_many_extensions_is_given_up() -> None:
    for count in (32, 33):
        listed = b"\xfa\xfa\x00\x00" * count
        entry = b"\x00\x00\x01?" + len(listed).to_bytes(2, "big") + listed
        check("certificate_13", b"\x00" + len(entry).to_bytes(3, "big") + entry)


def test_a_normal_read_does_not_import_construct() -> None:
    import subprocess

    vector = next(v for v in VECTORS if v.source == "hello-chrome")
    program = (
        "import sys; from tlswire.grammar import read, show;"
        f"r = read('client_hello', bytes.fromhex('{vector.body.hex()}'));"
        "show('client_hello', r.fields);"
        "assert r.troubles == (); assert 'construct' not in sys.modules"
    )
    root = Path(__file__).resolve().parent.parent
    subprocess.run([sys.executable, "-c", program], check=True, cwd=root)
