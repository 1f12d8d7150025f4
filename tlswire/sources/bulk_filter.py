"""A filter inside the kernel: what the user asked for, and no data of connections that are over.

An eBPF program for packet sockets (Linux 5.1 and newer, root or CAP_BPF to load it): looks a TCP
segment's addresses and ports up in a map and drops it when they are there; a SYN takes them out
again, and what opens or ends a connection always passes. This process puts the connections in
whose handshake was told, so bulk data costs it nothing.
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
    MOV64_X,
    MOV_K,
    R0,
    R1,
    R2,
    R6,
    R10,
    STORE_K_W,
    STORE_W,
    Classic,
    Op,
    assemble,
    call,
    labelled,
    translate,
)

#: linux/bpf.h
MAP_CREATE, MAP_UPDATE, PROG_LOAD = 0, 2, 5
LRU_HASH, SOCKET_FILTER = 9, 1
LOOKUP, DELETE = 1, 3  # helpers
SO_ATTACH_FILTER, SO_ATTACH_BPF = 26, 50

KEY = 36  # two addresses and two ports
MOST_FLOWS = 65_536
_ETHERNET_HEADER = 14
_KEY_AT = -48  # on the program's stack


class BulkFilter:
    """The map of connections to drop, and the program that looks into it."""

    def __init__(self, base: int) -> None:
        """Make the map. Raises OSError where the kernel or the rights do not allow it."""
        self._base = base
        attributes = struct.pack("=IIIII", LRU_HASH, KEY, 4, MOST_FLOWS, 0)
        self._map = call(MAP_CREATE, attributes)

    def attach(self, to: socket.socket, wanted: Sequence[Classic] = ()) -> None:
        """Load the program and let a socket use it. Raises OSError."""
        code = assemble([*skip_program(self._map, self._base), *translate(wanted)])
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
            self._put(make_key(source.address, destination.address, ports))

    def _put(self, key: bytes) -> None:
        held, value = ctypes.create_string_buffer(key, KEY), ctypes.create_string_buffer(4)
        where = ctypes.addressof(held), ctypes.addressof(value)
        call(MAP_UPDATE, struct.pack("=IxxxxQQQ", self._map, *where, 0))

    def close(self) -> None:
        """Give the map back; the program goes with the socket."""
        os.close(self._map)


def make_key(source: str, destination: str, ports: int) -> bytes:
    """Return the map's key: what the program loads are words in this machine's byte order."""
    family = AF_INET6 if ":" in source else AF_INET
    addresses = inet_pton(family, source) + inet_pton(family, destination)
    words = struct.unpack(f">{len(addresses) // 4}I", addresses)
    return struct.pack(f"={len(words) + 1}I", *words, ports).ljust(KEY, b"\0")


# -- the program -------------------------------------------------------------------------


def skip_program(map_fd: int, base: int) -> list[Op]:
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
        Op(LD_ABS_B, imm=base + 33),
        Op(JUMP, to="flags"),
    ]
    version6 = [
        Op(LD_ABS_B, imm=base + 6, label="v6"),
        Op(JNE_K, R0, imm=6, to="wanted"),
        *_load_key(base + 8, 9),
        Op(LD_ABS_B, imm=base + 53),
    ]
    look = [
        Op(JSET_K, R0, imm=0x02, to="syn", label="flags"),
        Op(JSET_K, R0, imm=0x05, to="wanted"),  # FIN, RST
        *_call(LOOKUP, map_fd),
        Op(JEQ_K, R0, imm=0, to="wanted"),
        Op(MOV_K, R0, imm=0),
        Op(EXIT),
        *labelled("syn", _call(DELETE, map_fd)),
    ]
    return [*begin, *version4, *version6, *look]


def _load_key(begin: int, words: int) -> Iterable[Op]:
    for n in range(words):
        yield Op(LD_ABS_W, imm=begin + 4 * n)
        yield Op(STORE_W, R10, R0, off=_KEY_AT + 4 * n)


def _call(helper: int, map_fd: int) -> list[Op]:
    return [
        Op(LD_64, R1, src=1, imm=map_fd),
        Op(0),  # the second half of a wide load
        Op(MOV64_X, R2, R10),
        Op(ADD64_K, R2, imm=_KEY_AT),
        Op(CALL, imm=helper),
    ]


def attach_classic(to: socket.socket, wanted: Sequence[Classic]) -> None:
    """Let a socket use a filter of the user alone, where eBPF is not to be had."""
    code = b"".join(struct.pack("=HBBI", *each) for each in wanted)
    held = ctypes.create_string_buffer(code, len(code))
    program = struct.pack("@HP", len(wanted), ctypes.addressof(held))
    to.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, program)
