"""Measures what runs live: the relay beside socat, listen beside tshark, ssldump and tcpdump.

    tools/bench_live.py relay            rounds in turn, on loopback; ratios, never a verdict
    tools/bench_live.py listen [N]       N handshakes (10,000), 5 % failing in six ways, beside
                                         downloads at full speed; watched in turn by listen,
                                         tshark, ssldump and tcpdump; needs root (namespaces)
    tools/bench_live.py listen N quiet   the same without the downloads
    tools/bench_live.py rates [NAME]     recorded handshakes sent faster and faster, until tlswire,
                                         tshark, ssldump (or NAME alone) lose some; needs root
    tools/bench_live.py soak [MINUTES]   listen and relay under a hundred handshakes a second
                                         for 30 minutes: their memory every three; needs root

Asserts nothing and keeps nothing. Every program it starts ends with it.
"""

from __future__ import annotations

import contextlib
import resource
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

ADDRESS = "127.0.0.1"
ROUNDS = 3
VOLUME = 1 << 30
PINGS = 2000
MOST = 5000
TLSWIRE = str(Path(sys.executable).with_name("tlswire"))


def free_port() -> int:
    """Return a port that nobody uses now."""
    with socket.socket() as probe:
        probe.bind((ADDRESS, 0))
        return int(probe.getsockname()[1])


def relays(target: int, listen: int) -> dict[str, list[str]]:
    """Return the commands that pass connections on."""
    ends = ["--listen", f"{ADDRESS}:{listen}", "--to", f"{ADDRESS}:{target}"]
    made = {"tlswire": [TLSWIRE, "relay", "-q", *ends]}
    if shutil.which("socat"):
        made["socat"] = ["socat", f"TCP-LISTEN:{listen},bind={ADDRESS},fork,reuseaddr,nodelay"]
        made["socat"] += [f"TCP:{ADDRESS}:{target},nodelay"]
    return made


@contextlib.contextmanager
def running(command: list[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """Run a command until its port answers, and end it in the end."""
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet)
    try:
        while not answers(port):
            time.sleep(0.05)
        yield process
    finally:
        process.terminate()
        process.wait()


def answers(port: int) -> bool:
    """Tell whether something listens."""
    with contextlib.suppress(OSError), socket.create_connection((ADDRESS, port), 1):
        return True
    return False


class Source:
    """A server that sends `VOLUME` bytes to who says `b`, and what it got to all others."""

    def __init__(self) -> None:
        self._listener = socket.create_server((ADDRESS, 0), backlog=4096)
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        selector = selectors.DefaultSelector()
        self._listener.setblocking(False)
        selector.register(self._listener, selectors.EVENT_READ)
        while True:
            for key, _ in selector.select():
                if key.fileobj is self._listener:
                    client, _ = self._listener.accept()
                    client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                    selector.register(client, selectors.EVENT_READ)
                else:
                    self._answer(selector, key.fileobj)

    def _answer(self, selector: selectors.BaseSelector, client: socket.socket) -> None:
        try:
            data = client.recv(4096)
        except OSError:
            data = b""
        if data == b"b":
            threading.Thread(target=_pour, args=(client,), daemon=True).start()
        if not data or data == b"b":
            selector.unregister(client)
        if not data:
            client.close()
        elif data != b"b":
            client.sendall(data)


def _pour(client: socket.socket) -> None:
    block = bytes(1 << 18)
    with client, contextlib.suppress(OSError):
        for _ in range(VOLUME // len(block)):
            client.sendall(block)


def throughput(port: int) -> float:
    """Return MB a second of one download."""
    with socket.create_connection((ADDRESS, port)) as client:
        begun, buffer, left = time.monotonic(), bytearray(1 << 20), VOLUME
        client.sendall(b"b")
        while left and (count := client.recv_into(buffer)):
            left -= count
        return (VOLUME - left) / (time.monotonic() - begun) / 1e6


def round_trip(port: int) -> float:
    """Return the median of an echo in microseconds."""
    with socket.create_connection((ADDRESS, port)) as client:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        times = []
        for _ in range(PINGS):
            begun = time.perf_counter()
            client.sendall(b"ping")
            client.recv(64)
            times.append(time.perf_counter() - begun)
        return statistics.median(times) * 1e6


def concurrent(port: int, process: subprocess.Popen[bytes]) -> str:
    """Open many connections, let each say something, and tell how many were answered."""
    clients = [socket.create_connection((ADDRESS, port), 20) for _ in range(MOST)]
    begun = time.monotonic()
    for number, client in enumerate(clients):
        client.sendall(b"%d" % number)
    answered = sum(client.recv(64) == b"%d" % number for number, client in enumerate(clients))
    took = time.monotonic() - begun
    status = Path(f"/proc/{process.pid}/status").read_text()
    memory = next(line.split()[1] for line in status.splitlines() if line.startswith("VmRSS"))
    for client in clients:
        client.close()
    return f"{answered} of {MOST} at once answered in {took:.2f} s, {int(memory) >> 10} MiB"


def measure_relay() -> None:
    """Measure every relay in turn."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    source = Source()
    rows: dict[str, list[tuple[float, float]]] = {}
    for _ in range(ROUNDS):
        rows.setdefault("direct", []).append((throughput(source.port), round_trip(source.port)))
        listen = free_port()
        for name, command in relays(source.port, listen).items():
            with running(command, listen):
                rows.setdefault(name, []).append((throughput(listen), round_trip(listen)))
    direct = statistics.median(trip for _, trip in rows["direct"])
    for name, found in rows.items():
        rate = statistics.median(rate for rate, _ in found)
        trip = statistics.median(trip for _, trip in found)
        print(f"{name:8} {rate:8.0f} MB/s  round trip {trip:6.0f} us, {trip - direct:+.0f} us")
    listen = free_port()
    with running(relays(source.port, listen)["tlswire"], listen) as process:
        print(f"tlswire  {concurrent(listen, process)}")


def measure_listen(count: int, *, bulk: bool) -> None:
    """Let every observer watch the same load in namespaces of its own."""
    from captures.network import enter_private_namespaces

    enter_private_namespaces()
    from benchmarks import observers

    observers.measure(count, 0.0, bulk=bulk)


def measure_rates(only: tuple[str, ...]) -> None:
    """Let every observer alone see the same handshakes at rising rates."""
    from benchmarks import rates
    from captures.network import enter_private_namespaces, missing

    if absent := missing(rates.PROGRAMS):
        sys.exit(f"not installed: {', '.join(absent)}")
    enter_private_namespaces()
    rates.measure(only)


def soak(minutes: float) -> None:
    """Print the memory of listen and relay while they work."""
    from captures.network import enter_private_namespaces

    enter_private_namespaces()
    from benchmarks import observers

    observers.soak(minutes)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["relay"]:
            measure_relay()
        case ["listen", *rest]:
            measure_listen(int(rest[0]) if rest else 10_000, bulk="quiet" not in rest)
        case ["rates", *rest]:
            measure_rates(tuple(rest))
        case ["soak", *rest]:
            soak(float(rest[0]) if rest else 30.0)
        case _:
            sys.exit(__doc__)
