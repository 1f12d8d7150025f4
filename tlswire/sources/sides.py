"""Who the client is when no SYN tells: by the first bytes, else by the ports.

A small look at a few bytes, not a parser: enough to tell sides. Must never take longer for a
longer payload.
"""

from __future__ import annotations

import re

from ..codes import ContentType, HandshakeType
from ..flow import Who

#: Ports that servers use for TLS, or for what turns into TLS; the lower port wins where both are.
SERVER_PORTS = frozenset(
    {443, 8443, 853, 465, 587, 636, 989, 990, 992, 993, 994, 995, 1433, 1521, 2376, 2484, 3269}
    | {3306, 3389, 4433, 5061, 5222, 5269, 5432, 5671, 6379, 6443, 6514, 6697, 8080, 8883, 9200}
    | {9443, 10443, 27017}
)
HIGHEST_SYSTEM_PORT = 1023

_CLIENT_WORDS = re.compile(
    rb"(?:GET|HEAD|POST|PUT|DELETE|OPTIONS|PATCH|CONNECT|EHLO|HELO|LHLO|STARTTLS|AUTH TLS|PRI) "
    rb"|(?:STARTTLS|STLS|AUTH TLS)\r?\n|PROXY TCP|\r\n\r\n\x00\r\nQUIT\n|<stream:stream to="
    rb"|\x00\x00\x00\x08\x04\xd2\x16\x2f|\x03\x00\x00.[\x00-\xff]\xe0",
    re.DOTALL,
)
_SERVER_WORDS = re.compile(rb"HTTP/1\.[01] |220[ -]|\* OK|\+OK|SSH-2\.0-|.\x00\x00\x00\x0a[58]\.")


def tell_sender(data: bytes) -> Who | None:
    """Return who sends bytes that begin so, None if they do not tell."""
    return (
        _tell_by_record(data)
        or _tell_by_ssl2(data)
        or ("client" if _CLIENT_WORDS.match(data) else None)
        or ("server" if _SERVER_WORDS.match(data) else None)
    )


def _tell_by_record(data: bytes) -> Who | None:
    """Look at a TLS record that begins with a hello (RFC 8446 section 5.1)."""
    if len(data) < 6 or data[0] != ContentType.handshake or data[1] != 3:
        return None
    if data[5] == HandshakeType.client_hello:
        return "client"
    return "server" if data[5] == HandshakeType.server_hello else None


def _tell_by_ssl2(data: bytes) -> Who | None:
    """Look at an SSL 2.0 record: a hello of either side with a plausible version."""
    if len(data) < 11 or not data[0] & 0x80:
        return None
    if data[2] == 1 and (data[3:5] == b"\x00\x02" or (data[3] == 3 and data[4] <= 4)):
        return "client"
    return "server" if data[2] == 4 and data[5:7] == b"\x00\x02" else None


def second_is_server(first: int, second: int) -> bool:
    """Say which of two ports looks like the server's; the first packet's sender is a client."""
    return _unlikeliness(second) <= _unlikeliness(first)


def _unlikeliness(port: int) -> tuple[int, int]:
    if port in SERVER_PORTS:
        return 0, 0
    if port <= HIGHEST_SYSTEM_PORT:
        return 1, 0
    return 2, 0
