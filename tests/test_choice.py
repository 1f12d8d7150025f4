"""Connections chosen on the command line: the summary counts what was left out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tlswire import cli
from tlswire.choice import read_time
from tlswire.errors import SelectionError


def chosen(path: Path, *args: str) -> dict[str, Any]:
    told = CliRunner().invoke(cli.main, ["decode", "--json", str(path), *args])
    found: dict[str, Any] = json.loads(told.stdout_bytes)
    return found


@pytest.mark.parametrize(
    ("args", "taken"),
    [
        (["--failed"], 1),
        (["--filter", "port 443"], 1),
        (["--filter", "not port 443"], 0),
        (["--sni", "*.EXAMPLE.com"], 1),
        (["--sni", "other.*"], 0),
        (["--since", "0"], 1),
        (["--since", "1"], 0),
        (["--until", "2001-01-01"], 0),
        (["--failed", "--filter", "not tcp"], 0),
    ],
)
def test_choice(captures: Path, args: list[str], taken: int) -> None:
    document = chosen(captures / "cipher-no-overlap.pcapng", *args)
    summary = document["summary"]
    assert len(document["connections"]) == summary["connections"] == taken
    assert (summary["left_out"], summary["tcp_without_tls"]) == (1 - taken, 0)


def test_text_tells_what_was_left_out(captures: Path) -> None:
    args = ["decode", str(captures / "cipher-no-overlap.pcapng"), "--sni", "other.*"]
    assert "1 connection left out, as asked" in CliRunner().invoke(cli.main, args).output


def test_times() -> None:
    assert read_time("1970-01-01T01:00:00+01:00") == read_time("1970-01-01") == 0
    assert read_time("2.5") == 2.5
    for text in ("yesterday", "nan", "-1", "2026-13-01"):
        with pytest.raises(SelectionError, match="is no time"):
            read_time(text)


def test_a_pipe_that_trickles(captures: Path) -> None:
    content = (captures / "cipher-no-overlap.pcapng").read_bytes()
    command = [sys.executable, "-m", "tlswire", "decode", "--json", "-"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(command, **pipes, env=dict(os.environ)) as running:  # type: ignore[call-overload]
        for start in range(0, len(content), 97):
            running.stdin.write(content[start : start + 97])
            running.stdin.flush()
            time.sleep(0.002)
        told, _ = running.communicate()
    assert running.returncode == 1
    assert json.loads(told)["summary"]["failed"] == 1
