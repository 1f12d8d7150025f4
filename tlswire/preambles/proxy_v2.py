"""The PROXY protocol, version 2: a binary header with TLVs (HAProxy, section 2.2)."""

from __future__ import annotations

from ipaddress import ip_address

from tlswire.preambles.step import ALWAYS, Dialect, Said, Step, escape
from tlswire.way import Target

_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
_LOCAL, _PROXY = 0x20, 0x21
_ADDRESS_SIZES = {0x1: 4, 0x2: 16}  # high half of the family byte: AF_INET, AF_INET6
_TRANSPORTS = {0x0: "UNSPEC", 0x1: "STREAM", 0x2: "DGRAM"}
#: TLV types whose value is text, sections 2.2.1 to 2.2.8; 0xEA is that of an AWS endpoint.
_TEXTS = {0x01: "alpn", 0x02: "authority", 0x05: "unique_id", 0x30: "netns", 0xEA: "aws_endpoint"}
_SSL = 0x20
_SSL_TEXTS = {0x21: "version", 0x22: "common_name", 0x23: "cipher", 0x24: "signature", 0x25: "key"}
_SSL_FIXED = 5  # a byte of flags and 32 bits of verification result


def _read_header(data: bytes, at: int) -> Said | None:
    fixed = at + len(_SIGNATURE)
    end = fixed + 4 + int.from_bytes(data[fixed + 2 : fixed + 4])
    if not data.startswith(_SIGNATURE, at) or len(data) < max(end, fixed + 4):
        return None
    command, family = data[fixed], data[fixed + 1]
    if command not in (_LOCAL, _PROXY):
        return None
    body = data[fixed + 4 : end]
    details = _addresses(family, body) | _tlvs(body[_address_length(family) :], _TEXTS, "")
    route = f" {details['source']} -> {details['destination']}" if "source" in details else ""
    return Said(end, f"PROXY v2 {'LOCAL' if command == _LOCAL else 'PROXY'}{route}", details)


def _address_length(family: int) -> int:
    size = _ADDRESS_SIZES.get(family >> 4)
    return 2 * size + 4 if size else {0x3: 216}.get(family >> 4, 0)  # AF_UNIX: two of 108


def _addresses(family: int, body: bytes) -> dict[str, str]:
    size = _ADDRESS_SIZES.get(family >> 4)
    if size is None or len(body) < 2 * size + 4:
        return {}
    ports = body[2 * size :]
    return {
        "source": str(ip_address(body[:size])),
        "destination": str(ip_address(body[size : 2 * size])),
        "source_port": str(int.from_bytes(ports[:2])),
        "destination_port": str(int.from_bytes(ports[2:4])),
        "transport": _TRANSPORTS.get(family & 0x0F, "unknown"),
    }


def _tlvs(data: bytes, names: dict[int, str], prefix: str) -> dict[str, str]:
    """Read type, 16-bit length and value as long as they fit."""
    details: dict[str, str] = {}
    at = 0
    while at + 3 <= len(data):
        end = at + 3 + int.from_bytes(data[at + 1 : at + 3])
        kind, value = data[at], data[at + 3 : end]
        if kind in names:
            details[prefix + names[kind]] = escape(value)
        elif kind == _SSL and not prefix:
            details |= _tlvs(value[_SSL_FIXED:], _SSL_TEXTS, "ssl_")
        at = end
    return details


def _say_header(target: Target) -> bytes:
    source, destination = target.source, target.destination
    if source is None or destination is None:
        return _SIGNATURE + bytes((_LOCAL, 0, 0, 0))
    body = ip_address(source.address).packed + ip_address(destination.address).packed
    family = 0x11 if len(body) == 8 else 0x21
    body += source.port.to_bytes(2) + destination.port.to_bytes(2)
    return _SIGNATURE + bytes((_PROXY, family)) + len(body).to_bytes(2) + body


DIALECT = Dialect(
    "proxy-v2",
    (Step("client", "PROXY header", _read_header, says=_say_header, telling=ALWAYS),),
    carrier=True,
)
