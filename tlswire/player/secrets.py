"""The secrets of a handshake of our own: a key log that fills itself as the messages go by.

The session reads with it as it reads with a key log of another program. Knows no record.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tlswire import codes
from tlswire.codes import ExtensionType
from tlswire.flow import Who
from tlswire.keys.agreement import Agreed, hash_name, supported
from tlswire.keys.keying import agree
from tlswire.keys.keylog import HANDSHAKE, MASTER, TRAFFIC, KeyLog
from tlswire.keys.schedule import Schedule, Traffic
from tlswire.language import say
from tlswire.player import shares
from tlswire.player.shares import Share
from tlswire.suites import SUITES
from tlswire.transcript import Entry, chosen_version, is_tls13

_SIDES: tuple[Who, Who] = ("client", "server")


class Secrets(KeyLog):
    """Hears one handshake; what it knows is found by the client's random, as in any key log."""

    def __init__(self, own: Mapping[int, Share] | None = None, psk: bytes | None = None) -> None:
        """Begin with the shares sent, by group; `psk` is the key offered first in TLS 1.3."""
        super().__init__()
        self.shares = dict(own or {})
        self.agreed: Agreed | None = None
        self.tls13 = False
        self.why: str | None = None  # why there are no keys
        self.proved = b""  # the messages that the server's CertificateVerify signs
        self._heard = bytearray()
        self._hello: Entry | None = None
        self._psk = psk
        self._schedule: Schedule | None = None

    def __bool__(self) -> bool:
        """Secrets will come."""
        return True

    @property
    def heard(self) -> bytes:
        """Return the handshake messages so far, as a Finished covers them."""
        return bytes(self._heard)

    # -- what goes by ------------------------------------------------------------------

    def hear(self, said: object, heard: bytearray) -> None:
        """Follow the handshake: TLS 1.3 has new secrets after ServerHello and Finished."""
        assert isinstance(said, Entry)
        self._heard = heard
        if said.what == "client_hello":
            self._hello = said
        elif said.what == "server_hello" and self._hello is not None and self.agreed is None:
            self._agree(self._hello, said)
        elif said.what in ("certificate", "compressed_certificate") and said.who == "server":
            self.proved = self.heard
        elif said.what == "finished" and said.who == "server" and self._schedule is not None:
            self._finish(self._schedule)

    def _agree(self, hello: Entry, answer: Entry) -> None:
        version, suite = chosen_version(answer) or 0, answer.fields.get("cipher_suite", -1)
        facts, self.tls13 = SUITES.get(suite), is_tls13(version)
        if facts is None or not supported(facts, version, tls13=self.tls13):
            name = codes.CIPHER_SUITES.get(suite) or say(
                "the suite 0x{suite:04x}", suite=suite & 0xFFFF
            )
            self.why = say(
                "the records of {name}, which the server chose, cannot be written here", name=name
            )
            return
        self.agreed = agree(hello, answer, version, facts)
        if self.tls13:
            self._descend(self.agreed, answer)

    def _descend(self, agreed: Agreed, answer: Entry) -> None:
        """From the shares to the handshake secrets (RFC 8446 section 7.1)."""
        resumed = answer.has_extension(ExtensionType.pre_shared_key)
        if resumed and self._psk is None:
            self.why = say("the server resumes a session whose key only the captured client has")
            return
        material = self._shared(answer.extension(ExtensionType.key_share) or {})
        if material is None and (answer.has_extension(ExtensionType.key_share) or not resumed):
            self.why = self.why or say("the server sent no key share")
            return
        self._schedule = Schedule(hash_name(agreed.facts), self._psk if resumed else None)
        self._schedule.descend(material)
        for who in _SIDES:
            self._log(HANDSHAKE[who], self._schedule.handshake(who, self.heard))

    def _shared(self, body: dict[str, Any]) -> bytes | None:
        share = body.get("server_share")
        if not share:
            return None
        own = self.shares.get(share["group"])
        secret = shares.agree(own, share["key_exchange"]) if own is not None else None
        if own is None:
            self.why = say("the key share that the server took is the captured client's own")
        elif secret is None:
            self.why = say("the server's key share is no element of its group")
        return secret

    def _finish(self, schedule: Schedule) -> None:
        """From the server's Finished to the secrets of the application data."""
        schedule.descend()
        for who in _SIDES:
            self._log(TRAFFIC[who], schedule.application(who, self.heard))
        self._schedule = None

    def _log(self, label: str, traffic: Traffic) -> None:
        assert self.agreed is not None
        self.keep(label, self.agreed.client_random, traffic.secret)

    # -- what is asked -----------------------------------------------------------------

    def traffic(self, label: str) -> Traffic | None:
        """Return a secret of TLS 1.3 by its label, None while it is not known."""
        if self.agreed is None:
            return None
        secret = self.find(self.agreed.client_random).get(label)
        return Traffic(hash_name(self.agreed.facts), secret) if secret else None

    def settle(self, pre_master: bytes, heard: bytes) -> bytes:
        """Take the pre-master secret of our ClientKeyExchange, the last message in `heard`.

        Return the master secret (RFC 5246 section 8.1, RFC 7627 section 4).
        """
        agreed = self.agreed
        assert agreed is not None
        if agreed.extended_master_secret:
            master = agreed.prf.extended_master_secret(pre_master, heard)
        else:
            randoms = agreed.client_random, agreed.server_random
            master = agreed.prf.master_secret(pre_master, *randoms)
        self.keep(MASTER, agreed.client_random, master)
        return master
