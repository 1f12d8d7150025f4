"""What programs read: the contract's names, and a round trip through an independent parser."""

from __future__ import annotations

import json

import msgspec
from results import document, established, failed

from tlswire.reports.json import render, render_last, render_line, schema
from tlswire.result import Document

#: The names of a connection, in the order of the contract.
CONNECTION = """
id client server transport started preamble server_name client_version version cipher_suite
alpn_offered alpn resumed ja3 ja3s ja4 history outcome stopped_at ended_by verdict trust
messages alerts cleartext ended_at
"""


def test_names_of_the_contract() -> None:
    told = json.loads(render(document(failed(), established())))
    assert list(told)[:4] == ["schema", "capture", "connections", "summary"]
    assert told["schema"] == "tlswire/1"
    first, second = told["connections"]
    assert list(first) == CONNECTION.split()
    assert first["ended_by"] == {
        "side": "server",
        "how": "alert",
        "alert": {"level": "fatal", "code": 40, "name": "handshake_failure"},
    }
    assert (second["stopped_at"], second["ended_by"]) == (None, None)
    assert list(first["messages"][0]) == [
        *("frame", "time", "from", "type", "length", "trouble", "fields"),
    ]
    evidence = first["verdict"]["causes"][0]["evidence"][0]
    assert (evidence["from"], evidence["frame"], evidence["offset"]) == ("client", 4, 0)
    assert list(first["alerts"][0]) == ["frame", "from", "level", "code", "name", "encrypted"]


def test_round_trip() -> None:
    shown = document(failed(), established())
    assert msgspec.json.decode(render(shown), type=Document) == shown


def test_one_document_with_a_line_end() -> None:
    told = render(document())
    assert told.endswith(b"}\n")
    assert told.count(b'"schema"') == 1


def test_a_connection_a_line_and_the_summary_last() -> None:
    shown = document(failed(0), established(1))
    told = [*map(render_line, shown.connections), render_last(shown.capture, shown.summary)]
    lines = [json.loads(line) for line in told]
    assert [line.get("id") for line in lines] == [0, 1, None]
    assert all(line.endswith(b"\n") and line.count(b"\n") == 1 for line in told)
    whole = json.loads(render(shown))
    assert lines[:2] == whole["connections"]
    assert lines[2] == {key: whole[key] for key in ("schema", "capture", "summary")}


def test_schema_names_what_is_printed() -> None:
    told = json.loads(schema())
    types = told["$defs"]
    assert list(types["Connection"]["properties"]) == CONNECTION.split()
    assert "from" in types["Message"]["properties"]
    assert types["Cause"]["properties"]["confidence"]["enum"] == ["likely", "possible", "proved"]
