"""How long the command takes, for `pytest --benchmark-enable`. Nothing timed is asserted.

In a usual run each body runs once, which shows that it works. Compare with a run on the same
machine only; `tools/bench_cli.py` prints the ratios that matter.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CAPTURE = "ok-tls12-openssl.pcapng"
TLSWIRE = (sys.executable, "-m", "tlswire")


def run(*command: str) -> int:
    return subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode


@pytest.mark.benchmark(group="start")
def test_python_that_does_nothing(benchmark: Any) -> None:
    assert benchmark(run, sys.executable, "-c", "pass") == 0


@pytest.mark.benchmark(group="start")
def test_help(benchmark: Any) -> None:
    assert benchmark(run, *TLSWIRE, "--help") == 0


@pytest.mark.benchmark(group="decode a small capture")
def test_decode(benchmark: Any, captures: Path) -> None:
    assert benchmark(run, *TLSWIRE, "decode", str(captures / CAPTURE)) == 0


@pytest.mark.benchmark(group="decode a small capture")
def test_tshark(benchmark: Any, captures: Path) -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    assert benchmark(run, "tshark", "-r", str(captures / CAPTURE)) == 0
