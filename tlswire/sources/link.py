"""Link layers: from a packet's first byte to the IP header.

A table from LINKTYPE to reader and one from EtherType to reader; what is in neither goes to scapy
once, lazily. Must never look at an address.
"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import TypeAlias

from .frame import EtherType, Frame

#: Moves `start` behind the header and returns what follows, in words of EtherType.
Reader: TypeAlias = Callable[[Frame], int]

#: More tags than this on one packet are an attack, not a network.
DEEPEST = 32
#: Below this an EtherType field is a length (IEEE 802.3).
LOWEST_ETHERTYPE = 0x0600
SNAP = b"\xaa\xaa\x03"

#: PPP protocol numbers (IANA) to EtherTypes.
PPP_PROTOCOLS = {
    0x0021: EtherType.IPV4,
    0x0057: EtherType.IPV6,
    0x0281: EtherType.MPLS,
    0x0283: EtherType.MPLS_MULTICAST,
}
#: AF_INET and the AF_INET6 of Linux, NetBSD, FreeBSD, macOS.
ADDRESS_FAMILIES = {
    2: EtherType.IPV4,
    10: EtherType.IPV6,
    24: EtherType.IPV6,
    28: EtherType.IPV6,
    30: EtherType.IPV6,
}
#: What Junos begins a packet with, and bits of the byte behind it.
JUNIPER_MAGIC, JUNIPER_EXTENDED, JUNIPER_NO_LINK = 0x4D4743, 0x80, 0x02
#: SLL protocol numbers that are not EtherTypes: Novell 802.3 and 802.2.
SLL_802_2 = 4


def read_ethernet(frame: Frame) -> int:
    """Read destination, source and type; or a length, then LLC."""
    ethertype = frame.number(12)
    frame.start += 14
    return ethertype if ethertype >= LOWEST_ETHERTYPE else read_llc(frame)


def read_llc(frame: Frame) -> int:
    """Read LLC with SNAP, which ends in an EtherType."""
    if not frame.data.startswith(SNAP, frame.start):
        return EtherType.NONE
    ethertype = frame.number(6)
    frame.start += 8
    return ethertype


def read_vlan(frame: Frame) -> int:
    """Read one tag of 802.1Q or 802.1ad."""
    ethertype = frame.number(2)
    frame.start += 4
    return ethertype if ethertype >= LOWEST_ETHERTYPE else read_llc(frame)


def read_mpls(frame: Frame) -> int:
    """Read the label stack (RFC 3032); what follows is told by its first nibble."""
    while not frame.number(2, 1) & 1:
        frame.start += 4
    frame.start += 4
    nibble = frame.number(0, 1) >> 4
    if nibble == 0:  # a pseudowire's control word (RFC 4385)
        frame.start += 4
    return read_ip(frame) if nibble in (4, 6) else EtherType.TRANSPARENT_ETHERNET


def read_pppoe(frame: Frame) -> int:
    """Read a PPPoE session header (RFC 2516 section 4), then PPP; what follows is padding."""
    length = frame.number(4)
    frame.start += 6
    frame.limit(length)
    return read_ppp(frame)


def read_ppp(frame: Frame) -> int:
    """Read PPP, with or without HDLC framing, its protocol field compressed or not."""
    if frame.number(0) == 0xFF03:
        frame.start += 2
    protocol = frame.number(0, 1)
    size = 1 if protocol & 1 else 2
    protocol = frame.number(0, size)
    frame.start += size
    return PPP_PROTOCOLS.get(protocol, EtherType.NONE)


def read_hdlc(frame: Frame) -> int:
    """Read Cisco HDLC: address, control, EtherType."""
    if frame.number(0) == 0xFF03:
        return read_ppp(frame)
    ethertype = frame.number(2)
    frame.start += 4
    return ethertype


def read_ip(frame: Frame) -> int:
    """Read nothing: IP begins here, its version nibble says which."""
    version = frame.number(0, 1) >> 4
    return {4: EtherType.IPV4, 6: EtherType.IPV6}.get(version, EtherType.NONE)


def read_loopback(frame: Frame) -> int:
    """Read BSD's address family, in the byte order of whoever captured it."""
    little = struct.unpack_from("<I", frame.data, frame.start)[0]
    family = min(little, frame.number(0, 4))
    frame.start += 4
    return ADDRESS_FAMILIES.get(family, EtherType.NONE)


def read_cooked(frame: Frame) -> int:
    """Read Linux's cooked header, version 1."""
    protocol = frame.number(14)
    frame.start += 16
    return read_llc(frame) if protocol == SLL_802_2 else protocol


def read_cooked_2(frame: Frame) -> int:
    """Read Linux's cooked header, version 2."""
    protocol = frame.number(0)
    frame.start += 20
    return read_llc(frame) if protocol == SLL_802_2 else protocol


def read_wifi(frame: Frame) -> int:
    """Read an unprotected 802.11 data frame; retries and fragments are left to TCP."""
    control, flags = frame.number(0, 1), frame.number(1, 1)
    is_data, carries_nothing, protected = control & 0x0C == 0x08, control & 0x40, flags & 0x40
    if not is_data or carries_nothing or protected:
        return EtherType.NONE
    length = 24 + 6 * (flags & 3 == 3)
    if control & 0x80:  # QoS
        length += 2 + 4 * bool(flags & 0x80)
    frame.start += length
    return read_llc(frame)


def read_radiotap(frame: Frame) -> int:
    """Read radiotap, whose length is little-endian, then 802.11."""
    frame.start += struct.unpack_from("<H", frame.data, frame.start + 2)[0]
    return read_wifi(frame)


def read_avs(frame: Frame) -> int:
    """Read the AVS header, version and length, then 802.11."""
    frame.start += frame.number(4, 4)
    return read_wifi(frame)


def read_firewall_log(frame: Frame) -> int:
    """Read OpenBSD's pflog header: its length, padded to 4, then IP."""
    length = frame.number(0, 1)
    frame.start += length + (-length & 3)
    return read_ip(frame)


def read_juniper(frame: Frame) -> int:
    """Read the header that Junos writes before a packet: extensions, then Ethernet or IP."""
    if frame.number(0, 3) != JUNIPER_MAGIC:
        return EtherType.NONE
    flags = frame.number(3, 1)
    frame.start += 4
    if flags & JUNIPER_EXTENDED:
        frame.start += 2 + frame.number(0)
    if flags & JUNIPER_NO_LINK:
        family = struct.unpack_from("<I", frame.data, frame.start)[0]
        frame.start += 4
        return ADDRESS_FAMILIES.get(family, EtherType.NONE)
    return read_ethernet(frame)


def read_backbone(frame: Frame) -> int:
    """Read the I-TAG of a provider backbone (802.1ah); the customer's Ethernet follows."""
    frame.start += 4
    return EtherType.TRANSPARENT_ETHERNET


def read_service_header(frame: Frame) -> int:
    """Read a Network Service Header (RFC 8300), its length in words of 4 bytes."""
    length, follows = frame.number(0) & 0x3F, frame.number(3, 1)
    frame.start += 4 * length
    known = {1: EtherType.IPV4, 2: EtherType.IPV6, 3: EtherType.TRANSPARENT_ETHERNET}
    return known.get(follows, EtherType.NONE)


#: LINKTYPE numbers as the tcpdump group registers them.
LINKS: dict[int, Reader] = {
    0: read_loopback,
    1: read_ethernet,
    9: read_ppp,
    12: read_ip,
    14: read_ip,
    50: read_hdlc,
    51: read_pppoe,
    101: read_ip,
    104: read_hdlc,
    105: read_wifi,
    108: read_loopback,
    113: read_cooked,
    117: read_firewall_log,
    127: read_radiotap,
    163: read_avs,
    178: read_juniper,
    228: read_ip,
    229: read_ip,
    276: read_cooked_2,
}

#: Layers between the link and IP.
ETHERTYPES: dict[int, Reader] = {
    EtherType.VLAN: read_vlan,
    EtherType.SERVICE_VLAN: read_vlan,
    EtherType.OLD_QINQ: read_vlan,
    EtherType.TRANSPARENT_ETHERNET: read_ethernet,
    EtherType.MPLS: read_mpls,
    EtherType.MPLS_MULTICAST: read_mpls,
    EtherType.PPPOE_SESSION: read_pppoe,
    EtherType.PPP: read_ppp,
    EtherType.BACKBONE: read_backbone,
    EtherType.NSH: read_service_header,
}


def read_link(frame: Frame, link: int) -> int:
    """Peel the link layer and every tag; return IPv4, IPv6 or what stopped it.

    Raises:
        IndexError, struct.error: the captured bytes end before IP begins.

    """
    reader = LINKS.get(link)
    return read_tags(frame, reader(frame) if reader else read_rare(frame, link))


def read_tags(frame: Frame, ethertype: int) -> int:
    """Peel tags and labels until something that is not one of them."""
    for _ in range(DEEPEST):
        reader = ETHERTYPES.get(ethertype)
        if reader is None:
            return ethertype
        ethertype = reader(frame)
    return EtherType.NONE


def read_rare(frame: Frame, link: int) -> int:
    """Let scapy find the IP header behind a link layer that is not in the table; slow."""
    from scapy.config import conf
    from scapy.layers import all as _layers  # noqa: F401  (fills conf.l2types)
    from scapy.layers.inet import IP
    from scapy.layers.inet6 import IPv6

    layer = conf.l2types.num2layer.get(link)
    if layer is None:
        return EtherType.NONE
    try:
        packet = layer(frame.data[frame.start : frame.end])
        inner = packet.getlayer(IP) or packet.getlayer(IPv6)
    except Exception:
        return EtherType.NONE
    if inner is None:
        return EtherType.NONE
    frame.replace(inner.original)
    return read_ip(frame)
