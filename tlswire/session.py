"""One connection's TLS, from bytes to transcript. Sans-IO: bytes and times come in, no clock here.

Captures and live sockets feed the same `Session`. It frames, joins, orders and notes; it never
raises on bytes, never answers, and never says whose fault it was.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tlswire import codes, hidden, preambles
from tlswire.codes import ContentType, ExtensionType, HandshakeType
from tlswire.errors import Trouble
from tlswire.flow import OTHER, How, Who
from tlswire.grammar import Situation, kind_of
from tlswire.grammar.forms import RETRY_RANDOM
from tlswire.half import Half
from tlswire.messages import MESSAGE_HEADER, Message
from tlswire.records import (
    LARGEST,
    SSL2,
    Foreign,
    Record,
    RecordReader,
    may_begin_record,
)
from tlswire.states import APPLICATION_DATA, CLIENT_HELLO, SERVER_HELLO, Conditions, resume, step
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
#: Entries that one connection may have: a hostile one sends a million one-byte records.
MOST_ENTRIES = 4096


class Session:
    """Feed it what both sides send, in order; read `transcript`."""

    def __init__(self, *, midway: bool = False, secrets: KeyLog | None = None) -> None:
        """Begin; `midway` when the capture did not see the connection open.

        With `secrets` what is protected is read as far as they open it, the rest by its size.
        """
        self.transcript = Transcript()
        self.done = False
        self._halves: dict[Who, Half] = {"client": Half(midway), "server": Half(midway)}
        self._midway = midway
        self._asked = self._certified = self._resumed = False
        self._tail: Entry | None = None  # the client's last hidden record, not yet told
        self._hidden = 0  # hidden records of the client's TLS 1.3 flight so far
        self._secrets = secrets
        self._opener: Opener | None = None  # only when there are secrets

    # -- what happens ------------------------------------------------------------------

    def receive(self, who: Who, data: bytes, at: float, frame: int = 0) -> None:
        """Take the next bytes of one side's stream."""
        half = self._halves[who]
        half.mark(len(data), at, frame)
        if half.phase == "opening":
            self._open(who, half, data, at)
        else:
            self._records(who, half, data, at)

    def lost(self, who: Who, length: int, at: float, frame: int = 0) -> None:
        """Take note that `length` bytes of the stream are not in the capture."""
        half = self._halves[who]
        half.mark(length, at, frame)
        if half.phase == "opening":
            self._begin_tls(who, half, len(half.opening), at)
        half.records.skip(length)
        if self._opener is not None:
            self._opener.lose(who)
        self._note(Entry("lost", who, at, frame, self.transcript.state, half.seen - length, length))

    def closed(self, who: Who, how: How, at: float, frame: int = 0) -> None:
        """Take note that a side's stream has ended, and how."""
        self._settle(at)
        self._conclude(at)
        self._note(Entry(how, who, at, frame, self.transcript.state, self._halves[who].seen))

    def end(self, at: float) -> Transcript:
        """The capture or the run is over: settle what is open and return the transcript."""
        self._settle(at)
        self._conclude(at)
        self.transcript.notes = self._opener.notes if self._opener is not None else []
        for who, half in self._halves.items():
            self.transcript.unfinished[who] = half.records.pending + half.messages.pending
        return self.transcript

    # -- before TLS --------------------------------------------------------------------

    def _open(self, who: Who, half: Half, data: bytes, at: float) -> None:
        half.opening += data[: max(0, OPENING - len(half.opening))]
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

    def _begin_tls(self, who: Who, half: Half, begin: int, at: float) -> None:
        self.transcript.cleartext[who] = bytes(half.opening[:begin])
        rest = bytes(half.opening[begin:])
        half.phase, half.opening = "tls", bytearray()
        half.records = RecordReader(begin, midway=half.midway and not may_begin_record(rest[:3]))
        other = self._halves[OTHER[who]]
        if who == "client" and other.phase == "opening" and not may_begin_record(other.opening[:3]):
            self._begin_tls("server", other, len(other.opening), at)
        if rest:
            self._records(who, half, rest, at)

    def _settle(self, at: float) -> None:
        """What is still unsettled when a side ends: cleartext that never became TLS."""
        for who, half in self._halves.items():
            if half.phase == "opening" and half.opening:
                self.transcript.cleartext[who] = bytes(half.opening)

    # -- records -----------------------------------------------------------------------

    def _records(self, who: Who, half: Half, data: bytes, at: float) -> None:
        for found in half.records.feed(data):
            if isinstance(found, Foreign):
                self._foreign(who, found, at)
            else:
                self._record(who, half, found, at)

    def _foreign(self, who: Who, found: Foreign, at: float) -> None:
        kept = self.transcript.foreign.get(who)
        if kept is None:
            frame = self._halves[who].frame_of(found.offset)
            self._note(Entry("not_tls", who, at, frame, self.transcript.state, found.offset))
        self.transcript.foreign[who] = ((kept or b"") + found.data)[:FOREIGN]

    def _record(self, who: Who, half: Half, record: Record, at: float) -> None:
        kind = record.type
        plain = self._opener.open(who, record) if self._opener is not None else None
        if plain is not None:
            self._opened(who, half, record, plain, at)
        elif kind == ContentType.handshake and not self._hides(half, record):
            for message in half.messages.feed(record):
                self._message(who, half, message, at)
        elif kind == SSL2:
            situation = Situation(version=codes.Version.ssl_2_0)
            entry = self._say(who, half, "client_hello", record, at, situation=situation)
            self._hear(entry, record.payload)
        elif kind == ContentType.application_data:
            self._data(who, half, record, at)
        elif kind == ContentType.change_cipher_spec:
            self._say(who, half, "change_cipher_spec", record, at)
            half.protected = not self.transcript.tls13
            if self._opener is not None:
                self._opener.change(who)
        elif kind == ContentType.alert:
            secret = record.length != 2
            guess = "alert" if secret else None
            self._say(who, half, "alert", record, at, hidden_by=secret, guess=guess)
        elif kind == ContentType.handshake:
            self._finish(who, half, record, at)
        else:
            self._say(who, half, codes.CONTENT_TYPES.get(kind, "encrypted"), record, at)

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
        self._say(who, half, "encrypted", record, at, hidden_by=True, guess=guess, as_what=what)

    # -- what can be read --------------------------------------------------------------

    def _message(
        self, who: Who, half: Half, message: Message, at: float, within: Record | None = None
    ) -> None:
        """Take a handshake message; `within` is the protected record that ended with it."""
        what = kind_of(message.type)
        if what == "server_hello" and message.body[2:34] == RETRY_RANDOM:
            what = "hello_retry_request"
        last_offset, last_length = message.spans[-1]
        entry = Entry(
            what=what,
            who=who,
            at=at,
            frame=half.frame_of((within.end if within else last_offset + last_length) - 1),
            state=self.transcript.state,
            offset=message.offset,
            length=message.length,
            body=message.body,
            spans=message.spans,
            situation=Situation(self.transcript.version, self._key_exchange()),
            protected=within is not None,
        )
        if message.damaged:
            entry.noted = (Trouble(what, 0, f"{message.length} bytes", "bytes are missing"),)
        if not self._late(entry):
            self._learn(entry)
        self._hear(entry, message.header + message.body)
        self._advance(entry, what)

    def _learn(self, entry: Entry) -> None:
        transcript = self.transcript
        if entry.what in ("server_hello", "hello_retry_request"):
            transcript.version = chosen_version(entry) or transcript.version
            transcript.suite = entry.fields.get("cipher_suite", transcript.suite)
            psk = entry.has_extension(ExtensionType.pre_shared_key)
            self._resumed = self._resumed or (psk and is_tls13(transcript.version))
        elif entry.what == "certificate_request":
            self._asked = True
        elif entry.what == "certificate" and entry.who == "client":
            self._certified = entry.length > 3
            self.transcript.client_authenticates = self.transcript.tls13
        elif entry.what == "new_session_ticket" and entry.state == "CERTIFICATE":
            self._resumed = True

    def _key_exchange(self) -> str | None:
        """Return the suite's key exchange as its name tells it (`TLS_ECDHE_RSA_WITH_…`)."""
        suite = self.transcript.suite
        name = "" if suite is None else codes.CIPHER_SUITES.get(suite, "")
        prefix, _, rest = name.partition("_WITH_")
        return prefix.removeprefix("TLS_").removeprefix("SSL_") if rest else None

    def _conditions(self) -> Conditions:
        kind = self._key_exchange() or ""
        ephemeral = any(word in kind for word in ("DHE", "anon", "SRP", "EXPORT"))
        tls13 = self.transcript.tls13
        return Conditions(tls13, ephemeral, self._resumed, self._asked, self._certified)

    # -- what is hidden ----------------------------------------------------------------

    def _data(self, who: Who, half: Half, record: Record, at: float) -> None:
        """Content type 23: application data, or in TLS 1.3 anything (RFC 8446 section 5.2)."""
        half.data += record.length
        state = self.transcript.state
        if state == APPLICATION_DATA and self.transcript.established_at is not None:
            self._after(who, half, record, at)
        elif self.transcript.tls13:
            self._flight13(who, half, record, at)
        else:
            early = (
                who == "client" and state in (CLIENT_HELLO, SERVER_HELLO) and self._offers_early()
            )
            self._say(who, half, "early_data" if early else "application_data", record, at, True)

    def _after(self, who: Who, half: Half, record: Record, at: float) -> None:
        small = self.transcript.tls13 and hidden.is_alert(self.transcript.suite, record.length)
        what = "encrypted" if self.transcript.tls13 else "application_data"
        last = self.transcript.entries[-1]
        if small or (last.who, last.what, last.guess) != (who, what, None):
            self._say(who, half, what, record, at, True, "alert" if small else None)
        self.done = self._enough()

    def _enough(self) -> bool:
        return sum(half.data for half in self._halves.values()) > ENOUGH or self._full()

    def _full(self) -> bool:
        return len(self.transcript.entries) >= MOST_ENTRIES

    def _offers_early(self) -> bool:
        hello = self.transcript.client_hello
        return hello is not None and hello.has_extension(ExtensionType.early_data)

    def _flight13(self, who: Who, half: Half, record: Record, at: float) -> None:
        """Tell the hidden messages of a TLS 1.3 handshake by their sizes."""
        suite, early = self.transcript.suite, self._offers_early()
        what, guess = hidden.tell(who, suite, record.length, early=early)
        if who == "server":
            self._promote(at)
        as_what = "finished" if guess == "finished" else None
        entry = self._say(who, half, what, record, at, True, guess, as_what=as_what)
        if who == "client" and what == "encrypted" and guess in (None, "certificate"):
            self.transcript.client_authenticates = True
            self._hidden += 1
            self._tail = entry

    def _promote(self, at: float) -> None:
        """The server goes on after a client's flight that was one record: Finished was in it."""
        if self._tail is not None and self._tail.guess is None:
            self._tail.guess = "finished"
            self._enter(APPLICATION_DATA, at)
        self._tail = None

    def _conclude(self, at: float) -> None:
        """A flight that was one record, larger than a Finished, had the Finished in it: padding
        or the whole flight in one; a Certificate alone would not have been left unfinished.
        """
        tail, suite = self._tail, self.transcript.suite
        if tail and self._hidden == 1 and hidden.may_hold_finished(suite, tail.length):
            self._promote(at)

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
            self._promote(at)
        if plain.type == ContentType.handshake:
            inside = Record(
                plain.type,
                record.version,
                record.offset + plain.shift,
                plain.payload,
                record.length,
            )
            for message in half.messages.feed(inside):
                self._message(who, half, message, at, record)
        elif plain.type == ContentType.application_data:
            self._opened_data(who, half, record, plain, at)
        else:
            what = codes.CONTENT_TYPES.get(plain.type, "encrypted")
            self._say(who, half, what, record, at, plain=plain.payload)
            if self._opener is not None and plain.type == ContentType.change_cipher_spec:
                self._opener.change(who)

    def _opened_data(self, who: Who, half: Half, record: Record, plain: Plain, at: float) -> None:
        half.data += len(plain.payload)
        established = self.transcript.established_at is not None
        early = who == "client" and not established and self._offers_early()
        what, last = "early_data" if early else "application_data", self.transcript.entries[-1]
        if (last.who, last.what, last.protected) != (who, what, True):
            self._say(who, half, what, record, at, plain=b"")
        self.done = established and self._enough()

    def _late(self, entry: Entry) -> bool:
        """Tell whether an entry belongs to what is said once the handshake is over."""
        return entry.protected and self.transcript.established_at is not None

    # -- the order ---------------------------------------------------------------------

    def _say(
        self,
        who: Who,
        half: Half,
        what: str,
        record: Record,
        at: float,
        hidden_by: bool = False,
        guess: str | None = None,
        *,
        situation: Situation | None = None,
        as_what: str | None = None,
        plain: bytes | None = None,
    ) -> Entry:
        """Note a record: hidden, or with `plain` what the keys found in it."""
        unread = b"" if hidden_by and self.transcript.established_at else record.payload
        entry = Entry(
            what=what,
            who=who,
            at=at,
            frame=half.frame_of(record.end - 1),
            state=self.transcript.state,
            offset=record.offset,
            length=record.length if plain is None else len(plain),
            body=unread if plain is None else plain,
            spans=((record.offset, record.end - record.offset),),
            situation=situation or Situation(self.transcript.version, self._key_exchange()),
            hidden=hidden_by,
            guess=guess,
            protected=plain is not None,
        )
        if record.length > LARGEST:
            entry.noted = (Trouble("record.length", 3, f"at most {LARGEST}", str(record.length)),)
        if guess == "finished" and what == "encrypted":
            self._tail = None
        self._advance(entry, as_what or what)
        return entry

    def _advance(self, entry: Entry, what: str) -> None:
        if self._late(entry):
            self._note(entry)
            return
        conditions = self._conditions()
        state = step(entry.state, entry.who, what, conditions)
        if state is None:
            state = resume(entry.who, what, conditions)
            if not self._midway and what not in ("encrypted", "early_data"):
                name = entry.state.lower()
                entry.noted += (Trouble(entry.what, 0, name, f"{what} from the {entry.who}"),)
        if what == "change_cipher_spec" and entry.who == "server" and entry.state == "CERTIFICATE":
            self._resumed = True
        self._note(entry)
        if state is not None and state != self.transcript.state:
            self._enter(state, entry.at)

    def _enter(self, state: str, at: float) -> None:
        self.transcript.state = state
        if state == APPLICATION_DATA and self.transcript.established_at is None:
            self.transcript.established_at = at
            for half in self._halves.values():
                half.forget()

    def _note(self, entry: Entry) -> None:
        if not self._full():
            self.transcript.entries.append(entry)
