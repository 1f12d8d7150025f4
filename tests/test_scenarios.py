"""The shared laboratory scenarios: what is said of each must be its truth."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from conftest import SHARED

from tlswire.decode import Scan, explain, scan
from tlswire.findings import connection
from tlswire.result import Connection

SCENARIOS = sorted((SHARED / "lab" / "scenarios").glob("*/expect.json"))


def expectation(path: Path) -> dict[str, Any]:
    expected: dict[str, Any] = json.loads(path.read_text())
    if expected.get("skip") or expected.get("later"):
        pytest.skip(str(expected.get("skip") or expected.get("later")))
    return expected


def observe(path: Path, expected: dict[str, Any]) -> Connection:
    found: Scan = scan(path.parent / expected["capture"])
    chosen = [s for s in explain(found.listed()) if s.flow.number == expected["flow"]]
    assert chosen, f"connection {expected['flow']} is not listed"
    return connection(chosen[0])


def mistakes(seen: Connection, expected: dict[str, Any]) -> list[str]:
    """Everything in which the report differs from the truth."""
    wrong = []
    if seen.outcome not in expected["outcome"]:
        wrong.append(f"outcome {seen.outcome}, not {expected['outcome']}")
    if (seen.stopped_at or "") not in (expected["stopped_at"] or [""]):
        wrong.append(f"stopped at {seen.stopped_at}, not {expected['stopped_at']}")
    ended = [seen.ended_by.side, seen.ended_by.how] if seen.ended_by else None
    if (ended or []) not in (expected["ended_by"] or [[]]):
        wrong.append(f"ended by {ended}, not {expected['ended_by']}")
    code = seen.ended_by.alert.code if seen.ended_by and seen.ended_by.alert else None
    if code != expected["alert"] and seen.outcome != "established":
        wrong.append(f"alert {code}, not {expected['alert']}")
    return wrong


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.parent.name)
def test_where_and_who_and_how(path: Path) -> None:
    expected = expectation(path)
    assert mistakes(observe(path, expected), expected) == []


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.parent.name)
def test_healthy_handshakes_are_never_blamed(path: Path) -> None:
    expected = expectation(path)
    if not expected["healthy"]:
        pytest.skip("not a healthy control")
    seen = observe(path, expected)
    assert (seen.outcome, seen.stopped_at, seen.ended_by) == ("established", None, None)
    assert seen.verdict.causes == ()


def test_there_are_scenarios(shared: Path) -> None:
    assert len(SCENARIOS) > 100
