"""Two hosts on one wire, in namespaces of their own, and the programs that talk over it.

Never touches the network of the machine: `enter_private_namespaces` comes first, and what is
started inside dies with it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Literal

Host = Literal["client", "server"]

CLIENT, SERVER = "192.0.2.10", "198.51.100.20"
CLIENT6, SERVER6 = "2001:db8:1::10", "2001:db8:2::20"
#: The name that has IPv6 only; every other name of the scenes has IPv4 only.
NAME6 = "www6.example.com"
_INSIDE = "CAPTURES_INSIDE"
# RFC 9542 gives 00-00-5E-00-53-xx to documentation.
_MAC = {"client": "00:00:5e:00:53:10", "server": "00:00:5e:00:53:20"}
_OFFLOADS = "tx off rx off tso off gso off gro off"
_WIRE = f"""
ip link set lo up
ip netns add client
ip netns add server
ip link add c0 netns client address {_MAC["client"]} type veth peer name s0 netns server
ip -n server link set s0 address {_MAC["server"]}
ip -n client addr add {CLIENT}/24 dev c0
ip -n server addr add {SERVER}/24 dev s0
ip -n client addr add {CLIENT6}/64 dev c0 nodad
ip -n server addr add {SERVER6}/64 dev s0 nodad
ip netns exec client ethtool -K c0 {_OFFLOADS}
ip netns exec server ethtool -K s0 {_OFFLOADS}
ip -n client link set lo up
ip -n server link set lo up
ip -n client link set c0 up
ip -n server link set s0 up
ip -n client route add {SERVER}/32 dev c0
ip -n server route add {CLIENT}/32 dev s0
ip -n client route add {SERVER6}/128 dev c0
ip -n server route add {CLIENT6}/128 dev s0
"""


def enter_private_namespaces() -> None:
    """Start this program again in network, mount and process namespaces of its own."""
    if os.environ.get(_INSIDE):
        return
    os.environ[_INSIDE] = "yes"
    private = ["unshare", "--net", "--mount", "--pid", "--fork", "--mount-proc", "--kill-child"]
    os.execvp(private[0], [*private, sys.executable, *sys.argv])


class Wire:
    """The link between the two hosts; `folder`, in memory, is where programs run."""

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        self.folder = folder
        _do(f"mount -t tmpfs none {folder}")
        self._started: list[tuple[subprocess.Popen[bytes], IO[bytes]]] = []
        os.makedirs("/run/netns", exist_ok=True)
        _do("mount -t tmpfs none /run/netns")
        for line in _WIRE.strip().splitlines():
            _do(line)
        hosts = folder / "hosts"
        lines = [f"{SERVER} {name}" for name in names] + [f"{SERVER6} {NAME6}"]
        hosts.write_text("127.0.0.1 localhost\n" + "\n".join(lines) + "\n")
        _do(f"mount --bind {hosts} /etc/hosts")

    def record(self, path: Path) -> subprocess.Popen[bytes]:
        """Start tcpdump at the client's end of the link; `stop` ends it."""
        path.unlink(missing_ok=True)
        command = f"tcpdump -i c0 -s0 -U --immediate-mode -Z root -w {path} tcp or icmp"
        process = self.start("client", command, "tcpdump.log")
        _wait_for("recorder", lambda: b"listening on" in (self.folder / "tcpdump.log").read_bytes())
        return process

    def start(self, host: Host, command: str, log: str) -> subprocess.Popen[bytes]:
        """Start a program on a host with an input that stays open; its words go to `log`."""
        out = (self.folder / log).open("ab")
        process = subprocess.Popen(
            _on(host, command),
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.PIPE,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
        self._started.append((process, out))
        return process

    def wait_for_port(self, port: int) -> None:
        """Wait until something listens on the server; TimeoutError after some seconds."""
        query = _on("server", f"ss -Hltn sport = :{port}")
        _wait_for(
            f"listener on port {port}",
            lambda: bool(subprocess.run(query, capture_output=True, check=True).stdout),
        )

    def ask(self, command: str, words: str, patience: float) -> None:
        """Run a client: say `words` once it is connected, then let go; its log is client.log."""
        process = self.start("client", command, "client.log")
        assert process.stdin
        time.sleep(0.4)
        try:
            process.stdin.write(words.encode())
            process.stdin.flush()
            time.sleep(0.3)
            process.stdin.close()
        except BrokenPipeError:
            pass  # it has already given up: that is what most scenes are about
        try:
            process.wait(patience)
        except subprocess.TimeoutExpired:
            self._end(process)

    def stop(self, process: subprocess.Popen[bytes]) -> None:
        """End one program and wait until it is gone."""
        self._end(process)

    def clear(self) -> None:
        """End everything started here, drop the firewall's rules and the logs."""
        for process, out in self._started:
            self._end(process)
            out.close()
        self._started.clear()
        for host in ("client", "server"):
            subprocess.run(_on(host, "nft flush ruleset"), check=False, capture_output=True)
        for log in self.folder.glob("*.log"):
            log.unlink()

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        for kind in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            if process.poll() is None:
                os.killpg(process.pid, kind)
            try:
                process.wait(1.5)
            except subprocess.TimeoutExpired:
                continue
            return

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(self.folder)}


def missing(programs: tuple[str, ...]) -> list[str]:
    """Name the programs that are not installed."""
    return [program for program in programs if shutil.which(program) is None]


def _on(host: str, command: str) -> list[str]:
    return ["ip", "netns", "exec", host, *shlex.split(command)]


def _do(command: str) -> None:
    subprocess.run(shlex.split(command), check=True, capture_output=True)


def _wait_for(what: str, holds: Callable[[], bool], seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"no {what} after {seconds} s")
        time.sleep(0.05)
