"""Snoop files: as editcap writes them, and as a firewall's monitor does."""

from __future__ import annotations

import io
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from tlswire.decode import scan
from tlswire.sources.capture import open_capture


@pytest.mark.skipif(not shutil.which("editcap"), reason="editcap is not installed")
def test_snoop_as_editcap_writes_it(captures: Path, tmp_path: Path) -> None:
    for name in ("ok-tls12-openssl.pcapng", "cut-midway.pcapng"):
        path, rows = tmp_path / "monitor.snoop", list(open_capture(captures / name))
        subprocess.run(
            ["editcap", "-F", "snoop", str(captures / name), str(path)],
            check=name != "cut-midway.pcapng",
            capture_output=True,
        )
        found = open_capture(path)
        assert [(p.data, p.length, p.link) for p in found] == [
            (p.data, p.length, p.link) for p in rows
        ]
        assert found.format == "snoop"


def test_a_monitor_sees_each_packet_four_times(captures: Path) -> None:
    """Check Point's: in and out, before and after the chain, the direction in the MAC address."""
    rows = list(open_capture(captures / "cert-expired.pcapng"))
    data = b"snoop\0\0\0" + struct.pack(">II", 2, 4)
    for packet in rows:
        for place, point in enumerate(b"iIoO"):
            seen = bytes((point, *b"eth1\0")) + packet.data[6:]
            at = packet.at + place * 1e-5
            size = len(seen)
            record = (size, size, 24 + size + (-size & 3), 0, int(at), int(at % 1 * 1e6))
            data += struct.pack(">6I", *record) + seen + bytes(-size & 3)
    (seen_often,) = scan(io.BytesIO(data)).seen
    (seen_once,) = scan(captures / "cert-expired.pcapng").seen
    assert seen_often.transcript.history == seen_once.transcript.history
    assert seen_often.ending[:4] == seen_once.ending[:4]
    assert not seen_often.flow.client.retransmissions


def test_a_snoop_file_that_lies() -> None:
    head = b"snoop\0\0\0" + struct.pack(">II", 2, 4)
    for record in ((60, 60, 10, 0, 0, 0), (60, 99, 60, 0, 0, 0), (60, 60, 1 << 30, 0, 0, 0)):
        found = open_capture(io.BytesIO(head + struct.pack(">6I", *record) + bytes(60)))
        assert list(found) == []
        assert len(found.notes) == 1
