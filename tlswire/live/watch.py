"""The handshakes in progress: each is told once, as soon as it is over.

A capture says when a conversation ends; on a live wire a handshake is over long before that: a
while after it was established or refused, or when nothing more comes. Bounded in time here and in
number by whoever feeds it. Opens nothing and has no clock: times come with the calls.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tlswire.ending import GOODBYES
from tlswire.flow import Flow
from tlswire.seen import Company, Seen, explain_one, understand
from tlswire.session import Session
from tlswire.transcript import Entry, Transcript, alert_of

#: Application data after which an established connection has nothing more to tell, in bytes.
ENOUGH = 16_384


class Patience(NamedTuple):
    """How long a handshake is waited for, in seconds."""

    idle: float = 30.0  # without a byte from anybody
    whole: float = 300.0  # from its first packet on, however busy: a hello may drip
    settle: float = 1.0  # after it was established or refused: what still comes belongs to it


class _Watched(Session):
    """A session that says at once when it has heard enough."""

    def __init__(self, flow: Flow, satisfied: Callable[[Flow], None] | None) -> None:
        self._flow, self._satisfied = flow, satisfied
        self._done = False
        super().__init__(midway=flow.midway, enough=ENOUGH)

    @property
    def done(self) -> bool:
        """Tell whether no more payload is wanted."""
        return self._done

    @done.setter
    def done(self, now: bool) -> None:
        if now and not self._done and self._satisfied is not None:
            self._satisfied(self._flow)
        self._done = now


class Watch:
    """Gives a session to every new flow, and every flow, once understood, to `told`.

    With `explains` a verdict comes along; it costs the most, and may be asked for later.
    """

    def __init__(
        self,
        told: Callable[[Seen], object],
        patience: Patience | None = None,
        *,
        explains: bool = True,
    ) -> None:
        self._told, self._explains = told, explains
        self.satisfied: Callable[[Flow], None] | None = None  # told when a flow may be left alone
        self.patience = patience or Patience()
        self._open: dict[int, tuple[Flow, Session]] = {}
        self.company = Company()

    def __len__(self) -> int:
        return len(self._open)

    def open(self, flow: Flow, session: Session | None = None) -> Session:
        """Begin to watch a flow, and return what its bytes must go into."""
        session = session or _Watched(flow, self.satisfied)
        self._open[flow.number] = flow, session
        return session

    def close(self, flow: Flow, at: float) -> None:
        """Tell of a flow, unless that was done already: it is over, or no longer wanted."""
        opened = self._open.pop(flow.number, None)
        if opened is None:
            return
        seen = understand(flow, opened[1], at)
        self.company.add(seen)
        self._told(self.explain(seen) if self._explains else seen)

    def explain(self, seen: Seen) -> Seen:
        """Give a flow that was just told its verdict."""
        return explain_one(seen, self.company)

    def spoke(self, flow: Flow) -> bool:
        """Tell whether anything was understood of a flow so far."""
        opened = self._open.get(flow.number)
        return opened is not None and bool(opened[1].transcript.entries)

    def drop(self, flow: Flow) -> None:
        """Forget a flow without a word."""
        self._open.pop(flow.number, None)

    def settled(self, at: float) -> list[Flow]:
        """Return the flows whose handshake is over by now; the caller closes them."""
        return [
            flow
            for flow, session in self._open.values()
            if _is_settled(flow, session, at, self.patience)
        ]


def _is_settled(flow: Flow, session: Session, at: float, patience: Patience) -> bool:
    if session.done:
        return True
    ended = _ended_at(session.transcript)
    if ended is not None:
        return at - ended >= patience.settle
    return at - flow.last_at >= patience.idle or at - flow.started >= patience.whole


def _ended_at(transcript: Transcript) -> float | None:
    """Return when the handshake came to an end, as far as its last event tells."""
    if transcript.established_at is not None:
        return transcript.established_at
    last = transcript.entries[-1] if transcript.entries else None
    return last.at if last is not None and _ends(last) else None


def _ends(entry: Entry) -> bool:
    if entry.what in ("fin", "rst", "icmp", "timeout", "not_tls"):
        return True
    if not entry.is_alert:
        return False
    alert = alert_of(entry)
    return alert is None or alert.fatal or alert.code in GOODBYES
