"""The document of the contract as JSON, whole or a line a connection: what programs read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from tlswire.result import SCHEMA, Connection, Document, Summary
from tlswire.surveyed import Reach, Rehearsal, Survey


def render(document: Document) -> bytes:
    """Return the document as JSON with a line end, indented for those who look at it."""
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


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


def render_lines(document: Document) -> Iterator[bytes]:
    """Yield one connection a line, and a line with the summary last."""
    yield from map(render_line, document.connections)
    yield render_last(document.capture, document.summary)


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
