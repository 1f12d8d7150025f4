"""A hello that came late: does the server, or a box, forget a connection that lies idle?

Asked where the captured client waited before its hello and failed, and the hello passes at once:
the same bytes after the same silence, twice, and at once in between. Sends nothing else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final, NamedTuple

from msgspec import structs

from tlswire import causes
from tlswire.causes.idle_timeout_before_handshake import ID, STRANGE
from tlswire.causes.wording import seconds
from tlswire.experiments.situations import answered
from tlswire.flight import Flight, Piece
from tlswire.language import mark, say
from tlswire.replay.attempts import attempt
from tlswire.replay.plans import Plan
from tlswire.result import Attempt, Cause, Evidence, RuledOut, Verdict
from tlswire.seen import Seen
from tlswire.sources.dialling import Address
from tlswire.states import CLIENT_HELLO, SERVER_HELLO
from tlswire.variants import Edit, Sending

#: Nobody waits longer for an experiment, in seconds.
LONGEST: Final = 30.0
AT_ONCE: Final = mark("the exact hello at once: the server went on, twice")
LATE: Final = mark("the same bytes after {wait} of silence: failed as in the capture, twice")
NOT_IT: Final = mark("after {wait} of silence the hello passed as well")
FORGOTTEN: Final = mark(
    "{told} But after {wait} of silence before it, as in the capture, it fails as it did there: "
    "a connection that lies idle is forgotten."
)
SHORTER: Final = mark(
    "the captured client was silent for {gap} before its hello; a replay waits {wait} at most"
)


class Late(NamedTuple):
    """What came of waiting; none where there was no reason to."""

    wait: float = 0.0
    attempts: tuple[Attempt, ...] = ()
    forgotten: bool = False  # late it fails as captured and at once it passes, each twice
    passed: bool = False  # late it passes as well
    notes: tuple[str, ...] = ()


def gap(captured: Seen) -> float:
    """Return the seconds in which the captured client said nothing, where it then failed."""
    ending, hello, opened = captured.ending, captured.transcript.client_hello, captured.flow
    if hello is None or opened.opened_at is None or ending.how not in ("silence", "rst", "fin"):
        return 0.0
    waited = hello.at - opened.opened_at
    return waited if _unanswered(captured) and waited >= STRANGE else 0.0


def ask(planned: Plan, addresses: list[Address], exact: Seen) -> Late:
    """Wait as the captured client did, and send its hello. Raises TargetError."""
    silent = gap(planned.chosen)
    if not silent or not answered(exact):
        return Late()
    wait = min(silent, LONGEST)
    shorter = say(SHORTER, gap=seconds(silent), wait=seconds(wait))
    notes = (shorter,) if wait < silent else ()
    done = [_after(planned, addresses, wait)]
    if _as_captured(done[0][0], planned.chosen):
        again = attempt(planned, addresses)
        done += [(again.seen, again.attempt), _after(planned, addresses, wait)]
    seen, told = [each for each, _ in done], tuple(each for _, each in done)
    forgotten = len(seen) == 3 and answered(seen[1]) and _as_captured(seen[2], planned.chosen)
    return Late(wait, told, forgotten, answered(seen[0]), notes)


def _after(planned: Plan, addresses: list[Address], wait: float) -> tuple[Seen, Attempt]:
    first, *others = planned.flight.pieces
    pieces = (Piece(first.data, wait), *others)
    told = Edit(0, b"", b"", say("nothing is sent for {wait}", wait=seconds(wait)))
    sending = Sending(Flight(pieces, planned.flight.notes), (told,))
    longer = replace(planned.way, deadline=planned.way.deadline + wait)
    tried = attempt(planned._replace(way=longer), addresses, "wait", sending)
    return tried.seen, tried.attempt


def _as_captured(seen: Seen, captured: Seen) -> bool:
    """Tell whether it ended as it did there; who sent a reset cannot be seen from here."""
    return _unanswered(seen) and seen.ending.how == captured.ending.how


def _unanswered(seen: Seen) -> bool:
    return seen.ending.stopped_at in (CLIENT_HELLO, SERVER_HELLO) and not answered(seen)


def weigh(verdict: Verdict, late: Late) -> Verdict:
    """Put the silence first where it decides, and rule it out where it does not."""
    if late.forgotten:
        return _forgotten(verdict, seconds(late.wait))
    if late.passed and not late.notes:
        gone = RuledOut(id=ID, why=say(NOT_IT, wait=seconds(late.wait)))
        kept = tuple(c for c in verdict.causes if c.id != ID)
        return structs.replace(verdict, causes=kept, ruled_out=(gone, *verdict.ruled_out))
    return verdict


def _forgotten(verdict: Verdict, wait: str) -> Verdict:
    """At once it passes and late it fails, each twice, and nothing else was changed."""
    before = next((c.evidence for c in verdict.causes if c.id == ID), ())
    shown = (*before, Evidence(text=say(AT_ONCE)), Evidence(text=say(LATE, wait=wait)))
    remedies = causes.remedies(ID)
    found = Cause(id=ID, confidence="proved", evidence=shown, remedies=remedies)
    out = (RuledOut(id=c.id, why=say(AT_ONCE)) for c in verdict.causes if c.id != ID)
    others = (r for r in verdict.ruled_out if r.id != ID)
    return Verdict(
        summary=say(FORGOTTEN, told=verdict.summary, wait=wait),
        causes=(found,),
        ruled_out=(*out, *others),
    )
