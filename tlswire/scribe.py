"""Writes what happens into the transcript, in order: entries, what they teach, the state after.

The table of states says what follows; the scribe keeps what its conditions look at. It reads no
stream, opens nothing and blames nobody: what came out of order is noted beside the entry.
"""

from __future__ import annotations

from functools import lru_cache

from tlswire import codes
from tlswire.codes import ExtensionType
from tlswire.errors import Trouble
from tlswire.flow import Who
from tlswire.grammar import Situation, kind_of
from tlswire.grammar.forms import RETRY_RANDOM
from tlswire.half import Half
from tlswire.language import mark, say
from tlswire.messages import Message
from tlswire.records import LARGEST, MISSING, Record
from tlswire.states import APPLICATION_DATA, CERTIFICATE, Conditions, resume, step
from tlswire.transcript import Entry, Transcript, chosen_version, is_tls13

#: Entries that one connection may have: a hostile one sends a million one-byte records.
MOST_ENTRIES = 4096
#: A Certificate of this length, in bytes, can hold none (RFC 5246 7.4.2, RFC 8446 4.4.2).
NO_CERTIFICATE = 4
#: What nobody awaits: a record that the right keys do not open.
UNREADABLE = "unreadable"
OUT_OF_TURN: dict[Who, str] = {
    "client": mark("{what} from the client"),
    "server": mark("{what} from the server"),
}


@lru_cache(maxsize=256)
def situation_of(version: int | None, suite: int | None) -> Situation:
    """Return what the meaning of a body depends on once these were chosen."""
    return Situation(version, key_exchange(suite))


@lru_cache(maxsize=256)
def has_server_key_exchange(suite: int | None) -> bool:
    """Tell whether the suite's server sends its key apart from its certificate."""
    kind = key_exchange(suite) or ""
    return any(word in kind for word in ("DHE", "anon", "SRP", "EXPORT"))


def key_exchange(suite: int | None) -> str | None:
    """Return the suite's key exchange as its name tells it (`TLS_ECDHE_RSA_WITH_…`)."""
    name = "" if suite is None else codes.CIPHER_SUITES.get(suite, "")
    prefix, _, rest = name.partition("_WITH_")
    return prefix.removeprefix("TLS_").removeprefix("SSL_") if rest else None


class Scribe:
    """Tell it what came; it writes that down and moves the state."""

    def __init__(self, transcript: Transcript, *, midway: bool) -> None:
        """Write into `transcript`; `midway` when the capture did not see the connection open."""
        self.transcript = transcript
        self._midway = midway
        self._asked = self._certified = self._resumed = False
        self._conditions: Conditions | None = None  # None: to be worked out again

    @property
    def full(self) -> bool:
        """Tell whether no more entries are taken."""
        return len(self.transcript.entries) >= MOST_ENTRIES

    @property
    def established(self) -> bool:
        """Tell whether the handshake is over."""
        return self.transcript.established_at is not None

    # -- entries -----------------------------------------------------------------------

    def message(
        self, who: Who, half: Half, message: Message, at: float, within: Record | None = None
    ) -> Entry:
        """Write a handshake message; `within` is the protected record that ended with it."""
        what = kind_of(message.type)
        if what == "server_hello" and message.body[2:34] == RETRY_RANDOM:
            what = "hello_retry_request"
        last_offset, last_length = message.spans[-1]
        transcript = self.transcript
        end = within.end if within else last_offset + last_length
        entry = Entry(
            what,
            who,
            at,
            half.frame_of(end - 1),
            transcript.state,
            message.offset,
            message.length,
            message.body,
            message.spans,
            situation_of(transcript.version, transcript.suite),
            protected=within is not None,
        )
        if message.damaged:
            entry.noted = (
                Trouble(what, 0, say("{length} bytes", length=message.length), say(MISSING)),
            )
        if not self._late(entry):
            self._learn(entry)
        self._advance(entry, what)
        return entry

    def record(
        self,
        who: Who,
        half: Half,
        what: str,
        record: Record,
        at: float,
        *,
        hidden: bool = False,
        guess: str | None = None,
        situation: Situation | None = None,
        as_what: str | None = None,
        plain: bytes | None = None,
    ) -> Entry:
        """Write a record: in the clear, `hidden`, or `plain` as the keys opened it.

        `as_what` is what the table of states takes it for, where that is not its name.
        """
        read = b"" if hidden and self.established else record.payload
        transcript, offset, end = self.transcript, record.offset, record.end
        entry = Entry(
            what,
            who,
            at,
            half.frame_of(end - 1),
            transcript.state,
            offset,
            record.length if plain is None else len(plain),
            read if plain is None else plain,
            ((offset, end - offset),),
            situation or situation_of(transcript.version, transcript.suite),
            hidden,
            guess,
            plain is not None,
        )
        if record.length > LARGEST:
            entry.noted = (
                Trouble(
                    "record.length",
                    3,
                    say("at most {number}", number=LARGEST),
                    str(record.length),
                ),
            )
        self._advance(entry, as_what or what)
        return entry

    def event(
        self, what: str, who: Who, at: float, frame: int, offset: int, length: int = 0
    ) -> None:
        """Write what is no TLS message: it moves no state."""
        self._write(Entry(what, who, at, frame, self.transcript.state, offset, length))

    def lost(self, who: Who, at: float, frame: int, offset: int, length: int, framed: bool) -> None:
        """Write that bytes are missing; `framed` where the records around them are known."""
        state = self.transcript.state
        self._write(Entry("lost", who, at, frame, state, offset, length, framed=framed))

    def _write(self, entry: Entry) -> None:
        if not self.full:
            self.transcript.entries.append(entry)

    # -- what an entry teaches ---------------------------------------------------------

    def _learn(self, entry: Entry) -> None:
        transcript = self.transcript
        self._conditions = None
        if entry.what in ("server_hello", "hello_retry_request"):
            if not entry.cut or entry.has_extension(ExtensionType.supported_versions):
                transcript.version = chosen_version(entry) or transcript.version
            transcript.suite = entry.fields.get("cipher_suite", transcript.suite)
            psk = entry.has_extension(ExtensionType.pre_shared_key)
            self._resumed = self._resumed or (psk and is_tls13(transcript.version))
        elif entry.what == "certificate_request":
            self._asked = True
        elif entry.what == "certificate" and entry.who == "client":
            self._certified = entry.length > NO_CERTIFICATE
            transcript.client_authenticates = transcript.tls13
        elif entry.what == "new_session_ticket" and entry.state == CERTIFICATE:
            self._resumed = True

    # -- the order ---------------------------------------------------------------------

    def _look(self) -> Conditions:
        ephemeral, tls13 = has_server_key_exchange(self.transcript.suite), self.transcript.tls13
        known = Conditions(tls13, ephemeral, self._resumed, self._asked, self._certified)
        self._conditions = known
        return known

    def _late(self, entry: Entry) -> bool:
        """Tell whether an entry belongs to what the keys show after the handshake: not judged."""
        return entry.protected and self.established

    def _advance(self, entry: Entry, what: str) -> None:
        if self._late(entry):
            self._write(entry)
            return
        conditions = self._conditions or self._look()
        state = step(entry.state, entry.who, what, conditions)
        if state is None:
            state = resume(entry.who, what, conditions)
            if not self._midway and what not in ("encrypted", "early_data", UNREADABLE):
                name = entry.state.lower()
                entry.noted += (
                    Trouble(entry.what, 0, name, say(OUT_OF_TURN[entry.who], what=what)),
                )
        if what == "change_cipher_spec" and entry.who == "server" and entry.state == CERTIFICATE:
            self._resumed, self._conditions = True, None
        self._write(entry)
        if state is not None and state != self.transcript.state:
            self.enter(state, entry.at)

    def enter(self, state: str, at: float) -> None:
        """Go on to a state."""
        self.transcript.state = state
        if state == APPLICATION_DATA and not self.established:
            self.transcript.established_at = at
