"""Sessions that a played server agreed, and takes up again when their client comes back.

Up to TLS 1.2 by the session's id or its ticket (RFC 5246 section 7.3, RFC 5077), in TLS 1.3 by the
key that goes with a ticket (RFC 8446 sections 2.2 and 4.2.11). Tickets of ours are names and hold
nothing. Sans-IO, no clock; must never resume what was not agreed here.
"""

from __future__ import annotations

import hmac
import os
from typing import Final, NamedTuple

from tlswire.codes import ExtensionType
from tlswire.keys.agreement import hash_name
from tlswire.keys.schedule import Schedule
from tlswire.suites import SUITES
from tlswire.transcript import Entry

#: Sessions that are remembered; then the oldest go.
MOST: Final = 1000
#: For so many seconds a client is told to keep a ticket: a play is no longer than a day.
LIFETIME: Final = 7200
_NAME: Final = 32
#: How a key may be used (RFC 8446 section 4.2.9): with a share beside it, or alone.
_WITH_SHARE, _ALONE = 1, 0


class Agreed(NamedTuple):
    """What a client and we share: a master secret, or in TLS 1.3 a ticket's key."""

    secret: bytes
    version: int
    suite: int
    extended: bool = False  # the master secret covers the handshake (RFC 7627)


class Offer13(NamedTuple):
    """A session that a hello of TLS 1.3 asks for, and vouches for."""

    agreed: Agreed
    place: int  # among the identities offered
    alone: bool  # the client would go on without a share


class Sessions:
    """Those of one play, by their names."""

    def __init__(self) -> None:
        self._agreed: dict[bytes, Agreed] = {}

    def keep(self, agreed: Agreed, name: bytes = b"") -> bytes:
        """Remember a session by a name, a new one where none is given; return it."""
        name = name or os.urandom(_NAME)
        self._agreed[name] = agreed
        if len(self._agreed) > MOST:
            del self._agreed[next(iter(self._agreed))]
        return name

    def asked_by(self, hello: Entry, version: int, suite: int) -> Agreed | None:
        """Return the session of up to TLS 1.2 that a hello asks for by ticket or id."""
        names = (_ticket(hello), hello.fields.get("session_id", b""))
        found = next((self._agreed[name] for name in names if name in self._agreed), None)
        if found is None or (found.version, found.suite) != (version, suite):
            return None
        offered = suite in hello.fields.get("cipher_suites", ())
        alike = hello.has_extension(ExtensionType.extended_master_secret) == found.extended
        return found if offered and alike else None  # RFC 7627 section 5.3

    def asked_by_key(self, hello: Entry, suite: int, heard: bytes) -> Offer13 | None:
        """Return the session of TLS 1.3 that a hello asks for, if its binder is right.

        `heard` are the handshake messages so far; they end with the hello.
        """
        body = hello.extension(ExtensionType.pre_shared_key) or {}
        modes = (hello.extension(ExtensionType.psk_key_exchange_modes) or {}).get("ke_modes", ())
        binders = body.get("binders", ())
        for place, offered in enumerate(body.get("identities", ())):
            found = self._agreed.get(offered["identity"])
            if found is None or place >= len(binders) or _hash(found.suite) != _hash(suite):
                continue
            listed = 2 + sum(1 + len(binder) for binder in binders)
            made = Schedule(_hash(suite), found.secret).binder(heard[:-listed])
            if hmac.compare_digest(made, binders[place]):
                alone = _ALONE in modes and _WITH_SHARE not in modes
                return Offer13(found, place, alone)
        return None


def _hash(suite: int) -> str:
    return hash_name(SUITES[suite])


def _ticket(hello: Entry) -> bytes:
    for extension in hello.fields.get("extensions", ()):
        if extension["type"] == ExtensionType.session_ticket:
            return bytes(extension["raw"] or b"")
    return b""


def ticket12(name: bytes) -> bytes:
    """Return the body of a NewSessionTicket up to TLS 1.2 (RFC 5077 section 3.3)."""
    return LIFETIME.to_bytes(4, "big") + len(name).to_bytes(2, "big") + name


def ticket13(name: bytes, nonce: bytes) -> bytes:
    """Return the body of a NewSessionTicket of TLS 1.3 (RFC 8446 section 4.6.1)."""
    head = LIFETIME.to_bytes(4, "big") + os.urandom(4) + bytes((len(nonce),)) + nonce
    return head + len(name).to_bytes(2, "big") + name + b"\0\0"
