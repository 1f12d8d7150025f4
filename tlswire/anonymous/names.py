"""Pseudonyms: the same name always becomes the same other one, of the same length and form.

Drawn from a key that is made for one bundle and thrown away: nobody can compute the names back.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
import secrets
from typing import Final

from tlswire.causes.ssl_inspection_untrusted_ca import PRODUCTS as _PRODUCTS

#: Words that say nothing of whose they are, and much of what they are.
PLAIN: Final = frozenset(
    b"www http https ldap ldaps ftp smtp imap pop pop3 mail com org net edu gov int local internal "
    b"lan corp arpa localhost invalid test root ca crl crt cer pem ocsp intermediate issuing "
    b"certificate authority server client".split()
)
#: Products that a cause knows by their words in a certificate.
PRODUCTS: Final = frozenset(word.encode() for name in _PRODUCTS for word in name.split())
#: Shorter words of text that is no host name stay: a country, a hash's bits.
SHORTEST: Final = 3
WORD: Final = re.compile(rb"[A-Za-z0-9\x80-\xff]+")
IPV4: Final = re.compile(rb"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.])")
#: Networks for documentation (RFC 5737, RFC 3849), one a side.
FOURS: Final = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
SIX: Final = int(ipaddress.IPv6Address("2001:db8::"))


class Pseudonyms:
    """Gives each word, each address literal and each host its own stand-in."""

    def __init__(self, key: bytes | None = None) -> None:
        self._key = key or secrets.token_bytes(32)
        self._hosts: dict[bytes, bytes] = {}
        self.replaced: set[bytes] = set()

    def text(self, text: bytes) -> bytes:
        """Return text of the same length, its words replaced but for those that say nothing."""
        parts, last = [], 0
        least = 1 if b"." in text and b" " not in text else SHORTEST
        for found in IPV4.finditer(text):
            parts += [self._words(text[last : found.start()], least), self._literal(found[0])]
            last = found.end()
        return b"".join([*parts, self._words(text[last:], least)])

    def _words(self, text: bytes, least: int) -> bytes:
        return WORD.sub(lambda found: self._word(found[0], least), text)

    def _word(self, word: bytes, least: int) -> bytes:
        if len(word) < least or word.lower() in PLAIN | PRODUCTS:
            return word
        self.replaced.add(word)
        lots = self._draw(word.lower(), len(word))
        return bytes(map(_alike, word, lots))

    def _literal(self, address: bytes) -> bytes:
        """Return another IPv4 address with as many digits in each place."""
        self.replaced.add(address)
        lots = self._draw(address, 4)
        ranges = {1: (1, 9), 2: (10, 99), 3: (100, 255)}
        made = []
        for part, lot in zip(address.split(b"."), lots, strict=True):
            low, high = ranges[len(part)]
            made.append(str(low + lot % (high - low + 1)).encode())
        return b".".join(made)

    def _draw(self, what: bytes, length: int) -> bytes:
        seed = hmac.digest(self._key, what, "sha256")
        return hashlib.shake_256(seed).digest(length)

    def host(self, address: bytes, place: int) -> bytes:
        """Return the stand-in of an IP address; `place` 0 is a client's, 1 a server's, else 2."""
        key = address
        if key not in self._hosts:
            number = 10 * (len(self._hosts) + 1)
            if len(address) == 4:
                network = ipaddress.IPv4Network(FOURS[place])
                self._hosts[key] = (int(network.network_address) + number % 255).to_bytes(4)
            else:
                self._hosts[key] = (SIX + (place << 64) + number).to_bytes(16)
        return self._hosts[key]


def _alike(old: int, lot: int) -> int:
    """Return a letter for a letter of the same case, a digit for a digit."""
    if 0x30 <= old <= 0x39:
        return 0x30 + lot % 10
    if 0x41 <= old <= 0x5A:
        return 0x41 + lot % 26
    return 0x61 + lot % 26 if old < 0x80 else old if old >= 0xC0 else 0x80 + lot % 64
