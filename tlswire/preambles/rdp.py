"""RDP: security negotiation in the X.224 connection request and confirm ([MS-RDPBCGR] 2.2.1).

TPKT (RFC 1006 section 6) around X.224 around an RDP_NEG structure in little-endian.
"""

from __future__ import annotations

from typing import NamedTuple

from tlswire.preambles.step import ALWAYS, Dialect, Said, Step, compiled, escape

_REQUEST, _CONFIRM = 0xE0, 0xD0  # X.224 CR and CC
_NEG_RESPONSE, _NEG_FAILURE = 2, 3
_FIXED = 11  # TPKT, length indicator, code, two references, class
_RDP = 0
#: requestedProtocols, one bit each ([MS-RDPBCGR] 2.2.1.1.1).
_PROTOCOLS = {1: "TLS", 2: "CredSSP", 4: "RDSTLS", 8: "CredSSP with early authorization", 16: "AAD"}
_FAILURES = {
    1: "SSL_REQUIRED_BY_SERVER",
    2: "SSL_NOT_ALLOWED_BY_SERVER",
    3: "SSL_CERT_NOT_ON_SERVER",
    4: "INCONSISTENT_FLAGS",
    5: "HYBRID_REQUIRED_BY_SERVER",
    6: "SSL_WITH_USER_AUTH_REQUIRED_BY_SERVER",
}
#: Asks for TLS or CredSSP, so that a server that wants either will go on.
_SAY_REQUEST = bytes.fromhex("03000013 0e e0 0000 0000 00 01 00 0800 03000000")


class _Negotiation(NamedTuple):
    end: int
    cookie: bytes
    kind: int | None  # None: the peer does not know about negotiation
    value: int


def _negotiation(data: bytes, at: int, code: int) -> _Negotiation | None:
    head = data[at : at + _FIXED]
    if len(head) < _FIXED or head[:2] != b"\x03\x00" or head[5] & 0xF0 != code:
        return None
    end = at + int.from_bytes(head[2:4])
    if end < at + _FIXED or end > len(data):
        return None
    body = data[at + _FIXED : end]
    cookie = compiled(rb"(Cookie: [^\r\n]{0,128})\r\n").match(body)
    body = body[cookie.end() if cookie else 0 :]
    known = len(body) >= 8 and body[2:4] == b"\x08\x00"
    return _Negotiation(
        end,
        cookie[1] if cookie else b"",
        body[0] if known else None,
        int.from_bytes(body[4:8], "little") if known else _RDP,
    )


def _protocols(bits: int) -> str:
    return ", ".join(name for bit, name in _PROTOCOLS.items() if bits & bit) or "RDP security"


def _read_request(data: bytes, at: int) -> Said | None:
    found = _negotiation(data, at, _REQUEST)
    if found is None:
        return None
    wanted = _protocols(found.value)
    details = {"requested_protocols": wanted}
    if found.cookie:
        details["cookie"] = escape(found.cookie)
    return Said(found.end, f"connection request: {wanted}", details)


def _read_confirm(data: bytes, at: int) -> Said | None:
    found = _negotiation(data, at, _CONFIRM)
    if found is None or found.kind != _NEG_RESPONSE or found.value == _RDP:
        return None
    chosen = _protocols(found.value)
    return Said(found.end, f"connection confirm: {chosen}", {"selected_protocol": chosen})


def _read_refusal(data: bytes, at: int) -> Said | None:
    found = _negotiation(data, at, _CONFIRM)
    if found is None:
        return None
    if found.kind == _NEG_FAILURE:
        return Said(found.end, f"{_FAILURES.get(found.value, 'failure')} ({found.value})")
    return Said(found.end, "connection confirm: RDP security, no TLS")


DIALECT = Dialect(
    "rdp",
    (
        Step("client", "connection request", _read_request, says=_SAY_REQUEST, telling=ALWAYS),
        Step("server", "connection confirm", _read_confirm, refuses=_read_refusal, telling=ALWAYS),
    ),
)
