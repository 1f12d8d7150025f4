"""Records the two captures that are measured, from real handshakes on a private wire.

`bulk`: few connections that carry much. `many`: many that carry little, two fifths of which fail.
Must run as root, in namespaces of its own: `enter_private_namespaces` first.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from captures.certificates import make_certificates
from captures.network import Wire

from benchmarks import files, talkers
from benchmarks.multiply import multiply

PROGRAMS = ("unshare", "ip", "ethtool", "ss", "tcpdump", "nginx", "curl", "openssl", "gnutls-cli")
TIMES = 10
#: A recorder that wrote nothing for so many seconds has written all.
QUIET = 2.5
_RECORD = "tcpdump -i c0 -s 0 -B 524288 -Z root -w {path} tcp"
_NAMES = (talkers.NAME, "www.example.com", "another.example.com")


class Size(NamedTuple):
    """How many connections are made for each capture; `many` is multiplied by `TIMES`."""

    bulk: int
    many: int


WHOLE, QUICK = Size(260, 5000), Size(13, 250)


def make(folder: Path, size: Size) -> None:
    """Write bulk and many, each as pcap and pcapng, into `folder`."""
    with tempfile.TemporaryDirectory() as room:
        wire = Wire(Path(room), _NAMES)
        make_certificates(wire.folder)
        wire.start("server", f"{_program()} serve", "server.log")
        for port in (*talkers.VIRTUAL_SERVERS, *talkers.BEHAVIOURS):
            wire.wait_for_port(port)
        record(wire, folder / "bulk.raw", f"{_program()} bulk {size.bulk}")
        record(wire, folder / "many.raw", f"{_program()} many {size.many}")
        wire.clear()
        subprocess.run(["umount", room], check=False)
    files.write(files.read(folder / "bulk.raw"), folder / "bulk")
    files.write(multiply(folder / "many.raw", TIMES), folder / "many")
    for raw in folder.glob("*.raw"):
        raw.unlink()


def record(wire: Wire, path: Path, what: str) -> None:
    """Record everything while a client runs `what`; say what the recorder dropped."""
    log = wire.folder / "tcpdump.log"
    log.unlink(missing_ok=True)
    recorder = wire.start("client", _RECORD.format(path=path), log.name)
    while b"listening on" not in log.read_bytes():
        time.sleep(0.05)
    wire.start("client", what, "client.log").wait()
    wait_for_rest(path)
    wire.stop(recorder)
    print(f"{path.stem}: {path.stat().st_size / 1e6:.0f} MB, {dropped(log.read_text())} dropped")


def wait_for_rest(path: Path) -> None:
    """Wait until the recorder has written what the kernel still held for it."""
    size = -1
    while size != (size := path.stat().st_size):
        time.sleep(QUIET)


def dropped(words: str) -> str:
    """Return how many packets tcpdump says that the kernel dropped."""
    found = re.search(r"(\d+) packets dropped by kernel", words)
    return found[1] if found else "nobody knows how many"


def _program() -> str:
    return f"{sys.executable} {talkers.__file__}"
