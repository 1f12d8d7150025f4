"""One connection's protected records, opened as they go by, as far as the secrets go.

Hears every handshake message in order, prepares the keys that follow, and opens. Judges nothing
but the Finished; never raises on what it hears.
"""

from __future__ import annotations

from typing import Final

from tlswire.codes import ExtensionType
from tlswire.errors import Trouble
from tlswire.flow import Who
from tlswire.keys import schedule
from tlswire.keys.agreement import hash_name, supported
from tlswire.keys.epochs import Epochs
from tlswire.keys.keying import (
    Keying,
    Keying12,
    Keying13,
    Said,
    agree,
    client_random,
    early_protections,
)
from tlswire.keys.keylog import KeyLog
from tlswire.keys.protection import Plain
from tlswire.language import mark, say
from tlswire.records import Record
from tlswire.suites import SUITES

#: Handshake messages of one connection that are kept to check the Finished, in bytes.
MOST_HEARD = 1 << 20
#: Messages that no Finished covers (RFC 5246 section 7.4.1.1, RFC 8446 section 4.4.1).
_UNCOUNTED_12 = frozenset({"hello_request"})
_UNCOUNTED_13 = frozenset({"new_session_ticket", "key_update"})
#: Messages of TLS 1.3 after which secrets may be known that were not before (RFC 8446 7.1).
_TEACHING = frozenset({"server_hello", "finished"})
_SIDES: tuple[Who, ...] = ("client", "server")

UNOPENED: Final[dict[Who, str]] = {
    "client": mark("the secrets do not open the client's records from byte {byte} on"),
    "server": mark("the secrets do not open the server's records from byte {byte} on"),
}


class Opener:
    """Tell it what was said, and it opens what can be opened."""

    def __init__(self, keylog: KeyLog) -> None:
        self.verified: set[Who] = set()  # the sides whose Finished was right
        self._keylog = keylog
        self._keying: Keying | None = None
        self._epochs: dict[Who, Epochs] = {}
        self._hello: Said | None = None
        self._heard = bytearray()  # the handshake messages so far
        self._retried = self._lossy = self._refuses_early = self._unsupported = False
        self._missed: set[Who] = set()  # the sides of which a record stayed closed
        self._checked: set[Who] = set()  # the sides whose Finished was looked at

    @property
    def notes(self) -> list[str]:
        """Return what the secrets could not do."""
        opened = any(epochs.opened for epochs in self._epochs.values())
        if self._hello is None or not (opened or self._keylog.knows(client_random(self._hello))):
            return []
        if self._unsupported:
            return [say("the records of its cipher suite cannot be opened here")]
        return [
            say(UNOPENED[who], byte=epochs.closed_at)
            for who, epochs in self._epochs.items()
            if epochs.closed_at is not None
        ]

    # -- what was said -----------------------------------------------------------------

    def agree(self, answer: Said, version: int, suite: int, *, tls13: bool) -> None:
        """Take what a ServerHello, or a HelloRetryRequest, settles; then `hear` it."""
        facts, hello = SUITES.get(suite), self._hello
        self._unsupported = facts is None or not supported(facts, version, tls13=tls13)
        if facts is None or hello is None or self._unsupported:
            return
        agreed = agree(hello, answer, version, facts)
        if answer.what == "hello_retry_request":
            self._retried = True
            self._heard[:] = schedule.message_hash(hash_name(facts), bytes(self._heard))
        elif tls13:
            self._keying = Keying13(agreed, self._keylog)
            self._prepare(self._keying)
        else:
            names = (answer.fields.get("session_id", b""), _ticket(hello))
            self._keying = Keying12(agreed, self._keylog, names)

    def hear(self, said: Said, raw: bytes) -> Trouble | None:
        """Take a handshake message, header included; return what is wrong with a Finished."""
        if said.what == "client_hello":
            self._begin(said)
        wrong = self._check(said) if said.what == "finished" else None
        self._collect(said, raw)
        self._keylog.hear(said, self._heard)
        if isinstance(self._keying, Keying13) and said.what in _TEACHING:
            self._prepare(self._keying)
        if said.what == "encrypted_extensions" and said.who == "server":
            self._refuses_early = not said.has_extension(ExtensionType.early_data)
        elif isinstance(self._keying, Keying12):
            self._exchange(said, self._keying)
        return wrong

    def has_keys(self, who: Who) -> bool:
        """Tell whether keys for a side's next records are known."""
        return who in self._epochs and self._epochs[who].keyed

    def change(self, who: Who) -> None:
        """Take a side's ChangeCipherSpec: up to TLS 1.2 its next record has new keys."""
        if isinstance(self._keying, Keying12):
            self._epochs[who] = Epochs(self._keying.protections(who), tls13=False)

    def lose(self, who: Who) -> None:
        """Take note that bytes of a side are missing: records may have been among them."""
        self._lossy = True
        if who in self._epochs:
            self._epochs[who].unsure = True

    def _prepare(self, keying: Keying13) -> None:
        """Put the keys behind those in use that have become known."""
        for who in _SIDES:
            self._epochs.setdefault(who, Epochs(tls13=True)).add(keying.protections(who))

    def _begin(self, hello: Said) -> None:
        """Begin a handshake, or go on after a HelloRetryRequest (RFC 8446 section 4.1.4)."""
        self._hello = hello
        if self._retried:
            self._retried = False
            return
        self._heard.clear()
        self._missed.clear()
        self._checked.clear()
        self._keying, self._lossy = None, False
        early = early_protections(hello, self._keylog)
        if early and "client" not in self._epochs:
            self._epochs["client"] = Epochs(early, tls13=True)

    def _collect(self, said: Said, raw: bytes) -> None:
        uncounted = _UNCOUNTED_13 if isinstance(self._keying, Keying13) else _UNCOUNTED_12
        self._lossy = self._lossy or len(self._heard) + len(raw) > MOST_HEARD
        if said.what not in uncounted and not self._lossy:
            self._heard += raw

    def _exchange(self, said: Said, keying: Keying12) -> None:
        if said.what == "client_key_exchange" and self._hello is not None:
            offered = self._hello.fields.get("legacy_version", 0)
            keying.exchange(said.fields, offered, bytes(self._heard))
        elif said.what == "new_session_ticket":
            keying.remember(said.fields.get("ticket", b""))
        elif said.what == "finished":
            keying.remember()

    # -- what is opened ----------------------------------------------------------------

    def open(self, who: Who, record: Record) -> Plain | None:
        """Return what a record holds; None when it is in the clear or stays closed."""
        epochs = self._epochs.get(who)
        if epochs is None or not epochs.protects(record):
            return None
        plain = epochs.open(record)
        if plain is None:
            self._missed.add(who)
        else:
            self._keylog.used = True
        return plain

    def _check(self, finished: Said) -> Trouble | None:
        """Compare a Finished with what it must hold, where all before it was heard."""
        missed = self._missed - ({"client"} if self._refuses_early else set())
        if self._keying is None or self._lossy or missed or finished.who in self._checked:
            return None
        self._checked.add(finished.who)
        expected = self._keying.verify_data(finished.who, bytes(self._heard))
        found = finished.fields.get("verify_data", b"")
        if expected is None or expected == found:
            self.verified |= set() if expected is None else {finished.who}
            return None
        return Trouble("finished.verify_data", 0, expected.hex(), found.hex())


def _ticket(hello: Said) -> bytes:
    """Return the session ticket that a ClientHello offers (RFC 5077)."""
    for extension in hello.fields.get("extensions", ()):
        if extension["type"] == ExtensionType.session_ticket:
            ticket: bytes = extension["raw"]
            return ticket
    return b""
