"""The server's side of a handshake of our own, after a captured server's part: sans-IO.

Ask `next` whenever the client was heard: it returns the messages that are due, each with its name,
and lets the session read them. It says nothing of its own choice but what a part cannot hold: the
certificate is the one given. RFC 8446 section 2, RFC 5246 section 7.3.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from tlswire.codes import ContentType, ECCurveType, ExtensionType, HandshakeType, Version
from tlswire.grammar.forms import RETRY_RANDOM
from tlswire.keys import rsa
from tlswire.keys.agreement import hash_name
from tlswire.keys.keylog import HANDSHAKE, MASTER, TRAFFIC
from tlswire.keys.protection import Protection13, protect
from tlswire.language import say
from tlswire.player import part, responses, shares, signatures
from tlswire.player.credentials import Credentials
from tlswire.player.part import Part
from tlswire.player.records import Writer, finished, message
from tlswire.player.secrets import Secrets
from tlswire.player.shares import Finite, Share
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


class Said(NamedTuple):
    """One message, or one record, of ours: its name in RFC words, and its bytes."""

    what: str
    data: bytes


class ServerSecrets(Secrets):
    """The secrets of a handshake in which we are the server."""

    def __init__(self, credentials: Credentials) -> None:
        super().__init__()
        self.agreed_secret: bytes | None = None  # of the key shares of TLS 1.3
        self.own: Share | None = None  # up to TLS 1.2
        if "RSA" in type(credentials.key).__name__:
            self.rsa_keys.append(credentials.key)

    def hear(self, said: object, heard: bytearray) -> None:
        """Follow the handshake; up to TLS 1.2 the ClientKeyExchange has the client's share."""
        super().hear(said, heard)
        assert isinstance(said, Entry)
        if said.what == "client_key_exchange" and self.agreed is not None:
            pre_master = self._exchanged(said.fields)
            if pre_master:
                self.settle(pre_master, bytes(heard))

    def _shared(self, body: dict[str, Any]) -> bytes | None:
        return self.agreed_secret

    def _exchanged(self, fields: dict[str, Any]) -> bytes | None:
        encrypted = fields.get("encrypted_pre_master_secret")
        if encrypted is not None and self._hello is not None:
            offered = self._hello.fields.get("legacy_version", 0)
            return rsa.decrypt_pre_master(self.rsa_keys, encrypted, offered)
        public = fields.get("ecdh_Yc") or fields.get("public") or fields.get("dh_Yc")
        if self.own is None or public is None:
            return None
        secret = shares.agree(self.own, public)
        return secret.lstrip(b"\0") if secret and isinstance(self.own, Finite) else secret

    @property
    def master(self) -> bytes | None:
        """Return the master secret up to TLS 1.2."""
        return None if self.agreed is None else self.find(self.agreed.client_random).get(MASTER)


class Server:
    """Our side of one handshake; the session must read with the same `secrets`."""

    def __init__(
        self,
        captured: Part,
        credentials: Credentials,
        session: Session,
        secrets: ServerSecrets,
        until: str | None = None,
    ) -> None:
        """Begin; in the state `until` nothing is said any more."""
        self.why: str | None = None  # why it does not go on
        self.notes: list[str] = []
        self._part, self._credentials = captured, credentials
        self._session, self._secrets = session, secrets
        self._writer = Writer(captured.version, tls13=captured.tls13)
        self._until = until
        self._said: list[Said] = []
        self._answered = 0  # hellos
        self._finished = self._paged = self._switched = False

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
            flight = self._flight13 if self._part.tls13 else self._flight12
            flight(hellos[-1], at)
        elif state == self._until:
            return
        elif state == SERVER_FINISHED and not self._finished and not self._part.tls13:
            self._finish12(at)
        elif state == APPLICATION_DATA and self._asked_for_page() and not self._paged:
            self._page(at)

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
        group = self._part.retried or self._part.group
        if group is None:
            raise Stop(say("the captured server took a session of before: that has no key share"))
        asked = self._part.retried is not None and self._answered == 1
        public = _share_of(hello, self._part.group or group)
        if asked or public is None:
            if self._answered > 1:
                raise Stop(say("the client sent no key share of the group it was asked for"))
            body = part.retry_request(self._part, hello, group, RETRY_RANDOM)
            raw = message(HandshakeType.server_hello, body)
            self._say("hello_retry_request", self._writer.write(ContentType.handshake, raw), at)
            return
        response = responses.respond(self._part.group or group, public)
        if response is None:
            raise Stop(say("the key share of the captured server's group cannot be answered here"))
        self._secrets.agreed_secret = response.secret
        body = part.server_hello(self._part, hello, response.public, self.notes)
        self._tell("server_hello", body, at)
        if compatible:
            self._say("change_cipher_spec", self._writer.change_cipher_spec(), at)
        self._hidden(hello, at)

    def _hidden(self, hello: Entry, at: float) -> None:
        """The rest of the flight, protected (RFC 8446 sections 4.3 and 4.4)."""
        secrets, agreed = self._secrets, self._secrets.agreed
        traffic = secrets.traffic(HANDSHAKE["server"])
        if agreed is None or traffic is None:
            raise Stop(secrets.why or say("the keys of this handshake are not known"))
        self._writer.protection = Protection13(agreed.facts, traffic, agreed.version)
        self._tell("encrypted_extensions", part.encrypted_extensions(self._part, hello), at)
        if self._part.asks is not None:
            self._tell("certificate_request", self._part.asks or _ask13(), at)
        self._tell("certificate", _certificates13(self._credentials), at)
        body = hello.extension(ExtensionType.signature_algorithms) or {}
        wanted = tuple(body.get("supported_signature_algorithms", ()))
        scheme = _choose(self._credentials, wanted, tls13=True)
        signed = signatures.signed_13("server", hash_name(agreed.facts), secrets.heard)
        self._tell("certificate_verify", _signature(self._credentials, scheme, signed), at)
        raw = finished(traffic.verify_data(secrets.heard))
        self._say("finished", self._writer.write(ContentType.handshake, raw), at)

    def _flight12(self, hello: Entry, at: float) -> None:
        if self._part.resumes:
            self.notes.append(
                say("the captured server resumed a session: a whole handshake is played")
            )
        body = part.server_hello(self._part, hello, None, self.notes)
        self._tell("server_hello", body, at)
        facts = SUITES.get(self._part.suite)
        kind = facts.key_exchange if facts is not None else ""
        if kind not in ("RSA", "DHE", "ECDHE") or self._secrets.agreed is None:
            raise Stop(
                self._secrets.why or say("the key exchange {kind} is not played here", kind=kind)
            )
        self._tell("certificate", _certificates12(self._credentials), at)
        if kind != "RSA":
            self._tell("server_key_exchange", self._own_share(hello, kind), at)
        if self._part.asks is not None:
            asked = self._part.asks or _ask12(self._part.version)
            self._tell("certificate_request", asked, at)
        self._tell("server_hello_done", b"", at)

    def _own_share(self, hello: Entry, kind: str) -> bytes:
        """Return the body of a ServerKeyExchange (RFC 5246 7.4.3, RFC 8422 5.4), signed by us."""
        params = self._params_dhe() if kind == "DHE" else self._params_ecdhe(hello)
        agreed = self._secrets.agreed
        assert agreed is not None
        signed = agreed.client_random + agreed.server_random + params
        if agreed.version < Version.tls_1_2:
            signature = signatures.sign_10(self._credentials.key, signed)
            return params + len(signature).to_bytes(2, "big") + signature
        body = hello.extension(ExtensionType.signature_algorithms) or {}
        wanted = tuple(body.get("supported_signature_algorithms", ()))
        scheme = _choose(self._credentials, wanted, tls13=False)
        return params + _signature(self._credentials, scheme, signed)

    def _params_ecdhe(self, hello: Entry) -> bytes:
        named = self._part.params.get("parameters", {}).get("named_curve")
        listed = (hello.extension(ExtensionType.supported_groups) or {}).get("named_group_list", ())
        group = named if named is not None else next(iter(listed), 0x1D)
        self._secrets.own = shares.make(group)
        if self._secrets.own is None:
            raise Stop(say("a share of the captured server's curve cannot be made here"))
        public = self._secrets.own.public
        head = bytes((ECCurveType.named_curve,)) + group.to_bytes(2, "big")
        return head + bytes((len(public),)) + public

    def _params_dhe(self) -> bytes:
        params = self._part.params
        if "dh_p" not in params:
            raise Stop(say("the captured server's Diffie-Hellman parameters were not seen"))
        modulus, generator = params["dh_p"], params["dh_g"]
        own = Finite(int.from_bytes(modulus, "big"), int.from_bytes(generator, "big"))
        self._secrets.own = own
        return b"".join(len(v).to_bytes(2, "big") + v for v in (modulus, generator, own.public))

    # -- after the client's flight -----------------------------------------------------

    def _finish12(self, at: float) -> None:
        agreed, master = self._secrets.agreed, self._secrets.master
        if agreed is None or master is None:
            raise Stop(say("the client's key exchange cannot be read"))
        self._finished = True
        verify_data = agreed.prf.verify_data(master, "server", self._secrets.heard)
        self._say("change_cipher_spec", self._writer.change_cipher_spec(), at)
        self._writer.protection = protect(agreed, master, "server")
        raw = finished(verify_data)
        self._say("finished", self._writer.write(ContentType.handshake, raw), at)

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


def _share_of(hello: Entry, group: int) -> bytes | None:
    body = hello.extension(ExtensionType.key_share) or {}
    found = (s["key_exchange"] for s in body.get("client_shares", ()) if s["group"] == group)
    return next(found, None)


def _choose(credentials: Credentials, wanted: tuple[int, ...], *, tls13: bool) -> int:
    try:
        return signatures.choose(credentials.key, wanted, tls13=tls13)
    except Stop:
        raise Stop(
            say("our key can sign with none of the schemes that the client accepts")
        ) from None


def _signature(credentials: Credentials, scheme: int, signed: bytes) -> bytes:
    signature = signatures.sign(credentials.key, scheme, signed)
    return scheme.to_bytes(2, "big") + len(signature).to_bytes(2, "big") + signature


def _certificates12(credentials: Credentials) -> bytes:
    listed = b"".join(len(der).to_bytes(3, "big") + der for der in credentials.chain)
    return len(listed).to_bytes(3, "big") + listed


def _certificates13(credentials: Credentials) -> bytes:
    listed = b"".join(len(der).to_bytes(3, "big") + der + b"\0\0" for der in credentials.chain)
    return b"\0" + len(listed).to_bytes(3, "big") + listed


#: What a CertificateRequest of ours accepts where the captured one was not seen.
_SCHEMES: Final = (0x0804, 0x0403, 0x0805, 0x0806, 0x0503, 0x0603, 0x0807, 0x0401)


def _ask13() -> bytes:
    listed = b"".join(scheme.to_bytes(2, "big") for scheme in _SCHEMES)
    body = len(listed).to_bytes(2, "big") + listed
    return b"\0" + part.join((part.Extension(ExtensionType.signature_algorithms, body),))


def _ask12(version: int) -> bytes:
    listed = b"".join(scheme.to_bytes(2, "big") for scheme in _SCHEMES)
    schemes = len(listed).to_bytes(2, "big") + listed if version >= Version.tls_1_2 else b""
    return b"\2\1\x40" + schemes + b"\0\0"
