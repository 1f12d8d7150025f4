"""The two ends of a conversation as its packets have them: a key of addresses, then ports.

What is told of many thousand conversations is told by it: to make two `Endpoint`s of it and to
print those takes several times as long.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from ipaddress import ip_address

from ..flow import Endpoint

_PORTS = struct.Struct(">HH")
#: Addresses whose text is remembered.
MOST_ADDRESSES = 4096


def key_of(client: Endpoint, server: Endpoint) -> bytes:
    """Return the key that the client's packets have."""
    return _packed(client.address) + _packed(server.address) + _PORTS.pack(client.port, server.port)


def printed(key: bytes) -> str:
    """Return `client -> server` as both endpoints print themselves."""
    half = len(key) - _PORTS.size >> 1
    client, server = _PORTS.unpack_from(key, half * 2)
    return f"{_host(key[:half])}:{client} -> {_host(key[half:-4])}:{server}"


def server_of(key: bytes) -> bytes:
    """Return what tells a server from others."""
    return key[len(key) - _PORTS.size >> 1 : -4] + key[-2:]


@lru_cache(maxsize=MOST_ADDRESSES)
def _packed(address: str) -> bytes:
    return ip_address(address).packed


@lru_cache(maxsize=MOST_ADDRESSES)
def print_address(address: bytes) -> str:
    """Return an address of IPv4 or IPv6 as people write it."""
    if len(address) == 4:
        return ".".join(map(str, address))
    from socket import AF_INET6, inet_ntop  # it loads more than a plain list needs

    return inet_ntop(AF_INET6, address)


@lru_cache(maxsize=MOST_ADDRESSES)
def _host(address: bytes) -> str:
    printed = print_address(address)
    return printed if len(address) == 4 else f"[{printed}]"
