"""Connections in which a client says what has no name, and a server at most alerts: told by little.

Scans and floods come so, each with random bytes of its own. All that may decide how such a
connection is told, but who its client is, is put into a few bytes; what has them all alike is told
alike, once one was worked out and no cause was found. Must never take for noise what anybody could
name: then None is returned.
"""

from __future__ import annotations

import struct
from typing import Final

from tlswire.codes import ContentType
from tlswire.live.sight import steady_options
from tlswire.preambles.nameless import is_nameless
from tlswire.records import CONTENT
from tlswire.sources.kept import KEY, KEY_END, Kept
from tlswire.sources.segment import Flag

#: More packets or bytes are no noise.
MOST_PACKETS: Final = 12
MOST_BYTES: Final = 4096
#: A server's answer is an alert, or none; so long at most.
_LONGEST_ANSWER: Final = 64
#: EtherType, IP's version, total length, fragment, TTL; sequence, acknowledgment, length of the
#: header, flags, window.
_HEADERS: Final = struct.Struct(">12xHBxH2xHB15xIIBBH")
_TCP, _ETHERNET, _ROUND = 34, 14, 0xFFFF_FFFF
_IPV4, _WITHOUT_OPTIONS, _FRAGMENTED = 0x0800, 0x45, 0x3FFF


def noise(kept: Kept) -> bytes | None:
    """Return what two such connections share when they are told alike; None where it is none."""
    if len(kept.packets) > MOST_PACKETS:
        return None
    try:
        return _shared(kept)
    except (struct.error, IndexError):
        return None  # a packet that is cut, options that are broken


def _shared(kept: Kept) -> bytes | None:
    said: tuple[list[bytes], list[bytes]] = ([], [])
    following, parts = [-1, -1], [kept.key[4:8] + kept.key[10:]]
    for _, _, data, length in kept.packets:
        kind, form, total, place, ttl, sequence, acknowledged, size, flags, window = (
            _HEADERS.unpack_from(data)
        )
        begin, end = _TCP + (size >> 2 & 0x3C), _ETHERNET + total
        if kind != _IPV4 or form != _WITHOUT_OPTIONS or place & _FRAGMENTED:
            return None
        if flags & Flag.RST or not _TCP + 20 <= begin <= end <= len(data) or length < end:
            return None
        who = int(data[KEY:KEY_END] != kept.key)
        if flags & Flag.SYN:
            if following[who] >= 0 or end > begin:
                return None
            following[who] = sequence
            options = bytes(steady_options(data[_TCP + 20 : begin]))
            parts.append(bytes((len(options),)) + options)
        if sequence != following[who]:
            return None
        heard = bool(flags & Flag.ACK) and acknowledged == following[1 - who]
        parts.append(bytes((who, ttl, size, flags, begin < end, heard, window == 0)))
        if not who and begin < end and not said[0] and data[begin] in CONTENT:
            return None  # most are TLS
        said[who].append(data[begin:end])
        carried = end - begin + bool(flags & Flag.SYN) + bool(flags & Flag.FIN)
        following[who] = sequence + carried & _ROUND
    answer = b"".join(said[1])
    if len(answer) > _LONGEST_ANSWER or (answer and answer[0] != ContentType.alert):
        return None
    words = b"".join(said[0])
    if len(words) > MOST_BYTES or not is_nameless(words):
        return None
    return b"".join([*parts, answer])
