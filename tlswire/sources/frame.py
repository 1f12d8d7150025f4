"""One packet while its layers are peeled off, outermost first.

`start` and `end` bound the captured bytes of the current layer in `data`; `wire_end` is where the
layer ended on the wire, later than `end` when the packet was cut by the snaplen. A reader of a
layer moves `start` behind its header, may pull in `end` and `wire_end`, and returns what comes
next. Bytes that are too few show as `struct.error` or `IndexError`, caught once in `ip.Internet`.
"""

from __future__ import annotations


class EtherType:
    """What comes next, as EtherTypes; every link layer's answer is put in these words."""

    IPV4 = 0x0800
    TRANSPARENT_ETHERNET = 0x6558
    VLAN = 0x8100
    IPV6 = 0x86DD
    PPP = 0x880B
    MPLS = 0x8847
    MPLS_MULTICAST = 0x8848
    PPPOE_SESSION = 0x8864
    SERVICE_VLAN = 0x88A8
    ERSPAN_2 = 0x88BE
    BACKBONE = 0x88E7
    ERSPAN_3 = 0x22EB
    NSH = 0x894F
    OLD_QINQ = 0x9100
    #: Nothing that we can read.
    NONE = -1


class Frame:
    """Where the peeling of one packet stands, and what the layers so far told."""

    __slots__ = (
        "at",
        "data",
        "destination",
        "end",
        "fragment",
        "identification",
        "protocol",
        "source",
        "start",
        "ttl",
        "tunnels",
        "wire_end",
    )

    def __init__(self, data: bytes, start: int, end: int, length: int, at: float = 0.0) -> None:
        self.data = data
        self.start = start
        self.end = end
        self.wire_end = max(start + length, end)
        self.at = at
        self.tunnels: list[str] = []
        self.source = b""
        self.destination = b""
        self.protocol = -1
        self.ttl = 0
        #: What tells the fragments of this datagram, where this packet is one of them.
        self.fragment: tuple[bytes, bytes, int, int] | None = None
        self.identification = 0

    def number(self, offset: int, size: int = 2) -> int:
        """Return the big-endian number `offset` bytes behind `start`.

        Raises:
            IndexError: the captured bytes end before.

        """
        position = self.start + offset
        if position + size > self.end:
            raise IndexError("captured bytes end")
        return int.from_bytes(self.data[position : position + size])

    def limit(self, length: int) -> None:
        """End the layer `length` bytes behind `start`: what follows is padding."""
        self.wire_end = min(self.wire_end, self.start + length)
        self.end = min(self.end, self.wire_end)

    def replace(self, data: bytes) -> None:
        """Go on with other bytes: a reassembled datagram, a decoded layer."""
        self.data, self.start, self.end = data, 0, len(data)
        self.wire_end = len(data)
