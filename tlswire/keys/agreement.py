"""What both hellos settled up to TLS 1.2, and the keys that follow from it and a master secret.

RFC 5246 sections 6.2.3.1 and 6.3, RFC 2246 and RFC 6101 for the older ones. Knows no record.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import NamedTuple

from tlswire.codes import Version
from tlswire.flow import Who
from tlswire.keys.ciphers import BULKS, MACS, Bulk
from tlswire.keys.prf import SSL3_PADS, Prf
from tlswire.suites import SuiteFacts

#: RFC 6066 section 7: what is left of a MAC with the truncated_hmac extension.
TRUNCATED = 10


class Agreed(NamedTuple):
    """What both hellos settled up to TLS 1.2."""

    version: int
    facts: SuiteFacts
    client_random: bytes
    server_random: bytes
    extended_master_secret: bool = False
    encrypt_then_mac: bool = False
    truncated_hmac: bool = False

    @property
    def prf(self) -> Prf:
        """Return the pseudorandom function."""
        return Prf(self.version, hash_name(self.facts))


class Keys(NamedTuple):
    """One side's share of the key block."""

    mac: bytes
    key: bytes
    iv: bytes


def hash_name(facts: SuiteFacts) -> str:
    """Return the suite's hash as hashlib names it."""
    return facts.hash.lower()


def supported(facts: SuiteFacts, version: int, *, tls13: bool) -> bool:
    """Tell whether the suite's records can be opened here, and belong to the version at all."""
    bulk = BULKS.get(facts.encryption)
    if bulk is None or hash_name(facts) not in hashlib.algorithms_available:
        return False
    if bulk.shape == "aead" or tls13:
        return facts.mac == "AEAD" and tls13 == (facts.key_exchange == "any")
    mac, _ = MACS.get(facts.mac, (None, 0))
    return mac in SSL3_PADS if version == Version.ssl_3_0 else mac is not None


def cut_keys(agreed: Agreed, master: bytes, who: Who) -> Keys:
    """Cut the key block: MAC keys, write keys, IVs, the client's first (RFC 5246 6.3)."""
    bulk = BULKS[agreed.facts.encryption]
    _, mac_size = MACS.get(agreed.facts.mac, ("", 0))
    sizes = (mac_size, bulk.key if bulk.material is None else bulk.material, bulk.iv)
    randoms = agreed.client_random, agreed.server_random
    block = agreed.prf.key_block(master, *randoms, 2 * sum(sizes))
    parts, start = [], 0
    for size in sizes:
        begin = start if who == "client" else start + size
        parts.append(block[begin : begin + size])
        start += 2 * size
    keys = Keys(*parts)
    return keys if bulk.material is None else _export(agreed, bulk, keys, who)


def _export(agreed: Agreed, bulk: Bulk, keys: Keys, who: Who) -> Keys:
    """Stretch the material of an export cipher (RFC 2246 6.3.1, RFC 6101 6.2.2.1)."""
    seed = agreed.client_random + agreed.server_random
    begin = 0 if who == "client" else bulk.iv
    if agreed.version == Version.ssl_3_0:
        own = seed if who == "client" else agreed.server_random + agreed.client_random
        key = hashlib.md5(keys.key + own, usedforsecurity=False).digest()[: bulk.key]
        return Keys(keys.mac, key, hashlib.md5(own, usedforsecurity=False).digest()[: bulk.iv])
    label = who.encode() + b" write key"
    ivs = agreed.prf.derive(b"", b"IV block", seed, 2 * bulk.iv)
    key = agreed.prf.derive(keys.key, label, seed, bulk.key)
    return Keys(keys.mac, key, ivs[begin : begin + bulk.iv])


class Mac:
    """The MAC of block and stream ciphers (RFC 5246 section 6.2.3.1, RFC 6101 5.2.3.1)."""

    def __init__(self, agreed: Agreed, secret: bytes) -> None:
        self._hash, size = MACS[agreed.facts.mac]
        self._secret = secret
        self._ssl3 = agreed.version == Version.ssl_3_0
        self.size = TRUNCATED if agreed.truncated_hmac else size

    def tag(self, number: int, type_: int, version: int, data: bytes) -> bytes:
        """Return the MAC of a record's content."""
        length = len(data).to_bytes(2, "big")
        if self._ssl3:
            return self._tag_ssl3(number.to_bytes(8, "big") + bytes((type_,)) + length + data)
        head = sequenced(number, type_, version) + length
        return hmac.digest(self._secret, head + data, self._hash)[: self.size]

    def _tag_ssl3(self, data: bytes) -> bytes:
        pads = SSL3_PADS[self._hash]
        inner = hashlib.new(
            self._hash, self._secret + b"\x36" * pads + data, usedforsecurity=False
        ).digest()
        outer = self._secret + b"\x5c" * pads + inner
        return hashlib.new(self._hash, outer, usedforsecurity=False).digest()


def sequenced(number: int, type_: int, version: int) -> bytes:
    """Return how a MAC's input, or an AEAD's associated data, begins up to TLS 1.2."""
    return number.to_bytes(8, "big") + bytes((type_,)) + version.to_bytes(2, "big")
