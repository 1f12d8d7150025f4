"""How our own messages leave: framed, cut into records, sealed once keys are in use."""

from __future__ import annotations

from collections.abc import Iterator

from tlswire.codes import ContentType, HandshakeType, Version
from tlswire.keys.protection import Protection
from tlswire.records import LARGEST_PLAIN


def message(type_: int, body: bytes) -> bytes:
    """Return a handshake message (RFC 8446 section 4)."""
    return bytes((type_,)) + len(body).to_bytes(3, "big") + body


def finished(verify_data: bytes) -> bytes:
    """Return a Finished."""
    return message(HandshakeType.finished, verify_data)


class Writer:
    """Our side's records. `protection` is what the next one is sealed with, None in the clear."""

    def __init__(self, version: int, *, tls13: bool, largest: int = LARGEST_PLAIN) -> None:
        self.protection: Protection | None = None
        self._version = Version.tls_1_2 if tls13 else version
        self._tls13 = tls13
        self._largest = largest

    def write(self, type_: int, payload: bytes) -> bytes:
        """Return the records that carry the payload."""
        return b"".join(self._records(type_, payload))

    def change_cipher_spec(self) -> bytes:
        """Return the one-byte message; in TLS 1.3 it is a dummy in the clear (RFC 8446 5)."""
        return self._framed(ContentType.change_cipher_spec, b"\1")

    def update(self) -> None:
        """Go on with the keys after our own KeyUpdate (RFC 8446 section 7.2)."""
        self.protection = self.protection.updated() if self.protection is not None else None

    def _records(self, type_: int, payload: bytes) -> Iterator[bytes]:
        for start in range(0, len(payload), self._largest):
            part = payload[start : start + self._largest]
            if self.protection is None:
                yield self._framed(type_, part)
            else:
                outer = ContentType.application_data if self._tls13 else type_
                yield self._framed(outer, self.protection.seal(type_, self._version, part))

    def _framed(self, type_: int, fragment: bytes) -> bytes:
        head = bytes((type_,)) + self._version.to_bytes(2, "big")
        return head + len(fragment).to_bytes(2, "big") + fragment
