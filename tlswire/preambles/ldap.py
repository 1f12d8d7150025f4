"""LDAP: the StartTLS extended operation (RFC 4511 section 4.14), in BER."""

from __future__ import annotations

from typing import NamedTuple

from tlswire.preambles.step import ALWAYS, Dialect, Said, Step, escape

_START_TLS = b"1.3.6.1.4.1.1466.20037"
_SEQUENCE, _ENUMERATED = 0x30, 0x0A
_EXTENDED_REQUEST, _EXTENDED_RESPONSE = 0x77, 0x78  # application 23 and 24, RFC 4511 4.12
#: Result codes that a server gives here (RFC 4511 section 4.1.9).
_RESULTS = {
    0: "success",
    1: "operationsError",
    2: "protocolError",
    8: "strongerAuthRequired",
    10: "referral",
    13: "confidentialityRequired",
    50: "insufficientAccessRights",
    51: "busy",
    52: "unavailable",
    53: "unwillingToPerform",
    80: "other",
}
_REQUEST = bytes.fromhex("301d 020101 7718 8016") + _START_TLS


class _Element(NamedTuple):
    tag: int
    content: bytes
    end: int


def _element(data: bytes, at: int) -> _Element | None:
    """Read one BER element with a definite length, or None when it is not there whole."""
    head = data[at : at + 6]
    if len(head) < 2:
        return None
    size = head[1] & 0x7F if head[1] & 0x80 else 0
    if size > 4 or len(head) < 2 + size or head[1] == 0x80:
        return None
    begin = at + 2 + size
    end = begin + (int.from_bytes(head[2 : 2 + size]) if size else head[1])
    return _Element(head[0], data[begin:end], end) if end <= len(data) else None


def _operation(data: bytes, at: int) -> tuple[_Element, int] | None:
    """Return the protocolOp of the LDAPMessage that begins here, and where the message ends."""
    message = _element(data, at)
    if message is None or message.tag != _SEQUENCE:
        return None
    identifier = _element(message.content, 0)
    operation = _element(message.content, identifier.end) if identifier else None
    return (operation, message.end) if operation else None


def _skip_to(data: bytes, at: int, tag: int, holding: bytes = b"") -> tuple[_Element, int] | None:
    """Return the next operation with this tag; messages before it (a bind, say) are passed."""
    while (found := _operation(data, at)) is not None:
        if found[0].tag == tag and holding in found[0].content:
            return found
        at = found[1]
    return None


def _read_request(data: bytes, at: int) -> Said | None:
    found = _skip_to(data, at, _EXTENDED_REQUEST, _START_TLS)
    return Said(found[1], "StartTLS extended request") if found else None


def _result(data: bytes, at: int) -> tuple[int, str, int] | None:
    """Return resultCode, diagnosticMessage and the end of the next ExtendedResponse."""
    found = _skip_to(data, at, _EXTENDED_RESPONSE)
    code = _element(found[0].content, 0) if found else None
    if found is None or code is None or code.tag != _ENUMERATED:
        return None
    matched = _element(found[0].content, code.end)
    diagnostic = _element(found[0].content, matched.end) if matched else None
    words = escape(diagnostic.content, 90) if diagnostic else ""
    return int.from_bytes(code.content[:4]), words, found[1]


def _read_success(data: bytes, at: int) -> Said | None:
    result = _result(data, at)
    return Said(result[2], "success") if result and result[0] == 0 else None


def _read_refusal(data: bytes, at: int) -> Said | None:
    result = _result(data, at)
    if result is None:
        return None
    code, diagnostic, end = result
    return Said(end, f"{_RESULTS.get(code, 'resultCode')} ({code}) {diagnostic}".strip())


DIALECT = Dialect(
    "ldap",
    (
        Step("client", "StartTLS", _read_request, says=_REQUEST, telling=ALWAYS),
        Step("server", "success", _read_success, refuses=_read_refusal),
    ),
)
