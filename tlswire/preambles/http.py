"""HTTP before TLS: CONNECT through a proxy (RFC 9110 section 9.3.6), Upgrade (RFC 9110 7.8)."""

from __future__ import annotations

import re
from base64 import b64encode

from tlswire.preambles.step import (
    ALWAYS,
    HORIZON,
    Dialect,
    Said,
    Step,
    compiled,
    escape,
    text,
)
from tlswire.way import Target

_FIELDS = rb"(?>(?:[^\r\n][^\n]*+\n)*)"
_END = rb"\r?\n"
_UPGRADE = rb"(?>(?:(?!(?i:Upgrade)[ \t]*:)[^\r\n][^\n]*+\n)*)(?i:Upgrade)[ \t]*+:[ \t]*+"
_STATUS_LINE = rb"HTTP/\d\.\d[ ]+"


def _response(status: bytes) -> bytes:
    return _STATUS_LINE + rb"(?P<words>" + status + rb"[^\r\n]*+)\r?\n" + _FIELDS + _END


def _read_other_response(data: bytes, at: int) -> Said | None:
    """Read a response whose status is not the hoped one, with as much of its body as came."""
    found = compiled(_response(rb"\d\d\d")).match(data, at, HORIZON)
    if not found:
        return None
    return Said(_end_of_body(data, found), escape(found["words"]))


def _end_of_body(data: bytes, head: re.Match[bytes]) -> int:
    length = compiled(rb"(?i)\ncontent-length[ \t]*+:[ \t]*+(\d{1,9})").search(head[0])
    if length:
        return min(head.end() + int(length[1]), len(data))
    if compiled(rb"(?i)\ntransfer-encoding[ \t]*+:[ \t]*+chunked").search(head[0]):
        last = data.find(b"0\r\n\r\n", head.end())
        return last + 5 if last >= 0 else len(data)
    return head.end()


def _say_connect(target: Target) -> bytes:
    host = f"[{target.host}]" if ":" in target.host else target.host
    authority = f"{host}:{target.port}".encode("ascii", "replace")
    who = _credentials(target) if target.user else b""
    return b"CONNECT %b HTTP/1.1\r\nHost: %b\r\n%b\r\n" % (authority, authority, who)


def _credentials(target: Target) -> bytes:
    """Say who we are in the Basic scheme (RFC 7617 section 2)."""
    told = b64encode(f"{target.user}:{target.password}".encode())
    return b"Proxy-Authorization: Basic %b\r\n" % told


CONNECT = Dialect(
    "http-connect",
    (
        Step(
            "client",
            "CONNECT",
            text(rb"(?P<words>CONNECT[ ]+(?P<target>[^ \r\n]++)[^\r\n]*+)\r?\n" + _FIELDS + _END),
            says=_say_connect,
            telling=ALWAYS,
        ),
        Step(
            "server",
            "200 to CONNECT",
            text(_response(rb"2\d\d")),
            refuses=_read_other_response,
        ),
    ),
    carrier=True,
)

UPGRADE = Dialect(
    "http-upgrade",
    (
        Step(
            "client",
            "Upgrade",
            text(
                rb"(?P<words>[A-Z]{3,16}[ ][^\r\n]*+)\r?\n"
                + _UPGRADE
                + rb"(?P<upgrade>[^\r\n]*+)\r?\n"
                + _FIELDS
                + _END
            ),
            says=lambda target: (
                f"OPTIONS * HTTP/1.1\r\nHost: {target.host}\r\n"
                "Upgrade: TLS/1.0\r\nConnection: Upgrade\r\n\r\n"
            ).encode("ascii", "replace"),
            telling=rb"(?i)\nUpgrade:[ \t]*TLS/",
        ),
        Step(
            "server",
            "101",
            text(_response(b"101")),
            refuses=_read_other_response,
            telling=rb"^HTTP/1\.1 101",
        ),
    ),
    carrier=True,
)
