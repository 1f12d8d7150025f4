"""One connection made: the flight sent, the answer heard out, the handshake played on.

The same `Session` that reads captures reads the answer. Without a `Player` it stops by its own
choice at the client's next message; with one it goes on to the last.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import NamedTuple

from tlswire import preambles, result
from tlswire.causes import story
from tlswire.ending import Ending
from tlswire.exhibits import Exhibitor
from tlswire.findings import ended_at, ended_by, history, messages, spoken
from tlswire.flight import Flight, Piece
from tlswire.flow import Flow
from tlswire.language import say
from tlswire.opening import opened
from tlswire.player.exchange import Psk
from tlswire.player.play import Means, Player
from tlswire.player.secrets import Secrets
from tlswire.player.shares import Share
from tlswire.preambles.step import escape
from tlswire.replay.own import Own
from tlswire.replay.plans import Plan
from tlswire.result import Attempt
from tlswire.seen import Seen, understand
from tlswire.session import Session
from tlswire.sources.dialling import Address
from tlswire.sources.wire import Wire
from tlswire.states import APPLICATION_DATA, AWAITED
from tlswire.transcript import Entry, alert_of
from tlswire.variants import Edit, Sending
from tlswire.way import Way

#: The captured bytes; a hello of our own where there are none.
EXACT, OURS = "exact", "own-hello"
#: Seconds in which a server that took the Finished may still refuse; and answer a request.
VERDICT = 1.0
REPLY = 2.0
#: Bytes of the server's answer to our request that are kept: enough for a status line.
ANSWER = 256
#: What of the server's ends that wait: its answer, its refusal, or a question of its own.
_DECISIVE = frozenset(
    {"application_data", "alert", "fin", "rst", "not_tls"}
    | {"hello_request", "certificate_request", "key_update"}
)
#: What is told of an attempt is told with its bytes: nobody can ask for them later.
SHOW = Exhibitor()


class Part(NamedTuple):
    """Our part in what follows the first flight: what we have, and the shares that are ours."""

    means: Means
    shares: Mapping[int, Share] | None = None  # None: the hello is the captured client's own


class Heard(NamedTuple):
    """One conversation: what it looked like, our keys, and why our side did not go on."""

    seen: Seen
    secrets: Secrets | None = None
    why: str | None = None
    notes: tuple[str, ...] = ()
    answer: bytes = b""  # how the server's application data begins


class Tried(NamedTuple):
    """A conversation with the contract's account of it."""

    heard: Heard
    attempt: Attempt

    @property
    def seen(self) -> Seen:
        """Return what it looked like."""
        return self.heard.seen


def attempt(
    planned: Plan,
    addresses: list[Address],
    variant: str = EXACT,
    changed: Sending | None = None,
    part: Part | None = None,
) -> Tried:
    """Send the flight once, as captured or changed, the plan's way, and understand the answer.

    With a `part` the handshake is played on; without one it ends at our next message.
    """
    leaves = changed or Sending(planned.flight)
    variant = OURS if planned.ours and variant == EXACT else variant
    way = planned.way if leaves.preamble is None else planned.speaking(leaves.preamble)
    way = replace(way, mss=leaves.mss or way.mss, remark=f"replay, {variant}")
    own = planned.edits if variant == EXACT else ()
    heard = converse(leaves.flight, addresses, way, planned.chosen.flow.number, part)
    return Tried(heard, _account(heard, variant, (*own, *leaves.edits)))


def means_of(planned: Plan, own: Own | None = None, *, show: bool = True) -> Means:
    """Return what our side goes on with: who we are, and whom a request is for."""
    offer = planned.chosen.offer
    host = offer.server_name if offer is not None and offer.server_name else planned.target.address
    clear = any(planned.chosen.transcript.cleartext.values())
    psk = _psk(planned, own.psk) if own is not None and own.psk is not None else None
    credentials = own.credentials if own is not None and show else None
    return Means(credentials, psk, host, planned.target.port, clear)


def _psk(planned: Plan, given: Psk) -> Psk:
    """Return the key under the name that the user gave, else the captured one."""
    said = (e for e in planned.chosen.transcript.entries if e.what == "client_key_exchange")
    captured = next((e.fields.get("psk_identity") for e in said), None)
    return given if given.identity or not captured else given._replace(identity=captured)


def converse(
    flight: Flight,
    addresses: list[Address],
    way: Way,
    number: int = 0,
    part: Part | None = None,
) -> Heard:
    """Open the way, send the flight, play on.

    A preamble that fails is an answer too. Raises TargetError when nothing can leave.
    """
    secrets = _secrets(part) if part is not None else None
    session = Session(secrets=secrets)
    session.keeps, session.ours = ANSWER, secrets is not None
    player = _player(session, secrets, flight, part)
    with opened(addresses, session, way) as opening:
        opening.wire.flow.number = number
        if opening.ready:
            opening.wire.send(flight.pieces)
            _listen(opening.wire, session, player)
    if secrets is not None and way.record is not None:
        way.record.secrets(secrets.lines())
    seen = heard(opening.wire.flow, session)
    if player is None:
        return Heard(seen)
    return Heard(seen, secrets, player.why, tuple(player.notes), session.answer)


def send(flight: Flight, addresses: list[Address], way: Way, number: int = 0) -> Seen:
    """Send one flight and hear the answer out, no more. Raises TargetError as above."""
    return converse(flight, addresses, way, number).seen


# -- our side ----------------------------------------------------------------------------


def _secrets(part: Part) -> Secrets:
    psk = part.means.psk
    return Secrets(part.shares, psk.key if psk is not None else None)


def _player(
    session: Session, secrets: Secrets | None, flight: Flight, part: Part | None
) -> Player | None:
    if part is None or secrets is None:
        return None
    return Player(session, secrets, flight.data, part.means, rekeyed=part.shares is not None)


def _listen(wire: Wire, session: Session, player: Player | None) -> None:
    if player is None:
        wire.listen(lambda: answered(session))
    else:
        _play(wire, session, player)


def _play(wire: Wire, session: Session, player: Player) -> None:
    """Answer whenever it is our turn, up to the server's verdict on our Finished."""

    def turn() -> bool:
        return player.finished or player.unreadable or answered(session)

    while not player.finished and wire.hear(turn):
        if _over(session) or not _say_all(wire, player):
            break
    if not player.finished:
        if not wire.over:
            wire.rest()
        return
    _say_all(wire, player)
    patience = REPLY if player.requested else VERDICT
    while _weighed(wire, session, patience) and _say_all(wire, player):
        pass


def _say_all(wire: Wire, player: Player) -> bool:
    """Say what is ours to say; tell whether that was anything."""
    spoke = False
    while said := player.next():
        wire.send((Piece(said),))
        spoke = True
    return spoke


def _weighed(wire: Wire, session: Session, patience: float) -> bool:
    """Wait for what the server says to our Finished; tell whether it said something decisive."""
    known = len(session.transcript.entries)

    def told() -> bool:
        return any(_decides(entry) for entry in session.transcript.entries[known:])

    wire.rest(patience, told)
    return told()


def _decides(entry: Entry) -> bool:
    return entry.who == "server" and entry.state == APPLICATION_DATA and entry.what in _DECISIVE


# -- what was heard ----------------------------------------------------------------------


def heard(flow: Flow, session: Session) -> Seen:
    """Understand a replay's conversation; when our own message is due, it stopped by choice."""
    entries = session.transcript.entries
    until = entries[-1].at if entries else flow.last_at
    seen = understand(flow, session, until)
    state = seen.transcript.state
    if seen.ending.how == "capture_end" and _ours(session):
        seen.ending = Ending("incomplete", state)
    return seen


def answered(session: Session) -> bool:
    """Tell whether there is nothing more to wait for: it is our turn, or it is over."""
    return _ours(session) or _over(session)


def _over(session: Session) -> bool:
    return any(_is_end(entry) for entry in session.transcript.entries)


def _ours(session: Session) -> bool:
    transcript = session.end(0.0)
    spoken = "server" in transcript.spoke
    return spoken and AWAITED[transcript.state] == "client" and not transcript.unfinished["server"]


def _is_end(entry: Entry) -> bool:
    alert = alert_of(entry)
    return entry.who == "server" and (
        entry.what == "not_tls" or (alert is not None and alert.fatal)
    )


def _account(heard: Heard, variant: str, edits: Iterable[Edit]) -> Attempt:
    seen = heard.seen
    return Attempt(
        variant=variant,
        edits=tuple(
            result.Edit(offset=e.offset, old=e.old.hex(), new=e.new.hex(), why=e.why) for e in edits
        ),
        server=str(seen.flow.server.endpoint),
        connected_ms=_connected(seen.flow),
        preamble=spoken(seen),
        outcome=seen.ending.outcome,
        stopped_at=seen.ending.stopped_at,
        ended_by=ended_by(seen.ending),
        history=history(seen.transcript, seen.ending),
        elapsed_ms=round(1000 * max(0.0, seen.until - seen.flow.started), 3),
        messages=messages(seen.transcript, seen.ending, SHOW),
        answer=_answer(heard.answer),
        ended_at=ended_at(seen.ending),
    )


def _answer(data: bytes) -> str | None:
    """Return what an answer is: the status line of HTTP, else its kind."""
    if data.startswith(b"HTTP/"):
        return escape(data.split(b"\r\n", 1)[0])
    if not data:
        return None
    name = preambles.name_bytes(data, "server")
    return story.kind(name) if name else say("{number} bytes", number=len(data))


def _connected(flow: Flow) -> float | None:
    at = flow.accepted_at
    return None if at is None else round(1000 * max(0.0, at - flow.started), 3)
