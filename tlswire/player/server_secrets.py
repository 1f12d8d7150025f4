"""The secrets of a handshake in which we are the server.

Heard as the session reads: what a client sends under our keys is opened as it comes. Knows no
record, and no session but the one that is taken up.
"""

from __future__ import annotations

from typing import Any

from tlswire.keys import rsa
from tlswire.keys.keylog import MASTER
from tlswire.keys.schedule import Schedule
from tlswire.player import shares
from tlswire.player.credentials import Credentials
from tlswire.player.secrets import Secrets
from tlswire.player.shares import Finite, Share
from tlswire.transcript import Entry


class ServerSecrets(Secrets):
    """The secrets of a handshake in which we are the server."""

    def __init__(self, credentials: Credentials) -> None:
        super().__init__()
        self.agreed_secret: bytes | None = None  # of the key shares of TLS 1.3
        self.own: Share | None = None  # up to TLS 1.2
        self._main: Schedule | None = None
        if "RSA" in type(credentials.key).__name__:
            self.rsa_keys.append(credentials.key)

    def hear(self, said: object, heard: bytearray) -> None:
        """Follow the handshake; up to TLS 1.2 the ClientKeyExchange has the client's share."""
        super().hear(said, heard)
        assert isinstance(said, Entry)
        if said.what == "client_key_exchange" and self.agreed is not None:
            pre_master = self._exchanged(said.fields)
            if pre_master:
                self.settle(pre_master, bytes(heard))

    def resume(self, key: bytes) -> None:
        """Take the key of a ticket for the handshake that begins (RFC 8446 section 4.2.11)."""
        self._psk = key

    def take_up(self, master: bytes) -> None:
        """Take the master secret of a session of before, once both hellos are said."""
        if self.agreed is not None:
            self.keep(MASTER, self.agreed.client_random, master)

    def ticket_key(self, nonce: bytes) -> bytes | None:
        """Return the key that goes with a ticket, after the client's Finished."""
        return None if self._main is None else self._main.resumption(nonce, self.heard)

    def _finish(self, schedule: Schedule) -> None:
        super()._finish(schedule)
        self._main = schedule

    def _shared(self, body: dict[str, Any]) -> bytes | None:
        return self.agreed_secret

    def _exchanged(self, fields: dict[str, Any]) -> bytes | None:
        encrypted = fields.get("encrypted_pre_master_secret")
        if encrypted is not None and self._hello is not None:
            offered = self._hello.fields.get("legacy_version", 0)
            return rsa.decrypt_pre_master(self.rsa_keys, encrypted, offered)
        public = fields.get("ecdh_Yc") or fields.get("public") or fields.get("dh_Yc")
        if self.own is None or public is None:
            return None
        secret = shares.agree(self.own, public)
        return secret.lstrip(b"\0") if secret and isinstance(self.own, Finite) else secret

    @property
    def master(self) -> bytes | None:
        """Return the master secret up to TLS 1.2."""
        return None if self.agreed is None else self.find(self.agreed.client_random).get(MASTER)
