"""DTLS and QUIC, told by their first bytes: counted per conversation, never decoded.

Must never keep more than a bounded number of conversations.
"""

from __future__ import annotations

from collections import Counter
from ipaddress import ip_address
from typing import Literal

from ..codes import ContentType
from ..flow import Endpoint
from .frame import Frame
from .sides import second_is_server

Kind = Literal["DTLS", "QUIC"]

#: Conversations told apart; beyond this they are not counted.
MOST = 100_000
#: DTLS 1.0, 1.2 and the version OpenSSL sent before the RFC.
DTLS_VERSIONS = {b"\xfe\xff", b"\xfe\xfd", b"\x01\x00"}
DTLS_HEADER = 13
#: QUIC versions: 1, 2, draft 22 to 34, Facebook's, Google's with and without the long header.
QUIC_VERSION_1 = b"\x00\x00\x00\x01"
#: Versions that exist to be refused (RFC 9000 section 15): every second half-byte is 0xa.
GREASE_VERSION = 0x0A0A_0A0A
QUIC_VERSION_2 = b"\x6b\x33\x43\xcf"


class Datagrams:
    """The UDP conversations seen so far that speak DTLS or QUIC."""

    def __init__(self) -> None:
        self._kinds: dict[bytes, Kind] = {}
        self._servers: dict[bytes, Endpoint] = {}
        self.dropped = 0

    def counts(self) -> dict[Kind, Counter[Endpoint]]:
        """Return how many conversations of each kind every server had."""
        counts: dict[Kind, Counter[Endpoint]] = {"DTLS": Counter(), "QUIC": Counter()}
        for key, kind in self._kinds.items():
            counts[kind][self._servers[key]] += 1
        return counts

    def join(self, other: Datagrams) -> None:
        """Take what another looked at of the same capture."""
        for key, kind in other._kinds.items():
            half = (len(key) - 4) // 2
            reverse = key[half:-4] + key[:half] + key[-2:] + key[-4:-2]
            if key not in self._kinds and reverse not in self._kinds:
                self._kinds[key], self._servers[key] = kind, other._servers[key]

    def take(self, frame: Frame) -> None:
        """Look at one UDP datagram; its frame stands at the UDP header."""
        data, start = frame.data, frame.start
        payload = data[start + 8 : min(start + 40, frame.end)]
        kind = tell_kind(payload, frame.end - start - 8)
        if kind is None:
            return
        ports = data[start : start + 4]
        key = frame.source + frame.destination + ports
        reverse = frame.destination + frame.source + ports[2:] + ports[:2]
        if key in self._kinds or reverse in self._kinds:
            return
        if len(self._kinds) >= MOST:
            self.dropped += 1
            return
        self._kinds[key] = kind
        self._servers[key] = _server(frame, ports)


def tell_kind(payload: bytes, length: int) -> Kind | None:
    """Tell DTLS or QUIC from the first bytes of a payload of `length` bytes."""
    if len(payload) < 7:
        return None
    if _is_dtls(payload, length):
        return "DTLS"
    return "QUIC" if _is_quic(payload) else None


def _is_dtls(payload: bytes, length: int) -> bool:
    """Look at a DTLS record's header (RFC 6347 section 4.1)."""
    if len(payload) < DTLS_HEADER or payload[1:3] not in DTLS_VERSIONS:
        return False
    if not ContentType.change_cipher_spec <= payload[0] <= ContentType.tls12_cid:
        return False
    return DTLS_HEADER + int.from_bytes(payload[11:13]) <= length


def _is_quic(payload: bytes) -> bool:
    """Look at a QUIC long header (RFC 8999 section 5.1) or gQUIC's public header."""
    version = payload[1:5]
    if payload[0] & 0x80:
        return _is_quic_version(version) and payload[5] <= 20
    return payload[0] & 0x09 == 0x09 and payload[9:10] == b"Q" and payload[10:13].isdigit()


def _is_quic_version(version: bytes) -> bool:
    return (
        version in (QUIC_VERSION_1, QUIC_VERSION_2)
        or int.from_bytes(version) & 0x0F0F_0F0F == GREASE_VERSION
        or version.startswith((b"\xff\x00\x00", b"\xfa\xce\xb0"))
        or (version[:1] in (b"Q", b"T") and version[1:].isdigit())
    )


def _server(frame: Frame, ports: bytes) -> Endpoint:
    """Name the server: the well-known port, else who was spoken to first."""
    source, destination = int.from_bytes(ports[:2]), int.from_bytes(ports[2:])
    if second_is_server(source, destination):
        return Endpoint(str(ip_address(frame.destination)), destination)
    return Endpoint(str(ip_address(frame.source)), source)
