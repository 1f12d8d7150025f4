"""Several captures as one, in the order of time; `mergecap` is the oracle where it is there."""

from __future__ import annotations

import gzip
import shutil
import struct
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest
from wire_words import records

from tlswire.decode import scan
from tlswire.sources.capture import Packet, open_capture
from tlswire.sources.chunks import CHUNK
from tlswire.sources.merged import Merged
from tlswire.sources.watch import Watch

Row = tuple[float, bytes]


def pcap(path: Path, rows: Sequence[Row]) -> str:
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1)
    body = b"".join(
        struct.pack("<4I", int(at), round(at % 1 * 1e6), len(data), len(data)) + data
        for at, data in rows
    )
    path.write_bytes(head + body)
    return str(path)


def merged(*names: str) -> list[Packet]:
    return [
        Packet(number, at, link, buffer[start:end], length)
        for number, at, link, buffer, start, end, length in Merged(names).packets()
    ]


def test_packets_come_in_the_order_of_time_and_are_numbered_through(tmp_path: Path) -> None:
    one = pcap(tmp_path / "one", [(1.0, b"a"), (3.0, b"c"), (3.5, b"d")])
    two = pcap(tmp_path / "two", [(2.0, b"b"), (9.0, b"e")])
    found = merged(two, one)
    assert [(p.number, p.data) for p in found] == list(enumerate([b"a", b"b", b"c", b"d", b"e"], 1))


def test_files_of_a_ring_are_opened_when_they_are_due(tmp_path: Path) -> None:
    names = [pcap(tmp_path / f"ring{n}", [(float(n), b"x"), (n + 0.5, b"y")]) for n in range(40)]
    ring = Merged(names[::-1])
    most = 0
    for _ in ring.packets():
        most = max(most, len(ring._open))
    assert most <= 2
    assert ring.bytes_read == sum(Path(name).stat().st_size for name in names)


def test_what_is_wrong_with_one_is_said_of_that_one(tmp_path: Path) -> None:
    whole = pcap(tmp_path / "whole", [(1.0, b"a"), (2.0, b"b")])
    cut = Path(pcap(tmp_path / "cut", [(1.5, b"c"), (2.5, b"d")]))
    cut.write_bytes(cut.read_bytes()[:-1])
    empty = pcap(tmp_path / "empty", [])
    found = Merged([whole, str(cut), empty])
    assert len(list(found.packets())) == 3
    assert found.notes == ["empty: it has no packet", "cut: cut in the middle of packet 2"]


@pytest.fixture
def holding(shared: Path) -> Path:
    return shared / "corpus" / "FoxIO-LLC+ja4" / "pcap__http2-with-cookies.pcapng"


def histories(source: str | tuple[str, ...]) -> list[str]:
    found = scan(source).seen
    assert any(e.protected for seen in found for e in seen.transcript.entries)
    return [seen.transcript.history for seen in found]


def test_secrets_inside_are_shared(holding: Path) -> None:
    assert histories((str(holding),)) == histories(str(holding))


def test_secrets_inside_a_compressed_capture_are_used(holding: Path, tmp_path: Path) -> None:
    path = tmp_path / "packed"
    path.write_bytes(gzip.compress(holding.read_bytes()))
    assert histories(str(path)) == histories(str(holding))


@pytest.mark.skipif(not shutil.which("mergecap"), reason="mergecap is not installed")
def test_merged_as_mergecap_does(captures: Path, tmp_path: Path) -> None:
    names = [str(path) for path in sorted(captures.glob("ok-*.pcapng"))]
    whole = tmp_path / "whole.pcapng"
    subprocess.run(["mergecap", "-w", str(whole), *names], check=True)
    assert [p.data for p in merged(*names)] == [p.data for p in open_capture(whole)]


def test_a_conversation_in_two_files_is_one(captures: Path, tmp_path: Path) -> None:
    packets = list(open_capture(captures / "ok-tls12-openssl.pcapng"))
    halves = packets[:7], packets[7:]
    names = [
        pcap(tmp_path / f"half{n}", [(p.at, p.data) for p in half]) for n, half in enumerate(halves)
    ]
    assert len(list(records(open_capture(names[1])))) == 1
    (seen,) = scan(tuple(names)).seen
    (whole,) = scan(captures / "ok-tls12-openssl.pcapng").seen
    assert seen.transcript.history == whole.transcript.history


def test_reading_can_be_ended(tmp_path: Path) -> None:
    class Impatient(Watch):
        def told(self, read: int) -> None:
            self.over = read > 2 * CHUNK

    rows = [(float(n), b"a" * (CHUNK // 4)) for n in range(20)]
    found = scan((pcap(tmp_path / "a", rows),), Impatient())
    assert 0 < found.packets < len(rows)
    assert found.notes[-1].startswith("stopped by the user after ")
