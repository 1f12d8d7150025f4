"""Layouts: what is read at one stroke is what the parser reads, on any bytes and in any order."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from formed import mutated, well_formed
from hypothesis import given, settings
from hypothesis import strategies as st
from vectors.reading import body as vector_body
from vectors.reading import vectors

from tlswire.grammar import Situation, fast, kind_of, layouts, locate, read
from tlswire.grammar.drawing import MOST_PARTS, Undrawable
from tlswire.grammar.fast_words import Unreadable
from tlswire.grammar.forms import choose
from tlswire.grammar.interpreted import attempt
from tlswire.grammar.layouts import Reader
from tlswire.grammar.nodes import drawn
from tlswire.grammar.trees import TREES

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tools"))
import make_parsers

ROOT = Path(__file__).resolve().parent.parent
CHROME = vector_body("hello-chrome", 1)
OPENSSL = vector_body("handshake-tls13", 1)


def parsed(form: str, body: bytes) -> Any:
    """Return what the parser says, None when it gives up."""
    try:
        return fast.PARSERS[form](body, len(body))
    except Unreadable:
        return None


def samples() -> list[tuple[str, bytes]]:
    """Return each real message that has a layout, once, with its form."""
    found = {
        (form, vector.body)
        for vector in vectors()
        if vector.content == 22
        for form in choose(kind_of(vector.type), vector.body, Situation()).forms
        if form in TREES and parsed(form, vector.body) is not None
    }
    return sorted(found)


SAMPLES = samples()


def test_trees_py_is_what_the_grammar_gives() -> None:
    assert make_parsers.formatted(make_parsers.generate_trees()) == make_parsers.TREES.read_text()
    assert set(TREES) == fast.LISTED


def flipped(body: bytes) -> Iterator[bytes]:
    """Change each byte a little and much, and the length."""
    for place in range(len(body)):
        for change in (1, 2, 0x80, 0xFF):
            yield body[:place] + bytes([body[place] ^ change]) + body[place + 1 :]
    for place in range(0, len(body), 1 + len(body) // 50):
        yield body[:place]
        yield body[:place] + body[place + 1 :]
        yield body[:place] + b"\x00" + body[place:]


@pytest.mark.parametrize(("form", "body"), SAMPLES, ids=lambda v: v if isinstance(v, str) else "")
def test_a_layout_reads_what_the_parser_reads_whatever_byte_changes(form: str, body: bytes) -> None:
    layout = drawn(TREES[form], body)
    assert layout(body) == parsed(form, body)
    taken = 0
    for other in flipped(body):
        fields = layout(other) if len(other) == len(body) else None
        if fields is not None:
            taken += 1
            assert fields == parsed(form, other)
            assert fields == layout(other)  # from memory
    assert taken or len(body) < 60


def changed(body: bytes, path: str, value: bytes) -> bytes:
    """Return a ClientHello with other bytes in a field."""
    start, size = locate("client_hello", body)[path]
    assert size == len(value)
    return body[:start] + value + body[start + size :]


@pytest.mark.parametrize(
    ("body", "path", "value"),
    [
        (OPENSSL, "random", b"r" * 32),
        (OPENSSL, "session_id", b"s" * 32),
        (OPENSSL, "cipher_suites", b"\x13\x05" * 87),
        (OPENSSL, "extensions[0].body.server_name_list[0].host_name", b"other.example."),
        (OPENSSL, "extensions[10].body.client_shares[0]", b"\x00\x1e\x00\x20" + b"k" * 32),
        (CHROME, "extensions[0].type", b"\x1a\x1a"),
        (CHROME, "extensions[17].type", b"\xfa\x7a"),
        (CHROME, "extensions[10].body.named_group_list[0]", b"\x3a\x3a"),
    ],
)
def test_a_layout_takes_messages_that_differ_in_values(
    body: bytes, path: str, value: bytes
) -> None:
    other = changed(body, path, value)
    assert parsed("client_hello", other) != parsed("client_hello", body)
    assert drawn(TREES["client_hello"], body)(other) == parsed("client_hello", other)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("session_id.length", b"\x1f"),
        ("cipher_suites.length", b"\x00\x1e"),
        ("extensions[0].type", b"\x00\x17"),  # a stranger becomes one the grammar knows
        ("extensions[0].type", b"\x00\x2d"),
        ("extensions[8].type", b"\x00\x17"),
        ("extensions[14].body.server_name_list[0].host_name.length", b"\x00\x08"),
        ("extensions[16].body.status_type", b"\x02"),
        ("extensions[9].body.client_shares[1].key_exchange.length", b"\x04\xc1"),
    ],
)
def test_a_layout_leaves_what_differs_in_a_length_or_a_type(path: str, value: bytes) -> None:
    assert drawn(TREES["client_hello"], CHROME)(changed(CHROME, path, value)) is None


@pytest.mark.parametrize("form", sorted(TREES))
def test_a_layout_of_well_formed_bytes_reads_them_and_their_mutations(form: str) -> None:
    drawings = []

    @settings(max_examples=40, database=None)
    @given(st.data())
    def walk(data: st.DataObject) -> None:
        body, _ = data.draw(well_formed(form))
        fields = parsed(form, body)
        if fields is None:
            return
        layout = drawn(TREES[form], body)
        drawings.append(layout)
        assert layout(body) == fields
        for _ in range(4):
            other = mutated(data.draw, body)
            if len(other) == len(body):
                assert layout(other) in (None, parsed(form, other))

    walk()
    assert drawings


@settings(max_examples=150)
@given(st.data())
def test_messages_in_any_order_are_read_as_the_grammar_reads_them(data: st.DataObject) -> None:
    """A few messages and what became of them, each read again and again, by layout or not."""
    form, body = data.draw(st.sampled_from(SAMPLES))
    bodies = [body, *(mutated(data.draw, body) for _ in range(5))]
    reader = Reader(form, fast.PARSERS[form])
    for one in data.draw(st.lists(st.sampled_from(bodies), min_size=10, max_size=30)):
        if parsed(form, one) is None:
            with pytest.raises(Unreadable):
                reader.read(one)
        else:
            assert reader.read(one) == parsed(form, one)
            reader.layouts.setdefault(len(one), (drawn(TREES[form], one),))
    for one in bodies:
        slow = attempt(form, form, one)
        assert (parsed(form, one) is None) == bool(slow.troubles)
        assert slow.troubles or parsed(form, one) == slow.fields


# -- when ------------------------------------------------------------------------------------------


def reader() -> Reader:
    """Return a new reader of ClientHello."""
    return Reader("client_hello", fast.PARSERS["client_hello"])


def hello(host: bytes, suites: int = 2) -> bytes:
    """Return a ClientHello with a host name."""
    name = b"\x00" + len(host).to_bytes(2, "big") + host
    block = len(name).to_bytes(2, "big") + name
    extension = b"\x00\x00" + len(block).to_bytes(2, "big") + block
    offered = (2 * suites).to_bytes(2, "big") + b"\x13\x01" * suites
    head = b"\x03\x03" + bytes(32) + b"\x00" + offered + b"\x01\x00"
    return head + len(extension).to_bytes(2, "big") + extension


def test_a_layout_is_drawn_of_what_comes_often() -> None:
    client = reader()
    for _ in range(layouts.OFTEN):
        client.read(OPENSSL)
    assert not client.layouts
    client.read(OPENSSL)
    assert [*client.layouts] == [len(OPENSSL)]
    for body in (OPENSSL, changed(OPENSSL, "random", b"r" * 32)):
        assert client.read(body) == parsed("client_hello", body)
    assert not client.counts  # the parser has not been asked again


def test_layouts_of_one_length_stand_side_by_side_and_the_oldest_gives_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(layouts, "MOST_OF_A_LENGTH", 2)
    client = reader()
    hellos = [hello(b"x" * (10 - 2 * suites), suites) for suites in (1, 2, 3)]
    assert len({*map(len, hellos)}) == 1
    for body in hellos:
        client.draw(body)
    (kept,) = client.layouts.values()
    assert [[layout(body) is not None for body in hellos] for layout in kept] == [
        [False, False, True],
        [False, True, False],
    ]
    assert [client.read(body) for body in hellos] == [parsed("client_hello", b) for b in hellos]


def test_layouts_and_counts_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layouts, "OFTEN", 1)
    monkeypatch.setattr(layouts, "MOST_LAYOUTS", 5)
    monkeypatch.setattr(layouts, "MOST_COUNTED", 7)
    client, most = reader(), 0
    for size in range(1, 60):
        client.read(hello(b"x" * size))
        most = max(most, len(client.counts))
    assert most == 7
    for size in range(1, 60):
        for _ in range(2):
            client.read(hello(b"x" * size))
        assert 1 <= len(client.layouts) <= 5


def test_a_layout_remembers_one_message() -> None:
    layout: Any = drawn(TREES["client_hello"], OPENSSL)
    bodies = [changed(OPENSSL, "cipher_suites", bytes([n]) * 174) for n in range(4)]
    for body in [*bodies, bodies[0], bodies[0], bodies[2]]:
        assert layout(body) == parsed("client_hello", body)
    stretches, _ = layout.__globals__["last"]
    assert sum(map(len, stretches)) < len(OPENSSL)


def test_a_message_of_very_many_parts_or_bytes_has_no_layout() -> None:
    many = b"\xfa\xfa\x00\x00" * MOST_PARTS
    body = len(many).to_bytes(2, "big") + many
    with pytest.raises(Undrawable):
        drawn(TREES["encrypted_extensions"], body)
    long = b"\xfa\xfa\x40\x00" + bytes(1 << 14)
    extensions = Reader("encrypted_extensions", fast.PARSERS["encrypted_extensions"])
    for one in (body, len(long).to_bytes(2, "big") + long):
        extensions.draw(one)
        assert not extensions.layouts
        assert extensions.read(one) == parsed("encrypted_extensions", one)


def test_a_scan_that_draws_does_not_import_construct() -> None:
    program = (
        "import sys; from tlswire.grammar import read;"
        f"body = bytes.fromhex('{CHROME.hex()}');"
        f"readings = [read('client_hello', body) for _ in range({layouts.OFTEN} + 9)];"
        "assert all(one == readings[0] for one in readings);"
        "assert 'tlswire.grammar.drawing' in sys.modules;"
        "assert 'construct' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=ROOT)


def test_what_a_layout_cannot_read_is_located_as_before() -> None:
    for _ in range(layouts.OFTEN + 2):
        assert read("client_hello", CHROME).troubles == ()
    broken = changed(CHROME, "extensions[16].body.request.responder_id_list.length", b"\x00\x09")
    troubles = read("client_hello", broken).troubles
    assert troubles[0].path == "client_hello.extensions[16].body.request.responder_id_list[0]"
    assert troubles == attempt("client_hello", "client_hello", broken).troubles


def test_a_short_fuzz_of_every_entry() -> None:
    """The harness of tools/ by chance alone: parsers, layouts and the grammar agree."""
    command = [sys.executable, "tools/fuzz_grammar.py", "--blind", "-runs=20000", "--every=25"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    taken, drawn = map(int, re.findall(r"\d+", done.stdout))
    assert taken > 19_000
    assert drawn > 20
