"""What a pcapng file says besides its packets, written by editcap and by hand."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from tlswire.sources.capture import Capture, open_capture
from tlswire.sources.remarks import LONGEST, MOST


def block(kind: int, body: bytes) -> bytes:
    body += bytes(-len(body) & 3)
    total = len(body) + 12
    return struct.pack("<II", kind, total) + body + struct.pack("<I", total)


def option(code: int, value: bytes) -> bytes:
    return struct.pack("<HH", code, len(value)) + value + bytes(-len(value) & 3)


def section(options: bytes = b"") -> bytes:
    return block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1) + options)


def interface(name: bytes) -> bytes:
    return block(1, struct.pack("<HHI", 1, 0, 0) + option(2, name))


def packet(data: bytes, comment: bytes = b"") -> bytes:
    head = struct.pack("<5I", 0, 0, 0, len(data), len(data))
    options = option(1, comment) if comment else b""
    return block(6, head + data + bytes(-len(data) & 3) + options)


def read(data: bytes) -> Capture:
    capture = open_capture(io.BytesIO(data))
    capture.count = len(list(capture))  # type: ignore[attr-defined]
    return capture


def test_comments_interfaces_and_names_are_told() -> None:
    names = struct.pack("<HH4s", 1, 16, bytes((192, 0, 2, 1))) + b"lb.example\0\0"
    names += struct.pack("<HHI", 0, 0, 0)
    found = read(
        section(option(1, b"since monday"))
        + interface(b"eth0")
        + interface(b"eth1")
        + packet(b"x" * 61, b"see this")
        + block(4, names)
    )
    assert found.notes == [
        "captured on eth0, eth1",
        "comment on the capture: since monday",
        "comment on packet 1: see this",
        "names in the capture: 192.0.2.1 is lb.example",
    ]


def test_one_interface_is_not_worth_a_word() -> None:
    assert read(section() + interface(b"eth0") + packet(b"x")).notes == []


def test_a_flood_of_remarks_is_bounded() -> None:
    packets = b"".join(packet(b"x", b"c" * 5000) for _ in range(MOST + 3))
    found = read(section() + b"".join(interface(b"e%d" % n) for n in range(99)) + packets)
    assert len(found.notes) == MOST + 2
    assert found.notes[-1] == "3 more comments"
    assert max(map(len, found.notes)) < LONGEST + 60


@pytest.mark.skipif(not shutil.which("editcap"), reason="editcap is not installed")
def test_comments_as_editcap_writes_them(captures: Path, tmp_path: Path) -> None:
    path = tmp_path / "commented.pcapng"
    source = captures / "cert-expired.pcapng"
    words = ["-a", "2:see this", "--capture-comment", "since monday"]
    subprocess.run(["editcap", *words, str(source), str(path)], check=True)
    found = open_capture(path)
    assert [p.data for p in found] == [p.data for p in open_capture(source)]
    assert found.notes == ["comment on the capture: since monday", "comment on packet 2: see this"]
