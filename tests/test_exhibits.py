"""Bytes beside fields: each path of the fields stands where the grammar found it."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import ROOT

from tlswire import decode
from tlswire.exhibits import Exhibitor
from tlswire.reports import json
from tlswire.reports.html.shelf import place
from tlswire.reports.tree import leaves
from tlswire.result import Document, Exhibit
from tlswire.seen import explain

CAPTURES = sorted((ROOT / "captures").glob("*.pcapng"))


def exhibited(path: Path) -> Document:
    found = decode.scan(path)
    return decode.document(found, list(explain(found.listed())), show=Exhibitor())


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_every_field_has_a_place_and_opaque_ones_hold_its_bytes(path: Path) -> None:
    opaque = 0
    for connection in exhibited(path).connections:
        for message in connection.messages:
            assert isinstance(message, Exhibit)
            for leaf in leaves(message.fields or {}):
                start, length = place(leaf.path, message.spans)
                assert 0 <= start <= start + length <= len(message.raw)
                if leaf.value and len(leaf.value) == 64 and leaf.name in ("random", "session_id"):
                    assert message.raw[start : start + length].hex() == leaf.value
                    opaque += 1
    hellos = any(c.server_name for c in exhibited(path).connections)
    assert opaque or not hellos


def test_the_bytes_are_those_of_the_stream(captures: Path) -> None:
    (connection,) = exhibited(captures / "cert-expired.pcapng").connections
    hello, _, certificate = connection.messages[:3]
    assert isinstance(hello, Exhibit)
    assert isinstance(certificate, Exhibit)
    # RFC 8446 section 4: type 1, a length of three bytes; it stands after a record header.
    assert hello.raw[:4] == bytes((1,)) + hello.length.to_bytes(3, "big")
    assert hello.offset == 5
    (cause,) = connection.verdict.causes
    assert certificate.offset == cause.evidence[0].offset
    assert len(certificate.raw) == cause.evidence[0].length


def test_messages_of_one_shape_are_located_once(
    captures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tlswire import grammar

    asked: list[str] = []
    locate = grammar.locate
    monkeypatch.setattr(
        grammar, "locate", lambda kind, *rest: asked.append(kind) or locate(kind, *rest)
    )
    show = Exhibitor()
    found = decode.scan(captures / "cipher-no-overlap.pcapng")
    (hello, *_) = found.seen[0].transcript.messages
    spans = [show(hello).spans, show(hello).spans]
    assert asked == ["client_hello"]
    assert spans[0] == spans[1]


def test_the_contract_is_not_touched(captures: Path) -> None:
    found = decode.scan(captures / "cert-expired.pcapng")
    plain = json.render(decode.document(found, list(explain(found.listed()))))
    assert b'"raw": "' not in plain
    assert b"spans" not in json.schema()


def test_a_replay_shows_its_bytes_and_the_json_does_not() -> None:
    import tlswire
    from tlswire.cli.loopback import LoopbackServer

    with LoopbackServer("partner.example.com") as server:
        done = tlswire.replay(ROOT / "captures" / "cipher-no-overlap.pcapng", target=server.target)
    messages = [m for replay in done for attempt in replay.attempts for m in attempt.messages]
    assert {type(message) for message in messages} == {Exhibit}
    answer = next(m for m in messages if m.type == "server_hello")
    assert isinstance(answer, Exhibit)
    assert answer.raw[:1] == bytes((2,))  # RFC 8446 section 4
    assert "cipher_suite" in answer.spans
    assert b'"spans"' not in done.json()
    assert b'"raw": "' not in done.json()
