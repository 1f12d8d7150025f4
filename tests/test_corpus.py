"""Captures from the wild against what other programs say of them (oracle JSON beside each)."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import SHARED

from tlswire.decode import Seen, scan
from tlswire.offer import server_name
from tlswire.transcript import Entry

ORACLES = sorted((SHARED / "corpus").glob("*/*.oracle.json"))


def capture_of(oracle: Path) -> Path:
    return oracle.with_name(oracle.name.removesuffix(".oracle.json"))


def hellos(seen: Seen) -> list[Entry]:
    return [e for e in seen.transcript.entries if e.what == "client_hello"]


def streams(oracle: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for stream in oracle["streams"]:
        if stream["transport"] == "tls" and stream.get("over", "tcp") == "tcp":
            yield stream


def compare(stream: dict[str, Any], seen: Seen | None) -> list[str]:
    """Every fact of the hellos in which we and the oracle differ."""
    ours = hellos(seen) if seen is not None else []
    theirs = stream["client_hellos"]
    if len(ours) != len(theirs):
        return [f"{len(ours)} hellos, not {len(theirs)}"]
    wrong = []
    for mine, other in zip(ours, theirs, strict=True):
        suites = [f"0x{n:04x}" for n in mine.fields.get("cipher_suites", ())]
        listed = other.get("ciphers")  # the oracle lists none of an SSL 2.0 format hello
        if listed is not None and suites != listed and (listed or mine.kind == "client_hello"):
            wrong.append("suites")
        if other.get("sni") is not None and server_name(mine) != other["sni"]:
            wrong.append(f"sni {server_name(mine)}, not {other['sni']}")
    return wrong


def test_every_packet_of_every_capture_is_read(shared: Path) -> None:
    for path in ORACLES:
        summary = json.loads(path.read_text())["summary"]
        assert scan(capture_of(path)).packets == summary["packets"], path


def test_hellos_names_and_suites_equal_the_oracle(shared: Path) -> None:
    counted: Counter[str] = Counter()
    wrong: list[str] = []
    for path in ORACLES:
        oracle = json.loads(path.read_text())
        wanted = list(streams(oracle))
        if not wanted:
            continue
        ours = {s.flow.number: s for s in scan(capture_of(path)).seen}
        for stream in wanted:
            counted["streams"] += 1
            differences = compare(stream, ours.get(stream["stream"]))
            if differences:
                wrong.append(f"{path.parent.name}/{path.name} {stream['stream']}: {differences}")
    if not counted["streams"]:
        pytest.skip("the corpus holds no TLS stream")
    assert len(wrong) <= 0.01 * counted["streams"], "\n".join(wrong)
