"""The next bytes of our side, in the state in which the session is.

Ask `next` whenever something was heard: it returns what is to be sent now, b"" where the server is
awaited, all was said, or nothing can be: then `why` says so. What is odd about the server's side
and does not keep us from going on is in `notes`. RFC 8446 section 2, RFC 5246 section 7.3.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from tlswire.codes import (
    Alert,
    AlertLevel,
    ContentType,
    ExtensionType,
    HandshakeType,
    Version,
)
from tlswire.keys.keylog import HANDSHAKE, TRAFFIC
from tlswire.keys.protection import Protection13
from tlswire.language import say
from tlswire.player import flight12, flight13, twin
from tlswire.player.credentials import Credentials
from tlswire.player.exchange import Psk
from tlswire.player.records import Writer, message
from tlswire.player.request import request
from tlswire.player.secrets import Secrets
from tlswire.player.stop import Stop
from tlswire.records import LARGEST_PLAIN
from tlswire.scribe import UNREADABLE
from tlswire.session import Session
from tlswire.states import (
    APPLICATION_DATA,
    CLIENT_CERTIFICATE,
    CLIENT_FINISHED,
    CLIENT_HELLO,
    CLIENT_KEY_EXCHANGE,
)
from tlswire.transcript import Entry, Transcript

#: No server needs more than one second hello, or more turns than this after the handshake.
MOST_TURNS: Final = 8


class Means(NamedTuple):
    """What we go on with: a client certificate, a key, and where a request is for."""

    credentials: Credentials | None = None
    psk: Psk | None = None
    host: str | None = None
    port: int = 443
    preamble: bool = False  # a dialogue came before TLS: it is no HTTP


class Player:
    """Our side of one handshake; the session must read with the same `secrets`."""

    def __init__(
        self,
        session: Session,
        secrets: Secrets,
        sent: bytes,
        means: Means,
        *,
        rekeyed: bool = False,
    ) -> None:
        """Begin behind the first flight `sent`; only a `rekeyed` hello can be followed by another.

        The exact one's second hello would not be of the same client.
        """
        self.why: str | None = None
        self.notes: list[str] = []
        self.said_all = False
        self.requested = False  # something was asked for in application data
        self._session, self._secrets = session, secrets
        self._sent, self._means, self._rekeyed = sent, means, rekeyed
        self._writer: Writer | None = None
        self._answered: set[int] = set()  # what of the server's was answered, by its place
        self._switched = False  # to the keys of the application data
        self._changed = False  # the dummy ChangeCipherSpec of TLS 1.3 went out

    @property
    def _transcript(self) -> Transcript:
        return self._session.transcript

    @property
    def finished(self) -> bool:
        """Tell whether both sides said their Finished."""
        return self._transcript.established_at is not None

    def next(self) -> bytes:
        """Return what is to be sent now."""
        if self.why is not None or len(self._answered) > MOST_TURNS:
            return b""
        try:
            return self._after() if self.finished else self._handshake()
        except Stop as stop:
            self.why = str(stop)
        except Exception as error:  # what a library thinks of hostile bytes, in its own ways
            self.why = say(
                "what the server sent cannot be used: {name}: {error}",
                name=type(error).__name__,
                error=error,
            )
        return b""

    # -- the handshake -----------------------------------------------------------------

    def _handshake(self) -> bytes:
        transcript = self._transcript
        state = transcript.state
        retry = self._unanswered("hello_retry_request") if state == CLIENT_HELLO else None
        if retry is not None:
            return self._hello_again(retry)
        if self.unreadable:
            return self._object(Alert.bad_record_mac)
        if state == CLIENT_FINISHED and transcript.tls13:
            return self._finish13()
        if state in (CLIENT_CERTIFICATE, CLIENT_KEY_EXCHANGE):
            return self._flight12()
        if state == CLIENT_FINISHED:
            raise Stop(say("the server resumes a session whose keys only the captured client has"))
        return b""

    def _hello_again(self, retry: Entry) -> bytes:
        """Answer a HelloRetryRequest once (RFC 8446 sections 4.1.4 and D.4)."""
        if not self._rekeyed:
            raise Stop(say("the server asks for a second ClientHello, which needs keys of our own"))
        if self._changed:
            raise Stop(say("the server asks for a third ClientHello"))
        bodies = {e["type"]: e["body"] for e in retry.fields.get("extensions", ()) if e["body"]}
        psk = self._means.psk.key if self._means.psk is not None else None
        secrets = self._secrets
        hello = twin.again(self._sent, bodies, secrets.shares, secrets.heard, psk)
        writer, self._changed = Writer(Version.tls_1_2, tls13=True), True
        first = writer.change_cipher_spec() if self._compatible else b""
        return first + writer.write(ContentType.handshake, hello)

    @property
    def _compatible(self) -> bool:
        """Tell whether the hello asks for the middlebox compatibility mode (RFC 8446 D.4)."""
        hello = self._transcript.client_hello
        return hello is not None and bool(hello.fields.get("session_id"))

    def _finish13(self) -> bytes:
        agreed = self._secrets.agreed
        if agreed is None or self._secrets.why is not None:
            raise Stop(self._secrets.why or say("the server's choice cannot be followed"))
        own = flight13.answer(self._transcript, self._secrets, self._means.credentials)
        self.notes += own.notes
        self._writer = Writer(agreed.version, tls13=True, largest=self._largest())
        first = self._writer.change_cipher_spec() if self._compatible and not self._changed else b""
        self._writer.protection = own.protection
        return first + b"".join(
            self._writer.write(ContentType.handshake, each) for each in own.messages
        )

    @property
    def unreadable(self) -> bool:
        """Tell whether our keys do not open what the server protected (RFC 8446 section 5.2)."""
        return any(entry.what == UNREADABLE for entry in self._transcript.entries)

    def _object(self, alert: int) -> bytes:
        """Refuse to go on, as every client would."""
        agreed, writer = self._secrets.agreed, self._writer
        if agreed is None or self.said_all:
            return b""
        if writer is None:
            writer = Writer(agreed.version, tls13=self._transcript.tls13)
            traffic = self._secrets.traffic(HANDSHAKE["client"])
            if traffic is not None:
                writer.protection = Protection13(agreed.facts, traffic, agreed.version)
        self.said_all = True
        return writer.write(ContentType.alert, bytes((AlertLevel.fatal, alert)))

    def _flight12(self) -> bytes:
        agreed = self._secrets.agreed
        if agreed is None:
            raise Stop(self._secrets.why or say("the server's choice cannot be followed"))
        means = self._means
        own = flight12.answer(self._transcript, self._secrets, means.credentials, means.psk)
        self.notes += own.notes
        self._writer = Writer(agreed.version, tls13=False, largest=self._largest())
        first = b"".join(self._writer.write(*each) for each in own.clear)
        first += self._writer.change_cipher_spec()
        self._writer.protection = own.protection
        return first + b"".join(
            self._writer.write(ContentType.handshake, each) for each in own.sealed
        )

    def _largest(self) -> int:
        """Return what a record may hold (RFC 6066 section 4, RFC 8449 section 4)."""
        for answer in (self._transcript.server_hello, self._transcript.encrypted_extensions):
            if answer is None:
                continue
            limit = answer.extension(ExtensionType.record_size_limit)
            length = answer.extension(ExtensionType.max_fragment_length)
            if limit:
                return max(64, min(LARGEST_PLAIN, int(limit["record_size_limit"]) - 1))
            if length and 1 <= length["max_fragment_length"] <= 4:
                return 256 << int(length["max_fragment_length"])
        return LARGEST_PLAIN

    # -- after it ----------------------------------------------------------------------

    def _after(self) -> bytes:
        writer = self._writer
        if writer is None:  # the server finished a handshake that is not ours
            return b""
        if self._transcript.tls13 and not self._switched:
            self._switch(writer)
        declined = self._decline(writer)
        if declined:
            return declined
        if self.said_all:
            return b""
        self.said_all = True
        said = self._request()
        self.requested = bool(said)
        return writer.write(ContentType.application_data, said) if said else b""

    def _request(self) -> bytes:
        means = self._means
        protocol = self.protocol
        return request(protocol, means.host, means.port, preamble=means.preamble)

    @property
    def protocol(self) -> bytes | None:
        """Return the application protocol that the server chose (RFC 7301)."""
        for answer in (self._transcript.server_hello, self._transcript.encrypted_extensions):
            body = answer and answer.extension(ExtensionType.application_layer_protocol_negotiation)
            if body and body["protocol_name_list"]:
                return bytes(body["protocol_name_list"][0])
        return flight12.protocol(self._transcript)

    def _switch(self, writer: Writer) -> None:
        """From the handshake's keys to those of the application data."""
        traffic, agreed = self._secrets.traffic(TRAFFIC["client"]), self._secrets.agreed
        if traffic is None or agreed is None:
            raise Stop(say("the keys of the application data are not known"))
        writer.protection = Protection13(agreed.facts, traffic, agreed.version)
        self._switched = True

    def _decline(self, writer: Writer) -> bytes:
        """Answer what the server asks for after the handshake: a new one, or new keys."""
        if self._unanswered("hello_request", late=True) is not None:
            self.notes.append(
                say(
                    "the server asks to renegotiate, which is declined: after a request that is "
                    "often for a client certificate, which only some of its pages need"
                )
            )
            body = bytes((AlertLevel.warning, Alert.no_renegotiation))
            return writer.write(ContentType.alert, body)
        update = self._unanswered("key_update", late=True)
        if update is not None and update.fields.get("request_update"):
            body = message(HandshakeType.key_update, b"\0")
            said = writer.write(ContentType.handshake, body)
            writer.update()
            return said
        asked = self._unanswered("certificate_request", late=True)
        if asked is not None and self._transcript.tls13:
            self.notes.append(say("the server asks for a client certificate after the handshake"))
            own = flight13.late_answer(asked, self._secrets, self._means.credentials)
            return b"".join(writer.write(ContentType.handshake, each) for each in own)
        return b""

    def _unanswered(self, what: str, *, late: bool = False) -> Entry | None:
        """Return the server's next message of that name, once; only `late` after the handshake."""
        for place, entry in enumerate(self._transcript.entries):
            if entry.what != what or entry.who != "server" or place in self._answered:
                continue
            if not late or entry.state == APPLICATION_DATA:
                self._answered.add(place)
                return entry
        return None
