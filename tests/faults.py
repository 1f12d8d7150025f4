"""A box with one fault, planted before a real server: what a narrowing must find.

The box reads a whole ClientHello, looks at it with a reader of its own (nothing of tlswire), and
refuses it in one manner, or hands it on byte for byte.
"""

from __future__ import annotations

import contextlib
import select
import socket
import struct
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field

import peers

from tlswire.flow import Endpoint

ALERT_40 = b"\x15\x03\x03\x00\x02\x02\x28"
GREASE = {n * 0x1010 + 0x0A0A for n in range(16)}


@dataclass
class Heard:
    """A ClientHello as the box heard it (RFC 8446 section 4.1.2), read by hand."""

    reads: list[bytes]  # as the socket brought them
    records: list[int]  # lengths of the records
    body: bytes
    version: int = 0
    session_id: bytes = b""
    suites: list[int] = field(default_factory=list)
    extensions: list[tuple[int, bytes]] = field(default_factory=list)

    @property
    def size(self) -> int:
        return len(self.body) + 4

    @property
    def types(self) -> list[int]:
        return [number for number, _ in self.extensions]

    def listed(self, extension: int) -> list[int]:
        """The 16-bit numbers of supported_groups, signature_algorithms, supported_versions."""
        body = dict(self.extensions).get(extension, b"")
        skip = 1 if extension == 43 else 2
        return [int.from_bytes(body[n : n + 2], "big") for n in range(skip, len(body), 2)]

    @property
    def shares(self) -> list[int]:
        body, found = dict(self.extensions).get(51, b"")[2:], []
        while body:
            found.append(int.from_bytes(body[:2], "big"))
            body = body[4 + int.from_bytes(body[2:4], "big") :]
        return found

    @property
    def grease(self) -> bool:
        spoken = {*self.suites, *self.types, *self.shares}
        return bool(spoken.union(*map(self.listed, (10, 13, 43))) & GREASE)


def read_hello(heard: Heard) -> Heard:
    body = heard.body
    if len(body) < 35:  # no hello: the box hands it on
        return heard
    heard.version = int.from_bytes(body[:2], "big")
    at = 35 + body[34]
    heard.session_id = body[35:at]
    size = int.from_bytes(body[at : at + 2], "big")
    heard.suites = [int.from_bytes(body[n : n + 2], "big") for n in range(at + 2, at + 2 + size, 2)]
    at += 2 + size
    at += 1 + body[at] + 2
    while at + 4 <= len(body):
        number, size = struct.unpack_from(">HH", body, at)
        heard.extensions.append((number, body[at + 4 : at + 4 + size]))
        at += 4 + size
    return heard


def hear(accepted: socket.socket) -> Heard:
    """Read until the hello is whole."""
    heard = Heard([], [], b"")
    while True:
        heard.reads.append(accepted.recv(1 << 16))
        data, heard.records, heard.body = b"".join(heard.reads), [], b""
        if data[:1] not in (b"", b"\x16"):  # no TLS: the server behind is to say what it says
            return heard
        while len(data) >= 5 and len(data) >= 5 + int.from_bytes(data[3:5], "big"):
            size = int.from_bytes(data[3:5], "big")
            heard.records.append(size)
            heard.body += data[5 : 5 + size]
            data = data[5 + size :]
        whole = len(heard.body) >= 4 + int.from_bytes(heard.body[1:4] or b"\xff\xff\xff", "big")
        if whole or not heard.reads[-1]:
            heard.body = heard.body[4:]
            return read_hello(heard)


def alert(accepted: socket.socket) -> None:
    accepted.sendall(ALERT_40)


def reset(accepted: socket.socket) -> None:
    accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def close(accepted: socket.socket) -> None:
    """Leave without a word."""


def stall(accepted: socket.socket) -> None:
    with contextlib.suppress(OSError):
        accepted.settimeout(20)
        accepted.recv(1)


Fault = Callable[[Heard], bool]
Refusal = Callable[[socket.socket], None]


def box(server: Endpoint, *faults: tuple[Fault, Refusal]) -> AbstractContextManager[Endpoint]:
    """Run a box with these faults before a server."""

    def serve(accepted: socket.socket) -> None:
        heard = hear(accepted)
        for fault, refusal in faults:
            if fault(heard):
                refusal(accepted)
                return
        with socket.create_connection(server) as onward:
            onward.sendall(b"".join(heard.reads))
            pass_on(accepted, onward)

    return peers.scripted(serve)


def pass_on(one: socket.socket, other: socket.socket) -> None:
    """Carry bytes both ways until a side leaves."""
    across = {one: other, other: one}
    while ready := select.select(across, [], [], peers.PATIENCE)[0]:
        for side in ready:
            data = side.recv(1 << 16)
            if not data:
                return
            across[side].sendall(data)


# -- faults seen in the field ------------------------------------------------------------


def larger_than(most: int) -> Fault:
    return lambda heard: heard.size > most


def smaller_than(least: int) -> Fault:
    return lambda heard: heard.size < least


def ambiguous_size(heard: Heard) -> bool:
    return 256 <= heard.size < 512


def tiny_first_segment(heard: Heard) -> bool:
    return len(heard.reads[0]) < 8


def reads_once(heard: Heard) -> bool:
    return len(heard.reads) > 1


def one_record_only(heard: Heard) -> bool:
    return len(heard.records) > 1


def greased(heard: Heard) -> bool:
    return heard.grease


def has_extension(number: int) -> Fault:
    return lambda heard: number in heard.types


def lacks_extension(number: int) -> Fault:
    return lambda heard: number not in heard.types


def before(one: int, other: int) -> Fault:
    """Objects to one extension standing before another."""

    def fault(heard: Heard) -> bool:
        types = heard.types
        return one in types and other in types and types.index(one) < types.index(other)

    return fault


def empty_last(heard: Heard) -> bool:
    """WebSphere's fault: the last extension may not be empty."""
    return bool(heard.extensions) and not heard.extensions[-1][1]


def has_group(number: int) -> Fault:
    return lambda heard: number in heard.listed(10) or number in heard.shares


def has_suite(number: int) -> Fault:
    return lambda heard: number in heard.suites


def has_scheme(number: int) -> Fault:
    return lambda heard: number in heard.listed(13)


def has_version(number: int) -> Fault:
    return lambda heard: number in heard.listed(43)


def named(name: bytes) -> Fault:
    return lambda heard: name in dict(heard.extensions).get(0, b"")


def long_session(heard: Heard) -> bool:
    return len(heard.session_id) > 0
