"""The document of the contract as JSON, whole or a line a connection: what programs read."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from tlswire.result import SCHEMA, Document


def render(document: Document) -> bytes:
    """Return the document as JSON with a line end, indented for those who look at it."""
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"


def render_lines(document: Document) -> Iterator[bytes]:
    """Yield one connection a line, and a line with the summary last."""
    for connection in document.connections:
        yield msgspec.json.encode(connection) + b"\n"
    last = {"schema": SCHEMA, "capture": document.capture, "summary": document.summary}
    yield msgspec.json.encode(last) + b"\n"


def schema() -> bytes:
    """Return the JSON schema (draft 2020-12) of the document."""
    return msgspec.json.format(msgspec.json.encode(msgspec.json.schema(Document)), indent=1) + b"\n"
