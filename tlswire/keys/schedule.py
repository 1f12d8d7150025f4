"""Secrets to keys in TLS 1.3: the key schedule of RFC 8446 section 7.

Hash functions only: knows no cipher, no record and no message.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

from tlswire.codes import HandshakeType
from tlswire.flow import Who

#: RFC 8446 section 5.3: the nonce, and with it the IV, of every suite of TLS 1.3.
IV = 12
_SIDES: dict[Who, bytes] = {"client": b"c", "server": b"s"}


def digest_size(name: str) -> int:
    """Return the bytes of a digest."""
    return hashlib.new(name, usedforsecurity=False).digest_size


def extract(name: str, salt: bytes, material: bytes) -> bytes:
    """HKDF-Extract (RFC 5869 section 2.2)."""
    return hmac.digest(salt, material, name)


def expand(name: str, secret: bytes, info: bytes, length: int) -> bytes:
    """HKDF-Expand (RFC 5869 section 2.3)."""
    found, block, count = b"", b"", 0
    while len(found) < length:
        count += 1
        block = hmac.digest(secret, block + info + bytes((count,)), name)
        found += block
    return found[:length]


def expand_label(name: str, secret: bytes, label: bytes, context: bytes, length: int) -> bytes:
    """HKDF-Expand-Label (RFC 8446 section 7.1)."""
    full = b"tls13 " + label
    info = length.to_bytes(2, "big") + bytes((len(full),)) + full + bytes((len(context),)) + context
    return expand(name, secret, info, length)


class Traffic(NamedTuple):
    """A traffic secret: one side's, for one epoch."""

    hash: str
    secret: bytes

    def key(self, length: int) -> bytes:
        """Return the write key (RFC 8446 section 7.3)."""
        return expand_label(self.hash, self.secret, b"key", b"", length)

    def iv(self) -> bytes:
        """Return the write IV (RFC 8446 section 7.3)."""
        return expand_label(self.hash, self.secret, b"iv", b"", IV)

    def updated(self) -> Traffic:
        """Return the secret after a KeyUpdate (RFC 8446 section 7.2)."""
        secret = expand_label(self.hash, self.secret, b"traffic upd", b"", len(self.secret))
        return Traffic(self.hash, secret)

    def verify_data(self, messages: bytes) -> bytes:
        """Return what the side's Finished must hold (RFC 8446 section 4.4.4)."""
        size = digest_size(self.hash)
        key = expand_label(self.hash, self.secret, b"finished", b"", size)
        return hmac.digest(key, digest(self.hash, messages), self.hash)


class Schedule:
    """The ladder of RFC 8446 section 7.1: early, handshake and main secret, in this order."""

    def __init__(self, name: str, psk: bytes | None = None) -> None:
        """Begin with the suite's hash and the pre-shared key, if there is one."""
        self.hash = name
        self._zeros = bytes(digest_size(name))
        self.secret = extract(name, self._zeros, psk or self._zeros)

    def descend(self, material: bytes | None = None) -> None:
        """Take the next step down: with the shared secret, then with nothing."""
        salt = self._derive(b"derived", b"")
        self.secret = extract(self.hash, salt, material or self._zeros)

    def early(self, messages: bytes) -> Traffic:
        """Return the client's secret for early data; before the first step down."""
        return Traffic(self.hash, self._derive(b"c e traffic", messages))

    def handshake(self, who: Who, messages: bytes) -> Traffic:
        """Return a side's secret after ClientHello…ServerHello; after one step down."""
        return Traffic(self.hash, self._derive(_SIDES[who] + b" hs traffic", messages))

    def application(self, who: Who, messages: bytes) -> Traffic:
        """Return a side's secret after ClientHello…server Finished; after two steps down."""
        return Traffic(self.hash, self._derive(_SIDES[who] + b" ap traffic", messages))

    def resumption(self, nonce: bytes, messages: bytes) -> bytes:
        """Return the key of a ticket after ClientHello…client Finished; after two steps down.

        RFC 8446 sections 4.6.1 and 7.1.
        """
        secret = self._derive(b"res master", messages)
        return expand_label(self.hash, secret, b"resumption", nonce, len(self._zeros))

    def binder(self, messages: bytes, *, external: bool = False) -> bytes:
        """Return the binder for a ticket's key, or an `external` one (RFC 8446 section 4.2.11.2).

        The last message is a hello, cut before its binders.
        """
        label = b"ext binder" if external else b"res binder"
        return Traffic(self.hash, self._derive(label, b"")).verify_data(messages)

    def _derive(self, label: bytes, messages: bytes) -> bytes:
        context = digest(self.hash, messages)
        return expand_label(self.hash, self.secret, label, context, len(self._zeros))


def digest(name: str, messages: bytes) -> bytes:
    """Return the transcript hash of handshake messages (RFC 8446 section 4.4.1)."""
    return hashlib.new(name, messages, usedforsecurity=False).digest()


def message_hash(name: str, hello: bytes) -> bytes:
    """Return what stands for the first ClientHello after a HelloRetryRequest (RFC 8446 4.4.1)."""
    body = digest(name, hello)
    return bytes((HandshakeType.message_hash, 0, 0, len(body))) + body
