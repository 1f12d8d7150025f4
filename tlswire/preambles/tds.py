"""TDS 7.x (SQL Server): PRELOGIN agrees on encryption ([MS-TDS] 2.2.6.5).

The records of the handshake that follows travel inside TDS packets, 8 bytes of header each,
until the handshake is over: `packets` makes them, `envelopes` reads them. TDS 8.0 begins with TLS
at once.
"""

from __future__ import annotations

from tlswire.preambles.step import ALWAYS, Dialect, Said, Step

_PRELOGIN, _RESPONSE = 0x12, 0x04
_HEADER = 8  # type, status, 16-bit length, spid, packet number, window
_END_OF_MESSAGE = 0x01
_LARGEST = 4096 - _HEADER  # payload of a packet before a larger one is agreed on
_ENCRYPTION, _TERMINATOR = 0x01, 0xFF
_ENCRYPTIONS = {0: "ENCRYPT_OFF", 1: "ENCRYPT_ON", 2: "ENCRYPT_NOT_SUP", 3: "ENCRYPT_REQ"}
_NOT_SUPPORTED = 2
_FRAMING = "TLS handshake records inside TDS packets"
#: VERSION 9.0.0.0 and ENCRYPT_ON.
_SAY_PRELOGIN = bytes.fromhex("1201001a00000100 00000b0006 0100110001 ff 090000000000 01")


def packets(data: bytes) -> bytes:
    """Put records of the client's handshake into PRELOGIN packets ([MS-TDS] section 3.2.5.2)."""
    parts = [data[at : at + _LARGEST] for at in range(0, len(data), _LARGEST)]
    last = len(parts) - 1
    return b"".join(_head(len(part), n, n == last) + part for n, part in enumerate(parts))


def _head(length: int, number: int, last: bool) -> bytes:
    kind = bytes((_PRELOGIN, _END_OF_MESSAGE if last else 0))
    return kind + (_HEADER + length).to_bytes(2) + bytes((0, 0, number & 0xFF, 0))


def _message(data: bytes, at: int, kind: int) -> tuple[int, bytes] | None:
    """Return the end and the payload of the message of one packet that begins here."""
    head = data[at : at + _HEADER]
    end = at + int.from_bytes(head[2:4])
    if len(head) < _HEADER or head[0] != kind or head[1] & 0xFE or not head[1] & _END_OF_MESSAGE:
        return None
    return (end, data[at + _HEADER : end]) if at + _HEADER < end <= len(data) else None


def _encryption(payload: bytes) -> int | None:
    """Return the value of the ENCRYPTION option among 5-byte entries that end in 0xff."""
    for at in range(0, min(len(payload), 64 * 5), 5):
        if payload[at] == _TERMINATOR:
            return None
        place = int.from_bytes(payload[at + 1 : at + 3])
        if payload[at] == _ENCRYPTION and place < len(payload):
            return payload[place]
    return None


def _read_prelogin(data: bytes, at: int) -> Said | None:
    return _read(data, at, _PRELOGIN, "PRELOGIN", "requested_encryption")


def _read_response(data: bytes, at: int) -> Said | None:
    said = _read(data, at, _RESPONSE, "PRELOGIN response", "encryption")
    if said is None or said.details["encryption"] == _ENCRYPTIONS[_NOT_SUPPORTED]:
        return None
    return said._replace(details={**said.details, "framing": _FRAMING})


def _read_refusal(data: bytes, at: int) -> Said | None:
    return _read(data, at, _RESPONSE, "PRELOGIN response", "encryption")


def _read(data: bytes, at: int, kind: int, words: str, detail: str) -> Said | None:
    message = _message(data, at, kind)
    encryption = _encryption(message[1]) if message else None
    if message is None or encryption is None:
        return None
    name = _ENCRYPTIONS.get(encryption & 0x1F, f"encryption {encryption}")
    return Said(message[0], f"{words}: {name}", {detail: name})


DIALECT = Dialect(
    "tds",
    (
        Step("client", "PRELOGIN", _read_prelogin, says=_SAY_PRELOGIN, telling=ALWAYS),
        Step("server", "PRELOGIN response", _read_response, refuses=_read_refusal),
    ),
    framed=True,
)
