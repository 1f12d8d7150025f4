"""How many handshakes a second a program that watches an interface can take, each alone on a wire.

Handshakes that were recorded once (`load`: 95 of a hundred complete, five fail in six ways) are
sent again by tcpreplay, faster at every step, so that whoever makes them is not what limits. A
rate is sustained when the kernel dropped nothing, every ClientHello was reported, and the program
had read everything a moment after the last packet: one that lags would lose in the end, or fill a
disk. Must run as root, in namespaces of its own.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from bisect import bisect_left
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import NamedTuple

from captures.certificates import make_certificates
from captures.network import Wire

from benchmarks import load, observers, traffic
from benchmarks.files import Packet, read, write_classic
from benchmarks.multiply import multiply

PROGRAMS = ("tcpreplay", "tcpdump", "nginx", "ip", "ethtool", "taskset")
#: Connections recorded, copies of them, and how many copies go on at the same time.
RECORDED, COPIES, OVERLAPPING = 2000, 64, 4
#: How long each rate is kept, and the first one: doubled while it is sustained, then a step less.
SECONDS, FIRST, STEP = 8.0, 400.0, 1.25
#: Seconds after the last packet within which a program that keeps up has read all of them.
CAUGHT_UP = 1.0
#: This part of the ClientHellos is all: who is interrupted may still hold the last.
WHOLE = 0.998
#: Packets leave in so many bursts a second: to wait between two of them costs the sender a core.
BURSTS = 1000
#: Sender and watcher come before what else a machine that is shared does.
FIRST_SERVED = "nice -n -10"
#: A program that takes less than this part of a core waits for packets.
IDLE = 0.2
GIVEN_UP = 60.0
_LINK = """
ip link set lo up
ip link add r0 type veth peer name r1
ip link set r0 up arp off multicast off
ip link set r1 up arp off multicast off
ethtool -K r0 tx off rx off tso off gso off gro off
ethtool -K r1 tx off rx off tso off gso off gro off
"""
_HELLO = b"\x16\x03\x01\x00"


class Watcher(NamedTuple):
    """A program, and how the ClientHellos that it reported are counted in what it wrote."""

    command: str
    hellos: Callable[[bytes], int]


class Traffic(NamedTuple):
    """A capture to be sent, and what has begun with each of its packets."""

    path: Path
    begun: list[int]  # connections
    hellos: list[int]


class Trial(NamedTuple):
    """One program at one rate."""

    rate: float  # as it was reached: the sender's own time is not counted on
    hellos: int
    reported: int
    dropped: str
    behind: float  # seconds
    cpu: float

    @property
    def sustained(self) -> bool:
        """Tell whether nothing was lost and nothing waits."""
        return (
            self.reported >= self.hellos * WHOLE
            and self.dropped == "0"
            and self.behind <= CAUGHT_UP
        )


def _named(out: bytes) -> int:
    return out.count(load.NAME.encode())


def _json_lines(out: bytes) -> int:
    return out.count(b'"client_version":"')


WATCHERS = {
    "tlswire": Watcher(f"{observers.TLSWIRE} listen -i r1 --idle 5 -q", _named),
    "tlswire --jsonl": Watcher(f"{observers.TLSWIRE} listen -i r1 --idle 5 --jsonl", _json_lines),
    "tshark": Watcher(observers.TSHARK.replace("-i c0", "-i r1"), _named),
    "ssldump": Watcher("ssldump -n -i r1", lambda out: out.count(b"ClientHello")),
}


def measure(only: tuple[str, ...] = ()) -> None:
    """Raise the rate for each program in turn until it loses or lags; print what it took."""
    with tempfile.TemporaryDirectory() as room, ExitStack() as stack:
        folder, reached = Path(room), {}
        stack.callback(subprocess.run, ["umount", room], check=False)
        sent = _record(folder)
        for line in _LINK.strip().splitlines():
            subprocess.run(line.split(), check=True, capture_output=True)
        for name, watcher in WATCHERS.items():
            if (not only or name in only) and shutil.which(watcher.command.split()[0]):
                reached[name] = _climb(name, watcher, folder, sent)
        for name, rate in reached.items():
            times = (
                f", {rate / reached['tshark']:.1f} times tshark's" if "tshark" in reached else ""
            )
            print(f"{name}: {rate:.0f} handshakes a second{times}")


def _record(folder: Path) -> Traffic:
    """Record handshakes on a wire of their own, and mix copies of them."""
    wire = Wire(folder, observers.NAMES)
    make_certificates(wire.folder)
    observers.serve(wire)
    once, many = folder / "once.pcap", folder / "many.pcap"
    traffic.record(wire, once, observers.loading(RECORDED, 0.0))
    wire.clear()
    times = [packet.at for packet in read(once)]
    copies = multiply(once, COPIES, (times[-1] - times[0]) // OVERLAPPING)
    sent = Traffic(many, [0], [0])

    def counted() -> Iterator[Packet]:
        for packet in copies:
            data = packet.data
            payload = data[34 + (data[46] >> 2 & 0x3C) :]
            sent.begun.append(sent.begun[-1] + (data[47] & 0x12 == 2))
            sent.hellos.append(sent.hellos[-1] + (payload[:2] + payload[5:7] == _HELLO))
            yield packet

    write_classic(counted(), many)
    return sent


# -- one program -------------------------------------------------------------------------


def _climb(name: str, watcher: Watcher, folder: Path, sent: Traffic) -> float:
    """Return the highest rate that was sustained; one that was not is tried once more."""
    reached, factor = FIRST / 2, 2.0
    while reached * factor * SECONDS < sent.begun[-1]:
        rate = reached * factor
        trials = (_try(name, watcher, folder, sent, rate) for _ in range(2))
        if (sustained := next((t for t in trials if t.sustained), None)) is not None:
            reached = rate if sustained.rate > rate / STEP else sustained.rate
            if reached < rate:
                print(f"{name}: faster than that it cannot be sent here")
                return reached
        elif factor == STEP:
            return reached
        else:
            factor = STEP
    print(f"{name}: that is more than there is to send")
    return reached


def _try(name: str, watcher: Watcher, folder: Path, sent: Traffic, rate: float) -> Trial:
    out, log = folder / "watcher.out", folder / "watcher.log"
    packets = bisect_left(sent.begun, rate * SECONDS)
    with out.open("wb") as words, log.open("wb") as notices:
        # A group of its own, which gets SIGINT as from a terminal.
        program = subprocess.Popen(
            shlex.split(f"{FIRST_SERVED} {watcher.command}"),
            stdin=subprocess.DEVNULL,
            stdout=words,
            stderr=notices,
            start_new_session=True,
        )
        try:
            _wait_until_idle(program.pid)
            before = observers.cost(program.pid)[0]
            reached = sent.begun[packets] / _send(sent, packets, rate)
            behind = _wait_until_idle(program.pid)
            cpu = observers.cost(program.pid)[0] - before
        finally:
            _end(program)
    dropped = re.search(r"(\d+) packets? dropped", log.read_text(errors="replace"))
    reported = watcher.hellos(out.read_bytes())
    lost = dropped[1] if dropped else "0"
    trial = Trial(reached, sent.hellos[packets], reported, lost, behind, cpu)
    _tell(name, trial)
    return trial


def _end(program: subprocess.Popen[bytes]) -> None:
    """Interrupt it as a terminal would; tshark does not always hear that."""
    for number in (signal.SIGINT, signal.SIGINT, signal.SIGKILL):
        with suppress(subprocess.TimeoutExpired, ProcessLookupError):
            os.killpg(program.pid, number)
            program.wait(GIVEN_UP / 4)
            return


def _send(sent: Traffic, packets: int, rate: float) -> float:
    """Send the first packets, on the first processor, so many connections a second.

    Returns the seconds that it took.
    """
    each_second = int(rate * packets / sent.begun[packets])
    speed = f"-L {packets} -p {each_second} --pps-multi {max(1, each_second // BURSTS)}"
    command = f"{FIRST_SERVED} taskset -c 0 tcpreplay -q -K -i r0 {speed} {sent.path}"
    done = subprocess.run(command.split(), check=True, capture_output=True, text=True)
    took = re.search(r"sent in ([\d.]+) seconds", done.stdout)
    return float(took[1]) if took else SECONDS


def _wait_until_idle(pid: int) -> float:
    """Return how many seconds it took until a program had nothing to do."""
    begun = time.monotonic()
    while (passed := time.monotonic() - begun) < GIVEN_UP:
        before = observers.cost(pid)[0]
        time.sleep(0.5)
        if observers.cost(pid)[0] - before < IDLE / 2 and (passed or before > IDLE):
            break
    return passed


def _tell(name: str, trial: Trial) -> None:
    each = trial.cpu / max(trial.hellos, 1) * 1000
    print(
        f"{name:16} {trial.rate:6.0f}/s: reported {trial.reported} of {trial.hellos}, "
        f"dropped {trial.dropped}, {trial.behind:.1f} s behind, {each:.2f} ms of processor each"
        f"{'' if trial.sustained else '  NOT SUSTAINED'}",
        flush=True,
    )
