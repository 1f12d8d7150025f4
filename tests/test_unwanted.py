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

ENDS = [bytes((192, 0, 2, n, 198, 51, 100, 1, 200, n, 1, 187)) for n in range(8)]
#: Lengths of packets as captures have them, and some that cut a header.
LENGTHS = (*(1514,) * 6, *(66,) * 4, 54, 60, 20, 40, 53, 544, 946, 1370, 9014, 1)
PSH, SYN, FIN, RST, ACK = 0x18, 0x02, 0x11, 0x04, 0x10
FLAGS = (*(ACK,) * 12, *(PSH,) * 4, SYN, FIN, RST)


class Row(NamedTuple):
    """A packet: its time in units of the file, its bytes, its length on the wire."""

    at: int
    data: bytes
    length: int


def mixed(chance: random.Random, fractions: int) -> list[Row]:
    """Packets of a few flows, among them other protocols; times go back now and then."""
    at, rows = 1_700_000_000 * fractions + chance.randrange(fractions), []
    for _ in range(chance.randrange(1, 900)):
        at += chance.choice((1, 7, 300, fractions // 3, -5, -fractions))
        key, size = chance.choice(ENDS), chance.choice(LENGTHS)
        protocol = chance.choice((6,) * 15 + (17,))
        head = bytes(12) + b"\x08\x00\x45" + bytes(8) + bytes((protocol,)) + bytes(2) + key
        data = (head + bytes(9) + bytes((chance.choice(FLAGS),)) + chance.randbytes(size))[:size]
        rows.append(Row(at, data, size + chance.choice((0, 0, 0, 100))))
    return rows


def pcap(rows: list[Row], order: str, magic: int, fractions: int, extra: int) -> bytes:
    file = struct.pack(order + "IHHiIII", magic, 2, 4, 0, 0, 65535, 1)
    for at, data, length in rows:
        file += struct.pack(order + "4I", *divmod(at, fractions), len(data), length)
        file += bytes(extra) + data
    return file


def pcapng(rows: list[Row], fractions: int) -> bytes:
    exponent = struct.pack("<HHB3xI", 9, 1, len(str(fractions)) - 1, 0)
    file = section() + block(1, struct.pack("<HHI", 1, 0, 0) + exponent)
    for at, data, length in rows:
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


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("seed", range(12))
def test_what_is_stepped_over_is_known_as_if_looked_at(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, form: str, seed: int
) -> None:
    chance = random.Random(seed)
    monkeypatch.setattr(chunks, "CHUNK", chance.choice((1 << 12, 1 << 15, 1 << 18)))
    fractions = 10**9 if "nano" in form else 10**6
    rows = mixed(chance, fractions)
    file = FORMS[form](rows)
    whole = chance.randrange(len(file)) if seed % 3 == 2 else len(file)
    path = tmp_path / "mixed"
    path.write_bytes(file[:whole])
    unwanted = Unwanted()
    known = {
        key: flow(n) if chance.random() < 0.7 else Kept(n, key, 0)
        for n, key in enumerate(ENDS)
        if chance.random() < 0.8
    }
    unwanted.flows.update(known)
    plain = [p for batch in open_capture(path).batches(Unwanted()) for p in batch]
    seen = {
        (p[0], p[1], p[3][p[4] : p[5]], p[6])
        for batch in open_capture(path).batches(unwanted)
        for p in batch
    }
    last: dict[bytes, tuple[int, float]] = {}
    kept: dict[bytes, list[tuple[int, float, bytes, int]]] = {}
    for number, at, _, buffer, start, end, length in plain:
        packet = number, at, buffer[start:end], length
        data, key = packet[2], packet[2][26:38]
        plainly_tcp = len(data) >= 54 and data[23] == 6 and not data[47] & 7
        known_flow = known.get(key) if plainly_tcp else None
        if isinstance(known_flow, Flow):
            last[key] = number, at
            assert packet not in seen
        elif isinstance(known_flow, Kept) and len(data) <= LARGEST:
            mine = kept.setdefault(key, [])
            assert (packet in seen) == (len(mine) >= MOST_PACKETS)
            if len(mine) < MOST_PACKETS:
                mine.append(packet)
        else:
            assert packet in seen
    for key, each in known.items():
        if isinstance(each, Kept):
            assert each.packets == kept.get(key, [])
        else:
            assert (each.last_frame, each.last_at) == last.get(key, (0, 0.0))
    assert unwanted.number == len(plain)
    handed = max((packet[1] for packet in seen), default=0.0)
    assert max(unwanted.last_at, handed) == max((p[1] for p in plain), default=0.0)
    if whole == len(file):
        assert [(p[1], p[3][p[4] : p[5]], p[6]) for p in plain] == [
            (at / fractions if "ng" in form else sum_of(at, fractions), data, length)
            for at, data, length in rows
        ]


def sum_of(at: int, fractions: int) -> float:
    """Return a time as a pcap tells it: seconds and a fraction."""
    seconds, fraction = divmod(at, fractions)
    return seconds + fraction / fractions
