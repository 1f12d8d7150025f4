"""A handshake as the steps of a ladder on a page: when, who, what, and how long it took.

The rungs are those of the terminal's ladder; what a page adds is the room between them, which
grows with the time that passed, and the way to each message's fields.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from tlswire import language
from tlswire.language import say
from tlswire.reports.html.shelf import Shelf
from tlswire.reports.ladder import Rung, elapsed, rungs
from tlswire.result import Attempt, Connection, Evidence, Exhibit, Message, Spoken

#: A pause is worth a word from so many seconds on.
PAUSE = 0.5
#: Room above a step, in pixels: at most, and for each doubling of the milliseconds waited.
MOST_ROOM, ROOM = 96, 7
#: Protocols whose other end is a proxy and not the server; lines told of a dialogue.
PROXIES = frozenset({"http-connect", "socks4", "socks5"})
MOST_SAID = 12


class Step(NamedTuple):
    """One rung; `bodies` are the numbers of its messages on the shelf."""

    rung: Rung
    when: str
    room: int
    pause: str
    bodies: list[int]
    label: str


class Said(NamedTuple):
    """One thing said in clear before TLS."""

    sender: str
    text: str


class Steps(NamedTuple):
    """A ladder; `middle` names who stands between and was spoken to before TLS."""

    steps: list[Step]
    middle: str | None
    heading: str
    protocol: str | None = None
    said: tuple[Said, ...] = ()
    refused: str | None = None


def of_connection(connection: Connection, shelf: Shelf, heading: str = "") -> Steps:
    """Return the ladder of a captured connection."""
    ended = None if connection.outcome == "incomplete" else connection.ended_by
    ladder = rungs(connection.messages, connection.started, ended, connection.ended_at)
    return _after(connection.cleartext, list(_steps(ladder, shelf)), heading)


def of_attempt(attempt: Attempt, shelf: Shelf, heading: str = "") -> Steps:
    """Return the ladder of an attempt of a replay."""
    started = attempt.messages[0].time if attempt.messages else 0.0
    ladder = rungs(attempt.messages, started, attempt.ended_by, attempt.ended_at)
    return _after(attempt.preamble, list(_steps(ladder, shelf)), heading)


def _after(spoken: Spoken | None, steps: list[Step], heading: str) -> Steps:
    """Return a ladder with what was said before it."""
    if spoken is None:
        return Steps(steps, None, heading)
    middle = "proxy" if spoken.protocol in PROXIES else None
    parts = [step.partition(": ") for step in spoken.steps[:MOST_SAID]]
    said = [Said(who, text) if mark else Said("client", who) for who, mark, text in parts]
    return Steps(steps, middle, heading, spoken.protocol, tuple(said), spoken.refused)


def _steps(ladder: Sequence[Rung], shelf: Shelf) -> Iterator[Step]:
    before = 0.0
    for rung in ladder:
        waited = max(0.0, (before if rung.after is None else rung.after) - before)
        before = before if rung.after is None else rung.after
        numbers = [shelf.put(message) for message in rung.messages]
        pause = say("{time} of silence", time=elapsed(waited)) if waited >= PAUSE else ""
        kept = [number for number in numbers if number is not None]
        yield Step(rung, elapsed(rung.after), _room(waited), pause, kept, _label(rung))


def _room(waited: float) -> int:
    return min(MOST_ROOM, round(ROOM * math.log2(1 + 1000 * waited)))


def _label(rung: Rung) -> str:
    """Return a step as a sentence, for who hears the page."""
    told = say(FROM[rung.sender], message=rung.label, time=elapsed(rung.after) or "?")
    if rung.frame:
        told = say("{step}, frame {frame}", step=told, frame=rung.frame)
    return say("{step}: {facts}", step=told, facts=rung.facts) if rung.facts else told


FROM = {
    "client": language.mark("{message} from the client after {time}"),
    "server": language.mark("{message} from the server after {time}"),
    "network": language.mark("{message} from the network after {time}"),
}


class Mark(NamedTuple):
    """Where evidence stands: a message on the shelf and bytes of it."""

    body: int
    start: int
    length: int


def mark(evidence: Evidence, messages: Sequence[Message], shelf: Shelf) -> Mark | None:
    """Return where a fact is to be seen, None when no shown message holds it."""
    for message in messages:
        if not isinstance(message, Exhibit) or message.sender != evidence.sender:
            continue
        if evidence.offset is None or message.offset is None or not evidence.length:
            if message.frame == evidence.frame and (number := shelf.put(message)) is not None:
                return Mark(number, 0, 0)
            continue
        start = evidence.offset - message.offset
        stop = start + evidence.length
        if stop > 0 and start < max(1, len(message.raw)):
            number = shelf.put(message)
            return None if number is None else Mark(number, max(0, start), stop - max(0, start))
    return None
