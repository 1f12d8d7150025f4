"""A filter inside the kernel: what the user asked for, and no data of connections that are over.

An eBPF program for packet sockets (Linux 5.1 and newer, root or CAP_BPF to load it): looks a TCP
segment's addresses and ports up in a map and drops it when they are there; a SYN takes them out
again, and what opens or ends a connection always passes. This process puts the connections in
whose handshake was told, so bulk data costs it nothing. In a flood it can ask for segments with
data only: a million SYNs then cost nothing either.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct
from collections.abc import Iterable, Sequence
from socket import AF_INET, AF_INET6, inet_pton

from ..flow import Flow
from .ebpf import (
    ADD64_K,
    AND_K,
    CALL,
    EXIT,
    JEQ_K,
    JNE_K,
    JSET_K,
    JUMP,
    LD_64,
    LD_ABS_B,
    LD_ABS_H,
    LD_ABS_W,
    LOAD_W,
    MOV64_X,
    MOV_K,
    MOV_X,
    R0,
    R1,
    R2,
    R6,
    R8,
    R10,
    SHIFT_RIGHT_K,
    STORE_K_W,
    STORE_W,
    SUB_K,
    SUB_X,
    Classic,
    Op,
    assemble,
    call,
    labelled,
    translate,
)

#: linux/bpf.h
MAP_CREATE, MAP_UPDATE, PROG_LOAD = 0, 2, 5
ARRAY, LRU_HASH, SOCKET_FILTER = 2, 9, 1
LOOKUP, DELETE = 1, 3  # helpers
SO_ATTACH_FILTER, SO_ATTACH_BPF = 26, 50

KEY = 36  # two addresses and two ports
MOST_FLOWS = 65_536
_ETHERNET_HEADER = 14
_KEY_AT, _INDEX_AT = -48, -56  # on the program's stack


class BulkFilter:
    """The map of connections to drop, and the program that looks into it."""

    def __init__(self, base: int) -> None:
        """Make the map. Raises OSError where the kernel or the rights do not allow it."""
        self._base = base
        attributes = struct.pack("=IIIII", LRU_HASH, KEY, 4, MOST_FLOWS, 0)
        self._map = call(MAP_CREATE, attributes)
        self._mood = call(MAP_CREATE, struct.pack("=IIIII", ARRAY, 4, 4, 1, 0))

    def attach(self, to: socket.socket, wanted: Sequence[Classic] = ()) -> None:
        """Load the program and let a socket use it. Raises OSError."""
        code = assemble([*skip_program(self._map, self._mood, self._base), *translate(wanted)])
        program = ctypes.create_string_buffer(code, len(code))
        license_ = ctypes.create_string_buffer(b"Apache-2.0")
        attributes = struct.pack(
            "=IIQQIIQII",
            SOCKET_FILTER,
            len(code) // 8,
            ctypes.addressof(program),
            ctypes.addressof(license_),
            0,
            0,
            0,
            0,
            0,
        )
        loaded = call(PROG_LOAD, attributes)
        try:
            to.setsockopt(socket.SOL_SOCKET, SO_ATTACH_BPF, loaded)
        finally:
            os.close(loaded)

    def drop(self, flow: Flow) -> None:
        """Let the kernel drop what a connection still carries. Raises OSError."""
        one, two = flow.client.endpoint, flow.server.endpoint
        for source, destination in ((one, two), (two, one)):
            ports = source.port << 16 | destination.port
            _put(self._map, make_key(source.address, destination.address, ports))

    def only_data(self, wanted: bool) -> None:
        """Drop segments without data as well, but for a FIN or a RST; or no longer. OSError."""
        _put(self._mood, bytes(4), int(wanted))

    def close(self) -> None:
        """Give the maps back; the program goes with the socket."""
        os.close(self._map)
        os.close(self._mood)


def _put(into: int, key: bytes, number: int = 0) -> None:
    """Put a number into a map. Raises OSError."""
    held = ctypes.create_string_buffer(key, len(key))
    value = ctypes.create_string_buffer(struct.pack("=I", number), 4)
    where = ctypes.addressof(held), ctypes.addressof(value)
    call(MAP_UPDATE, struct.pack("=IxxxxQQQ", into, *where, 0))


def make_key(source: str, destination: str, ports: int) -> bytes:
    """Return the map's key: what the program loads are words in this machine's byte order."""
    family = AF_INET6 if ":" in source else AF_INET
    addresses = inet_pton(family, source) + inet_pton(family, destination)
    words = struct.unpack(f">{len(addresses) // 4}I", addresses)
    return struct.pack(f"={len(words) + 1}I", *words, ports).ljust(KEY, b"\0")


# -- the program -------------------------------------------------------------------------


def skip_program(map_fd: int, mood_fd: int, base: int) -> list[Op]:
    """Return the program up to where a packet may still be wanted; `base`: where IP begins."""
    begin: list[Op] = [Op(MOV64_X, R6, R1)]
    if base == _ETHERNET_HEADER:
        begin += [
            Op(LD_ABS_H, imm=12),
            Op(JEQ_K, R0, imm=0x0800, to="v4"),
            Op(JNE_K, R0, imm=0x86DD, to="wanted"),
            Op(JUMP, to="v6"),
        ]
    else:
        begin += [
            Op(LD_ABS_B, imm=base),
            Op(JEQ_K, R0, imm=0x45, to="v4"),
            Op(AND_K, R0, imm=0xF0),
            Op(JNE_K, R0, imm=0x60, to="wanted"),
            Op(JUMP, to="v6"),
        ]
    version4 = [
        Op(LD_ABS_B, imm=base, label="v4"),
        Op(JNE_K, R0, imm=0x45, to="wanted"),  # options
        Op(LD_ABS_B, imm=base + 9),
        Op(JNE_K, R0, imm=6, to="wanted"),
        Op(LD_ABS_H, imm=base + 6),
        Op(JSET_K, R0, imm=0x3FFF, to="wanted"),  # fragments
        *_load_key(base + 12, 3),
        *[Op(STORE_K_W, R10, off=_KEY_AT + 4 * n) for n in range(3, 9)],
        *_load_length(base + 2, base + 32, 20),
        Op(LD_ABS_B, imm=base + 33),
        Op(JUMP, to="flags"),
    ]
    version6 = [
        Op(LD_ABS_B, imm=base + 6, label="v6"),
        Op(JNE_K, R0, imm=6, to="wanted"),
        *_load_key(base + 8, 9),
        *_load_length(base + 4, base + 52, 0),
        Op(LD_ABS_B, imm=base + 53),
    ]
    look = [
        Op(JSET_K, R0, imm=0x05, to="wanted", label="flags"),  # FIN, RST
        Op(JSET_K, R0, imm=0x02, to="syn"),
        *_call(LOOKUP, map_fd, _KEY_AT),
        Op(JEQ_K, R0, imm=0, to="data"),
        Op(MOV_K, R0, imm=0),
        Op(EXIT),
        *labelled("syn", _call(DELETE, map_fd, _KEY_AT)),
    ]
    mood = [
        Op(JNE_K, R8, imm=0, to="wanted", label="data"),
        Op(STORE_K_W, R10, off=_INDEX_AT),
        *_call(LOOKUP, mood_fd, _INDEX_AT),
        Op(JEQ_K, R0, imm=0, to="wanted"),
        Op(LOAD_W, R0, R0),
        Op(JEQ_K, R0, imm=0, to="wanted"),
        Op(MOV_K, R0, imm=0),
        Op(EXIT),
    ]
    return [*begin, *version4, *version6, *look, *mood]


def _load_key(begin: int, words: int) -> Iterable[Op]:
    for n in range(words):
        yield Op(LD_ABS_W, imm=begin + 4 * n)
        yield Op(STORE_W, R10, R0, off=_KEY_AT + 4 * n)


def _load_length(total: int, offset: int, header: int) -> Iterable[Op]:
    """Put the length of a segment's data into R8: IP's length less both headers."""
    yield Op(LD_ABS_H, imm=total)
    yield Op(MOV_X, R8, R0)
    yield Op(SUB_K, R8, imm=header)
    yield Op(LD_ABS_B, imm=offset)
    yield Op(AND_K, R0, imm=0xF0)
    yield Op(SHIFT_RIGHT_K, R0, imm=2)
    yield Op(SUB_X, R8, R0)


def _call(helper: int, map_fd: int, key_at: int) -> list[Op]:
    return [
        Op(LD_64, R1, src=1, imm=map_fd),
        Op(0),  # the second half of a wide load
        Op(MOV64_X, R2, R10),
        Op(ADD64_K, R2, imm=key_at),
        Op(CALL, imm=helper),
    ]


def attach_classic(to: socket.socket, wanted: Sequence[Classic]) -> None:
    """Let a socket use a filter of the user alone, where eBPF is not to be had."""
    code = b"".join(struct.pack("=HBBI", *each) for each in wanted)
    held = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HP", len(wanted), ctypes.addressof(held))
    to.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
