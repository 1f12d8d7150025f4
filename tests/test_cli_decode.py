"""`tlswire decode` on the project's own captures, from the file to the exit code."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import ROOT

from tlswire import cli

CAPTURES = sorted((ROOT / "captures").glob("*.pcapng"))


def decode(*args: str) -> Result:
    return CliRunner().invoke(cli.main, ["decode", *args])


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_text_and_exit_code(path: Path) -> None:
    expected = tomllib.loads(path.with_suffix(".toml").read_text())["expect"]
    outcomes = {e["outcome"] for e in expected if "outcome" in e}
    told = decode(str(path))
    failed = outcomes & {"failed", "not_tls"}
    code = 1 if failed else 0 if "established" in outcomes else 3
    assert told.exit_code == code, told.output
    wide = [line for line in told.output.splitlines() if len(line) > 100]
    assert all(str(path) in line for line in wide), wide  # a path is never cut
    assert len(told.output.splitlines()) <= 45
    if failed:
        assert "Stopped at " in told.output
        assert " Why " in told.output


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_whole_and_json_agree(path: Path) -> None:
    document = json.loads(decode(str(path), "--json").stdout_bytes)
    for connection in document["connections"]:
        told = decode(str(path), "-c", str(connection["id"]))
        assert told.exit_code in (0, 1, 3)
        assert connection["history"] in told.output
        for message in connection["messages"]:
            assert f"frame {message['frame']}, " in told.output


def test_connection_that_is_not_there(captures: Path) -> None:
    told = decode(str(captures / "cipher-no-overlap.pcapng"), "-c", "7")
    assert told.exit_code == 2
    assert "no connection 7" in told.output


def test_standard_input(captures: Path) -> None:
    content = (captures / "cipher-no-overlap.pcapng").read_bytes()
    told = CliRunner().invoke(cli.main, ["decode", "-"], input=content)
    assert told.exit_code == 1
    assert told.output.startswith("standard input: ")
