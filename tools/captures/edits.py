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


def until_second_server_bytes(packets: list[Packet]) -> list[Packet]:
    """Keep all up to the second segment with bytes of the server."""
    return packets[: _server_bytes(packets)[1] + 1]


def after_first_server_bytes(packets: list[Packet]) -> list[Packet]:
    """Keep all after the first segment with bytes of the server."""
    return packets[_server_bytes(packets)[0] + 1 :]


def turn_and_repeat(packets: list[Packet]) -> list[Packet]:
    """Put the server's second segment with bytes before the first, and the first down twice."""
    first, second = _server_bytes(packets)[:2]
    early, late = packets[first], packets[second]
    between = packets[first + 1 : second]
    moved = [late.data, early.data, early.data, *(packet.data for packet in between)]
    times = range(early.at, early.at + len(moved))
    turned = [Packet(at, data) for at, data in zip(times, moved, strict=True)]
    return [*packets[:first], *turned, *packets[second + 1 :]]


def first_connection(packets: list[Packet]) -> list[Packet]:
    """Keep the connection of the first packet alone."""
    port = _client_port(packets[0])
    return [packet for packet in packets if _client_port(packet) == port]


def until_server_bytes(packets: list[Packet]) -> list[Packet]:
    """Keep the first connection that carries bytes of the client, up to the server's first."""
    said = next((one for one in packets if _from_client(one) and _payload(one) > 0), None)
    if said is None:
        raise TimeoutError("no byte of the client")
    own = [packet for packet in packets if _client_port(packet) == _client_port(said)]
    end = _server_bytes(own)
    return own[: end[0]] if end else own


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
