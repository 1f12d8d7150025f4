"""What a SOCKS proxy carries takes one number, when it begins."""

from __future__ import annotations

import pytest

from tlswire.flow import How, Who
from tlswire.sources.proxied import Proxied

V4 = [("client", b"\x04\x01\x00\x50\xc0\x00\x02\x01\x00"), ("server", b"\x00\x5a" + bytes(6))]
V5 = [("client", b"\x05\x01\x00"), ("server", b"\x05\x00")]
ASKED = [("client", b"\x05\x01\x00\x01" + bytes(6)), ("server", b"\x05\x00\x00\x01" + bytes(6))]
NAMED = [
    ("client", b"\x05\x02\x00\x02"),
    ("server", b"\x05\x02"),
    ("client", b"\x01\x01u\x01p"),
    ("server", b"\x01\x00"),
]
HELLO = [("client", b"\x16\x03\x01")]


class Ear:
    done = False

    def __init__(self) -> None:
        self.heard = b""

    def receive(self, who: Who, data: bytes, at: float, frame: int) -> None:
        self.heard += data

    def lost(self, who: Who, length: int, at: float, frame: int) -> None: ...

    def closed(self, who: Who, how: How, at: float, frame: int) -> None: ...


@pytest.mark.parametrize(
    ("turns", "carried"),
    [
        (V4, 0),
        (V4 + HELLO, 1),
        (V4 + HELLO * 3, 1),
        (V5 + ASKED, 0),
        (V5 + ASKED + HELLO, 1),
        (NAMED + ASKED, 0),
        (NAMED + ASKED + HELLO, 1),
        (HELLO * 9, 0),
        ([("server", b"\x05")], 0),
    ],
)
def test_the_number_is_taken_once(turns: list[tuple[Who, bytes]], carried: int) -> None:
    ear, taken = Ear(), []
    between = Proxied(ear, lambda: taken.append(1))
    for who, data in turns:
        between.receive(who, data, 0.0, 1)
    assert len(taken) == carried
    assert ear.heard == b"".join(data for _, data in turns)
