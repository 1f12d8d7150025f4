"""A path that swallows large packets, in namespaces of its own: proved by smaller segments."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import peers
import pytest
from conftest import ROOT

NEAR, FAR = "tlswire-path-c", "tlswire-path-s"
ADDRESS = "198.51.100.2"
#: What passes: more than the segments that a replay keeps to, less than a full packet.
PASSES = 1300


@contextmanager
def path(*rules: str) -> Iterator[None]:
    """Two hosts on a wire; nftables rules for what comes to the far one."""
    if os.geteuid() != 0 or not all(map(shutil.which, ("ip", "nft"))):
        pytest.skip("namespaces need root, iproute2 and nftables")
    try:
        for name in (NEAR, FAR):
            _run("ip", "netns", "add", name)
        _run(*f"ip link add vc netns {NEAR} type veth peer vs netns {FAR}".split())
        for name, link, address in ((NEAR, "vc", "198.51.100.1"), (FAR, "vs", ADDRESS)):
            _run(*f"ip -n {name} addr add {address}/24 dev {link}".split())
            _run(*f"ip -n {name} link set {link} up".split())
            _run(*f"ip -n {name} link set lo up".split())
            for offload in ("tso", "gso", "gro", "tx"):  # else segments are larger than packets
                _run(*f"ip netns exec {name} ethtool -K {link} {offload} off".split())
        table = "table ip box { chain it { type filter hook input priority 0; %s; }; }"
        _run("ip", "netns", "exec", FAR, "nft", table % ("; ".join(rules) or "accept"))
        yield
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no such path here: {error.stderr!r}")
    finally:
        for name in (NEAR, FAR):
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)


def _run(*words: str) -> None:
    subprocess.run(words, check=True, capture_output=True)


@contextmanager
def served() -> Iterator[None]:
    own = peers.identity()
    command = ["ip", "netns", "exec", FAR, peers.need("openssl"), "s_server", "-quiet", "-www"]
    command += ["-accept", f"{ADDRESS}:443", "-cert", str(own.certificate), "-key", str(own.key)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(0.5)
        yield
    finally:
        process.terminate()
        process.wait(peers.PATIENCE)


def replayed(capture: str) -> dict[str, Any]:
    program = str(Path(sys.executable).with_name("tlswire"))
    command = ["ip", "netns", "exec", NEAR, program, "replay", str(ROOT / "captures" / capture)]
    done = subprocess.run(
        [*command, "-a", "--target", f"{ADDRESS}:443", "--timeout", "1.5", "--json"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    found: dict[str, Any] = json.loads(done.stdout)["replays"][0]
    return found


def proved(done: dict[str, Any]) -> list[str]:
    return [c["id"] for c in done["verdict"]["causes"] if c["confidence"] == "proved"]


def test_a_path_that_swallows_a_large_hello() -> None:
    with path(f"ip length > {PASSES} drop"), served():
        done = replayed("ok-chromium.pcapng")
    assert proved(done) == ["mtu-blackhole-client-hello"]
    assert "mss" in {attempt["variant"] for attempt in done["attempts"]}


def test_a_path_that_is_whole() -> None:
    with path(), served():
        done = replayed("ok-chromium.pcapng")
    assert done["verdict"]["causes"] == []
