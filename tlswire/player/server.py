"""The server's side of a handshake of our own, after a captured server's part: sans-IO.

Ask `next` whenever the client was heard: it returns the messages that are due, each with its name,
and lets the session read them. It says nothing of its own choice but what a part cannot hold: the
certificate is the one given, and so is the staple. A client that comes back is known by `Sessions`,
where the captured server knew its own. RFC 8446 section 2, RFC 5246 section 7.3.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tlswire.codes import (
    Alert,
    ContentType,
    ExtensionType,
    HandshakeType,
)
from tlswire.grammar.forms import RETRY_RANDOM
from tlswire.keys.agreement import Agreed, hash_name
from tlswire.keys.keylog import HANDSHAKE, TRAFFIC
from tlswire.keys.protection import Protection13, protect
from tlswire.language import mark, say
from tlswire.player import offered, parameters, part, responses, sessions, shown, signatures
from tlswire.player.credentials import Credentials
from tlswire.player.part import Extension, Part
from tlswire.player.records import Writer, finished, message
from tlswire.player.server_secrets import ServerSecrets
from tlswire.player.sessions import Sessions
from tlswire.player.stop import Stop
from tlswire.session import Session
from tlswire.states import APPLICATION_DATA, SERVER_FINISHED, SERVER_HELLO
from tlswire.suites import SUITES
from tlswire.transcript import Entry, Transcript

_TEXT: Final = b"This was tlswire, playing a captured server.\n"
#: What is said to application data: a client that asks for a page gets one.
PAGE: Final = (
    b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\nConnection: close\r\n"
    b"Content-Length: %d\r\n\r\n%s" % (len(_TEXT), _TEXT)
)
_CLOSE_NOTIFY: Final = b"\1\0"
#: Tickets given to one client.
MOST_TICKETS: Final = 4
NO_STAPLE: Final = mark(
    "the captured server stapled an OCSP response: for the certificate given it would be another "
    "one, and is left out (--staple gives it)"
)


class Said(NamedTuple):
    """One message, or one record, of ours: its name in RFC words, and its bytes."""

    what: str
    data: bytes


class Server:
    """Our side of one handshake; the session must read with the same `secrets`."""

    def __init__(
        self,
        captured: Part,
        credentials: Credentials,
        session: Session,
        secrets: ServerSecrets,
        until: str | None = None,
        *,
        known: Sessions | None = None,
        staple: bytes | None = None,
    ) -> None:
        """Begin; in the state `until` nothing is said any more.

        `known` are the sessions that may be taken up again, `staple` is an OCSP response for our
        certificate.
        """
        self.why: str | None = None  # why it does not go on
        self.refusal = int(Alert.internal_error)  # what is said then
        self.notes: list[str] = []
        self._part, self._credentials = captured, credentials
        self._session, self._secrets = session, secrets
        self._writer = Writer(captured.version, tls13=captured.tls13)
        self._until, self._known, self._staple = until, known, staple
        self._said: list[Said] = []
        self._answered = 0  # hellos
        self._finished = self._paged = self._switched = self._ticketed = self._resumed = False

    @property
    def _transcript(self) -> Transcript:
        return self._session.transcript

    def next(self, at: float) -> list[Said]:
        """Return what is to be said now; it was read by the session as well."""
        self._said = []
        try:
            if self.why is None:
                self._speak(at)
        except _Reached:
            pass
        except Stop as stop:
            self.why = str(stop)
        return self._said

    def _speak(self, at: float) -> None:
        state, hellos = self._transcript.state, self._hellos()
        if state == SERVER_HELLO and len(hellos) > self._answered:
            self._answered = len(hellos)
            self._check(hellos[-1])
            flight = self._flight13 if self._part.tls13 else self._flight12
            flight(hellos[-1], at)
        elif state == self._until:
            return
        elif state == SERVER_FINISHED and not self._finished and not self._part.tls13:
            self._finish12(at)
        elif state == APPLICATION_DATA:
            if self._part.tls13 and not self._ticketed:
                self._give_tickets(hellos[-1], at)
            if self._asked_for_page() and not self._paged:
                self._page(at)

    def _check(self, hello: Entry) -> None:
        """A server answers with nothing that its client did not offer."""
        lack = offered.lack(hello, self._part.version, self._part.suite)
        if lack is not None:
            self.refusal = lack.alert
            raise Stop(lack.why)

    def _hellos(self) -> list[Entry]:
        return [e for e in self._transcript.entries if e.what == "client_hello"]

    def _say(self, what: str, data: bytes, at: float) -> None:
        if self._transcript.state == self._until and what not in ("hello_retry_request", "alert"):
            raise _Reached
        self._session.receive("server", data, at)
        self._said.append(Said(what, data))

    def _tell(self, what: str, body: bytes, at: float) -> None:
        """Say one handshake message."""
        raw = message(getattr(HandshakeType, what), body)
        self._say(what, self._writer.write(ContentType.handshake, raw), at)

    # -- the first flight --------------------------------------------------------------

    def _flight13(self, hello: Entry, at: float) -> None:
        compatible = bool(hello.fields.get("session_id"))
        captured = self._part.group or self._part.retried
        group = offered.group_for(hello, captured, self.notes)
        asked = self._part.retried is not None and self._answered == 1
        public = None if group is None else offered.share_of(hello, group)
        before = self._before(hello)
        alone = before is not None and (before.alone or self._part.group is None)
        if (asked or public is None) and not alone:
            self._ask_again(hello, group, at)
            return
        own: tuple[Extension, ...] = ()
        if before is None:
            self._note_whole()
        if public is not None and group is not None and not alone:
            own += (self._answer_share(group, public),)
        if before is not None:
            self._resumed = True
            self._secrets.resume(before.agreed.secret)
            own += (Extension(ExtensionType.pre_shared_key, before.place.to_bytes(2, "big")),)
        self._tell("server_hello", part.server_hello(self._part, hello, self.notes, own), at)
        if compatible:
            self._say("change_cipher_spec", self._writer.change_cipher_spec(), at)
        self._hidden(hello, at)

    def _note_whole(self) -> None:
        if self._part.resumes:
            self.notes.append(
                say("the captured server resumed a session: a whole handshake is played")
            )

    def _before(self, hello: Entry) -> sessions.Offer13 | None:
        """Return the session of before that is taken up, where the captured server gave tickets."""
        if self._known is None or not self._part.tickets:
            return None
        return self._known.asked_by_key(hello, self._part.suite, self._secrets.heard)

    def _ask_again(self, hello: Entry, group: int | None, at: float) -> None:
        if group is None or self._answered > 1:
            raise Stop(say("the client sent no key share of the group it was asked for"))
        body = part.retry_request(self._part, hello, group, RETRY_RANDOM)
        raw = message(HandshakeType.server_hello, body)
        self._say("hello_retry_request", self._writer.write(ContentType.handshake, raw), at)

    def _answer_share(self, group: int, public: bytes) -> Extension:
        response = responses.respond(group, public)
        if response is None:
            raise Stop(say("the key share of the captured server's group cannot be answered here"))
        self._secrets.agreed_secret = response.secret
        share = group.to_bytes(2, "big") + len(response.public).to_bytes(2, "big") + response.public
        return Extension(ExtensionType.key_share, share)

    def _hidden(self, hello: Entry, at: float) -> None:
        """The rest of the flight, protected (RFC 8446 sections 4.3 and 4.4)."""
        secrets, agreed = self._secrets, self._secrets.agreed
        traffic = secrets.traffic(HANDSHAKE["server"])
        if agreed is None or traffic is None:
            raise Stop(secrets.why or say("the keys of this handshake are not known"))
        self._writer.protection = Protection13(agreed.facts, traffic, agreed.version)
        self._tell("encrypted_extensions", part.encrypted_extensions(self._part, hello), at)
        if not self._resumed:
            self._prove(hello, hash_name(agreed.facts), at)
        raw = finished(traffic.verify_data(secrets.heard))
        self._say("finished", self._writer.write(ContentType.handshake, raw), at)

    def _prove(self, hello: Entry, hash_: str, at: float) -> None:
        """Ask for the client's certificate, show ours, and prove that it is ours."""
        if self._part.asks is not None:
            self._tell("certificate_request", self._part.asks or shown.ask13(), at)
        body = shown.certificates13(self._credentials, self._stapled(hello))
        self._tell("certificate", body, at)
        signed = signatures.signed_13("server", hash_, self._secrets.heard)
        proof = offered.sign(self._credentials, hello, signed, tls13=True)
        self._tell("certificate_verify", proof, at)

    def _stapled(self, hello: Entry) -> bytes | None:
        """Return the OCSP response for a client that asks; say where the captured one is missed."""
        if not hello.has_extension(ExtensionType.status_request):
            return None
        if self._staple is None and self._part.staples:
            self.notes.append(say(NO_STAPLE))
        return self._staple

    def _flight12(self, hello: Entry, at: float) -> None:
        version, suite = self._part.version, self._part.suite
        before = self._known.asked_by(hello, version, suite) if self._known is not None else None
        if before is not None and self._keeps:
            self._take_up(hello, before, at)
            return
        self._note_whole()
        staple, own = self._stapled(hello), list[Extension]()
        if self._gives_ticket(hello):
            own.append(Extension(ExtensionType.session_ticket, b""))
        if staple is not None:
            own.append(Extension(ExtensionType.status_request, b""))
        body = part.server_hello(self._part, hello, self.notes, tuple(own))
        self._tell("server_hello", body, at)
        facts = SUITES.get(suite)
        kind = facts.key_exchange if facts is not None else ""
        if kind not in ("RSA", "DHE", "ECDHE") or self._secrets.agreed is None:
            raise Stop(
                self._secrets.why or say("the key exchange {kind} is not played here", kind=kind)
            )
        self._tell("certificate", shown.certificates12(self._credentials), at)
        if staple is not None:
            self._tell("certificate_status", shown.status(staple), at)
        if kind != "RSA":
            body = parameters.signed(
                self._part, self._secrets, self._credentials, hello, kind, self.notes
            )
            self._tell("server_key_exchange", body, at)
        if self._part.asks is not None:
            asked = self._part.asks or shown.ask12(version)
            self._tell("certificate_request", asked, at)
        self._tell("server_hello_done", b"", at)

    @property
    def _keeps(self) -> bool:
        """Tell whether the captured server let its clients come back."""
        return bool(self._part.tickets or self._part.session_id)

    def _gives_ticket(self, hello: Entry) -> bool:
        wanted = self._known is not None and hello.has_extension(ExtensionType.session_ticket)
        return wanted and bool(self._part.tickets)

    def _take_up(self, hello: Entry, before: sessions.Agreed, at: float) -> None:
        """The abbreviated handshake (RFC 5246 figure 2): our Finished comes first."""
        self._resumed = True
        body = part.server_hello(self._part, hello, self.notes, resumes=True)
        self._tell("server_hello", body, at)
        self._secrets.take_up(before.secret)
        self._finish12(at)

    # -- after the client's flight -----------------------------------------------------

    def _finish12(self, at: float) -> None:
        agreed, master = self._secrets.agreed, self._secrets.master
        if agreed is None or master is None:
            raise Stop(say("the client's key exchange cannot be read"))
        self._finished = True
        if not self._resumed:
            self._remember(agreed, master, at)
        verify_data = agreed.prf.verify_data(master, "server", self._secrets.heard)
        self._say("change_cipher_spec", self._writer.change_cipher_spec(), at)
        self._writer.protection = protect(agreed, master, "server")
        raw = finished(verify_data)
        self._say("finished", self._writer.write(ContentType.handshake, raw), at)

    def _remember(self, agreed: Agreed, master: bytes, at: float) -> None:
        """Keep the session by its id, and by a ticket where one was announced."""
        hello, answer = self._hellos()[-1], self._transcript.server_hello
        if self._known is None or answer is None:
            return
        facts = agreed.extended_master_secret
        kept = sessions.Agreed(master, self._part.version, self._part.suite, facts)
        if answer.fields.get("session_id"):
            self._known.keep(kept, answer.fields["session_id"])
        if self._gives_ticket(hello):
            self._tell("new_session_ticket", sessions.ticket12(self._known.keep(kept)), at)

    def _give_tickets(self, hello: Entry, at: float) -> None:
        """Give as many tickets as the captured server did (RFC 8446 section 4.6.1)."""
        self._ticketed = True
        if self._known is None or not hello.has_extension(ExtensionType.psk_key_exchange_modes):
            return
        for number in range(min(self._part.tickets, MOST_TICKETS)):
            nonce = bytes((number,))
            key = self._secrets.ticket_key(nonce)
            if key is None:
                return
            self._switch()
            name = self._known.keep(sessions.Agreed(key, self._part.version, self._part.suite))
            self._tell("new_session_ticket", sessions.ticket13(name, nonce), at)

    def _switch(self) -> None:
        """From the handshake's keys to those of the application data."""
        agreed, traffic = self._secrets.agreed, self._secrets.traffic(TRAFFIC["server"])
        if self._part.tls13 and not self._switched and agreed is not None and traffic is not None:
            self._writer.protection = Protection13(agreed.facts, traffic, agreed.version)
            self._switched = True

    def _asked_for_page(self) -> bool:
        entries = self._transcript.entries
        return any(e.what == "application_data" and e.who == "client" for e in entries)

    def _page(self, at: float) -> None:
        self._paged = True
        self._switch()
        data = self._writer.write(ContentType.application_data, PAGE)
        self._say("application_data", data, at)
        self._say("alert", self._writer.write(ContentType.alert, _CLOSE_NOTIFY), at)

    def alert(self, level: int, code: int, at: float) -> list[Said]:
        """Say an alert, protected as our next record is."""
        if self._transcript.established_at is not None:
            self._switch()
        self._said = []
        self._say("alert", self._writer.write(ContentType.alert, bytes((level, code))), at)
        return self._said


class _Reached(Exception):  # noqa: N818
    """The place where the captured handshake stopped."""
