"""Tunnels: what lies between an IP or UDP header and the next packet inside.

Two tables, by IP protocol and by UDP port. A reader names the tunnel in `Frame.tunnels`, moves
behind its header and returns what follows in words of EtherType, `EtherType.NONE` when this is
no such tunnel after all. Must never keep state.
"""

from __future__ import annotations

from .frame import EtherType, Frame
from .link import Reader, read_ip, read_ppp, read_tags, read_wifi

#: MikroTik's Ethernet over IP, in a GRE header of version 1.
EOIP = 0x6400
GRE_CHECKSUM, GRE_ROUTING, GRE_KEY, GRE_SEQUENCE, GRE_ACKNOWLEDGMENT = (
    0x8000,
    0x4000,
    0x2000,
    0x1000,
    0x0080,
)


def read_ip_in_ip(frame: Frame) -> int:
    """Read nothing: another IP header follows (RFC 2003, RFC 4213)."""
    frame.tunnels.append("IP-in-IP")
    return read_ip(frame)


def read_gre(frame: Frame) -> int:
    """Read GRE (RFC 2784, RFC 2890) and PPTP's version 1 (RFC 2637)."""
    flags, follows = frame.number(0), frame.number(2)
    if flags & GRE_ROUTING:
        return EtherType.NONE
    length = 4 + 4 * bool(flags & GRE_CHECKSUM)
    key = frame.number(length, 4) if flags & GRE_KEY else None
    length += 4 * sum(bool(flags & each) for each in (GRE_KEY, GRE_SEQUENCE))
    if flags & 7 == 1:
        length += 4 * bool(flags & GRE_ACKNOWLEDGMENT)
        key = None
    frame.start += length
    if follows in ERSPAN:
        return read_erspan(frame, follows, bool(flags & GRE_SEQUENCE))
    if follows == EOIP:
        frame.tunnels.append("EoIP")
        return EtherType.TRANSPARENT_ETHERNET
    frame.tunnels.append("GRE" if key is None else f"GRE {key}")
    return follows


def read_erspan(frame: Frame, kind: int, sequenced: bool) -> int:
    """Read ERSPAN I (no header), II or III (with an optional subheader); Ethernet follows."""
    if kind == EtherType.ERSPAN_2 and not sequenced:
        frame.tunnels.append("ERSPAN")
        return EtherType.TRANSPARENT_ETHERNET
    frame.tunnels.append(f"ERSPAN {frame.number(2) & 0x3FF}")
    subheader = kind == EtherType.ERSPAN_3 and frame.number(11, 1) & 1
    frame.start += ERSPAN[kind] + 8 * bool(subheader)
    return EtherType.TRANSPARENT_ETHERNET


#: Length of the header of each ERSPAN type.
ERSPAN = {EtherType.ERSPAN_2: 8, EtherType.ERSPAN_3: 12}


def read_mpls_in_ip(frame: Frame) -> int:
    """Read nothing: a label stack follows (RFC 4023)."""
    frame.tunnels.append("MPLS-in-IP")
    return EtherType.MPLS


def read_ethernet_in_ip(frame: Frame) -> int:
    """Read EtherIP's version (RFC 3378); Ethernet follows."""
    if frame.number(0) >> 12 != 3:
        return EtherType.NONE
    frame.tunnels.append("EtherIP")
    frame.start += 2
    return EtherType.TRANSPARENT_ETHERNET


def read_vxlan(frame: Frame) -> int:
    """Read VXLAN (RFC 7348): the I flag must be set."""
    if not frame.number(0, 1) & 0x08:
        return EtherType.NONE
    frame.tunnels.append(f"VXLAN {frame.number(4, 3)}")
    frame.start += 8
    return EtherType.TRANSPARENT_ETHERNET


def read_vxlan_gpe(frame: Frame) -> int:
    """Read VXLAN with a next protocol field (draft-ietf-nvo3-vxlan-gpe)."""
    follows = {1: EtherType.IPV4, 2: EtherType.IPV6, 3: EtherType.TRANSPARENT_ETHERNET}
    ethertype = follows.get(frame.number(3, 1), EtherType.NONE)
    frame.tunnels.append(f"VXLAN {frame.number(4, 3)}")
    frame.start += 8
    return ethertype


def read_geneve(frame: Frame) -> int:
    """Read Geneve (RFC 8926): version 0, options in words of 4 bytes."""
    first, ethertype = frame.number(0, 1), frame.number(2)
    if first >> 6:
        return EtherType.NONE
    frame.tunnels.append(f"Geneve {frame.number(4, 3)}")
    frame.start += 8 + 4 * (first & 0x3F)
    return ethertype


def read_gtp_user(frame: Frame) -> int:
    """Read GTP-U version 1 (3GPP TS 29.281): only a G-PDU carries a packet."""
    flags, message = frame.number(0, 1), frame.number(1, 1)
    if flags >> 4 != 3 or message != 255:
        return EtherType.NONE
    frame.tunnels.append(f"GTP-U {frame.number(4, 4)}")
    length = 8
    if flags & 7:
        follows, length = frame.number(11, 1), 12
        while follows:
            words = frame.number(length, 1) or 1
            follows = frame.number(length + 4 * words - 1, 1)
            length += 4 * words
    frame.start += length
    return read_ip(frame)


def read_l2tp(frame: Frame) -> int:
    """Read an L2TP version 2 data message (RFC 2661 section 3.1); PPP follows."""
    flags = frame.number(0)
    if flags & 0x800F != 0x0002:
        return EtherType.NONE
    length = 6 + 2 * bool(flags & 0x4000) + 4 * bool(flags & 0x0800)
    if flags & 0x0200:
        length += 2 + frame.number(length)
    frame.tunnels.append("L2TP")
    frame.start += length
    return read_ppp(frame)


def read_tzsp(frame: Frame) -> int:
    """Read TZSP: four bytes, then tagged fields until the end tag; Ethernet follows."""
    if frame.number(0) != 0x0100 or frame.number(2) != 1:
        return EtherType.NONE
    length = 4
    while (tag := frame.number(length, 1)) != 1:
        length += 1 if tag == 0 else 2 + frame.number(length + 1, 1)
    frame.tunnels.append("TZSP")
    frame.start += length + 1
    return EtherType.TRANSPARENT_ETHERNET


def read_capwap(frame: Frame) -> int:
    """Read an unfragmented CAPWAP data header (RFC 5415 section 4.3)."""
    first = frame.number(0, 4)
    if first >> 24 or first & 0x80:
        return EtherType.NONE
    frame.tunnels.append("CAPWAP")
    frame.start += 4 * (first >> 19 & 0x1F)
    return _read_swapped_wifi(frame) if first & 0x100 else EtherType.TRANSPARENT_ETHERNET


def _read_swapped_wifi(frame: Frame) -> int:
    """Read 802.11 whose frame control comes in either byte order, as controllers send it."""
    if frame.number(0, 1) & 0x0F != 0x08:
        start = frame.start
        swapped = frame.data[start + 1 : start + 2] + frame.data[start : start + 1]
        frame.data = frame.data[:start] + swapped + frame.data[start + 2 :]
    return read_wifi(frame)


#: IP protocol numbers (IANA) that carry another packet.
PROTOCOLS: dict[int, Reader] = {
    4: read_ip_in_ip,
    41: read_ip_in_ip,
    47: read_gre,
    94: read_ip_in_ip,
    97: read_ethernet_in_ip,
    137: read_mpls_in_ip,
}

#: UDP ports (IANA; 8472 is Linux's VXLAN) that carry another packet.
PORTS: dict[int, Reader] = {
    1701: read_l2tp,
    2152: read_gtp_user,
    4754: read_gre,
    4789: read_vxlan,
    4790: read_vxlan_gpe,
    5247: read_capwap,
    6081: read_geneve,
    6635: read_mpls_in_ip,
    8472: read_vxlan,
    37008: read_tzsp,
}


def read_tunnel(frame: Frame, reader: Reader) -> int:
    """Peel one tunnel and the tags inside it; return IPv4, IPv6 or what stopped it."""
    return read_tags(frame, reader(frame))
