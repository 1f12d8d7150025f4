"""SOCKS version 5: method, perhaps a password, then CONNECT (RFC 1928, RFC 1929)."""

from __future__ import annotations

from ipaddress import ip_address

from tlswire.preambles.step import ALWAYS, Dialect, Exchanges, Said, Step, escape, exact
from tlswire.way import Target

_METHODS = {0: "no authentication", 1: "GSSAPI", 2: "username/password"}
_COMMANDS = {1: "CONNECT", 2: "BIND", 3: "UDP ASSOCIATE"}
#: Reply codes, RFC 1928 section 6.
_REPLIES = {
    1: "general SOCKS server failure",
    2: "connection not allowed by ruleset",
    3: "network unreachable",
    4: "host unreachable",
    5: "connection refused",
    6: "TTL expired",
    7: "command not supported",
    8: "address type not supported",
}
_IPV4, _DOMAIN, _IPV6 = 1, 3, 4


def _read_greeting(data: bytes, at: int) -> Said | None:
    if data[at : at + 1] != b"\x05" or at + 2 > len(data):
        return None
    methods = data[at + 2 : at + 2 + data[at + 1]]
    if not methods or len(methods) < data[at + 1]:
        return None
    names = ", ".join(_METHODS.get(method, f"method {method}") for method in methods[:8])
    return Said(at + 2 + len(methods), f"SOCKS5 offers {names}")


def _read_method(data: bytes, at: int) -> Said | None:
    chosen = data[at : at + 2]
    if len(chosen) < 2 or chosen[0] != 5 or chosen[1] == 0xFF:
        return None
    return Said(at + 2, _METHODS.get(chosen[1], f"method {chosen[1]}"))


def _read_no_method(data: bytes, at: int) -> Said | None:
    no = data.startswith(b"\x05\xff", at)
    return Said(at + 2, "no acceptable method (0xff)") if no else None


def _read_password(data: bytes, at: int) -> Said | None:
    """Read a username and a password; neither is kept."""
    if data[at : at + 1] != b"\x01" or at + 2 > len(data):
        return None
    password = at + 2 + data[at + 1]
    end = password + 1 + data[password] if password < len(data) else len(data) + 1
    return Said(end, "username and password") if end <= len(data) else None


def _read_wrong_password(data: bytes, at: int) -> Said | None:
    no = data.startswith(b"\x01", at) and len(data) >= at + 2
    return Said(at + 2, f"username or password refused ({data[at + 1]})") if no else None


def _address(data: bytes, at: int) -> tuple[str, int] | None:
    """Return host:port and where it ends; it begins with its type."""
    kind = data[at] if at < len(data) else 0
    sizes = {_IPV4: 4, _IPV6: 16, _DOMAIN: data[at + 1] if at + 1 < len(data) else 0}
    begin = at + (2 if kind == _DOMAIN else 1)
    host = data[begin : begin + sizes.get(kind, 0)]
    end = begin + len(host) + 2
    if kind not in sizes or len(host) < sizes[kind] or end > len(data):
        return None
    name = escape(host) if kind == _DOMAIN else str(ip_address(host))
    port = int.from_bytes(data[end - 2 : end])
    return f"[{name}]:{port}" if kind == _IPV6 else f"{name}:{port}", end


def _read_request(data: bytes, at: int) -> Said | None:
    if data[at : at + 1] != b"\x05" or data[at + 2 : at + 3] != b"\x00":
        return None
    command, where = _COMMANDS.get(data[at + 1]), _address(data, at + 3)
    if command is None or where is None:
        return None
    return Said(where[1], f"{command} {where[0]}", {"target": where[0]})


def _read_reply(data: bytes, at: int) -> tuple[int, int] | None:
    where = _address(data, at + 3) if data.startswith(b"\x05", at) else None
    return (data[at + 1], where[1]) if where else None


def _read_success(data: bytes, at: int) -> Said | None:
    found = _read_reply(data, at)
    return Said(found[1], "succeeded") if found and found[0] == 0 else None


def _read_refusal(data: bytes, at: int) -> Said | None:
    """Read a reply that says no; a few servers send nothing after its code."""
    code = data[at + 1 : at + 2] if data.startswith(b"\x05", at) else b""
    if code in (b"", b"\0"):
        return None
    found = _read_reply(data, at)
    words = f"{_REPLIES.get(code[0], 'reply')} ({code[0]})"
    return Said(found[1] if found else len(data), words)


def _say_greeting(target: Target) -> bytes:
    """Offer a password where we have one, and always to go without (RFC 1928 section 3)."""
    return b"\x05\x02\x00\x02" if target.user else b"\x05\x01\x00"


def _say_password(target: Target) -> bytes:
    """Say who we are (RFC 1929 section 2), where we were told to."""
    user, password = (text.encode()[:255] for text in (target.user, target.password))
    return b"\x01%c%b%c%b" % (len(user), user, len(password), password) if user else b""


def _say_request(target: Target) -> bytes:
    return b"\x05\x01\x00" + _say_address(target.host) + target.port.to_bytes(2)


def _say_address(host: str) -> bytes:
    try:
        packed = ip_address(host).packed
    except ValueError:
        name = host.encode("ascii", "replace")[:255]
        return b"%c%c%b" % (_DOMAIN, len(name), name)
    return bytes((_IPV4 if len(packed) == 4 else _IPV6,)) + packed


DIALECT = Dialect(
    "socks5",
    (
        Step("client", "methods", _read_greeting, says=_say_greeting),
        Step("server", "method", _read_method, refuses=_read_no_method, telling=ALWAYS),
        Exchanges(
            (
                (
                    Step(
                        "client", "password", _read_password, says=_say_password, when=b"\x05\x02"
                    ),
                    Step(
                        "server",
                        "password accepted",
                        exact(b"\x01\x00", "password accepted"),
                        refuses=_read_wrong_password,
                    ),
                ),
            )
        ),
        Step("client", "request", _read_request, says=_say_request, telling=ALWAYS),
        Step("server", "reply", _read_success, refuses=_read_refusal),
    ),
    carrier=True,
)
