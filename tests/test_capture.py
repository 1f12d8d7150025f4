"""Capture files, built by hand from the specifications: every variant, every cut, every lie."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import random
import struct
import sys
from pathlib import Path

import pytest
from wire_words import pcap_bytes

from tlswire.errors import CaptureError
from tlswire.sources import chunks
from tlswire.sources.capture import Capture, Packet, open_capture
from tlswire.sources.watch import Watch

PACKETS = [bytes([n]) * (n + 1) for n in range(5)]


def opened(data: bytes) -> Capture:
    return open_capture(io.BytesIO(data))


def payloads(data: bytes) -> list[bytes]:
    return [packet.data for packet in opened(data)]


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    body += bytes(-len(body) % 4)
    total = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + total + body + total


def section(order: str = "<") -> bytes:
    return block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)


def option(code: int, value: bytes, order: str = "<") -> bytes:
    return struct.pack(order + "HH", code, len(value)) + value + bytes(-len(value) % 4)


def interface(link: int = 1, snaplen: int = 0, options: bytes = b"", order: str = "<") -> bytes:
    return block(1, struct.pack(order + "HHI", link, 0, snaplen) + options, order)


def enhanced(
    data: bytes, which: int = 0, ticks: int = 0, order: str = "<", length: int = 0
) -> bytes:
    head = struct.pack(
        order + "5I", which, ticks >> 32, ticks & 0xFFFFFFFF, len(data), length or len(data)
    )
    return block(6, head + data + bytes(-len(data) % 4), order)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(("magic", "fractions"), [(0xA1B2C3D4, 10**6), (0xA1B23C4D, 10**9)])
def test_both_byte_orders_and_both_clocks(order: str, magic: int, fractions: int) -> None:
    data = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, 113)
    data += struct.pack(order + "4I", 7, fractions // 4, 3, 90) + b"abc"
    assert list(opened(data)) == [Packet(1, 7.25, 113, b"abc", 90)]


@pytest.mark.parametrize("order", "<>")
def test_the_modified_format_has_longer_packet_headers(order: str) -> None:
    data = struct.pack(order + "IHHiIII", 0xA1B2CD34, 2, 4, 0, 0, 65535, 1)
    for each in PACKETS:
        data += struct.pack(order + "4IIHBB", 1, 0, len(each), len(each), 2, 8, 0, 0) + each
    assert payloads(data) == PACKETS


#: What stands behind the four words of a packet's header where its magic does not tell.
COUSINS = {"Nokia": (0xA1B2C3D4, 4), "Red Hat 6.1": (0xA1B2C3D4, 8), "SuSE 6.3": (0xA1B2CD34, 12)}


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize(("magic", "more"), COUSINS.values(), ids=COUSINS)
@pytest.mark.parametrize("count", [2, 5])
def test_where_a_magic_is_shared_the_packets_tell(
    order: str, magic: int, more: int, count: int
) -> None:
    packets = [bytes([n]) * (n + 60) for n in range(count)]
    data = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, 1)
    for each in packets:
        data += struct.pack(order + "4I", 1, 0, len(each), len(each)) + bytes(more) + each
    assert payloads(data) == packets


def test_a_wrong_snaplen_is_not_believed() -> None:
    data = bytearray(pcap_bytes(PACKETS))
    data[16:20] = struct.pack("<I", 1)
    assert payloads(bytes(data)) == PACKETS


def test_flags_above_the_link_type_are_no_link_type() -> None:
    data = bytearray(pcap_bytes(PACKETS))
    data[20:24] = struct.pack("<I", 0x24000001)
    assert {packet.link for packet in opened(bytes(data))} == {1}


@pytest.mark.parametrize("kind", ["pcap", "pcapng"])
def test_a_capture_cut_anywhere_gives_what_is_whole(kind: str) -> None:
    if kind == "pcap":
        head, parts = (
            pcap_bytes([]),
            [struct.pack("<4I", 1, 0, len(p), len(p)) + p for p in PACKETS],
        )
    else:
        head, parts = section() + interface(), [enhanced(p) for p in PACKETS]
    whole, ends = head + b"".join(parts), [len(head)]
    for part in parts:
        ends.append(ends[-1] + len(part))
    clean = {*ends, len(section())} if kind == "pcapng" else {*ends}
    for cut in range(4, len(whole) + 1):
        capture = opened(whole[:cut])
        count = sum(end <= cut for end in ends[1:])
        assert [packet.data for packet in capture] == PACKETS[:count], cut
        assert bool(capture.notes) == (cut not in clean), cut


@pytest.mark.parametrize("size", [1, 3, 7, 64])
def test_small_reads_give_the_same_packets(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chunks, "CHUNK", size)
    assert payloads(pcap_bytes(PACKETS)) == PACKETS
    assert payloads(section() + interface() + b"".join(map(enhanced, PACKETS))) == PACKETS


def test_a_length_that_cannot_be_stops_the_reading_with_a_note() -> None:
    data = pcap_bytes(PACKETS) + struct.pack("<4I", 1, 0, 0xDEADBEEF, 9) + b"x" * 100
    capture = opened(data)
    assert [packet.data for packet in capture] == PACKETS
    assert capture.notes == ["broken at packet 6: it claims 3735928559 bytes"]
    capture = opened(section() + interface() + struct.pack("<II", 6, 3) + bytes(20))
    assert (list(capture), capture.notes) == ([], ["broken after packet 0: a block of 3 bytes"])


# pcapng


def test_sections_interfaces_clocks_and_offsets() -> None:
    clock = option(9, b"\x09") + option(14, struct.pack("<q", 100)) + option(0, b"")
    binary = option(9, b"\x8a", ">")
    data = section() + interface() + interface(113, options=clock)
    data += enhanced(b"micro", 0, 1_500_000) + enhanced(b"nano", 1, 2_250_000_000)
    data += section(">") + interface(101, options=binary, order=">")
    data += enhanced(b"binary", 0, 3 << 10 | 512, ">")
    assert list(opened(data)) == [
        Packet(1, 1.5, 1, b"micro", 5),
        Packet(2, 102.25, 113, b"nano", 4),
        Packet(3, 3.5, 101, b"binary", 6),
    ]


def test_times_of_today_keep_their_microseconds() -> None:
    ticks = 1_700_000_000_123_456
    (packet,) = opened(section() + interface() + enhanced(b"x", 0, ticks))
    assert round(packet.at * 1e6) == ticks


def test_simple_and_old_packet_blocks() -> None:
    data = section() + interface(snaplen=4)
    data += block(3, struct.pack("<I", 9) + b"snap")
    data += block(2, struct.pack("<HHIIII", 0, 0, 0, 2_000_000, 3, 60) + b"old\0")
    assert list(opened(data)) == [Packet(1, 0.0, 1, b"snap", 9), Packet(2, 2.0, 1, b"old", 60)]


def test_secrets_are_kept_and_drops_are_noted() -> None:
    keys = b"CLIENT_RANDOM 00 11\n"
    data = section() + interface()
    data += block(10, struct.pack("<II", 0x544C534B, len(keys)) + keys)
    data += block(10, struct.pack("<II", 0x57474B4C, 4) + b"skip")
    data += block(0xBAD, b"an unknown block") + enhanced(b"data")
    data += block(5, struct.pack("<III", 0, 0, 0) + option(5, struct.pack("<Q", 12)))
    capture = opened(data)
    assert [packet.data for packet in capture] == [b"data"]
    assert capture.secrets == [keys]
    assert capture.notes == ["12 packets were dropped while capturing"]


def test_a_packet_of_an_interface_never_described_is_noted() -> None:
    capture = opened(section() + enhanced(b"orphan") + interface() + enhanced(b"child"))
    assert [packet.data for packet in capture] == [b"child"]
    assert capture.notes == ["a broken block after packet 0"]


@pytest.mark.parametrize("seed", range(30))
def test_noise_in_a_pcapng_never_breaks_it(seed: int) -> None:
    dice = random.Random(seed)
    data = bytearray(section() + interface(options=option(9, b"\x06")))
    data += b"".join(map(enhanced, PACKETS)) + section(">") + interface(order=">")
    for _ in range(seed % 5 + 1):
        data[dice.randrange(28, len(data))] = dice.randrange(256)
    assert len(list(opened(bytes(data)))) <= len(PACKETS)


# Compression


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_captures_open_alike(pack: object) -> None:
    data = pack(pcap_bytes(PACKETS))  # type: ignore[operator]
    capture = opened(data)
    assert [packet.data for packet in capture] == PACKETS
    assert capture.format.startswith("pcap, ")
    assert payloads(gzip.compress(data)) == PACKETS


@pytest.mark.parametrize("pack", [gzip.compress, bz2.compress, lzma.compress])
def test_compressed_captures_may_be_cut_or_damaged(pack: object) -> None:
    dice = random.Random(1)
    packets = [dice.randbytes(900) for _ in range(200)]
    data = pack(pcap_bytes(packets))  # type: ignore[operator]
    for cut in range(1, len(data), len(data) // 40):
        damaged = bytearray(data)
        damaged[cut] ^= 0x55
        for broken in (data[:cut], bytes(damaged)):
            try:
                capture = opened(broken)
            except CaptureError:
                continue
            assert len(list(capture)) <= len(packets)
            assert capture.notes


def test_a_compression_without_its_library_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(CaptureError, match="compressed with zstd: install zstandard"):
        opened(b"\x28\xb5\x2f\xfd" + bytes(20))


def test_a_bomb_of_layers_is_refused() -> None:
    data = pcap_bytes(PACKETS)
    for _ in range(5):
        data = gzip.compress(data)
    with pytest.raises(CaptureError, match="compressed more than"):
        opened(data)


# What is no capture


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "empty file"),
        (b"GIF89a", "not a packet capture: starts with 47 49 46 38"),
        (b"\xd4", "not a packet capture: starts with d4"),
        (gzip.compress(b""), "empty file"),
        (gzip.compress(b"hello"), "not a packet capture: starts with 68 65 6c 6c"),
    ],
)
def test_what_is_no_capture_is_refused_in_one_line(data: bytes, why: str) -> None:
    with pytest.raises(CaptureError) as caught:
        opened(data)
    assert str(caught.value) == f"the stream: {why}"


def test_paths_that_cannot_be_read_are_refused_in_one_line(tmp_path: Path) -> None:
    for path, why in ((tmp_path / "none", "no such file"), (tmp_path, "a directory")):
        with pytest.raises(CaptureError, match=why):
            open_capture(path)
    with pytest.raises(CaptureError, match="cannot be read"):
        open_capture("a\0b")


def test_a_path_a_string_and_stdin_open_alike(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "x.pcap"
    path.write_bytes(pcap_bytes(PACKETS))
    assert [p.data for p in open_capture(path)] == [p.data for p in open_capture(str(path))]
    with path.open("rb") as file:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(file))
        assert [p.data for p in open_capture("-")] == PACKETS


def test_progress_is_told() -> None:
    class Told(Watch):
        last = 0

        def told(self, read: int) -> None:
            self.last = read

    watch, data = Told(), pcap_bytes(PACKETS)
    capture = open_capture(io.BytesIO(data), watch)
    assert len(list(capture)) == len(PACKETS)
    assert watch.last == capture.bytes_read == len(data)


def test_formats_of_others_are_named() -> None:
    for head in (b"XCP\0" + bytes(99), b"TRSNIFF data    " + bytes(99), b"GMBU" + bytes(99)):
        with pytest.raises(CaptureError, match="convert it with editcap"):
            open_capture(io.BytesIO(head))
