"""What a server said to one hello, and how it ended: its first flight, read as it comes.

Fed bytes by whoever holds the socket; never raises on them, keeps no more than a flight, and says
`done` as soon as nothing more is to be learnt.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final, Literal

from tlswire import codes, grammar
from tlswire.codes import AlertLevel, ContentType, ExtensionType, HandshakeType, Version
from tlswire.grammar import Situation
from tlswire.grammar.forms import RETRY_RANDOM
from tlswire.language import mark, say
from tlswire.messages import Message, MessageReader
from tlswire.preambles import name_bytes
from tlswire.records import Foreign, Record, RecordReader
from tlswire.suites import SUITES

#: How a question was answered: by a ServerHello (or a HelloRetryRequest), or how it was not.
How = Literal[
    "hello",
    "alert",
    "rst",
    "fin",
    "silence",
    "non_tls",
    "icmp",
    "refused",  # the preamble
    "unfinished",  # bytes came, and no whole answer
    "unreached",
    "budget",
]
#: Foreign bytes that are kept, and bytes of one answer that are read.
KEPT: Final = 4096
MOST_BYTES: Final = 1 << 17
#: The messages by name, as `grammar` knows them.
_T = HandshakeType


@dataclass(slots=True)
class Answer:
    """One answer. What the server did not say is None or empty."""

    how: How = "silence"
    retry: bool = False  # a HelloRetryRequest
    version: int | None = None
    suite: int | None = None
    group: int | None = None
    scheme: int | None = None
    dh_bits: int | None = None
    compression: int = 0
    session_id: bytes = b""
    alert: int | None = None
    extensions: dict[int, Any] = field(default_factory=dict)
    chain: tuple[bytes, ...] = ()
    requested: dict[str, Any] | None = None  # the body of a CertificateRequest
    staple: bool = False
    ticket: int | None = None  # lifetime hint of a NewSessionTicket, in seconds
    complete: bool = False  # ServerHelloDone was read
    random: bytes = b""
    foreign: bytes = b""
    words: str | None = None  # what a peer or a preamble said, escaped
    size: int = 0  # bytes that came
    elapsed: float = 0.0
    wary: bool = False  # asked with a half-closed connection

    @property
    def accepted(self) -> bool:
        """Tell whether the server went on with the handshake."""
        return self.how == "hello"

    @property
    def spoke(self) -> bool:
        """Tell whether the server answered in TLS."""
        return self.how in ("hello", "alert")

    @property
    def told(self) -> str:
        """Return the answer in the words of a tolerance: `ok`, `refuses with …`, `resets` ..."""
        if self.how == "alert":
            return say("refuses with {alert}", alert=alert_name(self.alert))
        if self.how == "non_tls":
            return say("answers with {words}", words=self.words or say("something else than TLS"))
        return say(WORDS[self.how])


WORDS: Final[dict[How, str]] = {
    "hello": "ok",
    "rst": mark("resets"),
    "fin": mark("closes"),
    "silence": mark("silent"),
    "icmp": mark("unreachable"),
    "refused": mark("refuses the preamble"),
    "unfinished": mark("answers without an end"),
    "unreached": mark("not reached"),
    "budget": mark("not asked: out of time"),
}


def alert_name(code: int | None) -> str:
    """Return an alert by name, one without a name by number."""
    return codes.ALERTS.get(code or 0, f"alert {code}")


class Hearing:
    """Reads one server's answer. `whole` waits for the end of its flight (up to TLS 1.2)."""

    def __init__(self, *, whole: bool = False) -> None:
        self.answer = Answer()
        self.done = False
        self.read = 0
        self.half_close = False  # our end may be closed now: there is nothing left to say
        self.patience: float | None = None  # for more than what was heard, in seconds
        self._whole = whole
        self._records = RecordReader()
        self._messages = MessageReader()
        self._first = b""

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the server."""
        self.read += len(data)
        self.answer.size = self.read
        if self.read > MOST_BYTES:
            self.closed("unfinished")
        for found in self._records.feed(data):
            if self.done and self.answer.how != "unfinished":
                return
            if isinstance(found, Foreign):
                self._foreign(found)
            else:
                self._record(found)

    def reply(self) -> bytes:
        """Return what is to be said now; a question is one flight only."""
        return b""

    def _foreign(self, found: Foreign) -> None:
        """Take what is no record of TLS: an SSL 2.0 hello, or anything else."""
        answer = self.answer
        if answer.how == "hello":  # what follows a hello and cannot be read is not needed
            self.done = True
            return
        answer.foreign = (answer.foreign + found.data)[:KEPT]
        if self._ssl2(answer.foreign):
            return
        answer.how = "non_tls"
        answer.words = name_bytes(answer.foreign, "server")
        self.done = True

    def _ssl2(self, data: bytes) -> bool:
        """Read the hello or the error of SSL 2.0 (draft-hickman-netscape-ssl-00)."""
        if len(data) < 3 or not data[0] & 0x80:
            return False
        length = int.from_bytes(data[:2], "big") & 0x7FFF
        if data[2] == codes.Ssl2MessageType.server_hello and length > 10:
            if len(data) >= min(2 + length, KEPT):
                self._take_ssl2(data[2 : 2 + length])
            return True
        if data[2] == codes.Ssl2MessageType.error and length == 3:
            self.answer.how, self.answer.alert, self.done = "alert", None, True
            return True
        return False

    def _take_ssl2(self, body: bytes) -> None:
        fields = grammar.read("ssl2_server_hello", body).fields or {}
        answer, self.done = self.answer, True
        answer.how, answer.version = "hello", Version.ssl_2_0
        kinds = tuple(fields.get("cipher_suites", ()))
        answer.extensions = {"ssl2": kinds}  # type: ignore[dict-item]
        certificate = bytes(fields.get("certificate", b""))
        answer.chain = (certificate,) if certificate else ()

    def _record(self, record: Record) -> None:
        if record.type == ContentType.alert and record.length == 2:
            self._alert(record.payload)
        elif record.type == ContentType.handshake:
            for message in self._messages.feed(record):
                self.message(message)
        elif record.type == ContentType.application_data:
            self.closed("unfinished")  # before any handshake it answers nothing

    def _alert(self, payload: bytes) -> None:
        """Warnings are no end: an unrecognized_name may come before the ServerHello."""
        level, code = payload
        if level == AlertLevel.warning and code != codes.Alert.close_notify:
            return
        if self.answer.how != "hello":
            self.answer.how, self.answer.alert = "alert", code
        self.done = True

    def message(self, message: Message) -> None:
        """Take one handshake message of the server."""
        reader = READERS.get(message.type)
        if reader is not None and not message.damaged:
            reader(self.answer, message.body)
        if message.type == _T.server_hello and not self._awaits_more():
            self.done = True
        elif message.type == _T.server_hello_done:
            self.answer.complete = self.done = True

    def _awaits_more(self) -> bool:
        """The size of DHE's prime stands in the flight that follows its ServerHello."""
        answer = self.answer
        if (answer.version or 0) >= Version.tls_1_3 or answer.retry:
            return False
        facts = SUITES.get(answer.suite or 0)
        return self._whole or (facts is not None and facts.key_exchange.startswith("DH"))

    def closed(self, how: How) -> None:
        """Take note of how the connection ended; after a hello that says nothing more."""
        if self.answer.how == "silence":
            if self.answer.foreign:
                self.answer.how = "non_tls"
                self.answer.words = name_bytes(self.answer.foreign, "server")
            else:
                self.answer.how = "unfinished" if how == "silence" and self.read else how
        self.done = True


# -- the messages ------------------------------------------------------------------------


def _server_hello(answer: Answer, body: bytes) -> None:
    fields = grammar.read("server_hello", body).fields or {}
    if "cipher_suite" not in fields:
        return
    answer.how = "hello"
    answer.extensions = {e["type"]: e["body"] for e in fields.get("extensions", ())}
    chosen = answer.extensions.get(ExtensionType.supported_versions) or {}
    answer.version = chosen.get("selected_version", fields["legacy_version"])
    answer.suite = fields["cipher_suite"]
    answer.compression = fields.get("compression_method", 0)
    answer.session_id = bytes(fields.get("session_id", b""))
    answer.random = bytes(fields.get("random", b""))
    share = answer.extensions.get(ExtensionType.key_share) or {}
    answer.retry = "selected_group" in share or answer.random == RETRY_RANDOM
    answer.group = share.get("selected_group", (share.get("server_share") or {}).get("group"))


def _certificate(answer: Answer, body: bytes) -> None:
    fields = grammar.read("certificate", body, _situation(answer)).fields or {}
    entries = fields.get("certificate_list", ())
    answer.chain = tuple(bytes(e["cert_data"] if isinstance(e, dict) else e) for e in entries)
    first = entries[0] if entries and isinstance(entries[0], dict) else {}
    stapled = (e["type"] == ExtensionType.status_request for e in first.get("extensions", ()))
    answer.staple = answer.staple or any(stapled)


def _key_exchange(answer: Answer, body: bytes) -> None:
    fields = grammar.read("server_key_exchange", body, _situation(answer)).fields or {}
    params = fields.get("params") or {}
    named = params.get("parameters") or {}
    answer.group = named.get("named_curve", answer.group)
    answer.scheme = fields.get("algorithm")
    if "dh_p" in params:
        answer.dh_bits = int.from_bytes(params["dh_p"], "big").bit_length()


def _request(answer: Answer, body: bytes) -> None:
    answer.requested = grammar.read("certificate_request", body, _situation(answer)).fields or {}


def _status(answer: Answer, body: bytes) -> None:
    answer.staple = True


def _encrypted_extensions(answer: Answer, body: bytes) -> None:
    fields = grammar.read("encrypted_extensions", body, _situation(answer)).fields or {}
    answer.extensions |= {e["type"]: e["body"] for e in fields.get("extensions", ())}


def _verify(answer: Answer, body: bytes) -> None:
    fields = grammar.read("certificate_verify", body, _situation(answer)).fields or {}
    answer.scheme = fields.get("algorithm")


def _situation(answer: Answer) -> Situation:
    facts = SUITES.get(answer.suite or 0)
    return Situation(answer.version, facts.key_exchange if facts else None)


#: What is read of each message; others are passed over.
READERS: Final = {
    _T.server_hello: _server_hello,
    _T.certificate: _certificate,
    _T.server_key_exchange: _key_exchange,
    _T.certificate_request: _request,
    _T.certificate_status: _status,
    _T.encrypted_extensions: _encrypted_extensions,
    _T.certificate_verify: _verify,
}
