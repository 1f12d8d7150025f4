"""One connection's TLS, from bytes to transcript. Sans-IO: bytes and times come in, no clock here.

Captures and live sockets feed the same `Session`. It frames, joins, orders and notes; it never
raises on bytes, never answers, and never says whose fault it was.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Literal

from tlswire import codes, hidden, preambles
from tlswire.codes import ContentType, ExtensionType, HandshakeType
from tlswire.errors import Trouble
from tlswire.flow import OTHER, How, Who
from tlswire.grammar import Situation, kind_of
from tlswire.grammar.forms import RETRY_RANDOM
from tlswire.messages import MESSAGE_HEADER, Message, MessageReader
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

#: Cleartext before TLS that is kept to be named; a longer opening is not a preamble.
OPENING = 1 << 16
#: Bytes of foreign data that are kept.
FOREIGN = 1 << 14
#: Once an established connection has carried this much data, nothing more is to be learnt.
ENOUGH = 1 << 16
#: Entries that one connection may have: a hostile one sends a million one-byte records.
MOST_ENTRIES = 4096

Phase = Literal["opening", "tls"]


class _Half:
    """What is kept for one side: where its stream is, and what is protected."""

    def __init__(self, midway: bool) -> None:
        self.phase: Phase = "opening"
        self.opening = bytearray()
        self.records = RecordReader(midway=midway)
        self.messages = MessageReader()
        self.protected = False
        self.midway = midway
        self.seen = 0  # stream bytes so far
        self.data = 0  # application data so far
        self._ends: list[int] = []  # stream offsets at which pieces end
        self._marks: list[tuple[float, int]] = []  # the time and frame of each piece

    def mark(self, length: int, at: float, frame: int) -> None:
        """Remember which frame carried the next `length` bytes."""
        self.seen += length
        if self._marks and self._marks[-1] == (at, frame):
            self._ends[-1] = self.seen
        else:
            self._ends.append(self.seen)
            self._marks.append((at, frame))

    def frame_of(self, offset: int) -> int:
        """Return the frame that holds the stream byte at `offset`."""
        index = min(bisect_right(self._ends, offset), len(self._marks) - 1)
        return self._marks[index][1] if index >= 0 else 0

    def forget(self) -> None:
        """Drop the marks but the last: nobody will ask for older bytes."""
        self._ends, self._marks = self._ends[-1:], self._marks[-1:]


class Session:
    """Feed it what both sides send, in order; read `transcript`."""

    def __init__(self, *, midway: bool = False) -> None:
        """Begin; `midway` when the capture did not see the connection open."""
        self.transcript = Transcript()
        self.done = False
        self._halves: dict[Who, _Half] = {"client": _Half(midway), "server": _Half(midway)}
        self._midway = midway
        self._asked = self._certified = self._resumed = False
        self._tail: Entry | None = None  # the client's last hidden record, not yet told
        self._hidden = 0  # hidden records of the client's TLS 1.3 flight so far

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
        for who, half in self._halves.items():
            self.transcript.unfinished[who] = half.records.pending + half.messages.pending
        return self.transcript

    # -- before TLS --------------------------------------------------------------------

    def _open(self, who: Who, half: _Half, data: bytes, at: float) -> None:
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

    def _begin_tls(self, who: Who, half: _Half, begin: int, at: float) -> None:
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

    def _records(self, who: Who, half: _Half, data: bytes, at: float) -> None:
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

    def _record(self, who: Who, half: _Half, record: Record, at: float) -> None:
        kind = record.type
        if kind == ContentType.handshake and not self._hides(half, record):
            for message in half.messages.feed(record):
                self._message(who, half, message, at)
        elif kind == SSL2:
            situation = Situation(version=codes.Version.ssl_2_0)
            self._say(who, half, "client_hello", record, at, situation=situation)
        elif kind == ContentType.application_data:
            self._data(who, half, record, at)
        elif kind == ContentType.change_cipher_spec:
            self._say(who, half, "change_cipher_spec", record, at)
            half.protected = not self.transcript.tls13
        elif kind == ContentType.alert:
            secret = record.length != 2
            guess = "alert" if secret else None
            self._say(who, half, "alert", record, at, hidden_by=secret, guess=guess)
        elif kind == ContentType.handshake:
            self._finish(who, half, record, at)
        else:
            self._say(who, half, codes.CONTENT_TYPES.get(kind, "encrypted"), record, at)

    def _hides(self, half: _Half, record: Record) -> bool:
        """Tell whether a handshake record is ciphertext: after its side's ChangeCipherSpec.

        A one-sided TLS 1.3 capture has a dummy ChangeCipherSpec before a clear second ClientHello.
        """
        if not half.protected or self.transcript.tls13:
            return False
        payload = record.payload
        clear = payload[:2] == bytes((HandshakeType.client_hello, 0))
        return not (clear and int.from_bytes(payload[1:4], "big") == len(payload) - MESSAGE_HEADER)

    def _finish(self, who: Who, half: _Half, record: Record, at: float) -> None:
        """The first hidden handshake record up to TLS 1.2 is the Finished (RFC 5246 7.4.9)."""
        state = self.transcript.state
        awaited = "CLIENT_FINISHED" if who == "client" else "SERVER_FINISHED"
        finished = state == awaited or self._midway or not self.transcript.version
        what, guess = ("finished", "finished") if finished else ("encrypted", None)
        self._say(who, half, "encrypted", record, at, hidden_by=True, guess=guess, as_what=what)

    # -- what can be read --------------------------------------------------------------

    def _message(self, who: Who, half: _Half, message: Message, at: float) -> None:
        what = kind_of(message.type)
        if what == "server_hello" and message.body[2:34] == RETRY_RANDOM:
            what = "hello_retry_request"
        last_offset, last_length = message.spans[-1]
        entry = Entry(
            what=what,
            who=who,
            at=at,
            frame=half.frame_of(last_offset + last_length - 1),
            state=self.transcript.state,
            offset=message.offset,
            length=message.length,
            body=message.body,
            spans=message.spans,
            situation=Situation(self.transcript.version, self._key_exchange()),
        )
        if message.damaged:
            entry.noted = (Trouble(what, 0, f"{message.length} bytes", "bytes are missing"),)
        self._learn(entry)
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

    def _data(self, who: Who, half: _Half, record: Record, at: float) -> None:
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

    def _after(self, who: Who, half: _Half, record: Record, at: float) -> None:
        small = self.transcript.tls13 and hidden.is_alert(self.transcript.suite, record.length)
        what = "encrypted" if self.transcript.tls13 else "application_data"
        last = self.transcript.entries[-1]
        if small or (last.who, last.what, last.guess) != (who, what, None):
            self._say(who, half, what, record, at, True, "alert" if small else None)
        self.done = sum(h.data for h in self._halves.values()) > ENOUGH or self._full()

    def _full(self) -> bool:
        return len(self.transcript.entries) >= MOST_ENTRIES

    def _offers_early(self) -> bool:
        hello = self.transcript.client_hello
        return hello is not None and hello.has_extension(ExtensionType.early_data)

    def _flight13(self, who: Who, half: _Half, record: Record, at: float) -> None:
        """Tell the hidden messages of a TLS 1.3 handshake by their sizes."""
        suite, length = self.transcript.suite, record.length
        if hidden.is_alert(suite, length):
            self._promote(at) if who == "server" else None
            self._say(who, half, "encrypted", record, at, True, "alert")
        elif who == "server":
            self._promote(at)
            self._say(who, half, "encrypted", record, at, True)
        elif hidden.is_finished(suite, length):
            self._say(who, half, "encrypted", record, at, True, "finished", as_what="finished")
        elif self._offers_early():
            ended = hidden.is_end_of_early_data(suite, length)
            guess = "end_of_early_data" if ended else None
            self._say(who, half, "early_data", record, at, True, guess)
        else:
            empty = hidden.is_empty_certificate(suite, length)
            self.transcript.client_authenticates = True
            self._hidden += 1
            self._tail = self._say(
                who, half, "encrypted", record, at, True, "certificate" if empty else None
            )

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

    # -- the order ---------------------------------------------------------------------

    def _say(
        self,
        who: Who,
        half: _Half,
        what: str,
        record: Record,
        at: float,
        hidden_by: bool = False,
        guess: str | None = None,
        *,
        situation: Situation | None = None,
        as_what: str | None = None,
    ) -> Entry:
        entry = Entry(
            what=what,
            who=who,
            at=at,
            frame=half.frame_of(record.end - 1),
            state=self.transcript.state,
            offset=record.offset,
            length=record.length,
            body=b"" if hidden_by and self.transcript.established_at else record.payload,
            spans=((record.offset, record.end - record.offset),),
            situation=situation or Situation(self.transcript.version, self._key_exchange()),
            hidden=hidden_by,
            guess=guess,
        )
        if record.length > LARGEST:
            entry.noted = (Trouble("record.length", 3, f"at most {LARGEST}", str(record.length)),)
        if guess == "finished" and what == "encrypted":
            self._tail = None
        self._advance(entry, as_what or what)
        return entry

    def _advance(self, entry: Entry, what: str) -> None:
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
