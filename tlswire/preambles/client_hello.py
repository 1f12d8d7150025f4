"""Where a ClientHello begins in a client's bytes, be there cleartext before it or not.

At the place where TLS is expected a single byte of handshake data will do; elsewhere the whole
head of a ClientHello must stand there and its lengths must agree, so that neither text nor
encrypted bytes are taken for one. Never raises, whatever the bytes.
"""

from __future__ import annotations

import re
from typing import Final

from tlswire.preambles.step import HORIZON, OPENVPN

#: Record header (RFC 8446 section 5.1) and a first byte that says ClientHello (section 4).
_RECORD: Final = re.compile(rb"\x16\x03[\x00-\x04]([\x00-\x48].)\x01", re.S)
#: The same with the handshake's 24-bit length and the hello's version.
_HELLO: Final = re.compile(rb"\x16\x03[\x00-\x04]([\x00-\x48].)\x01\x00(..)\x03[\x00-\x04]", re.S)
#: An SSLv2-format hello, its header of two bytes: the versions of which anybody sent one.
_SSL2: Final = re.compile(rb"[\x80-\x8f].\x01(?:\x03[\x00-\x04]|\x00\x02)", re.S)
#: OpenVPN over TCP cuts its TLS into packets of its own: what looks like a hello there is none.
_OPENVPN: Final = re.compile(OPENVPN, re.S)
_LONGEST_RECORD: Final = 2**14 + 2048  # RFC 5246 section 6.2.3
_SHORTEST_HELLO: Final = 2 + 32 + 1 + 2 + 2 + 1 + 1  # one suite, one compression method
_SSL2_HEAD: Final = 9  # type, version and three lengths


def find_client_hello(data: bytes, start: int = 0) -> int | None:
    """Return where a TLS or SSLv2-format ClientHello begins, or None.

    `start` is where TLS is expected: the start of the stream or the end of a preamble. Only the
    64 KiB after it are searched. Bytes too few to tell give None.
    """
    if _OPENVPN.match(data):
        return None
    if _begins_here(data, start) or _ssl2_begins_here(data, start):
        return start
    for found in _HELLO.finditer(data, start, min(len(data), start + HORIZON)):
        if _lengths_agree(data, found):
            return found.start()
    if b"\x01\x03" not in data and b"\x01\x00\x02" not in data:
        return None  # most: no type and version of such a hello stand anywhere
    places = (found.start() for found in _SSL2.finditer(data, start, start + HORIZON))
    return next((at for at in places if _ssl2_begins_here(data, at)), None)


def _begins_here(data: bytes, at: int) -> bool:
    found = _RECORD.match(data, at)
    if not found or not 0 < int.from_bytes(found[1]) <= _LONGEST_RECORD:
        return False
    # The 24-bit length's first byte, if this record holds it: no hello is 64 KiB long.
    return int.from_bytes(found[1]) < 2 or data[found.end() : found.end() + 1] in (b"", b"\0")


def _lengths_agree(data: bytes, found: re.Match[bytes]) -> bool:
    record, hello = int.from_bytes(found[1]), int.from_bytes(found[2])
    if hello < _SHORTEST_HELLO or record > hello + 4:
        return False
    end = found.start() + 5 + record
    in_fragments = record < hello + 4
    if in_fragments and (record < 6 or not b"\x16\x03".startswith(data[end : end + 2])):
        return False  # the record after a fragment must be one of handshake, too
    return _vectors_agree(data[found.end() + 32 : end])


def _vectors_agree(vectors: bytes) -> bool:
    """Whether session_id and cipher_suites, as far as they are there, have lawful lengths."""
    if not vectors:
        return True
    suites = vectors[1 + vectors[0] :][:2]
    lawful = len(suites) < 2 or (any(suites) and suites[1] % 2 == 0)
    return vectors[0] <= 32 and lawful


def _ssl2_begins_here(data: bytes, at: int) -> bool:
    """Whether an SSLv2-format ClientHello begins here (RFC 5246 appendix E.2)."""
    head = data[at : at + 3]
    if len(head) < 3:
        return False
    if head[0] & 0x80:  # two bytes of header, no padding
        return _ssl2_lengths_agree(data, at + 2, (head[0] & 0x7F) << 8 | head[1])
    return _ssl2_lengths_agree(data, at + 3, ((head[0] & 0x3F) << 8 | head[1]) - head[2])


def _ssl2_lengths_agree(data: bytes, at: int, length: int) -> bool:
    body = data[at : at + _SSL2_HEAD]
    if len(body) < _SSL2_HEAD or body[0] != 1 or not (body[1] == 3 or body[1:3] == b"\x00\x02"):
        return False
    suites, session_id, challenge = (int.from_bytes(body[i : i + 2]) for i in (3, 5, 7))
    lawful = suites > 0 and suites % 3 == 0 and session_id <= 32 and 8 <= challenge <= 64
    return lawful and length == _SSL2_HEAD + suites + session_id + challenge
