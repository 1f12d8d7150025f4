"""Secrets to keys up to TLS 1.2: the pseudorandom function and what is derived by it.

RFC 5246 sections 5, 6.3, 7.4.9 and 8.1, RFC 2246 for TLS 1.0 and 1.1, RFC 6101 for SSL 3.0,
RFC 7627 for the extended master secret. Hash functions only: knows no cipher and no record.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

from tlswire.codes import Version
from tlswire.flow import Who

MASTER_SECRET = 48
#: RFC 5246 section 7.4.9; SSL 3.0 sends both digests whole (RFC 6101 section 5.6.9).
VERIFY_DATA = 12

#: Versions that join MD5 and SHA-1; later ones, and TLCP, have one hash.
_TWO_HASHES = (Version.ssl_3_0, Version.tls_1_0, Version.tls_1_1)
_FINISHED: dict[Who, bytes] = {"client": b"client finished", "server": b"server finished"}
_SENDER: dict[Who, bytes] = {"client": b"CLNT", "server": b"SRVR"}
#: RFC 6101 section 5.2.3.1: how often a pad byte stands before each hash.
SSL3_PADS = {"md5": 48, "sha1": 40}


class Prf(NamedTuple):
    """The pseudorandom function of a version; `hash` is the suite's and counts from TLS 1.2 on."""

    version: int
    hash: str

    def derive(self, secret: bytes, label: bytes, seed: bytes, length: int) -> bytes:
        """Return `length` bytes (RFC 5246 section 5); SSL 3.0 has no labels."""
        if self.version == Version.ssl_3_0:
            return _derive_ssl3(secret, seed, length)
        if self.version in _TWO_HASHES:
            half = (len(secret) + 1) // 2
            left = p_hash("md5", secret[:half], label + seed, length)
            right = p_hash("sha1", secret[-half:] if half else b"", label + seed, length)
            return bytes(a ^ b for a, b in zip(left, right, strict=True))
        return p_hash(self.hash, secret, label + seed, length)

    def digest(self, messages: bytes) -> bytes:
        """Return the hash of the handshake messages (RFC 5246 7.4.9, RFC 2246 7.4.9)."""
        if self.version in _TWO_HASHES:
            return _hash("md5", messages) + _hash("sha1", messages)
        return _hash(self.hash, messages)

    def master_secret(self, pre_master: bytes, client_random: bytes, server_random: bytes) -> bytes:
        """Return the master secret (RFC 5246 section 8.1)."""
        seed = client_random + server_random
        return self.derive(pre_master, b"master secret", seed, MASTER_SECRET)

    def extended_master_secret(self, pre_master: bytes, messages: bytes) -> bytes:
        """Return the master secret bound to the messages up to ClientKeyExchange (RFC 7627)."""
        digest = self.digest(messages)
        return self.derive(pre_master, b"extended master secret", digest, MASTER_SECRET)

    def key_block(
        self, master: bytes, client_random: bytes, server_random: bytes, length: int
    ) -> bytes:
        """Return the bytes that are cut into keys (RFC 5246 section 6.3)."""
        return self.derive(master, b"key expansion", server_random + client_random, length)

    def verify_data(self, master: bytes, who: Who, messages: bytes) -> bytes:
        """Return what a side's Finished must hold after these handshake messages."""
        if self.version == Version.ssl_3_0:
            return b"".join(_finish_ssl3(name, master, who, messages) for name in SSL3_PADS)
        return self.derive(master, _FINISHED[who], self.digest(messages), VERIFY_DATA)


def p_hash(name: str, secret: bytes, seed: bytes, length: int) -> bytes:
    """Expand a secret by repeated HMAC (RFC 5246 section 5)."""
    found, a = b"", seed
    while len(found) < length:
        a = hmac.digest(secret, a, name)
        found += hmac.digest(secret, a + seed, name)
    return found[:length]


def _hash(name: str, data: bytes) -> bytes:
    return hashlib.new(name, data, usedforsecurity=False).digest()


def _derive_ssl3(secret: bytes, seed: bytes, length: int) -> bytes:
    """RFC 6101 section 6.1: MD5 over SHA-1 with the salts `A`, `BB`, `CCC` and so on."""
    found, times = b"", 0
    while len(found) < length:
        times += 1
        salt = bytes((0x40 + times,)) * times
        found += _hash("md5", secret + _hash("sha1", salt + secret + seed))
    return found[:length]


def _finish_ssl3(name: str, master: bytes, who: Who, messages: bytes) -> bytes:
    pads = SSL3_PADS[name]
    inner = _hash(name, messages + _SENDER[who] + master + b"\x36" * pads)
    return _hash(name, master + b"\x5c" * pads + inner)
