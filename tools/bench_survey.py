"""What a survey costs and finds, against the tools that do the same on the same servers.

    python tools/bench_survey.py time [--delay 0,27,100] [--servers NAME,NAME] [--rounds N]
    python tools/bench_survey.py findings [--servers NAME,NAME] [--tools NAME,NAME]

`time` runs every tool through a proxy that delays (milliseconds) and counts, in turn, and prints
medians with their ratio to nmap's. `findings` compares suites by version and whose order it is
with what nmap, sslscan, sslyze and testssl find, on every configuration, and prints each
difference. Nothing is judged: the machine may be busy. Tools that are not installed are passed
over.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from benchmarks import survey_findings, survey_servers  # noqa: E402
from benchmarks.survey_servers import CONFIGURATIONS, Configuration, serving  # noqa: E402
from benchmarks.survey_tools import PEERS, Tool, chosen_tools  # noqa: E402

LONGEST = 600
#: The servers of `time`: small ones that serve one at a time, a small and a large one that do not.
TIMED = ("openssl", "nginx-modern", "gnutls-old", "nginx-all")


# -- time --------------------------------------------------------------------------------


class Cost(NamedTuple):
    """What one run cost."""

    seconds: float
    connections: int
    up: int
    down: int
    pairs: int


@contextlib.contextmanager
def delayed(upstream: int, seconds: float) -> Iterator[tuple[int, Callable[[], list[int]]]]:
    """Run the proxy; give its port, and what asks it for its counts."""
    port = survey_servers.free_port()
    command = [sys.executable, "-m", "benchmarks.delay", str(port), str(upstream), str(seconds)]
    process = subprocess.Popen(
        command, cwd=ROOT / "tools", stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdout.readline()

    def counts() -> list[int]:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        return [int(word) for word in process.stdout.readline().split()]

    try:
        yield port, counts
    finally:
        process.stdin.close()
        process.wait()


def measure(tool: Tool, port: int, counts: Callable[[], list[int]]) -> Cost:
    """Run a tool once through the proxy."""
    counts()
    began = time.monotonic()
    done = subprocess.run(
        tool.command(port), capture_output=True, text=True, timeout=LONGEST, check=False
    )
    seconds = time.monotonic() - began
    found = tool.read(done.stdout) if tool.read is not None else None
    pairs = sum(map(len, found.suites.values())) if found is not None else 0
    time.sleep(0.3)
    return Cost(seconds, *counts(), pairs)


def run_time(names: list[str], delays: list[float], rounds: int, tools: list[Tool]) -> None:
    """Measure every tool on every server at every delay, in turn."""
    print(
        f"{'server':14}{'delay':>6}  {'tool':16}{'seconds':>8}{'ratio':>7}{'conns':>7}{'ratio':>7}",
        end="",
    )
    print(f"{'up':>8}{'down':>9}{'pairs':>6}")
    for configuration in chosen(names):
        with serving(configuration) as server:
            for delay in delays:
                with delayed(server, delay / 1000) as (port, counts):
                    _compare(configuration.name, delay, port, counts, rounds, tools)


def _compare(
    name: str,
    delay: float,
    port: int,
    counts: Callable[[], list[int]],
    rounds: int,
    tools: list[Tool],
) -> None:
    costs: dict[str, list[Cost]] = {tool.name: [] for tool in tools}
    for _ in range(rounds):
        for tool in tools:
            costs[tool.name].append(measure(tool, port, counts))
    base = _median(costs[tools[0].name])
    for tool in tools:
        cost = _median(costs[tool.name])
        print(
            f"{name:14}{delay:6.0f}  {tool.name:16}{cost.seconds:8.2f}"
            f"{cost.seconds / base.seconds:7.2f}{cost.connections:7}"
            f"{cost.connections / max(1, base.connections):7.2f}{cost.up:8}{cost.down:9}"
            f"{cost.pairs:6}",
            flush=True,
        )


def _median(costs: list[Cost]) -> Cost:
    parts = zip(*costs, strict=True)
    seconds, *others = (statistics.median(part) for part in parts)
    return Cost(seconds, *(int(other) for other in others))


def chosen(names: list[str]) -> list[Configuration]:
    """Return the configurations of these names, all without any."""
    return [c for c in CONFIGURATIONS if not names or c.name in names]


def main() -> int:
    """Read the command line and run."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("what", choices=("time", "findings"))
    parser.add_argument("--servers", default="")
    parser.add_argument("--delay", default="27,100")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--tools", default="")
    asked = parser.parse_args()
    names = [name for name in asked.servers.split(",") if name]
    tools = chosen_tools(tuple(name for name in asked.tools.split(",") if name))
    if asked.what == "findings":
        peers = [tool for tool in tools if tool.name in PEERS]
        print(f"against {', '.join(peer.name for peer in peers)}", flush=True)
        return 1 if survey_findings.compare(chosen(names), peers) else 0
    compileall.compile_dir(str(ROOT / "tlswire"), quiet=1)  # as pip does when it installs
    run_time(names or list(TIMED), [float(d) for d in asked.delay.split(",")], asked.rounds, tools)
    return 0


if __name__ == "__main__":
    sys.exit(main())
