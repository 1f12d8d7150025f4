"""The TCP header: flags and options (RFC 9293 section 3.1).

Must never keep state.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from ..flow import Side

HEADER = struct.Struct(">HHIIBBHHH")
MINIMUM = 20
PROTOCOL = 6


class Flag:
    """Control bits of the TCP header."""

    FIN = 0x01
    SYN = 0x02
    RST = 0x04
    ACK = 0x10


class Option:
    """TCP option kinds (IANA)."""

    END = 0
    NO_OPERATION = 1
    MAXIMUM_SEGMENT_SIZE = 2
    WINDOW_SCALE = 3
    SACK_PERMITTED = 4
    TIMESTAMPS = 8
    FAST_OPEN = 34


class Arrival(NamedTuple):
    """One segment as captured; `data` is shorter than `length` if the packet was cut.

    `identity` is the IP identification (upper 16 bits) and the TCP checksum: both are alike only
    in the same packet seen twice.
    """

    sequence: int
    acknowledgment: int
    flags: int
    window: int
    data: bytes
    length: int
    at: float
    frame: int
    ttl: int
    identity: int
    options: bytes


def read_options(options: bytes, side: Side) -> None:
    """Write into `side` what the options of its SYN or SYN-ACK say; broken ones are passed over."""
    position = 0
    while position + 1 < len(options):
        kind = options[position]
        if kind == Option.END:
            return
        if kind == Option.NO_OPERATION:
            position += 1
            continue
        length = options[position + 1]
        if length < 2:
            return
        _read_option(kind, options[position + 2 : position + length], side)
        position += length


def _read_option(kind: int, value: bytes, side: Side) -> None:
    if kind == Option.MAXIMUM_SEGMENT_SIZE and len(value) == 2:
        side.mss = int.from_bytes(value)
    elif kind == Option.WINDOW_SCALE and len(value) == 1:
        side.window_scale = min(value[0], 14)
    elif kind == Option.SACK_PERMITTED:
        side.sack_permitted = True
    elif kind == Option.TIMESTAMPS:
        side.timestamps = True
    elif kind == Option.FAST_OPEN:
        side.fast_open = True


def check_sum(side: Side, source: bytes, destination: bytes, segment: bytes) -> None:
    """Count a whole segment whose checksum is wrong; a sender that offloads leaves it so.

    Ones' complement arithmetic of 16-bit words is arithmetic modulo 65535 (RFC 1071).
    """
    total = int.from_bytes(source) + int.from_bytes(destination) + PROTOCOL + len(segment)
    total += int.from_bytes(segment) << 8 * (len(segment) & 1)
    if total % 0xFFFF:
        side.bad_checksums += 1
