"""Secrets as programs write them down: SSLKEYLOGFILE lines, and RSA private keys.

Text to secrets, nothing more: knows no record and no cipher. Lines that cannot be understood are
counted, never an error. The format is that of draft-ietf-tls-keylogfile and, for `RSA` lines,
of NSS.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tlswire.errors import CaptureError
from tlswire.flow import Who
from tlswire.language import say

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

MASTER = "CLIENT_RANDOM"
PRE_MASTER = "PMS_CLIENT_RANDOM"
EARLY = "CLIENT_EARLY_TRAFFIC_SECRET"
HANDSHAKE: dict[Who, str] = {
    "client": "CLIENT_HANDSHAKE_TRAFFIC_SECRET",
    "server": "SERVER_HANDSHAKE_TRAFFIC_SECRET",
}
TRAFFIC: dict[Who, str] = {
    "client": "CLIENT_TRAFFIC_SECRET_0",
    "server": "SERVER_TRAFFIC_SECRET_0",
}
#: Labels of secrets that are told by the client's random.
LABELS = frozenset({MASTER, PRE_MASTER, EARLY, *HANDSHAKE.values(), *TRAFFIC.values()})
#: Labels that are understood and not needed, by their beginning.
IGNORED = (
    "EXPORTER_SECRET",
    "EARLY_EXPORTER",
    "CLIENT_TRAFFIC_SECRET_",
    "SERVER_TRAFFIC_SECRET_",
    "ECH_",
    "QUIC_",
)
#: Bytes of the encrypted pre-master secret that an `RSA` line begins with.
RSA_HINT = 8

#: Sessions that are kept so that later connections may resume them.
MOST_SESSIONS = 1 << 16

_LINE = re.compile(r"([A-Z][A-Z0-9_]*) ([0-9a-fA-F]+) ([0-9a-fA-F]+)")
_SESSION = re.compile(r"RSA Session-ID:([0-9a-fA-F]+) Master-Key:([0-9a-fA-F]+)")

#: The secrets of one connection, by label.
Secrets = dict[str, bytes]


class KeyLog:
    """All secrets that are at hand. False when there are none."""

    def __init__(self, blocks: Sequence[bytes] = ()) -> None:
        """Begin; `blocks` is a list that may grow while a capture is read (pcapng)."""
        self.junk = 0  # lines that could not be understood
        self.used = False  # something was opened with what is here
        self.rsa_keys: list[RSAPrivateKey] = []
        self._blocks, self._taken = blocks, 0
        self._by_random: dict[bytes, Secrets] = {}
        self._by_session: dict[bytes, bytes] = {}
        self._by_hint: dict[bytes, bytes] = {}

    def __bool__(self) -> bool:
        self._take_blocks()
        return bool(self._by_random or self._by_session or self._by_hint or self.rsa_keys)

    def read(self, text: str | bytes) -> None:
        """Take the lines of a key log; what is not understood is counted as junk."""
        if isinstance(text, bytes):
            text = text.decode("utf-8", "replace")
        for line in text.splitlines():
            words = line.strip()
            if words and not words.startswith("#") and not self._take(words):
                self.junk += 1

    def add_rsa_key(self, pem: bytes, name: str = "") -> None:
        """Take an RSA private key, in PEM and without a password. Raises CaptureError."""
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        name = name or say("the key")
        try:
            key = load_pem_private_key(pem, None)
        except (ValueError, TypeError) as error:
            raise CaptureError(
                say("{name}: not a private key in PEM without a password", name=name)
            ) from error
        if not isinstance(key, RSAPrivateKey):
            raise CaptureError(say("{name}: not an RSA key, it opens nothing", name=name))
        self.rsa_keys.append(key)

    def hear(self, said: object, heard: bytearray) -> None:
        """Take a message as it goes by, and all handshake messages up to it: the file needs none.

        Secrets that are made while the handshake goes on do.
        """

    def lines(self) -> str:
        """Return the secrets told by a random as a program would log them (SSLKEYLOGFILE)."""
        return "".join(
            f"{label} {random.hex()} {secret.hex()}\n"
            for random, secrets in self._by_random.items()
            for label, secret in secrets.items()
        )

    def keep(self, label: str, client_random: bytes, secret: bytes) -> None:
        """Keep a secret of the connection whose ClientHello has this random."""
        self._by_random.setdefault(client_random, {})[label] = secret

    def find(self, client_random: bytes) -> Secrets:
        """Return the secrets of the connection whose ClientHello has this random."""
        self._take_blocks()
        return self._by_random.get(client_random, {})

    def knows(self, client_random: bytes) -> bool:
        """Tell whether there is any secret of that connection."""
        return bool(self.find(client_random))

    def keep_session(self, name: bytes, master: bytes) -> None:
        """Keep the master secret of a session that may be resumed by its id or ticket."""
        if name and len(self._by_session) < MOST_SESSIONS:
            self._by_session[name] = master

    def find_session(self, session_id: bytes) -> bytes | None:
        """Return the master secret of a session up to TLS 1.2, told by its session id."""
        return self._by_session.get(session_id)

    def find_pre_master(self, encrypted: bytes) -> bytes | None:
        """Return the pre-master secret that this ClientKeyExchange carries."""
        return self._by_hint.get(encrypted[:RSA_HINT])

    def _take_blocks(self) -> None:
        while self._taken < len(self._blocks):
            self._taken += 1
            self.read(self._blocks[self._taken - 1])

    def _take(self, words: str) -> bool:
        session = _SESSION.fullmatch(words)
        if session:
            words = " ".join(("SESSION", *session.groups()))
        line = _LINE.fullmatch(words)
        if line is None or len(line[2]) % 2 or len(line[3]) % 2:
            return False
        return self._keep(line[1], bytes.fromhex(line[2]), bytes.fromhex(line[3]))

    def _keep(self, label: str, name: bytes, secret: bytes) -> bool:
        if label == "RSA":
            self._by_hint[name[:RSA_HINT]] = secret
        elif label == "SESSION":
            self._by_session[name] = secret
        elif label in LABELS:
            self.keep(label, name, secret)
        else:
            return label.startswith(IGNORED)
        return True
