"""What a survey costs and finds, against the tools that do the same on the same servers.

    python tools/bench_survey.py time [--delay 0,27,100] [--servers NAME,NAME] [--rounds N]
    python tools/bench_survey.py findings [--servers NAME,NAME]

`time` runs every tool through a proxy that delays (milliseconds) and counts, in turn, and prints
medians with their ratio to nmap's. `findings` compares suites by version and whose order it is
with what nmap and sslscan find, on every configuration, and prints each difference. Nothing is
judged: the machine may be busy. Tools that are not installed are passed over.
"""

from __future__ import annotations

import argparse
import compileall
import contextlib
import json
import shutil
import statistics
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools"))

from benchmarks import survey_servers  # noqa: E402
from benchmarks.survey_servers import CONFIGURATIONS, Configuration, MissingError, serving  # noqa: E402

LONGEST = 600
#: The servers of `time`: small ones that serve one at a time, a small and a large one that do not.
TIMED = ("openssl", "nginx-modern", "gnutls-old", "nginx-all")
VERSIONS = {
    "SSLv2": "SSL 2.0",
    "SSLv3": "SSL 3.0",
    "TLSv1.0": "TLS 1.0",
    "TLSv1.1": "TLS 1.1",
    "TLSv1.2": "TLS 1.2",
    "TLSv1.3": "TLS 1.3",
}


class Finding(NamedTuple):
    """Suites by version, in the order told, and whose order it is where the tool says so."""

    suites: dict[str, list[str]]
    preference: dict[str, str]


class Tool(NamedTuple):
    """A tool: its command for a port, and how its output reads."""

    name: str
    command: Callable[[int], list[str]]
    read: Callable[[str], Finding] | None = None


# -- the tools ---------------------------------------------------------------------------


def ours(*options: str) -> Callable[[int], list[str]]:
    """Return our command."""
    program = str(Path(sys.executable).with_name("tlswire"))
    name = survey_servers.NAME
    return lambda port: [program, "survey", f"127.0.0.1:{port}", "--name", name, *options, "--json"]


def read_ours(text: str) -> Finding:
    """Read our document."""
    (found,) = json.loads(text)["surveys"]
    suites = {each["version"]: each["suites"] for each in found["versions"]}
    preference = {each["version"]: each["preference"] or "none" for each in found["versions"]}
    return Finding(suites, preference)


def nmap(port: int) -> list[str]:
    """Return nmap's command."""
    script = [
        "--script",
        "ssl-enum-ciphers",
        "--script-args",
        f"tls.servername={survey_servers.NAME}",
    ]
    return ["nmap", "-Pn", "-n", "-p", str(port), *script, "-oX", "-", "127.0.0.1"]


def read_nmap(text: str) -> Finding:
    """Read nmap's XML."""
    suites: dict[str, list[str]] = {}
    preference: dict[str, str] = {}
    for script in ElementTree.fromstring(text).iter("script"):
        for table in script.findall("table"):
            version = VERSIONS.get(table.get("key", ""), "")
            names = [
                e.text or ""
                for e in table.iterfind("table[@key='ciphers']/table/elem[@key='name']")
            ]
            suites[version] = [registered(name) for name in names]
            whose = table.find("elem[@key='cipher preference']")
            preference[version] = (whose.text or "") if whose is not None else ""
    return Finding(suites, preference)


def registered(name: str) -> str:
    """Nmap writes TLS 1.3's suites as `TLS_AKE_WITH_...` and names some otherwise than IANA."""
    spelled = name.replace("TLS_AKE_WITH_", "TLS_").replace("-draft", "_draft")
    return {"TLS_NULL_SHA256": "TLS_SHA256_SHA256", "TLS_NULL_SHA384": "TLS_SHA384_SHA384"}.get(
        spelled, spelled
    )


def sslscan(*options: str) -> Callable[[int], list[str]]:
    """Return sslscan's command."""
    sni = f"--sni-name={survey_servers.NAME}"
    return lambda port: ["sslscan", "--no-failed", "--xml=-", sni, *options, f"127.0.0.1:{port}"]


def read_sslscan(text: str) -> Finding:
    """Read sslscan's XML."""
    from tlswire.suites import SUITES

    suites: dict[str, list[str]] = {}
    for cipher in ElementTree.fromstring(text).iter("cipher"):
        version = VERSIONS.get(cipher.get("sslversion", "").replace("TLSv1 ", "TLSv1.0"), "")
        version = version or VERSIONS.get(cipher.get("sslversion", "") + ".0", "")
        number = int(cipher.get("id", "0"), 16)
        name = SUITES[number].name if number in SUITES else cipher.get("cipher", "")
        suites.setdefault(version, []).append(name)
    return Finding(suites, {})


def sslyze(port: int) -> list[str]:
    """Return the command of sslyze with its commands for suites."""
    program = shutil.which("sslyze") or "sslyze"
    wanted = ["--sslv2", "--sslv3", "--tlsv1", "--tlsv1_1", "--tlsv1_2", "--tlsv1_3"]
    return [program, *wanted, f"127.0.0.1:{port}"]


def testssl(port: int) -> list[str]:
    """Return testssl's command for suites and preference."""
    return [
        "testssl",
        "--quiet",
        "--warnings",
        "off",
        "-p",
        "-P",
        "--ip",
        "one",
        f"127.0.0.1:{port}",
    ]


#: sslscan without what nmap does not do either.
_LIKE = ("--no-groups", "--no-heartbleed", "--no-renegotiation", "--no-fallback")
_LIKE += ("--no-compression", "--no-check-certificate")
TOOLS: tuple[Tool, ...] = (
    Tool("nmap", nmap, read_nmap),
    Tool("tlswire-suites", ours("--only", "suites"), read_ours),
    Tool("tlswire-polite", ours("--only", "suites", "--polite"), read_ours),
    Tool("tlswire", ours(), read_ours),
    Tool("sslscan-c", sslscan(*_LIKE), read_sslscan),
    Tool("sslscan", sslscan(), read_sslscan),
    Tool("sslyze-c", sslyze),
    Tool("testssl-pP", testssl),
)


#: Differences that were looked into: which configuration, words of the line, and why.
EXPLAINED: tuple[tuple[str, str, str], ...] = (
    (
        "openssl-chacha haproxy go node",
        "order, we mixed",
        "ChaCha20 goes first for a client that puts it first: nmap's two hellos do not show that",
    ),
    (
        "wolfssl",
        "another order than nmap's",
        "DHE is told last: wolfSSL takes it only of a client that names a group of RFC 7919",
    ),
)


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


# -- findings ----------------------------------------------------------------------------


def run_findings(names: list[str]) -> int:
    """Compare what is found on every configuration; return how many differ unexplained."""
    differing = 0
    peers = [tool for tool in TOOLS if tool.name in ("nmap", "sslscan-c") and installed(tool)]
    for configuration in chosen(names):
        try:
            with serving(configuration) as port:
                differing += _differs(configuration, port, peers)
        except (MissingError, subprocess.SubprocessError) as error:
            print(f"{configuration.name:18} passed over: {str(error)[:150]}", flush=True)
    return differing


def _differs(configuration: Configuration, port: int, peers: list[Tool]) -> bool:
    own = find(TOOLS[1], port)
    told = {tool.name: find(tool, port) for tool in peers}
    union = _union(list(told.values()))
    lines = []
    for version in sorted({*own.suites, *union}):
        mine, theirs = set(own.suites.get(version, ())), union.get(version, set())
        if theirs - mine:
            lines.append(f"{version}: only the peers found {' '.join(sorted(theirs - mine))}")
        if mine - theirs:
            lines.append(f"{version}: only we found {' '.join(sorted(mine - theirs))}")
        whose = told["nmap"].preference.get(version) if "nmap" in told else None
        if whose in ("server", "client") and own.preference.get(version) not in (whose, "none"):
            lines.append(f"{version}: nmap says {whose} order, we {own.preference.get(version)}")
        ordered = list(told["nmap"].suites.get(version, ())) if "nmap" in told else []
        if whose == "server" and own.preference.get(version) == "server":
            shared = [s for s in own.suites[version] if s in ordered]
            if shared != [s for s in ordered if s in shared]:
                lines.append(f"{version}: another order than nmap's")
    pairs = sum(map(len, own.suites.values()))
    print(f"{configuration.name:18} {pairs:4} pairs  {'same' if not lines else ''}", flush=True)
    reasons = [_explained(configuration.name, line) for line in lines]
    for line, reason in zip(lines, reasons, strict=True):
        print(f"{'':18} {line}")
        if reason:
            print(f"{'':18}   explained: {reason}")
    return not all(reasons)


def _explained(name: str, line: str) -> str | None:
    stack = name.partition("-")[0]
    for names, words, why in EXPLAINED:
        if words in line and (name in names.split() or stack in names.split()):
            return why
    return None


def find(tool: Tool, port: int) -> Finding:
    """Run a tool once, and read what it found."""
    done = subprocess.run(
        tool.command(port), capture_output=True, text=True, timeout=LONGEST, check=False
    )
    assert tool.read is not None
    try:
        return tool.read(done.stdout)
    except (ElementTree.ParseError, ValueError) as error:
        print(f"  {tool.name}: {error}: {done.stderr[-200:]}")
        return Finding({}, {})


def _union(found: list[Finding]) -> dict[str, set[str]]:
    union: dict[str, set[str]] = {}
    for each in found:
        for version, suites in each.suites.items():
            union.setdefault(version, set()).update(suites)
    return union


def chosen(names: list[str]) -> list[Configuration]:
    """Return the configurations of these names, all without any."""
    return [c for c in CONFIGURATIONS if not names or c.name in names]


def installed(tool: Tool) -> bool:
    """Tell whether a tool can be run."""
    return shutil.which(tool.command(0)[0]) is not None


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
    if asked.what == "findings":
        return 1 if run_findings(names) else 0
    compileall.compile_dir(str(ROOT / "tlswire"), quiet=1)  # as pip does when it installs
    wanted = [name for name in asked.tools.split(",") if name]
    tools = [t for t in TOOLS if installed(t) and (not wanted or t.name in wanted)]
    run_time(names or list(TIMED), [float(d) for d in asked.delay.split(",")], asked.rounds, tools)
    return 0


if __name__ == "__main__":
    sys.exit(main())
