"""The project's own captures: of each, the report says what its `.toml` expects."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT

from tlswire.decode import decode
from tlswire.result import Connection

CAPTURES = sorted((ROOT / "captures").rglob("*.toml"))


def expectations(path: Path) -> list[dict[str, Any]]:
    expected: list[dict[str, Any]] = tomllib.loads(path.read_text())["expect"]
    return expected


def facts(seen: Connection) -> dict[str, Any]:
    """Return the report in the words of an expectation."""
    ended = seen.ended_by
    return {
        "connection": seen.id,
        "outcome": seen.outcome,
        "stopped_at": seen.stopped_at,
        "ended_by": [ended.side, ended.how] if ended else None,
        "alert": ended.alert.code if ended and ended.alert else None,
        "resumed": seen.resumed,
    }


@pytest.mark.parametrize("path", CAPTURES, ids=lambda p: p.stem)
def test_the_report_says_what_is_expected(path: Path) -> None:
    report = decode(path.with_suffix(".pcapng"))
    connections = {c.id: c for c in report.connections}
    for expected in expectations(path):
        seen = connections[expected["connection"]]
        told = facts(seen)
        judged = {k: v for k, v in expected.items() if k in told}
        assert {k: told[k] for k in judged} == judged
        named = [cause.id for cause in seen.verdict.causes]
        if expected.get("healthy"):
            assert named == []
        elif expected.get("causes"):
            assert set(named) & set(expected["causes"]), named
            proved = {c.id for c in seen.verdict.causes if c.confidence == "proved"}
            assert proved <= set(expected["causes"])
        assert seen.verdict.summary


def test_there_are_captures_of_failure_and_of_health() -> None:
    health = [e.get("healthy", False) for p in CAPTURES for e in expectations(p)]
    assert health.count(True) >= 5
    assert health.count(False) >= 10
