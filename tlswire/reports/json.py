"""The document of the contract as JSON, whole or a line a connection: what programs read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec
from msgspec import structs

from tlswire.result import (
    SCHEMA,
    Attempt,
    Connection,
    Document,
    Exhibit,
    Message,
    Narrowing,
    Replay,
    Summary,
)
from tlswire.surveyed import Reach, Rehearsal, Survey

#: What tells messages.
Told = TypeVar("Told", Connection, Attempt)


def render(document: Document) -> bytes:
    """Return the document as JSON with a line end, indented for those who look at it."""
    return msgspec.json.format(msgspec.json.encode(_contract(document)), indent=1) + b"\n"


#: The summary of a run that read no capture for its own sake.
NOTHING = Summary(packets=0, connections=0, established=0, failed=0, incomplete=0, not_tls=0)


def of_surveys(surveys: Sequence[Survey]) -> Document:
    """Return the document of surveys."""
    return Document(capture=None, connections=(), summary=NOTHING, surveys=tuple(surveys))


def of_rehearsal(rehearsal: Rehearsal) -> Document:
    """Return the document of a rehearsal."""
    return Document(capture=None, connections=(), summary=NOTHING, rehearsal=rehearsal)


def of_reach(hosts: Sequence[Reach]) -> Document:
    """Return the document of a reach."""
    return Document(capture=None, connections=(), summary=NOTHING, reach=tuple(hosts))


def render_line(connection: Connection) -> bytes:
    """Return one connection as a line."""
    return msgspec.json.encode(connection) + b"\n"


def render_last(capture: str | None, summary: Summary) -> bytes:
    """Return the line with the summary."""
    last = {"schema": SCHEMA, "capture": capture, "summary": summary}
    return msgspec.json.encode(last) + b"\n"


def schema() -> bytes:
    """Return the JSON schema (draft 2020-12) of the document."""
    return msgspec.json.format(msgspec.json.encode(msgspec.json.schema(Document)), indent=1) + b"\n"


# -- exhibits are no part of the contract ------------------------------------------------


def _contract(document: Document) -> Document:
    """Return a document whose messages are the contract's and no more."""
    return structs.replace(
        document,
        connections=tuple(map(_plain, document.connections)),
        replays=document.replays and tuple(map(_plain_replay, document.replays)),
        narrowings=document.narrowings and tuple(map(_plain_narrowing, document.narrowings)),
    )


def _plain(found: Told) -> Told:
    """Return a connection or an attempt with plain messages."""
    if not any(isinstance(message, Exhibit) for message in found.messages):
        return found
    return structs.replace(found, messages=tuple(map(_message, found.messages)))


def _message(shown: Message) -> Message:
    names = (name for name in Message.__struct_fields__)
    return Message(**{name: getattr(shown, name) for name in names})


def _plain_replay(done: Replay) -> Replay:
    return structs.replace(done, attempts=tuple(map(_plain, done.attempts)))


def _plain_narrowing(done: Narrowing) -> Narrowing:
    steps = (structs.replace(step, attempt=_plain(step.attempt)) for step in done.steps)
    return structs.replace(done, steps=tuple(steps))
