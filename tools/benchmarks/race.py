"""Programs that read the same file in turn: their time, their memory, and what they found.

Ratios only: a machine is busy or slow, but alike for all that run in turn. Peak memory is the
kernel's count, which is never less than that of this program (some 20 MB).
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, NamedTuple

HERE = Path(__file__).resolve().parent
_FIELDS = (
    "frame.number",
    "tcp.stream",
    "tls.handshake.type",
    "tls.handshake.extensions_server_name",
    "tls.handshake.version",
    "tls.handshake.ciphersuite",
    "tls.alert_message.desc",
)


class Runner(NamedTuple):
    """One program; `{}` in its command is the capture."""

    name: str
    command: tuple[str, ...]


class Run(NamedTuple):
    """What one run cost: seconds, seconds of processor, bytes at the peak."""

    wall: float
    cpu: float
    peak: int


TSHARK = Runner(
    "tshark",
    (
        *("tshark", "-n", "-r", "{}", "-o", "tcp.reassemble_out_of_order:TRUE"),
        *("-Y", "tls.handshake||tls.alert_message", "-T", "fields"),
        *(word for field in _FIELDS for word in ("-e", field)),
    ),
)
SSLDUMP = Runner("ssldump", ("ssldump", "-n", "-r", "{}"))
TCPDUMP = Runner("tcpdump", ("tcpdump", "-r", "{}", "-w", "/dev/null"))
_LIST = (sys.executable, "-m", "tlswire", "decode", "--list", "{}")
LISTING = Runner("ours", (*_LIST, "--jobs", "1"))
#: The same with two processes.
HALVES = Runner("ours, two", (*_LIST, "--jobs", "2"))
#: With every field decoded and a verdict for each connection: what no peer does.
VERDICTS = Runner("verdicts", (sys.executable, "-m", "tlswire", "decode", "{}", "--jsonl"))


RUNNERS = (LISTING, HALVES, VERDICTS, TSHARK, SSLDUMP, TCPDUMP)


def runners(only: list[str] | None) -> list[Runner]:
    """Return who takes part: those installed, of the ones asked for."""
    return [
        each
        for each in RUNNERS
        if shutil.which(each.command[0]) and (not only or each.name in only)
    ]


def race(capture: Path, taking_part: list[Runner], rounds: int) -> dict[str, list[Run]]:
    """Let each read the capture once a round; return what each run cost."""
    runs: dict[str, list[Run]] = {each.name: [] for each in taking_part}
    for _ in range(rounds):
        for each in taking_part:
            runs[each.name].append(run(each, capture))
    return runs


def run(runner: Runner, capture: Path, most: int | None = None) -> Run:
    """Run one program over a capture, or over its first `most` bytes through a pipe."""
    if most is None:
        return run_command(runner, str(capture), capture, None)
    with subprocess.Popen(("head", "-c", str(most), capture), stdout=subprocess.PIPE) as pipe:
        return run_command(runner, "-", capture, pipe.stdout)


def run_command(runner: Runner, source: str, capture: Path, given: IO[bytes] | None) -> Run:
    """Run the command of a program, and take what the kernel says of it."""
    command = [word.replace("{}", source) for word in runner.command]
    with output_of(runner, capture).open("wb") as out:
        begun = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=given, stdout=out, stderr=subprocess.DEVNULL, env=_environment()
        )
        _, status, usage = os.wait4(process.pid, 0)
        wall = time.perf_counter() - begun
    process.returncode = os.waitstatus_to_exitcode(status)
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def output_of(runner: Runner, capture: Path) -> Path:
    """Return where a runner's list of a capture goes."""
    return capture.with_name(f"{capture.name}.{runner.name}.out")


def _environment() -> dict[str, str]:
    """Return this program's, with compiled modules as when installed."""
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    return kept | {"PYTHONPATH": str(HERE.parents[1]), "LC_ALL": "C"}


def told(runs: dict[str, list[Run]], base: str) -> list[str]:
    """Return a table: how many times faster each is than `base`, by its best and median runs."""
    rows = [f"  {'':14}{'x ' + base:>10}{'median':>8}{'x CPU':>8}{'wall s':>9}{'peak MB':>9}"]
    against = runs[base]
    for name, own in runs.items():
        rows.append(
            f"  {name:14}{_best(against, 'wall') / _best(own, 'wall'):10.2f}"
            f"{_median(against, 'wall') / _median(own, 'wall'):8.2f}"
            f"{_best(against, 'cpu') / _best(own, 'cpu'):8.2f}"
            f"{_best(own, 'wall'):9.2f}{max(each.peak for each in own) / 1e6:9.0f}"
        )
    return rows


def _best(runs: list[Run], what: str) -> float:
    return float(min(getattr(each, what) for each in runs))


def _median(runs: list[Run], what: str) -> float:
    return float(statistics.median(getattr(each, what) for each in runs))


def best_wall(runs: list[Run]) -> float:
    """Return the shortest time of some runs, seconds."""
    return _best(runs, "wall")
