"""Record protection, both ways: one side's records of one epoch, sealed and opened in order.

A `Protection` counts its records itself; opening advances it only when the record was genuine, so
a record that is not its own may be tried. What cannot be opened is None, never an exception.
RFC 8446 section 5.2, RFC 5246 section 6.2.3, RFC 7366, RFC 7905, RFC 6101 section 5.2.3.
"""

from __future__ import annotations

import os
from typing import NamedTuple, Protocol

from tlswire.codes import ContentType, Version
from tlswire.flow import Who
from tlswire.keys import ciphers
from tlswire.keys.agreement import Agreed, Keys, Mac, cut_keys, sequenced
from tlswire.keys.ciphers import BULKS, Bulk
from tlswire.keys.schedule import IV, Traffic
from tlswire.records import Record
from tlswire.suites import SuiteFacts

#: The part of a nonce that AES suites of TLS 1.2 send with each record (RFC 5288 section 3).
EXPLICIT = 8
#: Drafts of TLS 1.3 before this one authenticate no record header.
_HEADER_SINCE = Version.tls_1_3_draft_25


class Plain(NamedTuple):
    """What a record held. Its first byte stood `shift` bytes into the fragment."""

    type: int
    payload: bytes
    shift: int = 0


class Protection(Protocol):
    """One side's keys of one epoch; `number` is that of the next record."""

    number: int

    def seal(self, type_: int, version: int, payload: bytes) -> bytes:
        """Return the fragment of the next record: all that follows its header."""

    def open(self, record: Record) -> Plain | None:
        """Return what the next record holds, None when these keys do not open it."""

    def updated(self) -> Protection | None:
        """Return the keys after a KeyUpdate; None up to TLS 1.2, which has none."""


# -- TLS 1.3 -----------------------------------------------------------------------------


class Protection13:
    """AEAD with the content type inside (RFC 8446 section 5.2)."""

    def __init__(self, facts: SuiteFacts, traffic: Traffic, version: int) -> None:
        bulk = BULKS[facts.encryption]
        self._aead = ciphers.aead(bulk, traffic.key(bulk.key))
        self._iv = traffic.iv()
        self._facts, self._traffic, self._version = facts, traffic, version
        self._tag, self.number = bulk.tag, 0

    def seal(self, type_: int, version: int, payload: bytes) -> bytes:
        """Return the fragment; the record's own type is application_data."""
        length = len(payload) + 1 + self._tag
        header = self._header(ContentType.application_data, version, length)
        sealed = self._aead.encrypt(
            _nonce(self._iv, self.number), payload + bytes((type_,)), header
        )
        self.number += 1
        return sealed

    def open(self, record: Record) -> Plain | None:
        """Return what the record holds, without its padding."""
        if record.type != ContentType.application_data or len(record.payload) <= self._tag:
            return None
        header = self._header(record.type, record.version, record.length)
        nonce = _nonce(self._iv, self.number)
        inner = _decrypt(self._aead, nonce, record.payload, header)
        inner = inner and inner.rstrip(b"\0")
        if not inner:
            return None
        self.number += 1
        return Plain(inner[-1], inner[:-1])

    def updated(self) -> Protection13:
        """Return the keys after a KeyUpdate (RFC 8446 section 7.2)."""
        return Protection13(self._facts, self._traffic.updated(), self._version)

    def _header(self, type_: int, version: int, length: int) -> bytes:
        if Version.tls_1_3_draft_0 <= self._version < _HEADER_SINCE:
            return b""
        return bytes((type_,)) + version.to_bytes(2, "big") + length.to_bytes(2, "big")


# -- up to TLS 1.2 -----------------------------------------------------------------------


def protect(agreed: Agreed, master: bytes, who: Who) -> Protection:
    """Return a side's protection up to TLS 1.2. The suite must be `supported`."""
    bulk = BULKS[agreed.facts.encryption]
    keys = cut_keys(agreed, master, who)
    if bulk.shape == "aead":
        return _Aead12(bulk, keys)
    mac = Mac(agreed, keys.mac)
    return _Block(agreed, bulk, keys, mac) if bulk.shape == "block" else _Stream(bulk, keys, mac)


class _Counting:
    """What all protections up to TLS 1.2 share: a number that is not sent."""

    number = 0

    def updated(self) -> None:
        return None


class _Aead12(_Counting):
    """AEAD (RFC 5246 section 6.2.3.3): salt and explicit nonce, or in ChaCha20 none explicit."""

    def __init__(self, bulk: Bulk, keys: Keys) -> None:
        self._aead, self._iv, self._tag = ciphers.aead(bulk, keys.key), keys.iv, bulk.tag
        self._explicit = 0 if bulk.iv == IV else EXPLICIT

    def seal(self, type_: int, version: int, payload: bytes) -> bytes:
        explicit = self.number.to_bytes(EXPLICIT, "big")[: self._explicit]
        head = sequenced(self.number, type_, version) + len(payload).to_bytes(2, "big")
        sealed = self._aead.encrypt(self._nonce(explicit), payload, head)
        self.number += 1
        return explicit + sealed

    def open(self, record: Record) -> Plain | None:
        length = len(record.payload) - self._explicit - self._tag
        if length < 0:
            return None
        nonce = self._nonce(record.payload[: self._explicit])
        head = sequenced(self.number, record.type, record.version) + length.to_bytes(2, "big")
        payload = _decrypt(self._aead, nonce, record.payload[self._explicit :], head)
        if payload is None:
            return None
        self.number += 1
        return Plain(record.type, payload, self._explicit)

    def _nonce(self, explicit: bytes) -> bytes:
        return self._iv + explicit if explicit else _nonce(self._iv, self.number)


class _Stream(_Counting):
    """RC4 or no cipher at all, and a MAC (RFC 5246 section 6.2.3.1)."""

    def __init__(self, bulk: Bulk, keys: Keys, mac: Mac) -> None:
        self._mac = mac
        self._rc4 = ciphers.rc4(keys.key) if bulk.algorithm else None

    def seal(self, type_: int, version: int, payload: bytes) -> bytes:
        content = payload + self._mac.tag(self.number, type_, version, payload)
        self.number += 1
        return self._rc4.update(content) if self._rc4 else content

    def open(self, record: Record) -> Plain | None:
        content = self._rc4.update(record.payload) if self._rc4 else record.payload
        plain = _check(content, self._mac, self.number, record)
        self.number += plain is not None
        return plain


class _Block(_Counting):
    """CBC with a MAC before or after encryption (RFC 5246 section 6.2.3.2, RFC 7366)."""

    def __init__(self, agreed: Agreed, bulk: Bulk, keys: Keys, mac: Mac) -> None:
        self._bulk, self._key, self._mac = bulk, keys.key, mac
        self._mac_last = agreed.encrypt_then_mac
        self._ssl3 = agreed.version == Version.ssl_3_0
        #: Up to TLS 1.0 each record goes on where the last one ended (RFC 2246 section 6.2.3.2).
        chained = agreed.version in (Version.ssl_3_0, Version.tls_1_0)
        self._chain = keys.iv if chained else None

    def seal(self, type_: int, version: int, payload: bytes) -> bytes:
        explicit = b"" if self._chain is not None else os.urandom(self._bulk.iv)
        if not self._mac_last:
            payload += self._mac.tag(self.number, type_, version, payload)
        padding = self._bulk.iv - 1 - len(payload) % self._bulk.iv
        content = payload + bytes((padding,)) * (padding + 1)
        sealed = explicit + ciphers.encrypt_cbc(
            self._bulk, self._key, self._chain or explicit, content
        )
        self._go_on(sealed)
        if self._mac_last:
            sealed += self._mac.tag(self.number, type_, version, sealed)
        self.number += 1
        return sealed

    def open(self, record: Record) -> Plain | None:
        sealed = record.payload
        if self._mac_last:
            plain = _check(sealed, self._mac, self.number, record)
            if plain is None:
                return None
            sealed = plain.payload
        content = self._unpad(self._decrypt(sealed))
        if content is None:
            return None
        opened = Plain(record.type, content)
        if not self._mac_last:
            found = _check(content, self._mac, self.number, record)
            if found is None:
                return None
            opened = found
        self._go_on(sealed)
        self.number += 1
        return opened

    def _go_on(self, sealed: bytes) -> None:
        if self._chain is not None:
            self._chain = sealed[-self._bulk.iv :]

    def _decrypt(self, sealed: bytes) -> bytes:
        if not sealed or len(sealed) % self._bulk.iv:
            return b""
        if self._chain is not None:
            return ciphers.decrypt_cbc(self._bulk, self._key, self._chain, sealed)
        iv, rest = sealed[: self._bulk.iv], sealed[self._bulk.iv :]
        return ciphers.decrypt_cbc(self._bulk, self._key, iv, rest)

    def _unpad(self, content: bytes) -> bytes | None:
        if not content or content[-1] >= len(content):
            return None
        padding = content[-1]
        if not self._ssl3 and content[-padding - 1 :] != bytes((padding,)) * (padding + 1):
            return None
        return content[: -padding - 1]


def _check(content: bytes, mac: Mac, number: int, record: Record) -> Plain | None:
    """Return the content before its MAC when that is right."""
    payload, tag = content[: -mac.size], content[-mac.size :]
    if len(tag) < mac.size or tag != mac.tag(number, record.type, record.version, payload):
        return None
    return Plain(record.type, payload)


def _nonce(iv: bytes, number: int) -> bytes:
    """RFC 8446 section 5.3, RFC 7905 section 2."""
    return (int.from_bytes(iv, "big") ^ number).to_bytes(len(iv), "big")


def _decrypt(aead: ciphers.Aead, nonce: bytes, sealed: bytes, head: bytes) -> bytes | None:
    from cryptography.exceptions import InvalidTag

    try:
        return aead.decrypt(nonce, sealed, head)
    except (InvalidTag, ValueError):
        return None
