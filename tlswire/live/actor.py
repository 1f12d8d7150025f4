"""Plays a captured server to one client: what to say now, and when it is over. Sans-IO.

Two of them: `Repeater` says the captured bytes; `Rekeyed` makes a handshake of its own after the
captured server's choices, as far as that one went, and ends as it did.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

from tlswire.codes import EXTENSIONS, Alert, AlertLevel, ExtensionType
from tlswire.flight import Piece
from tlswire.language import say
from tlswire.live.script import End, Script, Turn
from tlswire.player.credentials import Credentials
from tlswire.player.part import Part
from tlswire.player.server import Server
from tlswire.player.server_secrets import ServerSecrets
from tlswire.player.sessions import Sessions
from tlswire.session import Session
from tlswire.states import CLIENT_HELLO
from tlswire.transcript import NOT_MESSAGES, Entry, alert_of

#: The suite 00FF asks for it as well as the extension does (RFC 5746 section 3.6).
_ASKED_BY_SUITE = frozenset({ExtensionType.renegotiation_info})


class Cue(NamedTuple):
    """Bytes to send after a pause."""

    data: bytes
    pause: float = 0.0


class Actor(Protocol):
    """What the stage asks of whoever plays."""

    session: Session

    @property
    def notes(self) -> list[str]:
        """Return what is other than in the capture, in sentences."""

    def next(self, at: float) -> list[Cue]:
        """Return what is to be said now, given all that was heard."""

    def end(self) -> End | None:
        """Return how the connection is to be ended now, None while it goes on."""


class Repeater:
    """Says the captured bytes; only what must repeat the client's session id is changed."""

    def __init__(self, script: Script) -> None:
        self.session = Session()
        self.notes = list[str]()
        self.runs = 0  # times that the client spoke
        self._script = script
        self._turns = list(script.turns)

    def next(self, at: float) -> list[Cue]:
        """Say every turn whose time has come."""
        cues: list[Cue] = []
        while self._turns and self._is_due(self._turns[0]):
            turn = self._turns.pop(0)
            self._note_unasked()
            place = turn.offset
            for piece in turn.pieces:
                data = self._with_session_id(piece, place)
                self.session.receive("server", data, at)
                cues.append(Cue(data, piece.pause))
                place += len(piece.data)
        return cues

    def _note_unasked(self) -> None:
        """Say what the captured ServerHello answers that this client did not ask (RFC 8446 4.2)."""
        answer, hello = self._script.seen.transcript.server_hello, self._hello
        if answer is None or hello is None:
            return
        types = [each["type"] for each in answer.fields.get("extensions", ())]
        unasked = [t for t in types if not (t in _ASKED_BY_SUITE or hello.has_extension(t))]
        names = ", ".join(EXTENSIONS.get(t, str(t)) for t in unasked)
        note = say(
            "the captured ServerHello has {names}, which this client did not ask for and may "
            "refuse",
            names=names,
        )
        self.notes += [note] if names and note not in self.notes else []

    @property
    def _hello(self) -> Entry | None:
        return self.session.transcript.client_hello

    def _is_due(self, what: Turn | End) -> bool:
        """Tell whether the client has said as much as the captured one had by then."""
        if what.entries == 0:
            return self.runs >= what.runs
        said = (e for e in self.session.transcript.entries if e.who == "client")
        return sum(e.what not in NOT_MESSAGES for e in said) >= what.entries

    def _with_session_id(self, piece: Piece, place: int) -> bytes:
        hello = self._hello
        if self._script.session_id is None or hello is None:
            return piece.data
        at, length = self._script.session_id
        wanted, begin = hello.fields.get("session_id", b""), at - place
        if len(wanted) != length:
            note = say("this client's session id has another length: the captured one is sent")
            self.notes += [note] if note not in self.notes else []
            return piece.data
        data = bytearray(piece.data)
        for number, byte in enumerate(wanted):
            if 0 <= begin + number < len(data):
                data[begin + number] = byte
        return bytes(data)

    def end(self) -> End | None:
        """End once everything was said, as the captured server did."""
        end = self._script.end
        return None if self._turns or not (end.after_client or self._is_due(end)) else end


class Rekeyed:
    """A handshake of our own after the captured server's choices."""

    def __init__(
        self,
        script: Script,
        part: Part,
        credentials: Credentials,
        *,
        known: Sessions | None = None,
        staple: bytes | None = None,
    ) -> None:
        """Begin; `known` are the sessions of all that are played, `staple` an OCSP response."""
        secrets = ServerSecrets(credentials)
        self.session = Session(secrets=secrets)
        self._script = script
        ending = script.seen.ending
        self._stops_at = ending.stopped_at if ending.side in ("server", "network") else None
        self._server = Server(
            part, credentials, self.session, secrets, self._stops_at, known=known, staple=staple
        )
        self._retries = part.retried is not None
        self._over = False
        self._spoke = False

    @property
    def notes(self) -> list[str]:
        """Return what is other than in the capture, and why it does not go on."""
        why = self._server.why
        return [*self._server.notes, *([say("it goes no further: {why}", why=why)] if why else [])]

    def next(self, at: float) -> list[Cue]:
        """Say what is due, up to where the captured server stopped."""
        if self._over:
            return []
        first = self._pause()
        cues = [Cue(each.data) for each in self._server.next(at)]
        if cues:
            cues[0] = cues[0]._replace(pause=first)
            self._spoke = True
        if self._is_the_place():
            cues += self._last_word(at)
        elif self._server.why is not None:
            cues += self._give_up(at)
        return cues

    def _is_the_place(self) -> bool:
        """Tell whether the captured handshake stopped here, by the server or on the way."""
        transcript = self.session.transcript
        if self._stops_at == CLIENT_HELLO and self._retries and not transcript.messages:
            return False
        return transcript.state == self._stops_at

    def _give_up(self, at: float) -> list[Cue]:
        self._over = True
        said = self._server.alert(AlertLevel.fatal, self._server.refusal, at)
        return [Cue(each.data) for each in said]

    def _last_word(self, at: float) -> list[Cue]:
        """Return the alert, or what was not TLS, that ended it."""
        self._over = True
        ending, pause = self._script.seen.ending, self._end_pause()
        if ending.how in ("alert", "encrypted_alert"):
            seen = None if ending.entry is None else alert_of(ending.entry)
            level, code = (seen.level, seen.code) if seen else (AlertLevel.fatal, self._guess())
            return [Cue(each.data, pause) for each in self._server.alert(level, code, at)]
        if ending.how == "non_tls":
            return [Cue(self._script.seen.transcript.foreign.get("server", b""), pause)]
        return []

    def _guess(self) -> int:
        """Return what an alert that could not be read said, most likely."""
        certificate = next(
            (e for e in self.session.transcript.entries if _is_client_certificate(e.what, e.who)),
            None,
        )
        empty = certificate is not None and certificate.length <= 4
        code = Alert.certificate_required if empty else Alert.handshake_failure
        self._server.notes.append(
            say("the captured alert could not be read: {code} is sent in place", code=code)
        )
        return int(code)

    def _pause(self) -> float:
        first = next((turn for turn in self._script.turns if turn.entries), None)
        return first.pieces[0].pause if first is not None and not self._spoke else 0.0

    def _end_pause(self) -> float:
        entry, flow = self._script.seen.ending.entry, self._script.seen.flow
        if entry is None:
            return 0.0
        before = [s.at for s in (*flow.client.segments, *flow.server.segments) if s.at < entry.at]
        waited = entry.at - max(before, default=entry.at)
        return waited if waited >= 0.005 else 0.0

    def end(self) -> End | None:
        """End as the captured server did, once its last word was said."""
        return self._script.end if self._over else None


def _is_client_certificate(what: str, who: str) -> bool:
    return what == "certificate" and who == "client"
