"""A conversation told by its likeness is told as if it had been worked out: copies, hurt anyhow."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest
from conftest import SHARED

from tlswire import molds
from tlswire.choice import Choice
from tlswire.cli import lists
from tlswire.cli.lists import Line
from tlswire.cli.selection import Asked, stream_chosen
from tlswire.decode import Scan
from tlswire.errors import TlswireError
from tlswire.likeness import Remembered
from tlswire.sources.capture import open_capture
from tlswire.sources.kept import Kept
from tlswire.sources.watch import Watch

#: One packet: its time, its bytes, its length on the wire.
Row = tuple[float, bytes, int]
PLAIN = b"\x08\x00\x45"
#: The first byte of a ClientHello and of a ServerHello; their random begins eleven bytes on.
HELLOS = (b"\x01", b"\x02")
COPIES = 24


EVERY = Asked()


def skimmed(path: Path, jobs: int = 1, asked: Asked = EVERY) -> tuple[list[Line], Scan]:
    found = Scan("x")
    return list(lists.lines(str(path), found, asked, Watch(), jobs)), found


def worked_out(path: Path, asked: Asked = EVERY) -> tuple[list[Line], Scan]:
    found = Scan("x")
    chosen = stream_chosen(str(path), found, asked, Watch(), late=None)
    return [lists._line(seen) for seen in chosen], found


@pytest.fixture(autouse=True)
def _molds_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cast a mold from the first of a shape: a test has few of each."""
    monkeypatch.setattr(molds, "OFTEN", 1)


@pytest.fixture
def recalls(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """Whether each conversation that was asked about was known by its likeness."""
    told: list[bool] = []
    recall = Remembered.recall

    def noted(self: Remembered[object], kept: Kept) -> object:
        known = recall(self, kept)
        told.append(known is not None)
        return known

    monkeypatch.setattr(Remembered, "recall", noted)
    return told


def conversation(path: Path) -> list[Row]:
    """The packets of the first conversation of a capture, if they are Ethernet and plain IPv4."""
    rows, ends = list[Row](), None
    for packet in open_capture(path):
        data = packet.data
        if packet.link != 1 or len(data) < 54 or data[12:15] != PLAIN or data[23] != 6:
            continue
        mine = frozenset((data[26:30] + data[34:36], data[30:34] + data[36:38]))
        ends = ends or mine
        if mine == ends:
            rows.append((packet.at, data, packet.length))
    return rows


def copied(rows: list[Row], number: int, chance: random.Random) -> list[Row]:
    """The same conversation from another port, with other sequence numbers and fresh randoms."""
    client = rows[0][1][26:30] + rows[0][1][34:36]
    port = (20000 + number).to_bytes(2)
    shift = chance.choice((0, chance.getrandbits(32))), chance.getrandbits(32)
    made = []
    for at, data, length in rows:
        new = bytearray(data)
        who = int(data[26:30] + data[34:36] != client)
        new[36 if who else 34 :][:2] = port
        new[36 if who else 34 : 38 if who else 36] = port
        sequence, acknowledgment = struct.unpack_from(">II", data, 38)
        own, others = shift[who], shift[1 - who]
        answered = others if data[47] & 0x10 else 0
        struct.pack_into(
            *(">II", new, 38, sequence + own & 0xFFFFFFFF, acknowledgment + answered & 0xFFFFFFFF)
        )
        payload = 34 + (data[46] >> 2 & 0x3C)
        if data[payload : payload + 2] == b"\x16\x03" and data[payload + 5 : payload + 6] in HELLOS:
            new[payload + 12 : payload + 30] = chance.randbytes(18)
        made.append((at, bytes(new), length))
    return made


def hurt(rows: list[Row], chance: random.Random) -> list[Row]:
    """One thing that can go wrong with a capture, a network, or a peer."""
    which = chance.randrange(len(rows))
    at, data, length = rows[which]
    if len(data) < 54:
        return rows
    kind = chance.randrange(9)
    if kind == 0:
        return rows[:which] + rows[which + 1 :]
    if kind == 1:
        return rows[: which + 1] + rows[which:]
    if kind == 2 and which:
        return [*rows[: which - 1], rows[which], rows[which - 1], *rows[which + 1 :]]
    if kind == 3:
        later = chance.choice((0.4, 0.9, 1.1, 7.0))
        return rows[:which] + [(a + later, d, n) for a, d, n in rows[which:]]
    if kind == 4:
        place = chance.choice((*range(15, 23), *range(24, len(data))))  # it stays plain TCP
        new = data[:place] + bytes((data[place] ^ 1 << chance.randrange(8),)) + data[place + 1 :]
    elif kind == 5:
        new = data[: chance.randrange(40, len(data) + 1)]
    elif kind == 6:
        new = data[:22] + bytes((chance.randrange(256),)) + data[23:]
    elif kind == 7:
        return rows[:which]
    else:
        new = data[:47] + bytes((data[47] ^ chance.choice((1, 2, 4, 16)),)) + data[48:]
    return [*rows[:which], (at, new, length), *rows[which + 1 :]]


def write(path: Path, conversations: list[list[Row]]) -> None:
    """A capture of conversations, each begun a little after the one before, their packets mixed."""
    packets: list[Row] = []
    for number, rows in enumerate(conversations):
        begin = 1000 + number * 0.05 - rows[0][0]
        packets += [(at + begin, data, length) for at, data, length in rows]
    packets.sort(key=lambda row: row[0])
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for at, data, length in packets:
            second, fraction = divmod(round(at * 1e6), 1_000_000)
            file.write(struct.pack("<4I", second, fraction, len(data), length) + data)


def compare(path: Path) -> int:
    """Return how many lines both ways gave; they must be the same."""
    (one, a), (two, b) = skimmed(path), worked_out(path)
    assert sorted(one) == sorted(two)
    assert (a.packets, a.conversations, a.last_at) == (b.packets, b.conversations, b.last_at)
    assert (a.notes, a.datagrams) == (b.notes, b.datagrams)
    return len(one)


def plain(captures: Path) -> list[list[Row]]:
    found = (conversation(path) for path in sorted(captures.glob("*.pcapng")))
    return [rows for rows in found if len(rows) > 1]


def test_copies_are_known_by_their_likeness(
    captures: Path, tmp_path: Path, recalls: list[bool]
) -> None:
    chance = random.Random(1)
    originals = plain(captures)
    path = tmp_path / "copies.pcap"
    made = [copied(rows, n, chance) for n in range(COPIES) for rows in originals]
    write(path, [copied(rows, n, chance) for n, rows in enumerate(made)])
    assert compare(path) > len(originals) * COPIES // 2
    assert sum(recalls) > len(recalls) / 3


@pytest.mark.parametrize("seed", range(4))
def test_what_is_hurt_is_told_as_if_worked_out(
    captures: Path, tmp_path: Path, recalls: list[bool], seed: int
) -> None:
    chance = random.Random(seed)
    made: list[list[Row]] = []
    for _ in range(COPIES):
        for rows in plain(captures):
            copy = copied(rows, len(made), chance)
            for _ in range(chance.choice((0, 0, 1, 1, 2))):
                copy = hurt(copy, chance) or copy
            made.append(copy)
    path = tmp_path / "hurt.pcap"
    write(path, made)
    compare(path)
    assert sum(recalls) > 50


def test_the_corpus_is_told_as_if_worked_out(recalls: list[bool]) -> None:
    paths = sorted((SHARED / "corpus").glob("**/*.pcap*"))
    if not paths:
        pytest.skip("no corpus: set TLSWIRE_SHARED")
    for path in paths[::3]:
        try:
            compare(path)
        except TlswireError:
            continue
    assert any(recalls)


def test_two_processes_tell_the_same(captures: Path, tmp_path: Path) -> None:
    chance = random.Random(3)
    path = tmp_path / "two.pcap"
    originals = plain(captures)
    write(path, [copied(originals[n % len(originals)], n, chance) for n in range(600)])
    assert sorted(skimmed(path, 2)[0]) == sorted(skimmed(path)[0])


def test_those_that_failed_are_skimmed_too(
    captures: Path, tmp_path: Path, recalls: list[bool]
) -> None:
    chance, path = random.Random(4), tmp_path / "failed.pcap"
    originals = plain(captures)
    write(path, [copied(originals[n % len(originals)], n, chance) for n in range(300)])
    failed = Asked(choice=Choice(failed=True))
    (one, a), (two, b) = skimmed(path, asked=failed), worked_out(path, failed)
    assert any(recalls)
    assert sorted(one) == sorted(two)
    assert a.left_out == b.left_out > 0
