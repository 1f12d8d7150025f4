"""From what the hellos settled, and the secrets at hand, to a side's keys and its Finished.

One class for TLS 1.3, one for all before it; both answer the same two questions. Where secrets
are missing the answer is an empty list or None.
"""

from __future__ import annotations

from typing import Any, Protocol

from tlswire.codes import ExtensionType
from tlswire.flow import Who
from tlswire.keys import rsa
from tlswire.keys.agreement import Agreed, hash_name
from tlswire.keys.keylog import EARLY, HANDSHAKE, MASTER, PRE_MASTER, TRAFFIC, KeyLog
from tlswire.keys.protection import Protection, Protection13, protect
from tlswire.keys.schedule import Traffic, digest_size
from tlswire.suites import SUITES, SuiteFacts


class Said(Protocol):
    """A handshake message as the transcript has it."""

    @property
    def what(self) -> str:
        """The message by its RFC name."""

    @property
    def who(self) -> Who:
        """Its sender."""

    @property
    def fields(self) -> dict[str, Any]:
        """Its fields in RFC words, empty when it cannot be read."""

    def has_extension(self, number: int) -> bool:
        """Tell whether a hello carries the extension."""


class Keying(Protocol):
    """What one handshake's keys are."""

    def protections(self, who: Who) -> list[Protection]:
        """Return a side's keys in the order of their use."""

    def verify_data(self, who: Who, heard: bytes) -> bytes | None:
        """Return what a side's Finished must hold after the messages heard."""


class Keying13:
    """TLS 1.3: every epoch's secret is in the key log."""

    def __init__(self, agreed: Agreed, keylog: KeyLog) -> None:
        self._agreed, self._keylog = agreed, keylog
        self._given: set[str] = set()  # the labels whose keys were returned before

    def protections(self, who: Who) -> list[Protection]:
        """Return the handshake's and the application data's keys, as far as they are newly known.

        Secrets may come while the handshake goes on: those of a later pcapng block.
        """
        facts, version = self._agreed.facts, self._agreed.version
        found: list[Protection] = []
        for label in (HANDSHAKE[who], TRAFFIC[who]):
            secret = None if label in self._given else self._traffic(label)
            if secret is not None:
                self._given.add(label)
                found.append(Protection13(facts, secret, version))
        return found

    def verify_data(self, who: Who, heard: bytes) -> bytes | None:
        """RFC 8446 section 4.4.4."""
        traffic = self._traffic(HANDSHAKE[who])
        return traffic and traffic.verify_data(heard)

    def _traffic(self, label: str) -> Traffic | None:
        secret = self._keylog.find(self._agreed.client_random).get(label)
        return Traffic(hash_name(self._agreed.facts), secret) if secret else None


class Keying12:
    """Up to TLS 1.2: all comes from the master secret."""

    def __init__(self, agreed: Agreed, keylog: KeyLog, names: tuple[bytes, ...]) -> None:
        """Take the `names` under which the session may be known: its id, its ticket."""
        self._agreed, self._keylog, self._names = agreed, keylog, names
        self._master: bytes | None = None

    @property
    def master(self) -> bytes | None:
        """Return the master secret, from the key log, the key exchange or an earlier session."""
        secrets = self._keylog.find(self._agreed.client_random)
        known = (self._keylog.find_session(name) for name in self._names if name)
        return secrets.get(MASTER) or self._master or next((m for m in known if m), None)

    def exchange(self, fields: dict[str, Any], offered: int, heard: bytes) -> None:
        """Take the ClientKeyExchange; `heard` ends with it (RFC 7627 section 3)."""
        encrypted = fields.get("encrypted_pre_master_secret", b"")
        agreed, prf = self._agreed, self._agreed.prf
        secret = (
            self._keylog.find(agreed.client_random).get(PRE_MASTER)
            or self._keylog.find_pre_master(encrypted)
            or rsa.decrypt_pre_master(self._keylog.rsa_keys, encrypted, offered)
        )
        if secret and agreed.extended_master_secret:
            self._master = prf.extended_master_secret(secret, heard)
        elif secret:
            self._master = prf.master_secret(secret, agreed.client_random, agreed.server_random)

    def remember(self, *names: bytes) -> None:
        """Let later connections resume this session by its id or ticket."""
        if self.master is not None:
            for name in (*self._names, *names):
                self._keylog.keep_session(name, self.master)

    def protections(self, who: Who) -> list[Protection]:
        """Return the keys after the side's ChangeCipherSpec."""
        return [] if self.master is None else [protect(self._agreed, self.master, who)]

    def verify_data(self, who: Who, heard: bytes) -> bytes | None:
        """RFC 5246 section 7.4.9."""
        return self.master and self._agreed.prf.verify_data(self.master, who, heard)


def agree(hello: Said, answer: Said, version: int, facts: SuiteFacts) -> Agreed:
    """Return what a ClientHello and a ServerHello settled."""

    def both(extension: int) -> bool:
        return hello.has_extension(extension) and answer.has_extension(extension)

    return Agreed(
        version,
        facts,
        client_random(hello),
        answer.fields.get("random", b""),
        extended_master_secret=both(ExtensionType.extended_master_secret),
        encrypt_then_mac=both(ExtensionType.encrypt_then_mac),
        truncated_hmac=both(ExtensionType.truncated_hmac),
    )


def client_random(hello: Said) -> bytes:
    """Return the random; a challenge of SSL 2.0 is padded in front (RFC 5246 appendix E.2)."""
    random: bytes = hello.fields.get("random", b"")
    return random.rjust(32, b"\0")


def early_protections(hello: Said, keylog: KeyLog) -> list[Protection]:
    """Return the keys that early data may have: no ServerHello has named the suite yet."""
    secret = keylog.find(client_random(hello)).get(EARLY)
    if secret is None or not hello.has_extension(ExtensionType.early_data):
        return []
    offered = (SUITES.get(suite) for suite in dict.fromkeys(hello.fields.get("cipher_suites", ())))
    return [
        Protection13(facts, Traffic(hash_name(facts), secret), facts.minimum_version)
        for facts in offered
        if facts is not None and _may_protect(facts, secret)
    ]


def _may_protect(facts: SuiteFacts, secret: bytes) -> bool:
    return facts.key_exchange == "any" and digest_size(hash_name(facts)) == len(secret)
