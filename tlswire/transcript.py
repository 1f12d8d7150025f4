"""What was said, in order: entries with their raw spans, the history word, the facts.

A view for reading: it holds the bytes, parses a body when somebody asks, and judges nothing.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from msgspec import Struct

from tlswire import codes, grammar
from tlswire.codes import AlertLevel, ExtensionType
from tlswire.errors import Trouble
from tlswire.flow import Who
from tlswire.grammar import UNKNOWN, Reading, Situation
from tlswire.grammar.forms import era
from tlswire.preambles import Preamble
from tlswire.states import CLIENT_HELLO

#: One letter a message, Zeek's; capitals are the client's, small letters the server's.
LETTERS: dict[str, str] = {
    "hello_request": "h",
    "client_hello": "c",
    "server_hello": "s",
    "hello_retry_request": "j",
    "new_session_ticket": "t",
    "certificate": "x",
    "compressed_certificate": "x",
    "server_key_exchange": "k",
    "certificate_request": "r",
    "server_hello_done": "n",
    "certificate_verify": "y",
    "client_key_exchange": "g",
    "finished": "f",
    "certificate_url": "w",
    "certificate_status": "u",
    "supplemental_data": "a",
    "change_cipher_spec": "i",
    "heartbeat": "b",
    "application_data": "d",
    "encrypted": "d",
    "unreadable": "d",
    "early_data": "d",
    "end_of_early_data": "e",
    "encrypted_extensions": "o",
    "key_update": "p",
    "message_hash": "m",
    "alert": "l",
}
#: Marks without a capital; preceded by `>` (client) or `<` (server), `|` by nothing.
MARKS: dict[str, str] = {
    "fin": ".",
    "rst": "!",
    "icmp": "!",
    "timeout": "~",
    "not_tls": "?",
    "capture_end": "|",
}
#: Entries that are not TLS messages: what TCP did, what was not TLS, what is missing.
NOT_MESSAGES = frozenset(MARKS) | {"lost"}


class Entry(Struct):
    """One thing that happened. `offset` counts bytes of the sender's TCP stream.

    `length` is that of the body: a handshake message without its 4-byte header, a record without
    its 5-byte header. `guess` says what a hidden record must be by its size and place; what was
    `protected` on the wire and is not hidden was read with keys, and its body is what they opened.
    """

    what: str
    who: Who
    at: float
    frame: int
    state: str  # the message that was awaited when this came
    offset: int = 0
    length: int = 0
    body: bytes = b""
    spans: tuple[tuple[int, int], ...] = ()
    situation: Situation = UNKNOWN
    hidden: bool = False
    guess: str | None = None
    protected: bool = False
    noted: tuple[Trouble, ...] = ()  # trouble with the framing or the order
    framed: bool = False  # bytes are lost, but where records begin behind them is known
    _reading: Reading | None = None
    _bodies: dict[int, dict[str, Any] | None] | None = None

    @property
    def reading(self) -> Reading:
        """Return the parsed body; parsed once, when first asked for."""
        if self._reading is None:
            if self.hidden or self.what in NOT_MESSAGES or self.what.startswith("handshake_"):
                self._reading = Reading(None, ())
            else:
                self._reading = grammar.read(self.kind, self.body, self.situation)
        return self._reading

    @property
    def kind(self) -> str:
        """Return the grammar entry of the body: the SSL 2.0 hello has one of its own."""
        ssl2 = self.what == "client_hello" and self.situation.version == codes.Version.ssl_2_0
        return "ssl2_client_hello" if ssl2 else self.what

    @property
    def fields(self) -> dict[str, Any]:
        """Return the parsed fields, empty when the body cannot be read."""
        return self.reading.fields or {}

    @property
    def troubles(self) -> tuple[Trouble, ...]:
        """Return what is wrong with the framing, the order and the body."""
        return self.noted + self.reading.troubles

    @property
    def cut(self) -> bool:
        """Tell whether the capture lacks bytes of this message."""
        return len(self.body) < self.length and not self.hidden

    @property
    def is_alert(self) -> bool:
        """Tell whether this is an alert, in the clear or told by its size."""
        return self.what == "alert" or self.guess == "alert"

    @property
    def is_hello(self) -> bool:
        """Tell whether this is a hello of either side."""
        return self.what in ("client_hello", "server_hello", "hello_retry_request")

    def extension(self, number: int) -> dict[str, Any] | None:
        """Return the body of an extension of a hello, None when absent or not well formed."""
        return self._extensions.get(number)

    def has_extension(self, number: int) -> bool:
        """Tell whether a hello carries the extension, well formed or not."""
        return number in self._extensions

    @property
    def _extensions(self) -> dict[int, dict[str, Any] | None]:
        """Return the bodies of a hello's extensions by number; of two alike the first counts."""
        if self._bodies is None:
            listed = self.fields.get("extensions", ())
            self._bodies = {e["type"]: e["body"] for e in reversed(listed)}
        return self._bodies


class AlertSeen(NamedTuple):
    """Level and description of an alert in the clear (RFC 8446 section 6)."""

    level: int
    code: int

    @property
    def fatal(self) -> bool:
        """Tell whether its sender called it fatal."""
        return self.level == AlertLevel.fatal


class Transcript(Struct):
    """All that was said on one connection, and what follows from it at once."""

    entries: list[Entry] = []
    state: str = CLIENT_HELLO
    version: int | None = None  # the server's choice, as a wire number
    suite: int | None = None
    cleartext: dict[Who, bytes] = {}  # what came before TLS
    cleartext_from: dict[Who, tuple[float, int]] = {}  # time and frame
    preamble: Preamble | None = None  # what the cleartext was, where it is known
    foreign: dict[Who, bytes] = {}  # what came where TLS was due
    unfinished: dict[Who, int] = {}  # bytes of a record not complete
    established_at: float | None = None
    client_authenticates: bool = False  # more than Finished in the client's TLS 1.3 flight
    notes: list[str] = []  # what the secrets given could not do
    server_proved: bool | None = None  # the server's signature fits, where we played the client
    verified: frozenset[Who] = frozenset()  # the sides whose Finished the keys proved right

    @property
    def client_hello(self) -> Entry | None:
        """Return the first ClientHello."""
        return next((e for e in self.entries if e.what == "client_hello"), None)

    @property
    def server_hello(self) -> Entry | None:
        """Return the ServerHello that counts: the last one, not a HelloRetryRequest.

        One that was read with keys belongs to a renegotiation.
        """
        hellos = (e for e in reversed(self.entries) if e.what == "server_hello")
        return next((e for e in hellos if not e.protected), None)

    @property
    def encrypted_extensions(self) -> Entry | None:
        """Return the server's EncryptedExtensions, where keys opened it."""
        found = (e for e in self.entries if e.what == "encrypted_extensions")
        return next((e for e in found if e.who == "server"), None)

    def certificates(self, who: Who) -> tuple[bytes, ...]:
        """Return the DER certificates that a side showed first, its own first; () for none.

        None too where the capture lacks some of them: what a chain lacks would not be its fault.
        """
        kinds = ("certificate", "compressed_certificate")
        said = next((e for e in self.entries if e.what in kinds and e.who == who), None)
        fields = {} if said is None or said.cut else said.fields
        if said is not None and said.what == "compressed_certificate":
            fields = _decompressed(said)
        listed = fields.get("certificate_list", ())
        return tuple(e if isinstance(e, bytes) else e.get("cert_data", b"") for e in listed)

    @property
    def tls13(self) -> bool:
        """Tell whether TLS 1.3, or a draft of it, was chosen."""
        return is_tls13(self.version)

    @property
    def spoke(self) -> frozenset[Who]:
        """Return the sides that sent TLS bytes."""
        return frozenset(e.who for e in self.entries if e.what not in NOT_MESSAGES)

    @property
    def messages(self) -> list[Entry]:
        """Return the TLS messages, in order."""
        return [e for e in self.entries if e.what not in NOT_MESSAGES]

    def shorten_cleartext(self, most: int) -> None:
        """Keep no more than the first `most` bytes of what each side said before TLS."""
        for who, said in self.cleartext.items():
            self.cleartext[who] = said[:most]

    @property
    def history(self) -> str:
        """Return the history word; a run of equal letters is written once for data."""
        word: list[str] = []
        for entry in self.entries:
            sign = _sign(entry)
            if sign.lower() != "d" or not word or word[-1] != sign:
                word.append(sign)
        return "".join(word)


def _decompressed(entry: Entry) -> dict[str, Any]:
    """Return the fields of the Certificate inside a CompressedCertificate (RFC 8879)."""
    from tlswire.grammar import compression

    body = compression.decompress(entry.fields) if entry.fields else b""
    if not isinstance(body, bytes):
        return {}
    return grammar.read("certificate", body, entry.situation).fields or {}


def _sign(entry: Entry) -> str:
    if entry.what in MARKS:
        mark = MARKS[entry.what]
        return mark if mark == "|" else (">" if entry.who == "client" else "<") + mark
    known = {"alert": "l", "finished": "f"}.get(entry.guess or "")
    letter = known or LETTERS.get(entry.what, "q" if entry.what == "lost" else "z")
    return letter.upper() if entry.who == "client" else letter


@lru_cache(maxsize=256)
def is_tls13(version: int | None) -> bool:
    """Tell whether a wire version is TLS 1.3, one of its drafts, or Facebook's of them."""
    return era(version) == "13"


def version_name(version: int | None) -> str | None:
    """Return the name of a wire version, its number in hex when nobody gave it a name."""
    return None if version is None else codes.VERSIONS.get(version, f"0x{version:04x}")


def chosen_version(hello: Entry) -> int | None:
    """Return the version a ServerHello chooses (RFC 8446 section 4.2.1)."""
    selected = hello.extension(ExtensionType.supported_versions)
    if selected and "selected_version" in selected:
        return int(selected["selected_version"])
    legacy = hello.fields.get("legacy_version")
    return None if legacy is None else int(legacy)


def alert_of(entry: Entry) -> AlertSeen | None:
    """Return the level and code of an alert in the clear, None for any other entry."""
    if entry.what != "alert" or entry.hidden or "description" not in entry.fields:
        return None
    return AlertSeen(entry.fields["level"], entry.fields["description"])
