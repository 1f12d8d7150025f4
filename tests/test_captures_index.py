"""Captures are complete, small, in the contract's words, true by tshark, and tell no secrets."""

from __future__ import annotations

import datetime as dt
import importlib
import ipaddress
import re
import shutil
import struct
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tlswire.causes import CAUSES

ROOT = Path(__file__).resolve().parent.parent
CAPTURES = ROOT / "captures"


def stems(suffix: str) -> list[str]:
    """The captures with this suffix, of the folder and of those in it, without the suffix."""
    found = CAPTURES.rglob(f"*{suffix}")
    return sorted(str(path.relative_to(CAPTURES)).removesuffix(suffix) for path in found)


STEMS = stems(".pcapng")

OUTCOMES = {"established", "failed", "incomplete", "not_tls"}
SIDES = {"client", "server", "network", "capture"}
HOWS = {
    *("alert", "encrypted_alert", "rst", "fin", "silence"),
    *("non_tls", "icmp", "capture_end"),
}
AWAITED = {
    *("TCP_CONNECT", "PREAMBLE", "CLIENT_HELLO", "SERVER_HELLO", "ENCRYPTED_EXTENSIONS"),
    *("CERTIFICATE", "SERVER_KEY_EXCHANGE", "SERVER_HELLO_DONE", "CLIENT_CERTIFICATE"),
    *("CLIENT_KEY_EXCHANGE", "CERTIFICATE_VERIFY", "CLIENT_FINISHED", "SERVER_FINISHED"),
    "APPLICATION_DATA",
}
EXPECT_KEYS = {
    *("connection", "outcome", "stopped_at", "ended_by", "alert"),
    *("resumed", "causes", "healthy"),
}
PRIVATE = re.compile(rb"/(?:work|tmp|home|root|usr|var|etc|opt)/")
#: Names that are not an example's: SSH names its own algorithms so.
RESERVED = {b"example.com", b"libssh.org", b"openssh.com"}
DOCUMENTATION = [
    ipaddress.ip_network(net)
    for net in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
]
LARGEST = 40_000  # bytes


def described(stem: str) -> dict[str, Any]:
    return tomllib.loads((CAPTURES / f"{stem}.toml").read_text())


def blocks(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Walk the whole blocks of a little-endian pcapng: type and body."""
    offset = 0
    while offset + 8 <= len(data):
        kind, length = struct.unpack_from("<II", data, offset)
        if offset + length > len(data):
            return
        yield kind, data[offset + 8 : offset + length - 4]
        offset += length


def addresses(frame: bytes) -> tuple[str, str]:
    if frame[12:14] == b"\x86\xdd":
        return str(ipaddress.ip_address(frame[22:38])), str(ipaddress.ip_address(frame[38:54]))
    assert frame[12:14] == b"\x08\x00"
    return str(ipaddress.ip_address(frame[26:30])), str(ipaddress.ip_address(frame[30:34]))


def test_the_demo_is_there() -> None:
    assert "cipher-no-overlap" in STEMS


def test_folder_and_table_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "tools"))
    scenes = importlib.import_module("captures.scenes").SCENES
    assert sorted(scene.stem for scene in scenes) == STEMS
    assert stems(".toml") == STEMS


def test_the_index_lists_each_once() -> None:
    index = (CAPTURES / "README.md").read_text()
    assert sorted(re.findall(r"\[[^]]*\]\(([^)]+)\.pcapng\)", index)) == STEMS


@pytest.mark.parametrize("stem", STEMS)
def test_says_how_it_was_made(stem: str) -> None:
    made = described(stem)["made"]
    assert isinstance(made["date"], dt.date)
    assert made["by"]
    assert all(isinstance(command, str) and command for command in made["by"])
    assert made["client"]
    assert made["server"]
    assert "{" not in made["client"] + made["server"]


@pytest.mark.parametrize("stem", STEMS)
def test_expects_in_the_words_of_the_contract(stem: str) -> None:
    expectations = described(stem)["expect"]
    assert [each["connection"] for each in expectations] == list(range(len(expectations)))
    for each in expectations:
        assert set(each) <= EXPECT_KEYS
        assert each["outcome"] in OUTCOMES
        assert each.get("stopped_at", "CERTIFICATE") in AWAITED
        side, how = each.get("ended_by", ("client", "fin"))
        assert side in SIDES
        assert how in HOWS
        assert 0 <= each.get("alert", 0) <= 255
        assert ("alert" in each) <= (how in ("alert", "encrypted_alert"))
        assert each["healthy"] is (each["outcome"] in ("established", "incomplete"))
        assert bool(each["causes"]) is not each["healthy"]
        if each["outcome"] == "established":
            assert not {"stopped_at", "ended_by", "alert"} & set(each)


def test_causes_are_in_the_catalogue() -> None:
    known = {cause.ID for cause in CAUSES}
    named = {
        cause for stem in STEMS for each in described(stem)["expect"] for cause in each["causes"]
    }
    assert named <= known


@pytest.mark.parametrize("stem", STEMS)
def test_is_small_and_tells_nothing_of_the_machine(stem: str) -> None:
    data = (CAPTURES / f"{stem}.pcapng").read_bytes()
    assert 100 < len(data) < LARGEST
    kinds = [kind for kind, _ in blocks(data)]
    assert kinds[:2] == [0x0A0D0D0A, 1]
    assert set(kinds[2:]) == {6}
    for kind, body in blocks(data):
        without_options = {0x0A0D0D0A: 16, 1: 8}.get(kind)
        if without_options is None:
            captured = int.from_bytes(body[12:16], "little")
            without_options = 20 + captured + -captured % 4
        assert len(body) == without_options
    assert not PRIVATE.search(data)
    assert not PRIVATE.search((CAPTURES / f"{stem}.toml").read_bytes())


@pytest.mark.parametrize("stem", STEMS)
def test_addresses_are_for_documentation(stem: str) -> None:
    data = (CAPTURES / f"{stem}.pcapng").read_bytes()
    for kind, body in blocks(data):
        for address in addresses(body[20:]) if kind == 6 else ():
            host = ipaddress.ip_address(address)
            assert any(host.version == net.version and host in net for net in DOCUMENTATION)


@pytest.mark.parametrize("stem", STEMS)
def test_names_are_reserved_ones(stem: str) -> None:
    data = (CAPTURES / f"{stem}.pcapng").read_bytes() + (CAPTURES / f"{stem}.toml").read_bytes()
    for name in re.findall(rb"[a-z0-9-]+\.(?:com|net|org|test|io|local|lan|internal)\b", data):
        assert name in RESERVED


@pytest.mark.parametrize("stem", STEMS)
def test_tshark_bears_it_out(stem: str) -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    proofs = [proof for proof in described(stem)["proof"] if proof["by"] == "tshark"]
    for proof, count in zip(proofs, count_frames(stem, [p["what"] for p in proofs]), strict=True):
        assert count == proof["frames"] if "frames" in proof else count > 0, proof


def count_frames(stem: str, filters: list[str]) -> list[int]:
    """Count the frames that match each display filter, in one run of tshark."""
    if not filters:
        return []
    statistic = ",".join(["io,stat,0", *filters])
    command = ["tshark", "-o", "tcp.reassemble_out_of_order:TRUE", "-q", "-z", statistic, "-r"]
    path = str(CAPTURES / f"{stem}.pcapng")
    table = subprocess.run([*command, path], capture_output=True, text=True, check=False).stdout
    rows = re.findall(r"^\|\s*[\d.]+ <> +\S+\s*\|(.+)\|\s*$", table, re.MULTILINE)
    cells = [[int(cell) for cell in re.findall(r"\d+", row)[::2]] for row in rows]
    return [sum(column) for column in zip(*cells, strict=True)]
