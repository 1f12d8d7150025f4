"""One connection's TLS, from bytes to transcript. Sans-IO: bytes and times come in, no clock here.

Captures and live sockets feed the same `Session`. It frames, joins, orders and notes; it never
raises on bytes, never answers, and never says whose fault it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tlswire import codes, hidden, preambles
from tlswire.codes import ContentType, ExtensionType, HandshakeType
from tlswire.concealed import Concealed
from tlswire.envelopes import Envelope
from tlswire.flow import OTHER, How, Who
from tlswire.grammar import Situation
from tlswire.half import Half
from tlswire.messages import MESSAGE_HEADER
from tlswire.records import (
    HEADER,
    SSL2,
    Foreign,
    Record,
    RecordReader,
    may_begin_record,
)
from tlswire.scribe import UNREADABLE, Scribe
from tlswire.states import APPLICATION_DATA, CLIENT_HELLO, SERVER_HELLO
from tlswire.transcript import Entry, Transcript, chosen_version, is_tls13

if TYPE_CHECKING:
    from tlswire.keys.keylog import KeyLog
    from tlswire.keys.opener import Opener
    from tlswire.keys.protection import Plain

#: Cleartext before TLS that is kept to be named; a longer opening is not a preamble.
OPENING = 1 << 16
#: Bytes of foreign data that are kept.
FOREIGN = 1 << 14
#: Once an established connection has carried this much data, nothing more is to be learnt.
ENOUGH = 1 << 16
HANDSHAKE, APPLICATION = ContentType.handshake, ContentType.application_data


class Session:
    """Feed it what both sides send, in order; read `transcript`."""

    def __init__(
        self, *, midway: bool = False, secrets: KeyLog | None = None, enough: int = ENOUGH
    ) -> None:
        """Begin; `midway` when the capture did not see the connection open.

        With `secrets` what is protected is read as far as they open it, the rest by its size.
        After `enough` bytes of data on an established connection it is `done`.
        """
        self.transcript = Transcript()
        self.done = False
        #: Who speaks the preamble knows it better than the bytes tell: then nothing is recognised.
        self.spoken: preambles.Preamble | None = None
        #: So many bytes of the server's opened data are kept: none of a capture, it is not ours.
        self.keeps = 0
        self.answer = b""
        #: The secrets are those of our own handshake: a record that they do not open is broken.
        self.ours = False
        self._halves: dict[Who, Half] = {"client": Half(midway), "server": Half(midway)}
        self._scribe = Scribe(self.transcript, midway=midway)
        self._midway = midway
        self._concealed = Concealed(self.transcript, self._scribe)
        self._secrets = secrets
        self._sufficient = enough
        self._opener: Opener | None = None  # only when there are secrets

    # -- what happens ------------------------------------------------------------------

    def receive(self, who: Who, data: bytes, at: float, frame: int = 0) -> None:
        """Take the next bytes of one side's stream."""
        half = self._halves[who]
        half.mark(len(data), at, frame)
        if half.phase == "opening":
            self._open(who, half, data, at)
        elif half.envelope is not None:
            self._records(who, half, data, at)
        elif found := half.records.feed(data):
            self._read(who, half, found, at)

    def lost(self, who: Who, length: int, at: float, frame: int = 0) -> None:
        """Take note that `length` bytes of the stream are not in the capture."""
        half = self._halves[who]
        half.mark(length, at, frame)
        if half.phase == "opening":
            self._begin_tls(who, half, len(half.opening), at)
        found = half.records.skip(length)
        if self._opener is not None:
            self._opener.lose(who)
        self._scribe.lost(who, at, frame, half.seen - length, length, half.records.in_step)
        self._read(who, half, found, at)

    def closed(self, who: Who, how: How, at: float, frame: int = 0) -> None:
        """Take note that a side's stream has ended, and how."""
        self._settle(at)
        self._concealed.conclude(at)
        self._scribe.event(how, who, at, frame, self._halves[who].seen)

    def end(self, at: float) -> Transcript:
        """The capture or the run is over: settle what is open and return the transcript."""
        self._settle(at)
        self._concealed.conclude(at)
        if self._opener is not None:
            self.transcript.notes = self._opener.notes
            self.transcript.verified = frozenset(self._opener.verified)
        before = self.transcript.cleartext
        if self.spoken is not None:
            self.transcript.preamble = self.spoken
        elif any(before.values()):
            clear = before.get("client", b""), before.get("server", b"")
            self.transcript.preamble = preambles.recognise(*clear)
        for who, half in self._halves.items():
            self.transcript.unfinished[who] = half.records.pending + half.messages.pending
        return self.transcript

    def whole_until(self, who: Who) -> int:
        """Return the stream offset up to which everything a side sent has been understood."""
        half = self._halves[who]
        if half.phase == "opening":
            return half.seen - len(half.opening)
        whole = half.seen - half.records.pending
        begun = half.messages.begun
        return whole if begun is None else min(whole, begun - HEADER)

    # -- before TLS --------------------------------------------------------------------

    def _open(self, who: Who, half: Half, data: bytes, at: float) -> None:
        room = max(0, OPENING - len(half.opening))
        half.opening += data[:room]
        if who == "server" and self._halves["client"].phase == "tls":
            self._begin_tls(who, half, 0, at)
        elif may_begin_record(half.opening[:3]):
            if len(half.opening) >= 3:
                self._begin_tls(who, half, 0, at)
        elif half.midway and preambles.name_bytes(bytes(half.opening), who) is None:
            self._begin_tls(who, half, 0, at)
        elif who == "client":
            begin = preambles.find_client_hello(bytes(half.opening))
            if begin is not None:
                self._begin_tls(who, half, begin, at)
        if half.phase == "tls" and len(data) > room:
            self._records(who, half, data[room:], at)

    def _begin_tls(self, who: Who, half: Half, begin: int, at: float) -> None:
        if who == "client" and begin:
            begin = self._open_envelope(half, begin)
        self._clear(who, half, begin)
        rest = bytes(half.opening[begin:])
        half.phase, half.opening = "tls", bytearray()
        named = may_begin_record(rest[:3]) or preambles.name_bytes(rest, who) is not None
        known = bool(rest) and named
        half.records = RecordReader(begin, midway=half.midway and not known)
        other = self._halves[OTHER[who]]
        if who == "client" and other.phase == "opening" and not may_begin_record(other.opening[:3]):
            self._begin_tls("server", other, len(other.opening), at)
        if rest:
            self._records(who, half, rest, at)

    def _open_envelope(self, half: Half, begin: int) -> int:
        """Return where TLS begins: at `begin`, or with the packets that carry its records."""
        server = self._halves["server"]
        preamble = preambles.recognise(bytes(half.opening[:begin]), bytes(server.opening))
        if preamble is None or "framing" not in preamble.details:
            return begin
        half.envelope, server.envelope = Envelope(), Envelope()
        return preamble.client_end

    def _settle(self, at: float) -> None:
        """What is still unsettled when a side ends: cleartext that never became TLS."""
        for who, half in self._halves.items():
            if half.phase == "opening" and half.opening:
                self._clear(who, half, len(half.opening))

    def _clear(self, who: Who, half: Half, length: int) -> None:
        """Keep what a side said before TLS, and when it began to."""
        self.transcript.cleartext[who] = bytes(half.opening[:length])
        if length and half.first is not None:
            self.transcript.cleartext_from[who] = half.first

    # -- records -----------------------------------------------------------------------

    def _records(self, who: Who, half: Half, data: bytes, at: float) -> None:
        if half.envelope is None:
            self._bare(who, half, data, at)
            return
        for framing, payload in half.envelope.feed(data):
            half.records.pass_over(framing)
            self._bare(who, half, payload, at)

    def _bare(self, who: Who, half: Half, data: bytes, at: float) -> None:
        self._read(who, half, half.records.feed(data), at)

    def _read(self, who: Who, half: Half, read: list[Record | Foreign], at: float) -> None:
        for found in read:
            if type(found) is Record:
                self._record(who, half, found, at)
            elif isinstance(found, Foreign):
                self._foreign(who, found, at)

    def _foreign(self, who: Who, found: Foreign, at: float) -> None:
        kept = self.transcript.foreign.get(who)
        if kept is None:
            frame = self._halves[who].frame_of(found.offset)
            self._scribe.event("not_tls", who, at, frame, found.offset)
        self.transcript.foreign[who] = ((kept or b"") + found.data)[:FOREIGN]

    def _record(self, who: Who, half: Half, record: Record, at: float) -> None:
        kind = record.type
        plain = self._opener.open(who, record) if self._opener is not None else None
        if plain is None and half.protected:
            plain = self._unencrypted(record)
        if plain is not None:
            self._opened(who, half, record, plain, at)
        elif who == "server" and self._breaks(half, kind):
            self._scribe.record(who, half, UNREADABLE, record, at, hidden=True)
        elif kind == HANDSHAKE and not self._hides(half, record):
            self._messages(who, half, record, at)
        elif kind == SSL2:
            situation = Situation(version=codes.Version.ssl_2_0)
            entry = self._scribe.record(who, half, "client_hello", record, at, situation=situation)
            if self._secrets is not None:
                self._hear(entry, record.payload)
        elif kind == APPLICATION:
            self._data(who, half, record, at)
        elif kind == ContentType.change_cipher_spec:
            self._scribe.record(who, half, "change_cipher_spec", record, at)
            half.protected = not self.transcript.tls13
            if self._opener is not None:
                self._opener.change(who)
        elif kind == ContentType.alert:
            secret = record.length != 2
            guess = "alert" if secret else None
            self._scribe.record(who, half, "alert", record, at, hidden=secret, guess=guess)
        elif kind == ContentType.handshake:
            self._finish(who, half, record, at)
        else:
            self._scribe.record(who, half, codes.CONTENT_TYPES.get(kind, "encrypted"), record, at)

    def _breaks(self, half: Half, kind: int) -> bool:
        """Tell whether a server's record of our own handshake is protected, and by other keys."""
        if not self.ours or self._opener is None or self._scribe.established:
            return False
        hidden = half.protected or (self.transcript.tls13 and kind == APPLICATION)
        return hidden and self._opener.has_keys("server")

    def _messages(
        self, who: Who, half: Half, record: Record, at: float, within: Record | None = None
    ) -> None:
        for message in half.messages.feed(record):
            entry = self._scribe.message(who, half, message, at, within)
            if self._secrets is not None:
                self._hear(entry, message.header + message.body)

    def _unencrypted(self, record: Record) -> Plain | None:
        """Return what a record holds whose suite protects by a MAC only (RFC 5246 6.2.3.1)."""
        mac = hidden.unencrypted(self.transcript.suite)
        if mac is None or record.missing or record.length <= mac:
            return None
        from tlswire.keys.protection import Plain

        return Plain(record.type, record.payload[:-mac])

    def _hides(self, half: Half, record: Record) -> bool:
        """Tell whether a handshake record is ciphertext: after its side's ChangeCipherSpec.

        A one-sided TLS 1.3 capture has a dummy ChangeCipherSpec before a clear second ClientHello.
        """
        if not half.protected or self.transcript.tls13:
            return False
        payload = record.payload
        clear = payload[:2] == bytes((HandshakeType.client_hello, 0))
        return not (clear and int.from_bytes(payload[1:4], "big") == len(payload) - MESSAGE_HEADER)

    def _finish(self, who: Who, half: Half, record: Record, at: float) -> None:
        """The first hidden handshake record up to TLS 1.2 is the Finished (RFC 5246 7.4.9)."""
        state = self.transcript.state
        awaited = "CLIENT_FINISHED" if who == "client" else "SERVER_FINISHED"
        finished = state == awaited or self._midway or not self.transcript.version
        what, guess = ("finished", "finished") if finished else ("encrypted", None)
        self._scribe.record(
            who, half, "encrypted", record, at, hidden=True, guess=guess, as_what=what
        )

    # -- what is hidden ----------------------------------------------------------------

    def _data(self, who: Who, half: Half, record: Record, at: float) -> None:
        """Content type 23: application data, or in TLS 1.3 anything (RFC 8446 section 5.2)."""
        half.data += record.length
        state = self.transcript.state
        if state == APPLICATION_DATA and self._scribe.established:
            self._after(who, half, record, at)
        elif self.transcript.tls13:
            self._concealed.take(who, half, record, at, early=self._offers_early())
        else:
            early = (
                who == "client" and state in (CLIENT_HELLO, SERVER_HELLO) and self._offers_early()
            )
            self._scribe.record(
                who, half, "early_data" if early else "application_data", record, at, hidden=True
            )

    def _after(self, who: Who, half: Half, record: Record, at: float) -> None:
        half.forget()
        small = self.transcript.tls13 and hidden.is_alert(self.transcript.suite, record.length)
        what = "encrypted" if self.transcript.tls13 else "application_data"
        last = self.transcript.entries[-1]
        if small or (last.who, last.what, last.guess) != (who, what, None):
            self._scribe.record(
                who, half, what, record, at, hidden=True, guess="alert" if small else None
            )
        self.done = self._enough()

    def _enough(self) -> bool:
        return (
            sum(half.data for half in self._halves.values()) > self._sufficient or self._scribe.full
        )

    def _offers_early(self) -> bool:
        hello = self.transcript.client_hello
        return hello is not None and hello.has_extension(ExtensionType.early_data)

    # -- what the keys open ------------------------------------------------------------

    def _hear(self, entry: Entry, raw: bytes) -> None:
        """Let the keys follow what is said: they come from the hellos, and check the Finished."""
        if self._opener is None and self._secrets and entry.what == "client_hello":
            from tlswire.keys.opener import Opener

            self._opener = Opener(self._secrets)
        if self._opener is None:
            return
        if entry.what in ("server_hello", "hello_retry_request"):
            version, suite = chosen_version(entry) or 0, entry.fields.get("cipher_suite", -1)
            self._opener.agree(entry, version, suite, tls13=is_tls13(version))
        wrong = self._opener.hear(entry, raw)
        entry.noted += (wrong,) if wrong else ()

    def _opened(self, who: Who, half: Half, record: Record, plain: Plain, at: float) -> None:
        """Tell what a protected record held, as if it had been in the clear."""
        if who == "server":
            self._concealed.promote(at)
        if plain.type == ContentType.handshake:
            inside = record._replace(offset=record.offset + plain.shift, payload=plain.payload)
            self._messages(who, half, inside, at, record)
        elif plain.type == ContentType.application_data:
            self._opened_data(who, half, record, plain, at)
        else:
            what = codes.CONTENT_TYPES.get(plain.type, "encrypted")
            self._scribe.record(who, half, what, record, at, plain=plain.payload)
            if self._opener is not None and plain.type == ContentType.change_cipher_spec:
                self._opener.change(who)

    def _opened_data(self, who: Who, half: Half, record: Record, plain: Plain, at: float) -> None:
        half.data += len(plain.payload)
        if who == "server" and len(self.answer) < self.keeps:
            self.answer = (self.answer + plain.payload)[: self.keeps]
        established = self._scribe.established
        early = who == "client" and not established and self._offers_early()
        what, last = "early_data" if early else "application_data", self.transcript.entries[-1]
        if (last.who, last.what, last.protected) != (who, what, True):
            self._scribe.record(who, half, what, record, at, plain=b"")
        self.done = established and self._enough()
