"""How long the command takes, as ratios of runs made in turn: no number is good for ever.

    python tools/bench_cli.py [ROUNDS]

Compares `tlswire --help` with `python -c pass`, and `tlswire decode` with `tshark -r` of the same
small capture. Prints medians and ratios, and judges nothing: the machine may be busy.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
CAPTURE = ROOT / "captures" / "ok-tls12-openssl.pcapng"
ROUNDS = 15


class Pair(NamedTuple):
    """Two commands that are run in turn; the ratio is that of the first to the second."""

    name: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]


def pairs() -> list[Pair]:
    """Return what is compared; tshark only where there is one."""
    python = sys.executable
    ours = str(Path(python).with_name("tlswire"))
    if not Path(ours).exists():
        ours = shutil.which("tlswire") or ours
    found = [Pair("--help / python -c pass", (ours, "--help"), (python, "-c", "pass"))]
    if shutil.which("tshark"):
        decode = (ours, "decode", str(CAPTURE))
        found.append(Pair("decode / tshark -r", decode, ("tshark", "-r", str(CAPTURE))))
    else:
        print("tshark is not installed: decode has nothing to be compared with")
    return found


def run(command: tuple[str, ...]) -> float:
    """Return how long one run took, in seconds."""
    # As when installed: with compiled modules, whatever this shell prefers.
    usual = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    quiet = subprocess.DEVNULL
    begun = time.perf_counter()
    subprocess.run(command, stdout=quiet, stderr=quiet, env=usual, check=False)
    return time.perf_counter() - begun


def compare(pair: Pair, rounds: int) -> tuple[float, float]:
    """Return the median times of both commands, in seconds, after one run that warms up."""
    times: tuple[list[float], list[float]] = ([], [])
    for number in range(rounds + 1):
        for kept, command in zip(times, (pair.ours, pair.theirs), strict=True):
            took = run(command)
            if number:
                kept.append(took)
    return statistics.median(times[0]), statistics.median(times[1])


def main() -> None:
    """Print a table of ratios."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS
    for pair in pairs():
        ours, theirs = compare(pair, rounds)
        told = f"{ours * 1000:7.1f} ms  {theirs * 1000:7.1f} ms  {ours / theirs:6.2f}x"
        print(f"{pair.name:26}{told}   (medians of {rounds})")


if __name__ == "__main__":
    main()
