"""SOCKS version 4 and 4a: CONNECT by address, or by name after an impossible address."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address

from tlswire.preambles.step import ALWAYS, Dialect, Said, Step, escape
from tlswire.way import Target

_CONNECT, _GRANTED = 1, 0x5A
_FIXED = 8  # version, command, port, address: of the request and of the reply
_LONGEST_NAME = 255
_REPLIES = {
    0x5B: "rejected or failed",
    0x5C: "no identd on the client",
    0x5D: "identd reports another user",
}


def _read_request(data: bytes, at: int) -> Said | None:
    fixed = data[at : at + _FIXED]
    if len(fixed) < _FIXED or fixed[0] != 4 or fixed[1] != _CONNECT:
        return None
    user_end = data.find(b"\0", at + _FIXED, at + _FIXED + _LONGEST_NAME)
    if user_end < 0:
        return None
    host, end = str(ip_address(fixed[4:8])), user_end + 1
    if fixed[4:7] == bytes(3) and fixed[7]:  # 4a: the name follows
        name_end = data.find(b"\0", end, end + _LONGEST_NAME + 1)
        if name_end < 0:
            return None
        host, end = escape(data[end:name_end]), name_end + 1
    target = f"{host}:{int.from_bytes(fixed[2:4])}"
    return Said(end, f"SOCKS4 CONNECT {target}", {"target": target})


def _reply(data: bytes, at: int) -> int | None:
    fixed = data[at : at + _FIXED]
    return fixed[1] if len(fixed) == _FIXED and fixed[0] in (0, 4) else None


def _read_granted(data: bytes, at: int) -> Said | None:
    return Said(at + _FIXED, "granted") if _reply(data, at) == _GRANTED else None


def _read_rejected(data: bytes, at: int) -> Said | None:
    code = _reply(data, at)
    if code is None or code == _GRANTED:
        return None
    return Said(at + _FIXED, f"{_REPLIES.get(code, 'reply')} ({code})")


def _say_request(target: Target) -> bytes:
    head = b"\x04\x01" + target.port.to_bytes(2)
    user = target.user.encode("ascii", "replace").replace(b"\0", b"?") + b"\0"
    try:
        return head + IPv4Address(target.host).packed + user
    except ValueError:
        host = target.host.encode("ascii", "replace")[:_LONGEST_NAME].replace(b"\0", b"?")
        return head + b"\0\0\0\x01" + user + host + b"\0"


DIALECT = Dialect(
    "socks4",
    (
        Step("client", "CONNECT", _read_request, says=_say_request, telling=ALWAYS),
        Step("server", "reply", _read_granted, refuses=_read_rejected),
    ),
    carrier=True,
)
