"""What TCP and IP told of one connection: facts only, no judgement, no TLS.

Filled packet by packet by `sources/`, read by whoever judges how a handshake ended. Times are
seconds since the epoch, offsets count bytes of one side's TCP stream from its first byte.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

from msgspec import Struct

Who = Literal["client", "server"]
#: How a side's stream ends, as TCP shows it.
How = Literal["fin", "rst", "icmp", "timeout"]

OTHER: dict[Who, Who] = {"client": "server", "server": "client"}
#: Segments with data that are kept of a side, for citing and replaying.
MOST_SEGMENTS = 64
#: A sender's packets arrive with one TTL, or one hop off; more hops apart is another sender.
TTL_TOLERANCE = 1


class Endpoint(NamedTuple):
    """An address and a port, printed as `ip:port`, IPv6 in brackets."""

    address: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.address}]" if ":" in self.address else self.address
        return f"{host}:{self.port}"


class Segment(NamedTuple):
    """One TCP segment that carried something worth citing."""

    frame: int
    at: float
    offset: int
    length: int


class Reset(NamedTuple):
    """A RST as it stood on the wire; TTL, IP id and window tell a forged one."""

    frame: int
    at: float
    ttl: int
    ip_id: int
    window: int
    sequence_fits: bool
    payload: bytes


class Icmp(NamedTuple):
    """An ICMP error that quotes a packet of this connection."""

    frame: int
    at: float
    sender: str
    type: int
    code: int
    mtu: int
    about: Who  # whose packet it quotes


class Side(Struct):
    """One end of the connection, as its own packets show it."""

    endpoint: Endpoint
    syn_frames: list[int] = []  # SYN or SYN-ACK, with retransmissions
    syn_at: float | None = None
    mss: int | None = None
    window_scale: int | None = None
    sack_permitted: bool = False
    timestamps: bool = False
    fast_open: bool = False
    ttl: int | None = None  # of the first packet
    odd_ttl: int | None = None  # of data or a FIN from elsewhere than the first packet
    ip_ids: list[int] = []  # of the first packets, at most 16
    packets: int = 0
    last_at: float | None = None
    sent: int = 0  # stream bytes seen from this side, holes included
    acked: int = 0  # stream bytes that the other side acknowledged
    segments: list[Segment] = []  # the first `MOST_SEGMENTS` to arrive
    retransmissions: int = 0
    retransmitted_at: float | None = None  # of the last retransmission of data
    out_of_order: int = 0
    overlaps_differ: int = 0  # overlapping bytes that were not the same bytes
    holes: list[tuple[int, int]] = []  # (offset, length) never captured
    fin_at: float | None = None
    fin_frame: int | None = None
    resets: list[Reset] = []  # sent in this side's name
    bad_checksums: int = 0
    larger_than_mss: int = 0

    @property
    def lost_head(self) -> int:
        """Return how many of its first bytes never came here, nor were acknowledged to it."""
        head = next((length for offset, length in self.holes if offset == 0), 0)
        return head if self.acked == 0 and self.sent > head else 0

    @property
    def spoke_at(self) -> float | None:
        """Return when this side sent its last data; its last packet, where it sent very much."""
        if len(self.segments) == MOST_SEGMENTS:
            return self.last_at
        return self.segments[-1].at if self.segments else None


@dataclass(slots=True)  # a walker writes to it packet by packet: that is slower in a Struct
class Flow:
    """One TCP connection. `number` is what Wireshark calls `tcp.stream`."""

    number: int
    client: Side
    server: Side
    #: How it is known who the client is: the SYN, else the first hello, else the ports.
    client_by: Literal["syn", "hello", "port", "dialled"]
    started: float
    first_frame: int
    last_at: float
    last_frame: int
    isn: int | None = None  # of the SYN that it began with; None: it began with something else
    over_frame: int = 0  # the packet with which it was over, or left
    until: float = 0.0  # when it was looked at last: the capture's end, or when it was over
    tunnel: str | None = None
    icmp: list[Icmp] = field(default_factory=list)
    round_trip: float | None = None  # SYN to the ACK of the SYN-ACK, seconds; None if not seen
    accepted_at: float | None = None  # the SYN-ACK; None when no SYN-ACK was seen
    opened_at: float | None = None  # the client's ACK of it
    saw_syn: bool = False
    notes: list[str] = field(default_factory=list)  # oddities of the capture, not of the handshake

    @property
    def midway(self) -> bool:
        """Tell whether the capture begins in the middle: with neither the SYN nor its answer."""
        return not self.saw_syn and self.accepted_at is None

    def side(self, who: Who) -> Side:
        """Return the client's or the server's side."""
        return self.client if who == "client" else self.server


class Sink(Protocol):
    """Who reads a connection's two streams. Called in the order in which things happened."""

    #: True when no more payload is wanted; facts of the flow are still kept.
    done: bool

    def receive(self, who: Who, data: bytes, at: float, frame: int) -> None:
        """Take the next bytes of one side's stream; `frame` is the packet that carried them.

        Bytes that came out of order are told as of the packet that filled the gap before them:
        there they became readable, and there Wireshark shows them.
        """

    def lost(self, who: Who, length: int, at: float, frame: int) -> None:
        """Take note that `length` bytes of the stream are not in the capture."""

    def closed(self, who: Who, how: How, at: float, frame: int) -> None:
        """Take note that a side ended its stream (`fin`) or the whole connection."""
