"""IP, its options, fragments, extension headers and tunnels; scapy writes the packets."""

from __future__ import annotations

import random
import struct

import pytest
from scapy.contrib.erspan import ERSPAN_II, ERSPAN_III
from scapy.contrib.geneve import GENEVE
from scapy.contrib.gtp import GTP_U_Header
from scapy.layers.inet import ICMP, IP, TCP, UDP, IPOption_Router_Alert, fragment
from scapy.layers.inet6 import (
    ICMPv6PacketTooBig,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrFragment,
    IPv6ExtHdrHopByHop,
    IPv6ExtHdrRouting,
    fragment6,
)
from scapy.layers.ipsec import AH
from scapy.layers.l2 import GRE, Dot1Q
from scapy.layers.vxlan import VXLAN
from scapy.packet import Packet, Raw
from wire_words import CLIENT, ETHER, SERVER, Tap

from tlswire.sources.fragments import MOST, Fragments
from tlswire.sources.frame import Frame
from tlswire.sources.icmp import read_error
from tlswire.sources.ip import Internet, Protocol
from tlswire.sources.tunnels import PORTS, PROTOCOLS

SEGMENT = TCP(sport=40000, dport=443, flags="PA", seq=7) / Raw(b"payload")
V4 = IP(src=CLIENT[0], dst=SERVER[0]) / SEGMENT
V6 = IPv6(src="2001:db8::1", dst="2001:db8::2") / SEGMENT
OUTER = ETHER / IP(src="172.16.0.1", dst="172.16.0.2")
OUTER6 = ETHER / IPv6(src="fd00::1", dst="fd00::2")
INNER = ETHER / V4


def hexed(header: str, packet: Packet) -> Raw:
    """A header that scapy does not know, before a packet."""
    return Raw(bytes.fromhex(header) + bytes(packet))


def udp(port: int) -> UDP:
    return UDP(sport=50000, dport=port)


def read(data: bytes, internet: Internet | None = None, length: int | None = None) -> Frame | None:
    frame = Frame(data, 0, len(data), length or len(data))
    return frame if (internet or Internet()).read(frame, 1) else None


def segment(data: bytes) -> bytes | None:
    frame = read(data)
    if frame is None or frame.protocol != Protocol.TCP:
        return None
    return frame.data[frame.start : frame.end][20:]


HEADERS: list[tuple[str, Packet]] = [
    ("options", ETHER / IP(dst="10.1.1.1", options=[IPOption_Router_Alert()]) / SEGMENT),
    ("hop by hop", ETHER / IPv6() / IPv6ExtHdrHopByHop() / SEGMENT),
    ("routing", ETHER / IPv6() / IPv6ExtHdrRouting(addresses=["::5"]) / SEGMENT),
    ("destination", ETHER / IPv6() / IPv6ExtHdrDestOpt() / SEGMENT),
    ("several", ETHER / IPv6() / IPv6ExtHdrHopByHop() / IPv6ExtHdrDestOpt() / SEGMENT),
    ("atomic fragment", ETHER / IPv6() / IPv6ExtHdrFragment(offset=0, m=0, id=5) / SEGMENT),
    (
        "authentication",
        ETHER / IP(dst="10.1.1.1") / AH(nh=6, payloadlen=4, icv=bytes(12)) / SEGMENT,
    ),
]

TUNNELS: list[tuple[str, Packet]] = [
    ("IP-in-IP", OUTER / V4),
    ("IP-in-IP", OUTER / V6),
    ("IP-in-IP", OUTER6 / V4),
    ("IP-in-IP", OUTER6 / V6),
    ("GRE", OUTER / GRE() / V4),
    ("GRE 99", OUTER6 / GRE(key_present=1, key=99, chksum_present=1, seqnum_present=1) / V6),
    ("GRE", OUTER / GRE(proto=0x6558) / INNER),
    ("ERSPAN", OUTER / GRE(proto=0x88BE) / INNER),
    ("ERSPAN 77", OUTER / GRE(proto=0x88BE, seqnum_present=1) / ERSPAN_II(session_id=77) / INNER),
    ("ERSPAN 78", OUTER / GRE(proto=0x22EB, seqnum_present=1) / ERSPAN_III(session_id=78) / INNER),
    ("EoIP", ETHER / IP(proto=47, dst="10.1.1.1") / hexed("20016400 0036 0019", INNER)),
    ("VXLAN 100", OUTER / udp(4789) / VXLAN(vni=100, flags=8) / INNER),
    ("VXLAN 100", OUTER / udp(8472) / VXLAN(vni=100, flags=8) / ETHER / Dot1Q() / V4),
    ("Geneve 5", OUTER / udp(6081) / GENEVE(vni=5) / INNER),
    ("Geneve 6", OUTER / udp(6081) / hexed("02006558 00000600 0000000000000000", INNER)),
    ("GTP-U 9", OUTER / udp(2152) / GTP_U_Header(teid=9) / V4),
    ("GTP-U 9", OUTER / udp(2152) / hexed("34ff0000 00000009 0000 0085 01100000", V6)),
    ("L2TP", OUTER / udp(1701) / hexed("0002 0001 0002 ff03 0021", V4)),
    ("TZSP", OUTER / udp(37008) / hexed("01000001 0a01c8 00 01", INNER)),
    ("EtherIP", ETHER / IP(proto=97, dst="10.1.1.1") / hexed("3000", INNER)),
    ("MPLS-in-IP", ETHER / IP(proto=137, dst="10.1.1.1") / hexed("00010140", V4)),
    ("GTP-U 1 / IP-in-IP", OUTER / udp(2152) / GTP_U_Header(teid=1) / IP(dst="10.3.3.3") / V4),
]

PACKETS = [bytes(packet) for _, packet in (*TUNNELS, *HEADERS)]


@pytest.mark.parametrize("packet", [h[1] for h in HEADERS], ids=[h[0] for h in HEADERS])
def test_headers_between_ip_and_tcp_are_stepped_over(packet: Packet) -> None:
    data = bytes(packet)
    assert segment(data) == b"payload"
    for cut in range(len(data)):
        assert segment(data[:cut]) in (None, b"payload"[: max(0, cut - len(data) + 7)])


@pytest.mark.parametrize(("name", "packet"), TUNNELS)
def test_tunnels_are_named_and_peeled(name: str, packet: Packet) -> None:
    tap = Tap()
    data = bytes(packet)
    tap.feed(data)
    sink = tap.finish()
    assert sink.flow.tunnel == name
    assert sink.stream("client") == b"payload"
    for cut in range(len(data)):
        read(data[:cut])


def test_every_tunnel_of_the_tables_is_tested() -> None:
    protocols = {bytes(packet)[23] for _, packet in TUNNELS if IP in packet}
    ports = {packet[UDP].dport for _, packet in TUNNELS if UDP in packet}
    assert protocols | {94} >= set(PROTOCOLS)
    assert ports | {4754, 4790, 5247, 6635} >= set(PORTS)


def test_what_only_looks_like_a_tunnel_is_a_datagram() -> None:
    frame = read(bytes(OUTER / udp(4789) / Raw(b"\x00" * 40)))
    assert frame is not None
    assert (frame.protocol, frame.tunnels) == (Protocol.UDP, [])
    assert frame.data[frame.start + 2 : frame.start + 4] == struct.pack(">H", 4789)


def test_tunnels_in_tunnels_end() -> None:
    packet = V4
    for _ in range(40):
        packet = IP(dst="10.1.1.1") / packet
    assert read(bytes(ETHER / packet)) is None


def test_a_length_of_zero_is_offload() -> None:
    data = bytearray(bytes(ETHER / V4))
    data[16:18] = b"\0\0"
    assert segment(bytes(data)) == b"payload"


def test_a_packet_cut_by_the_snaplen_knows_its_length() -> None:
    data = bytes(ETHER / V4)
    frame = read(data[:-4], length=len(data))
    assert frame is not None
    assert (frame.end - frame.start, frame.wire_end - frame.start) == (23, 27)


# Fragments


@pytest.mark.parametrize("seed", range(5))
def test_fragments_in_any_order_make_the_packet(seed: int) -> None:
    body = random.Random(seed).randbytes(3000)
    packet = IP(dst="10.1.1.1", id=seed) / TCP(flags="PA") / body
    pieces = [bytes(ETHER / each) for each in fragment(packet, 600)]
    random.Random(seed).shuffle(pieces)
    internet = Internet()
    frames = [read(piece, internet) for piece in pieces]
    assert frames[:-1] == [None] * (len(pieces) - 1)
    assert frames[-1] is not None
    assert frames[-1].data[20:] == body


def test_ipv6_fragments_make_the_packet() -> None:
    body = bytes(range(250)) * 10
    packet = ETHER / IPv6() / IPv6ExtHdrFragment(id=9) / TCP(flags="PA") / body
    internet = Internet()
    frames = [read(bytes(each), internet) for each in fragment6(packet, 700)]
    assert frames[:-1] == [None] * (len(frames) - 1)
    assert frames[-1] is not None
    assert frames[-1].data[20:] == body


def test_overlapping_fragments_the_first_wins() -> None:
    fragments, key = Fragments(), (b"a", b"b", 6, 1)
    assert fragments.add(key, 0, b"first---", False, 0.0) is None
    assert fragments.add(key, 0, b"SECOND--", False, 0.0) is None
    assert fragments.add(key, 4, b"XXXXend", True, 0.0) == b"first---end"


def test_fragments_are_bounded_and_expire() -> None:
    fragments = Fragments()
    for number in range(MOST + 3):
        assert fragments.add((b"a", b"b", 6, number), 8, b"tail", True, 0.0) is None
    assert fragments.dropped == 3
    assert fragments.add((b"a", b"b", 6, MOST), 0, b"12345678", False, 100.0) is None
    assert fragments.add((b"a", b"b", 6, MOST), 65_535, b"x", True, 0.0) is None


# ICMP


def test_an_icmpv6_error_quotes_its_packet() -> None:
    packet = OUTER6 / ICMPv6PacketTooBig(mtu=1280) / V6
    frame = read(bytes(packet))
    assert frame is not None
    quote = read_error(frame)
    assert quote is not None
    assert (quote.type, quote.mtu, quote.ends, quote.whole) == (2, 1280, False, True)
    assert quote.key[-4:] == struct.pack(">HH", 40000, 443)


def test_an_echo_quotes_nothing() -> None:
    frame = read(bytes(OUTER / ICMP() / V4))
    assert frame is not None
    assert read_error(frame) is None


@pytest.mark.parametrize("seed", range(50))
def test_noise_never_breaks_it(seed: int) -> None:
    dice = random.Random(seed)
    tap = Tap()
    for _ in range(60):
        data = bytearray(dice.choice(PACKETS))
        for _ in range(dice.randrange(1, 6)):
            data[dice.randrange(len(data))] = dice.randrange(256)
        tap.feed(bytes(data[: dice.randrange(1, len(data) + 1)]), length=len(data))
    tap.conversations.finish()
    assert len(tap.ended) == tap.conversations.count
