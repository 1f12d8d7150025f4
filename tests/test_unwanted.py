"""Packets stepped over are counted, dated and kept as if each was looked at: any mix of them."""

from __future__ import annotations

import random
import struct
from pathlib import Path
from typing import NamedTuple

import pytest
from test_remarks import block, section

from tlswire.flow import Endpoint, Flow, Side
from tlswire.sources import chunks
from tlswire.sources.capture import open_capture
from tlswire.sources.kept import LARGEST, MOST_PACKETS, Kept
from tlswire.sources.unwanted import Unwanted

ENDS = [bytes((192, 0, 2, n, 198, 51, 100, 1, 200, n, 1, 187)) for n in range(6)]
ENDS_V6 = [b"\x20\x01\x0d\xb8" + bytes(11) + k[3:4] + b"\xfd" + bytes(15) + k[8:] for k in ENDS]
#: What stands behind the addresses of Ethernet: nothing, a tag, two of them.
TAGS = (b"", b"", b"\x81\x00\x00\x05", b"\x88\xa8\x00\x07\x81\x00\x00\x05")
#: Lengths of packets as captures have them, and some that cut a header.
LENGTHS = (*(1514,) * 6, *(66,) * 4, 54, 60, 20, 40, 53, 74, 78, 544, 946, 1370, 9014, 1)
PSH, SYN, FIN, RST, ACK = 0x18, 0x02, 0x11, 0x04, 0x10
FLAGS = (*(ACK,) * 12, *(PSH,) * 4, SYN, FIN, RST)
TCP, UDP = 6, 17


class Row(NamedTuple):
    """A packet: its time in units of the file, its bytes, its length on the wire."""

    at: int
    data: bytes
    length: int
    key: bytes | None  # of whom it is, where that can be told at a glance and nothing ends by it
    plain: bool


def mixed(chance: random.Random, fractions: int) -> list[Row]:
    """Packets of a few flows, among them other protocols; times go back now and then."""
    at, rows = 1_700_000_000 * fractions + chance.randrange(fractions), []
    for _ in range(chance.randrange(1, 900)):
        at += chance.choice((1, 7, 300, fractions // 3, -5, -fractions))
        rows.append(packet(chance, at))
    return rows


def packet(chance: random.Random, at: int) -> Row:
    """A packet, cut by the snaplen now and then."""
    protocol, flags = chance.choice((TCP,) * 15 + (UDP,)), chance.choice(FLAGS)
    tags, size = chance.choice(TAGS), chance.choice(LENGTHS)
    if chance.random() < 0.7:
        key = chance.choice(ENDS)
        ip = b"\x08\x00\x45" + bytes(8) + bytes((protocol,)) + bytes(2) + key
    else:
        key = chance.choice(ENDS_V6)
        ip = b"\x86\xdd\x60" + bytes(5) + bytes((protocol,)) + bytes(1) + key
    head = bytes(12) + tags + ip + bytes(9) + bytes((flags,)) + bytes(6)
    data = (head + chance.randbytes(max(size - len(head), 0)))[:size]
    told = protocol == TCP and not flags & 7 and size >= len(head)
    plain = len(head) == len(bytes(12) + ip) + 16 and len(key) == 12
    return Row(at, data, size + chance.choice((0, 0, 0, 100)), key if told else None, plain)


def pcap(rows: list[Row], order: str, magic: int, fractions: int, extra: int) -> bytes:
    file = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, 1)
    for at, data, length, *_ in rows:
        file += struct.pack(order + "4I", *divmod(at, fractions), len(data), length)
        file += bytes(extra) + data
    return file


def pcapng(rows: list[Row], fractions: int) -> bytes:
    exponent = struct.pack("<HHB3xI", 9, 1, len(str(fractions)) - 1, 0)
    file = section() + block(1, struct.pack("<HHI", 1, 0, 0) + exponent)
    for at, data, length, *_ in rows:
        head = struct.pack("<5I", 0, at >> 32, at & 0xFFFFFFFF, len(data), length)
        file += block(6, head + data + bytes(-len(data) & 3))
    return file


FORMS = {
    "pcap": lambda rows: pcap(rows, "<", 0xA1B2C3D4, 10**6, 0),
    "pcap, big": lambda rows: pcap(rows, ">", 0xA1B2C3D4, 10**6, 0),
    "pcap, nanoseconds": lambda rows: pcap(rows, "<", 0xA1B23C4D, 10**9, 0),
    "pcap, modified": lambda rows: pcap(rows, "<", 0xA1B2CD34, 10**6, 8),
    "pcapng": lambda rows: pcapng(rows, 10**6),
    "pcapng, nanoseconds": lambda rows: pcapng(rows, 10**9),
}


def flow(number: int) -> Flow:
    client, server = Side(Endpoint("192.0.2.1", 1)), Side(Endpoint("198.51.100.1", 443))
    return Flow(number, client, server, "syn", 0.0, 0, 0.0, 0)


#: A packet as it is handed out or kept.
Packet = tuple[int, float, bytes, int]


def read(path: Path, unwanted: Unwanted) -> list[Packet]:
    return [
        (number, at, buffer[start:end], length)
        for batch in open_capture(path).batches(unwanted)
        for number, at, _, buffer, start, end, length in batch
    ]


def time_of(at: int, fractions: int, form: str) -> float:
    """A time as the file tells it: in pcap seconds and a fraction."""
    if "ng" in form:
        return at / fractions
    seconds, fraction = divmod(at, fractions)
    return seconds + fraction / fractions


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(12))
def test_what_is_stepped_over_is_known_as_if_looked_at(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, form: str, seed: int
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(chunks, "CHUNK", chance.choice((1 << 12, 1 << 15, 1 << 18)))
    fractions = 10**9 if "nano" in form else 10**6
    rows, path = mixed(chance, fractions), tmp_path / "mixed"
    file = FORMS[form](rows)
    path.write_bytes(file[: chance.randrange(len(file))] if seed % 3 == 2 else file)
    every = [
        (number, time_of(row.at, fractions, form), row.data, row.length)
        for number, row in enumerate(rows, 1)
    ]
    every = every[: len(read(path, Unwanted()))]
    assert read(path, Unwanted()) == every
    assert len(every) == len(rows) or seed % 3 == 2

    unwanted = Unwanted()
    flows = {key: flow(n) for n, key in enumerate([*ENDS, *ENDS_V6]) if chance.random() < 0.6}
    kept = {key: Kept(n, key, 0) for n, key in enumerate(ENDS) if key not in flows and n % 4}
    unwanted.flows.update(flows)
    unwanted.flows.update(kept)
    handed, last = list[Packet](), dict[bytes, tuple[int, float]]()
    held: dict[bytes, list[Packet]] = {key: [] for key in kept}
    for row, each in zip(rows, every, strict=False):
        if row.key in flows:
            last[row.key] = each[:2]
        elif row.key in held and row.plain and len(row.data) <= LARGEST:
            mine = held[row.key]
            (mine if len(mine) < MOST_PACKETS else handed).append(each)
        else:
            handed.append(each)
    assert read(path, unwanted) == handed
    assert {key: each.packets for key, each in kept.items()} == held
    seen = {key: (each.last_frame, each.last_at) for key, each in flows.items()}
    assert seen == {key: last.get(key, (0, 0.0)) for key in flows}
    assert (unwanted.number, unwanted.last_at) == (
        len(every),
        max((at for _, at, *_ in every), default=0.0),
    )
