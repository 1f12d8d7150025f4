"""Programs that watch an interface while others talk: what they saw, lost and cost.

Each runs alone, on the same load made anew. Must run as root, in namespaces of its own.
"""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from captures.certificates import make_certificates
from captures.network import Wire

from benchmarks import load, talkers

TLSWIRE = str(Path(sys.executable).with_name("tlswire"))
NAMES = (talkers.NAME, "www.example.com", "another.example.com")
TOOLS = Path(__file__).resolve().parents[1]
#: One process, read four times a second.
TSHARK = (
    'tshark -n -i c0 -B 64 -l -Y "tls.handshake or tls.alert_message" -T fields -e tcp.stream '
    "-e tls.handshake.type -e tls.handshake.extensions_server_name -e tls.handshake.ciphersuite "
    "-e tls.alert_message.desc"
)
OBSERVERS = {
    "tlswire": f"{TLSWIRE} listen -i c0 --idle 5 --jsonl",
    "tlswire, lines": f"{TLSWIRE} listen -i c0 --idle 5 -q",
    "tshark": TSHARK,
    "ssldump": "ssldump -n -i c0",
    "tcpdump": "tcpdump -n -i c0 -B 65536 -Z root -w /dev/null",
}
CLIENT_HELLO = "1"


class Seen(NamedTuple):
    """What one observer did."""

    handshakes: int | None  # None: it does not count them
    outcomes: Counter[str]
    dropped: str
    cpu: float
    peak: int  # KiB


def measure(count: int, seconds: float, *, bulk: bool) -> None:
    """Let each observer watch the same load, and print what came of it."""
    with tempfile.TemporaryDirectory() as room:
        wire = Wire(Path(room), NAMES)
        make_certificates(wire.folder)
        serve(wire)
        for name, command in OBSERVERS.items():
            if shutil.which(command.split()[0]):
                _measure(wire, name, command, count, seconds, bulk)
        wire.clear()
        subprocess.run(["umount", room], check=False)


def serve(wire: Wire) -> None:
    """Start every server, and wait until each of them listens."""
    wire.start("server", f"{sys.executable} {talkers.__file__} serve", "server.log")
    for port in (*talkers.VIRTUAL_SERVERS, *talkers.BEHAVIOURS):
        wire.wait_for_port(port)


def loading(count: int, seconds: float, port: int | None = None) -> str:
    """Return the command that makes so many handshakes in so many seconds."""
    program = f"{sys.executable} {load.__file__} {count} {seconds} {port or ''}"
    return f"env PYTHONPATH={TOOLS} {program}"


def _measure(wire: Wire, name: str, command: str, count: int, seconds: float, bulk: bool) -> None:
    out, log = wire.folder / "observer.out", wire.folder / "observer.log"
    out.unlink(missing_ok=True)
    log.unlink(missing_ok=True)
    full = f"sh -c 'exec {command} >{out} 2>{log}'"
    observer = wire.start("client", full, "starter.log")
    time.sleep(4)  # until tshark has begun as well
    if bulk:
        downloads = wire.start(
            "client", f"{sys.executable} {talkers.__file__} bulk 100000", "b.log"
        )
    before = _bytes_received()
    told = wire.folder / "load.out"
    told.unlink(missing_ok=True)
    talking = wire.start("client", loading(count, seconds), "load.out")
    talking.wait()
    took = json.loads(told.read_text().splitlines()[-1])
    if bulk:
        wire.stop(downloads)
    carried = (_bytes_received() - before) / took["seconds"] / 1e6
    time.sleep(8)
    spent = cost(observer.pid)
    observer.send_signal(signal.SIGINT)
    observer.wait()
    seen = _read(name, out.read_text(errors="replace"), log.read_text(errors="replace"), *spent)
    _tell(name, seen, Counter(took["counts"]), took["seconds"], carried)


def _bytes_received() -> int:
    text = subprocess.run(
        ["ip", "netns", "exec", "client", "cat", "/proc/net/dev"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    return next(int(line.split()[1]) for line in text.splitlines() if "c0:" in line)


def cost(pid: int) -> tuple[float, int]:
    """Return processor seconds and the peak of memory of a process and its children."""
    cpu, peak = 0.0, 0
    children = subprocess.run(
        ["pgrep", "-P", str(pid)], capture_output=True, text=True, check=False
    )
    for each in (str(pid), *children.stdout.split()):
        try:
            fields = Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split()
            status = Path(f"/proc/{each}/status").read_text()
        except FileNotFoundError:  # a child that has ended
            continue
        cpu += (int(fields[11]) + int(fields[12])) / 100
        found = re.search(r"VmHWM:\s+(\d+)", status)
        peak += int(found[1]) if found else 0
    return cpu, peak


def _read(name: str, out: str, log: str, cpu: float, peak: int) -> Seen:
    dropped = re.search(r"(\d+) packets? dropped", log)
    lost = dropped[1] if dropped else "0"
    if name == "tlswire":
        lines = [json.loads(line) for line in out.splitlines()]
        told = [line for line in lines if line.get("server_name") != talkers.NAME]  # downloads
        outcomes = Counter(line["outcome"] for line in told if "outcome" in line)
        return Seen(outcomes.total(), outcomes, lost, cpu, peak)
    if name == "tshark":
        rows = [row.split("\t") for row in out.splitlines() if row.count("\t") > 2]
        hellos = sum(row[2] == load.NAME and CLIENT_HELLO in row[1].split(",") for row in rows)
        return Seen(hellos, Counter(), lost, cpu, peak)
    if name == "ssldump":
        return Seen(out.count("ClientHello"), Counter(), "not told", cpu, peak)
    return Seen(len(out.splitlines()) or None, Counter(), lost, cpu, peak)


def _tell(name: str, seen: Seen, made: Counter[str], seconds: float, carried: float) -> None:
    count = sum(made[key] for key in ("established", "failed", "not_tls"))
    print(
        f"{name:15} saw {seen.handshakes} of {count} (tshark, ssldump: hellos) in {seconds:.0f} s "
        f"({count / seconds:.0f}/s beside {carried:.0f} MB/s); dropped {seen.dropped}; "
        f"{seen.cpu:.1f} s of processor, {seen.peak >> 10} MiB",
        flush=True,
    )
    if seen.outcomes:
        print(f"{'':15} outcomes {dict(seen.outcomes)}")
        print(f"{'':15} made     {dict(made)}", flush=True)


# -- for a long time ---------------------------------------------------------------------

SAMPLE, SHOWN = 15.0, 12  # seconds between two samples; every so many are printed
RELAYED = 4443
#: Handshakes a second, straight to the server and through the relay; listen sees both.
STRAIGHT, THROUGH = 60, 40
SOAKED = {
    "listen": f"{TLSWIRE} listen -i c0 --idle 5 --jsonl --write ring.pcapng --rotate-size 1 "
    "--files 3 --baseline baseline.json",
    "relay": f"{TLSWIRE} relay --listen {talkers.SERVER}:{RELAYED} "
    f"--to {talkers.SERVER}:{talkers.RSA} --jsonl",
}


def soak(minutes: float) -> None:
    """Let listen and relay work for minutes, and print their memory, MiB, as it goes."""
    with tempfile.TemporaryDirectory() as room:
        wire = Wire(Path(room), NAMES)
        make_certificates(wire.folder)
        serve(wire)
        watched = [
            wire.start(host, f"sh -c 'exec {SOAKED[name]} >/dev/null 2>{name}.log'", "soak.log")
            for host, name in (("client", "listen"), ("server", "relay"))
        ]
        wire.wait_for_port(RELAYED)
        _talk_on(wire, [each.pid for each in watched], minutes)
        for each, name in zip(watched, SOAKED, strict=True):
            each.send_signal(signal.SIGTERM)
            print(f"{name} ended with {each.wait(20)}: {_said(wire.folder / f'{name}.log')}")
        wire.clear()
        subprocess.run(["umount", room], check=False)


def _talk_on(wire: Wire, watched: list[int], minutes: float) -> None:
    seconds = 60 * minutes + 60
    for rate, port in ((STRAIGHT, None), (THROUGH, RELAYED)):
        wire.start("client", loading(int(rate * seconds), seconds, port), "load.log")
    print("MiB that are a process's own; listen maps the kernel's ring of 64 besides", flush=True)
    samples = list[list[float]]()
    begun = time.monotonic()
    while time.monotonic() < begun + 60 * minutes:
        time.sleep(SAMPLE)
        samples.append([_own_memory(pid) for pid in watched])
        if len(samples) % SHOWN == 0:
            told = [f"{n} {own:.1f}" for n, own in zip(SOAKED, samples[-1], strict=True)]
            passed = f"{(time.monotonic() - begun) / 60:4.0f} min"
            print("  ".join([passed, *told]), flush=True)
    third = max(1, len(samples) // 3)
    for name, column in zip(SOAKED, zip(*samples, strict=True), strict=True):
        middle, last = sorted(column[third : 2 * third] or column), sorted(column[-third:])
        told = f"{middle[len(middle) // 2]:.1f} MiB, in the last {last[len(last) // 2]:.1f}"
        print(f"{name}: in the second third {told} (medians)")


def _own_memory(pid: int) -> float:
    """Return what a process has for itself, MiB: no file, no memory shared with the kernel."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"RssAnon:\s+(\d+)", status)[1]) / 1024  # type: ignore[index]


def _said(path: Path) -> str:
    """Return what a program said of its work in the end."""
    return " | ".join(path.read_text(errors="replace").splitlines()[-8:])
