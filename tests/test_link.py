"""Link layers: scapy writes the frames, or they are written by hand from the standards."""

from __future__ import annotations

import struct

import pytest
from scapy.contrib.mpls import MPLS
from scapy.layers.dot11 import Dot11, Dot11QoS, RadioTap
from scapy.layers.inet import IP, TCP
from scapy.layers.inet6 import IPv6
from scapy.layers.l2 import GRE, LLC, SNAP, CookedLinux, CookedLinuxV2, Dot1AD, Dot1Q, Dot3, Ether
from scapy.layers.ppp import HDLC, PPP, PPPoE
from scapy.packet import Packet
from wire_words import ETHER

from tlswire.sources.frame import Frame
from tlswire.sources.ip import Internet, Protocol
from tlswire.sources.link import ETHERTYPES, LINKS

SEGMENT = TCP(sport=40000, dport=443, flags="S", seq=7)
V4 = IP(src="192.0.2.1", dst="192.0.2.2") / SEGMENT
V6 = IPv6(src="2001:db8::1", dst="2001:db8::2") / SEGMENT
TAGS = ETHER / Dot1AD(vlan=5) / Dot1Q(vlan=6)
WIFI = Dot11(type=2, subtype=0, FCfield=1)
QOS = Dot11(type=2, subtype=8, FCfield=2) / Dot11QoS()
SNAPPED = LLC(dsap=0xAA, ssap=0xAA, ctrl=3) / SNAP(OUI=0, code=0x0800)

FRAMES: list[tuple[str, int, Packet | bytes]] = [
    ("ethernet", 1, ETHER / V4),
    ("ethernet ipv6", 1, ETHER / V6),
    ("802.3 with SNAP", 1, Dot3(src=ETHER.src, dst=ETHER.dst, len=60) / SNAPPED / V4),
    ("vlan", 1, ETHER / Dot1Q(vlan=5) / V4),
    ("qinq", 1, TAGS / V6),
    ("old qinq", 1, Ether(src=ETHER.src, dst=ETHER.dst, type=0x9100) / Dot1Q(vlan=5) / V4),
    ("mpls", 1, ETHER / MPLS(label=16, s=0) / MPLS(label=17, s=1) / V4),
    ("mpls ipv6", 1, ETHER / MPLS(label=17, s=1) / bytes(V6)),
    ("pseudowire", 1, ETHER / MPLS(label=17, s=1) / (bytes(4) + bytes(ETHER / V4))),
    ("pppoe", 1, TAGS / PPPoE(sessionid=1) / PPP(proto=0x21) / V4),
    ("pppoe ipv6", 1, ETHER / PPPoE(sessionid=1) / PPP(proto=0x57) / V6),
    (
        "backbone",
        1,
        Ether(src=ETHER.src, dst=ETHER.dst, type=0x88E7) / (bytes(4) + bytes(ETHER / V4)),
    ),
    ("ppp", 9, bytes(HDLC() / PPP(proto=0x21) / V4)),
    ("ppp bare", 9, b"\x00\x21" + bytes(V4)),
    ("ppp short", 9, b"\x21" + bytes(V4)),
    ("ppp hdlc", 50, b"\xff\x03\x00\x21" + bytes(V4)),
    ("cisco hdlc", 104, b"\x0f\x00\x08\x00" + bytes(V4)),
    ("pppoe link", 51, bytes(PPPoE(sessionid=1) / PPP(proto=0x21) / V4)),
    ("null little", 0, struct.pack("<I", 2) + bytes(V4)),
    ("null big", 0, struct.pack(">I", 2) + bytes(V4)),
    ("null macos ipv6", 0, struct.pack("<I", 30) + bytes(V6)),
    ("null freebsd ipv6", 0, struct.pack(">I", 28) + bytes(V6)),
    ("loop", 108, struct.pack(">I", 24) + bytes(V6)),
    ("cooked", 113, CookedLinux(proto=0x0800) / V4),
    ("cooked vlan", 113, CookedLinux(proto=0x8100) / Dot1Q(vlan=9) / V4),
    ("cooked 2", 276, CookedLinuxV2(proto=0x86DD) / V6),
    *((f"raw {link}", link, V4) for link in (12, 14, 101, 228)),
    *((f"raw ipv6 {link}", link, V6) for link in (12, 14, 101, 229)),
    ("wifi", 105, WIFI / SNAPPED / V4),
    ("wifi qos", 105, QOS / SNAPPED / V4),
    ("radiotap", 127, RadioTap() / WIFI / SNAPPED / V4),
    ("avs", 163, struct.pack(">II56x", 0x80211001, 64) + bytes(WIFI / SNAPPED / V4)),
    ("junos", 178, b"MGC\0" + bytes(ETHER / V4)),
    ("junos, extended", 178, b"MGC\x81\0\x06" + bytes(6) + bytes(ETHER / Dot1Q(vlan=5) / V4)),
    ("junos without link", 178, b"MGC\x02" + struct.pack("<I", 2) + bytes(V4)),
    ("firewall log", 117, bytes([61]) + bytes(63) + bytes(V4)),
    ("gre in vlan", 1, ETHER / Dot1Q() / IP(dst="10.1.1.1") / GRE() / V4),
]


def read(link: int, data: bytes) -> Frame | None:
    frame = Frame(data, 0, len(data), len(data))
    return frame if Internet().read(frame, link) else None


@pytest.mark.parametrize(("link", "packet"), [f[1:] for f in FRAMES], ids=[f[0] for f in FRAMES])
def test_every_link_layer_leads_to_the_segment(link: int, packet: Packet | bytes) -> None:
    data = bytes(packet)
    frame = read(link, data)
    assert frame is not None
    assert frame.protocol == Protocol.TCP
    assert frame.data[frame.start : frame.end][:8] == bytes(SEGMENT)[:8]
    assert frame.source in (bytes([192, 0, 2, 1]), bytes.fromhex("20010db8" + 23 * "0" + "1"))


@pytest.mark.parametrize(("link", "packet"), [f[1:] for f in FRAMES], ids=[f[0] for f in FRAMES])
def test_padding_is_no_payload_and_cuts_never_break(link: int, packet: Packet | bytes) -> None:
    data = bytes(packet)
    padded = read(link, data + b"padding")
    assert padded is not None
    assert padded.end - padded.start == 20 == padded.wire_end - padded.start
    for cut in range(len(data)):
        read(link, data[:cut])


def test_every_link_of_the_table_is_tested() -> None:
    assert {frame[1] for frame in FRAMES} == set(LINKS)


def test_a_rare_link_layer_goes_to_scapy() -> None:
    per_packet_information = 192
    assert per_packet_information not in LINKS
    header = bytes.fromhex("0000 0800 69000000")
    frame = read(per_packet_information, header + bytes(WIFI / SNAPPED / V4))
    assert frame is not None
    assert frame.protocol == Protocol.TCP
    assert read(9999, bytes(V4)) is None


@pytest.mark.parametrize("ethertype", sorted(ETHERTYPES))
def test_endless_tags_end(ethertype: int) -> None:
    assert read(1, bytes(12) + struct.pack(">H", ethertype) * 5000) is None


def test_the_length_of_pppoe_bounds_an_ip_length_that_counts_padding() -> None:
    datagram = IP(src="192.0.2.1", dst="192.0.2.2", len=46) / SEGMENT
    session = PPPoE(sessionid=1, len=42) / PPP(proto=0x21) / datagram
    frame = read(1, bytes(ETHER / session) + bytes(6))
    assert frame is not None
    assert frame.end - frame.start == len(SEGMENT)
