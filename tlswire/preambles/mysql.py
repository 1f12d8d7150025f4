"""MySQL and MariaDB: the client asks for TLS in answer to the greeting (Protocol::SSLRequest).

A packet is a 24-bit little-endian length, a sequence number and its payload.
"""

from __future__ import annotations

from tlswire.preambles.step import ALWAYS, Dialect, Said, Step, escape

_CLIENT_SSL = 0x0800  # CLIENT_SSL in the capability flags of both sides
_SSL_REQUEST_LENGTH = 32
_SERVER_ERRORS = range(1000, 6000)
#: Protocol 4.1, long password, secure connection and CLIENT_SSL; packets up to 16 MiB; utf8.
_SSL_REQUEST = bytes.fromhex("20000001 058a0800 00000001 21") + bytes(23)


def _payload(data: bytes, at: int) -> tuple[int, bytes]:
    """Return where the packet ends and its payload, empty when not whole."""
    end = at + 4 + int.from_bytes(data[at : at + 3], "little")
    return end, data[at + 4 : end] if end <= len(data) else b""


def _greeting(data: bytes, at: int) -> tuple[Said, int] | None:
    """Read a version 10 handshake: version string, thread, 8 bytes and NUL, capabilities."""
    end, payload = _payload(data, at)
    stop = payload.find(b"\0")
    if not payload.startswith(b"\x0a") or stop < 0 or len(payload) < stop + 16:
        return None
    version = escape(payload[1:stop], 60)
    capabilities = int.from_bytes(payload[stop + 14 : stop + 16], "little")
    return Said(end, f"greeting {version}", {"server": version}), capabilities


def _read_greeting(data: bytes, at: int) -> Said | None:
    greeting = _greeting(data, at)
    return greeting[0] if greeting and greeting[1] & _CLIENT_SSL else None


def _read_refusal(data: bytes, at: int) -> Said | None:
    """Read an ERR packet, or a greeting that does not offer TLS."""
    greeting = _greeting(data, at)
    if greeting:
        return greeting[0]._replace(words="the greeting does not offer CLIENT_SSL")
    end, payload = _payload(data, at)
    code = int.from_bytes(payload[1:3], "little")
    if not payload.startswith(b"\xff") or code not in _SERVER_ERRORS:
        return None
    return Said(end, f"ERR {code} {escape(payload[3:], 100)}")


def _read_ssl_request(data: bytes, at: int) -> Said | None:
    end, payload = _payload(data, at)
    if len(payload) != _SSL_REQUEST_LENGTH or not payload[1] & _CLIENT_SSL >> 8:
        return None
    return Said(end, "SSLRequest")


DIALECT = Dialect(
    "mysql",
    (
        Step("server", "greeting", _read_greeting, refuses=_read_refusal, telling=ALWAYS),
        Step("client", "SSLRequest", _read_ssl_request, says=_SSL_REQUEST, telling=ALWAYS),
    ),
)
