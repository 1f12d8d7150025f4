"""What is done to packets after the capture: turned, left out, told twice. No byte is changed.

Works on IPv4 and TCP over Ethernet, which is what the wire of the maker carries.
"""

from __future__ import annotations

from .network import CLIENT
from .pcapng import Packet

_CLIENT = bytes(int(part) for part in CLIENT.split("."))


def only_client(packets: list[Packet]) -> list[Packet]:
    """Keep what the client sent, as a tap on one fibre would."""
    return [packet for packet in packets if _from_client(packet)]


def until_first_server_bytes(packets: list[Packet]) -> list[Packet]:
    """Keep all up to the first segment with bytes of the server."""
    return packets[: _server_bytes(packets)[0] + 1]


def after_first_server_bytes(packets: list[Packet]) -> list[Packet]:
    """Keep all after the first segment with bytes of the server."""
    return packets[_server_bytes(packets)[0] + 1 :]


def turn_and_repeat(packets: list[Packet]) -> list[Packet]:
    """Turn round the server's first two segments with bytes; repeat the first a while later."""
    first, second = _server_bytes(packets)[:2]
    turned = list(packets)
    turned[first] = Packet(packets[first].at, packets[second].data)
    turned[second] = Packet(packets[second].at, packets[first].data)
    again = Packet(packets[second].at + 5, packets[first].data)
    return [*turned[: second + 1], again, *turned[second + 1 :]]


def first_connection(packets: list[Packet]) -> list[Packet]:
    """Keep the connection of the first packet alone."""
    port = _client_port(packets[0])
    return [packet for packet in packets if _client_port(packet) == port]


def _from_client(packet: Packet) -> bool:
    return packet.data[26:30] == _CLIENT


def _client_port(packet: Packet) -> bytes:
    return packet.data[34:36] if _from_client(packet) else packet.data[36:38]


def _server_bytes(packets: list[Packet]) -> list[int]:
    """Where the segments of the server that carry bytes are."""
    return [i for i, one in enumerate(packets) if not _from_client(one) and _payload(one)]


def _payload(packet: Packet) -> int:
    """Bytes of TCP payload: the IP total length less both headers."""
    return int.from_bytes(packet.data[16:18]) - 20 - (packet.data[46] >> 4) * 4
