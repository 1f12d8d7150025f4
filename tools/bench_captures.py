"""How fast large captures are read, as ratios to tshark, ssldump and tcpdump run in turn.

    python tools/bench_captures.py                 make the captures, then let all read them
    python tools/bench_captures.py --quick         a twentieth of it
    python tools/bench_captures.py --only ours     without the others

`--dir` keeps the captures, 2.5 GB, and a second run with it makes none. Two are made from real
handshakes: `bulk`, 260 connections with 1 GB, and `many`, 50,000 with 0.2 GB, two fifths of them
failing. Making them needs root (namespaces) and, of Debian: util-linux iproute2 ethtool tcpdump
nginx-light curl openssl gnutls-bin. Prints ratios and judges nothing: the machine may be busy.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import race
from benchmarks.race import Run, Runner

NAMES = ("bulk", "many")
MB = 1e6


def main() -> None:
    """Make what is missing, then measure."""
    asked = arguments()
    if asked.make:
        make(asked.dir, asked.quick)
    elif asked.dir:
        measure(asked)
    else:
        with tempfile.TemporaryDirectory(prefix="tlswire-bench-") as folder:
            asked.dir = Path(folder)
            measure(asked)


def arguments() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--dir", type=Path, help="where the captures are, or are made and kept")
    parser.add_argument("--quick", action="store_true", help="a twentieth of the connections")
    known = [each.name for each in race.RUNNERS]
    parser.add_argument("--only", choices=known, action="append", help="only this; repeatable")
    parser.add_argument("--capture", choices=NAMES, action="append", help="only this capture")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--make", action="store_true", help="make the captures and stop")
    return parser.parse_args()


# -- making ----------------------------------------------------------------------------


def make(folder: Path, quick: bool) -> None:
    """Make the captures in namespaces of their own."""
    from benchmarks import traffic
    from captures.network import enter_private_namespaces, missing

    if os.geteuid() != 0:
        sys.exit("needs root: the captures are made in network namespaces")
    if absent := missing(traffic.PROGRAMS):
        sys.exit(f"not installed: {', '.join(absent)}")
    enter_private_namespaces()
    folder.mkdir(parents=True, exist_ok=True)
    traffic.make(folder.resolve(), traffic.QUICK if quick else traffic.WHOLE)


def make_missing(folder: Path, quick: bool) -> None:
    """Make the captures unless they are there, in a process that keeps its memory to itself."""
    if all((folder / f"{name}.pcapng").exists() for name in NAMES):
        return
    command = [sys.executable, __file__, "--make", "--dir", str(folder)]
    if subprocess.run([*command, *(["--quick"] if quick else [])], check=False).returncode:
        sys.exit(1)


# -- measuring -------------------------------------------------------------------------


def measure(asked: argparse.Namespace) -> None:
    """Print the table of each capture."""
    make_missing(asked.dir, asked.quick)
    taking_part = race.runners(asked.only)
    if not taking_part:
        sys.exit("nobody who is asked for is installed")
    for name in asked.capture or NAMES:
        capture = asked.dir / f"{name}.pcap"
        print(f"{name}: {capture.stat().st_size / MB:.0f} MB, best of {asked.rounds}")
        runs = race.race(capture, taking_part, asked.rounds)
        base = "tshark" if "tshark" in runs else taking_part[-1].name
        print("\n".join(race.told(runs, base)))
        if "ours" in runs:
            look_closer(capture, race.LISTING, runs["ours"], asked.rounds)


def look_closer(capture: Path, ours: Runner, runs: list[Run], rounds: int) -> None:
    """Print how pcapng compares with pcap, and half of a file with the whole."""
    modern = race.race(capture.with_suffix(".pcapng"), [ours], rounds)[ours.name]
    print(f"  pcapng takes {race.best_wall(modern) / race.best_wall(runs):.2f} x the time of pcap")
    size = capture.stat().st_size
    half, whole = (race.run(ours, capture, most) for most in (size // 2, size))
    print(f"  half of it needs {half.peak / MB:.0f} MB, the whole {whole.peak / MB:.0f} MB")


if __name__ == "__main__":
    main()
