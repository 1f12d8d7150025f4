"""A handshake played to its end, or as far as a finding needs it: what keys alone reveal.

Our side is the `player`'s, the reading the `session`'s; here is only when to stop and what to keep.
No request is ever sent. Opens no socket: the `Caller` holds it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from tlswire.codes import AlertLevel, ContentType, ExtensionType, Group, HandshakeType, Version
from tlswire.keys.schedule import Schedule, digest_size
from tlswire.player import shares
from tlswire.player.play import Means, Player
from tlswire.player.secrets import Secrets
from tlswire.session import Session
from tlswire.survey.answer import MOST_BYTES, READERS, Answer, Hearing, How
from tlswire.survey.caller import Caller, Piece
from tlswire.survey.question import Question, Shape, Share, flight, hello, record
from tlswire.transcript import Entry, alert_of

#: Groups of which a share is made, the first that the server takes.
MAKEABLE: Final[tuple[int, ...]] = (
    Group.x25519,
    Group.secp256r1,
    Group.secp384r1,
    Group.secp521r1,
    Group.x448,
    Group.x25519mlkem768,
)
#: After the handshake tickets may come for so long, in seconds.
AFTERWARDS: Final = 1.0
_T = HandshakeType
_BY_NAME: Final[dict[str, int]] = {
    "server_hello": _T.server_hello,
    "hello_retry_request": _T.server_hello,
    "encrypted_extensions": _T.encrypted_extensions,
    "certificate": _T.certificate,
    "certificate_request": _T.certificate_request,
    "certificate_verify": _T.certificate_verify,
    "certificate_status": _T.certificate_status,
    "server_key_exchange": _T.server_key_exchange,
    "new_session_ticket": _T.new_session_ticket,
}


class OwnSecrets(Secrets):
    """Secrets that also keep what a ticket's key is derived from (RFC 8446 section 7.1)."""

    def __init__(self, own: dict[int, shares.Share]) -> None:
        super().__init__(own)
        self._main: Schedule | None = None

    def _finish(self, schedule: Schedule) -> None:
        super()._finish(schedule)
        self._main = schedule

    def ticket_key(self, nonce: bytes, heard: bytes) -> bytes | None:
        """Return the key that goes with a ticket; `heard` ends with our Finished."""
        return self._main.resumption(nonce, heard) if self._main is not None else None


class Quiet(Player):
    """A player that says nothing once the handshake is done, or asks for another handshake."""

    def _request(self) -> bytes:
        return b""

    def farewell(self) -> bytes:
        """Return a close_notify: without one some servers forget the session (RFC 8446 6.1)."""
        if self._writer is None:
            return b""
        return self._writer.write(ContentType.alert, bytes((AlertLevel.warning, 0)))

    def renegotiate(self, message: Callable[[bytes], bytes]) -> bytes:
        """Return a protected ClientHello; `message` makes it from our Finished's verify_data."""
        own = [e for e in self._transcript.entries if e.what == "finished" and e.who == "client"]
        if self._writer is None or not own:
            return b""
        verify = bytes(own[-1].fields.get("verify_data", b""))
        return self._writer.write(ContentType.handshake, message(verify))


class Handshake(Hearing):
    """Hears and answers. `finish` plays on to the end; else it stops when the flight was read."""

    def __init__(
        self,
        question: Question,
        shape: Shape,
        *,
        finish: bool = False,
        renegotiate: bool = False,
    ) -> None:
        super().__init__(whole=True)
        made = _make(question)
        self.question = question._replace(
            shares=tuple(Share(group, own.public) for group, own in made.items())
        )
        self._shape = shape
        self.secrets = OwnSecrets(made)
        self.session = Session(secrets=self.secrets)
        self.sent = flight(self.question, shape)
        self.session.receive("client", self.sent, 0.0)
        self.player = Quiet(self.session, self.secrets, self.sent, Means(), rekeyed=True)
        self.established = False
        self.refused_after: int | None = None  # the alert that followed our Finished
        self.tickets: list[dict[str, Any]] = []
        self.renegotiated: bool | None = None
        self._finish, self._renegotiate = finish, renegotiate
        self._told = 0
        self._heard_own = b""

    @property
    def flight(self) -> list[Piece]:
        """Return what begins it."""
        return [Piece(self.sent)]

    def feed(self, data: bytes) -> None:
        """Take the next bytes of the server."""
        self.read += len(data)
        self.answer.size = self.read
        if self.renegotiated is None and self.established and self._renegotiate:
            self._weigh(data)
            return
        self.session.receive("server", data, 0.0)
        entries = self.session.transcript.entries
        for entry in entries[self._told :]:
            if entry.who == "server":
                self._take(entry)
        self._told = len(entries)
        if self.read > MOST_BYTES:
            self.closed("unfinished")

    def reply(self) -> bytes:
        """Return what is to be said now."""
        if not self._finish and self._flight_is_read():
            self.done = True
            return b""
        said = b""
        while more := self.player.next():
            said += more
            self.session.receive("client", more, 0.0)
        self._told = len(self.session.transcript.entries)
        if self.player.why is not None:
            self.done = True
        return said + self._settle()

    def _settle(self) -> bytes:
        """Once established: ask for another handshake, or close our end and wait for tickets."""
        if self.established or not self.player.finished:
            return b""
        self.established = True
        self._heard_own = self.secrets.heard
        if self._renegotiate and not self.session.transcript.tls13:
            return self.player.renegotiate(self._again)
        self.half_close, self.patience = True, AFTERWARDS
        self.done = not self.session.transcript.tls13
        return self.player.farewell()

    def _again(self, verify_data: bytes) -> bytes:
        """Return the ClientHello of a renegotiation (RFC 5746 section 3.5)."""
        body = len(verify_data).to_bytes(1, "big") + verify_data
        question = self.question._replace(
            added=(*self.question.added, (ExtensionType.renegotiation_info, body)),
            dropped=self.question.dropped | {ExtensionType.renegotiation_info},
        )
        return hello(question, self._shape)

    def _weigh(self, data: bytes) -> None:
        """A handshake record says yes to a renegotiation, anything else no."""
        if data[:1] == bytes((ContentType.handshake,)):
            self.renegotiated = self.done = True
        elif data[:1] == bytes((ContentType.alert,)):
            self.renegotiated, self.done = False, True

    def _flight_is_read(self) -> bool:
        transcript = self.session.transcript
        ends = ("server_hello_done", "finished")
        return any(e.what in ends and e.who == "server" for e in transcript.entries)

    def _take(self, entry: Entry) -> None:
        alert = alert_of(entry)
        if entry.what == "not_tls":
            self.closed("non_tls")
        elif alert is not None and (alert.fatal or alert.code == 0):
            self._alert_came(alert.code)
        elif entry.what == "new_session_ticket":
            self.tickets.append(dict(entry.fields))
        elif entry.what in _BY_NAME and not entry.hidden:
            reader = READERS.get(_BY_NAME[entry.what])
            if reader is not None:
                reader(self.answer, entry.body)

    def _alert_came(self, code: int) -> None:
        if self.answer.how != "hello":
            self.answer.how, self.answer.alert = "alert", code
        elif code:
            self.refused_after = code
        self.done = True

    def closed(self, how: How) -> None:
        """Take note of how the connection ended."""
        if self._renegotiate and self.established and self.renegotiated is None:
            self.renegotiated = False
        super().closed(how)

    @property
    def ticket(self) -> tuple[dict[str, Any], bytes] | None:
        """Return a ticket of TLS 1.3 with its key, None without one."""
        for ticket in self.tickets:
            nonce = bytes(ticket.get("ticket_nonce", b""))
            key = self.secrets.ticket_key(nonce, self._heard_own)
            if key is not None and ticket.get("ticket"):
                return ticket, key
        return None


def _make(question: Question) -> dict[int, shares.Share]:
    """Make one share, of a group that is offered."""
    if question.version < Version.tls_1_3:
        return {}
    groups = question.groups or MAKEABLE
    for group in MAKEABLE:
        share = shares.make(group) if group in groups else None
        if share is not None:
            return {group: share}
    return {}


async def shake(
    caller: Caller,
    question: Question,
    *,
    finish: bool = False,
    renegotiate: bool = False,
) -> Handshake:
    """Play one handshake; what came of it is in the result, whatever it is."""
    playing = Handshake(question, caller.shape, finish=finish, renegotiate=renegotiate)
    await caller.send(playing.flight, playing)
    return playing


def resuming(
    question: Question, shape: Shape, ticket: dict[str, Any], key: bytes, name: str
) -> bytes:
    """Return a flight that offers a ticket of TLS 1.3 (RFC 8446 section 4.2.11).

    `name` is the hash of the suite that the ticket is from.
    """
    identity = bytes(ticket["ticket"])
    empty = bytes(digest_size(name))
    head = len(identity).to_bytes(2, "big") + identity + int(ticket["ticket_age_add"]).to_bytes(4)
    identities = len(head).to_bytes(2, "big") + head
    binders = (len(empty) + 1).to_bytes(2, "big") + bytes((len(empty),)) + empty
    offered = question._replace(
        added=(*question.added, (ExtensionType.pre_shared_key, identities + binders))
    )
    message = hello(offered, shape)
    binder = Schedule(name, key).binder(message[: -len(binders)])
    return record(message[: -len(empty)] + binder, question.version)


def takes(answer: Answer) -> bool:
    """Tell whether a server took the ticket that it was offered."""
    return answer.accepted and ExtensionType.pre_shared_key in answer.extensions
