"""The generated parsers: written from the grammar as it is, and equal to it on any bytes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from formed import mutated, well_formed
from hypothesis import given, settings
from hypothesis import strategies as st
from vectors.reading import Vector, vectors

from tlswire.grammar import Situation, fast, kind_of, read
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


@pytest.mark.parametrize("form", FORMS)
def test_fast_equals_interpreted_on_well_formed_bytes(form: str) -> None:
    fits: list[bytes] = []

    @settings(max_examples=15, database=None)
    @given(well_formed(form))
    def walk(case: tuple[bytes, bytes]) -> None:
        for body in case:
            check(form, body)
        if not attempt(form, form, case[0]).troubles:
            fits.append(case[0])

    walk()
    assert fits  # else only failures would have been compared


@st.composite
def mutations(draw: st.DrawFn) -> tuple[str, bytes]:
    """A real message, or what became of it, and a form to read it as."""
    vector = draw(st.sampled_from(VECTORS))
    forms = choose(kind_of(vector.type), vector.body, Situation()).forms
    return draw(st.sampled_from(forms)), mutated(draw, vector.body)


@settings(max_examples=400)
@given(mutations())
def test_fast_equals_interpreted_on_real_and_mutated_messages(case: tuple[str, bytes]) -> None:
    check(*case)


@settings(max_examples=300)
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


@settings(max_examples=600)
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
    monkeypatch.setattr("tlswire.grammar.fast_words.MOST_KNOWN", 5)
    parser = fast.PARSERS["encrypted_extensions"]
    for number in range(500):
        extension = b"\x00\x1c\x00\x02" + number.to_bytes(2, "big")
        parser(b"\x00\x06" + extension, 8)
        large = b"\xfa\xfa\x00\xc8" + bytes(200)
        parser(b"\x00\xcc" + large, 206)
    memories = [m for m in vars(fast).values() if isinstance(m, Memory) and extension in m]
    assert len(memories) == 1
    assert len(memories[0]) <= 5
    assert large not in memories[0]


def test_what_is_fresh_in_each_message_is_not_remembered() -> None:
    share = b"\x00\x33\x00\x06\x00\x1d\x00\x02xy"
    hello = b"\x03\x03" + bytes(32) + b"\x00\x13\x01\x00\x00\x0a" + share
    assert fast.PARSERS["server_hello"](hello, len(hello))["extensions"][0]["length"] == 6
    assert not [m for m in vars(fast).values() if isinstance(m, Memory) and share in m]


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
