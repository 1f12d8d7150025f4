"""The one record of application data that a finished handshake is tried with.

A request that changes nothing where HTTP is spoken, and nothing at all elsewhere: a server of
another protocol is not to be startled.
"""

from __future__ import annotations

from typing import Final

#: The connection preface of HTTP/2 with an empty SETTINGS frame (RFC 9113 section 3.4).
HTTP_2: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\4\0\0\0\0\0"
#: Ports at which TLS carries no HTTP: mail, directories, names, chat, queues, databases.
OTHER_PORTS: Final = frozenset(
    {25, 110, 119, 143, 389, 465, 563, 587, 636, 853, 989, 990, 992, 993, 994, 995}
    | {1433, 1521, 2484, 3268, 3269, 3306, 3389, 5061, 5222, 5223, 5269, 5349, 5432, 5671, 6379}
    | {6514, 6697, 8883, 27017}
)


def request(protocol: bytes | None, host: str | None, port: int, *, preamble: bool) -> bytes:
    """Return what to say: to a chosen `protocol` (ALPN), or by the port where none was chosen."""
    if protocol == b"h2":
        return HTTP_2
    if protocol is None and (preamble or port in OTHER_PORTS):
        return b""
    if protocol is not None and not protocol.startswith(b"http/"):
        return b""
    version = b"1.0" if protocol == b"http/1.0" else b"1.1"
    name = _host(host, port)
    lines = (b"GET / HTTP/" + version, b"Host: " + name, b"User-Agent: tlswire", b"Accept: */*")
    return b"\r\n".join((*lines, b"Connection: close", b"", b""))


def _host(host: str | None, port: int) -> bytes:
    """Return the authority; bytes of a hostile capture never break the line (RFC 9112 5)."""
    name = "".join(c for c in host or "localhost" if c.isalnum() or c in "-._:[]")
    told = name if port == 443 else f"{name}:{port}"
    return told.encode("ascii", "ignore")
