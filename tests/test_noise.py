"""Random bytes are told as if each connection had been worked out, however they end."""

from __future__ import annotations

import random
import struct
from collections import Counter

import pytest
from test_sight import told
from test_skim import Row, hurt

from tlswire.live import alike, listen
from tlswire.live.noise import noise
from tlswire.sources.kept import Kept

SERVER = bytes((198, 51, 100, 20))
FIN, SYN, RST, PUSH, ACK = 1, 2, 4, 8, 16
ALERT = b"\x15\x03\x01\x00\x02\x02\x46"
FLOOD = 120


class Talk:
    """One connection as packets, a millisecond apart; the client is 0, the server 1."""

    def __init__(self, chance: random.Random, port: int = 443) -> None:
        self.rows: list[Row] = []
        self._ends = [
            (bytes((10, *chance.randbytes(3))), chance.randrange(1024, 60000)),
            (SERVER, port),
        ]
        self._next = [chance.getrandbits(31), chance.getrandbits(31)]
        self.send(0, SYN)
        self.send(1, SYN | ACK)
        self.send(0, ACK)

    def send(self, who: int, flags: int, data: bytes = b"", ttl: int = 64) -> None:
        (source, from_port), (target, to_port) = self._ends[who], self._ends[1 - who]
        answered = self._next[1 - who] if flags & ACK else 0
        segment = struct.pack(
            *(">HHIIBBHHH", from_port, to_port, self._next[who], answered),
            *(0x50, flags, 65000, 0, 0),
        )
        head = struct.pack(">BBHHHBBH", 0x45, 0, 40 + len(data), 0, 0x4000, ttl, 6, 0)
        frame = bytes(12) + b"\x08\x00" + head + source + target + segment + data
        self.rows.append((len(self.rows) * 0.001, frame, len(frame)))
        self._next[who] += len(data) + bool(flags & (SYN | FIN))


def flood(chance: random.Random, port: int = 443) -> list[list[Row]]:
    """Connections that say something random, and end in several ways or not at all."""
    made = []
    for _ in range(FLOOD):
        talk = Talk(chance, port)
        talk.send(0, PUSH | ACK, chance.randbytes(chance.randrange(1, 900)))
        match chance.randrange(6):
            case 0:
                talk.send(1, ACK)
                talk.send(1, FIN | ACK)
                talk.send(0, FIN | ACK)
            case 1:
                talk.send(1, PUSH | ACK, ALERT)
                talk.send(1, FIN | ACK)
                talk.send(0, FIN | ACK)
            case 2:
                talk.send(0, FIN | ACK)
                talk.send(1, FIN | ACK)
            case 3:
                talk.send(1, RST | ACK)
            case 4:
                talk.send(1, ACK)
                talk.send(0, PUSH | ACK, chance.randbytes(200))
        made.append(talk.rows)
    return made


def compare(conversations: list[list[Row]], monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Tell all with and without a look for noise: the same lines. Return what likeness told."""
    from test_sight import played

    packets = played(conversations)
    monkeypatch.setattr(listen, "TICK", 0.0)
    lines, outcomes = told(packets)
    with monkeypatch.context() as patched:
        patched.setattr(alike, "noise", lambda kept: None)
        wanted, _ = told(packets)
    assert lines == wanted
    return outcomes


@pytest.mark.parametrize("seed", range(4))
def test_a_flood_is_told_as_if_worked_out(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = compare(flood(random.Random(seed)), monkeypatch)
    assert outcomes["not_tls"] > FLOOD / 6


@pytest.mark.parametrize("seed", range(4))
def test_a_flood_that_is_hurt_is_too(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(seed)
    made = [hurt(rows, chance) or rows for rows in flood(chance)]
    compare(made, monkeypatch)


def test_what_has_a_name_is_no_noise() -> None:
    chance = random.Random(1)
    for said in (b"GET / HTTP/1.1\r\n\r\n", b"\x16\x03\x01\x02\x00\x01" + bytes(30), b"\xfe" * 9):
        talk = Talk(chance)
        talk.send(0, PUSH | ACK, said)
        assert noise(kept(talk.rows)) is None
    talk = Talk(chance)
    talk.send(0, PUSH | ACK, b"\xfe" * 99)
    assert noise(kept(talk.rows)) is not None
    talk.send(1, PUSH | ACK, b"220 mail ESMTP\r\n")
    assert noise(kept(talk.rows)) is None


def test_what_is_cut_or_broken_is_no_noise() -> None:
    talk = Talk(random.Random(2))
    talk.send(0, PUSH | ACK, b"\xfe" * 99)
    for which in range(len(talk.rows)):
        at, data, length = talk.rows[which]
        for cut in range(38, len(data)):
            rows = [*talk.rows[:which], (at, data[:cut], length), *talk.rows[which + 1 :]]
            assert noise(kept(rows)) is None
    syn = talk.rows[0][1]
    broken = syn[:17] + b"\x2c" + syn[18:46] + b"\x60" + syn[47:] + b"\x01\x01\x01\x03"
    assert noise(kept([(0.0, broken, len(broken)), *talk.rows[1:]])) is None


def kept(rows: list[Row]) -> Kept:
    first = rows[0][1]
    found = Kept(0, first[26:38], int.from_bytes(first[38:42]))
    found.packets += [(n, at, data, length) for n, (at, data, length) in enumerate(rows, 1)]
    return found
