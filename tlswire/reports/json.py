"""The document of the contract as JSON: what programs read."""

from __future__ import annotations

import msgspec

from tlswire.result import Document


def render(document: Document) -> bytes:
    """Return the document as JSON with a line end, indented for those who look at it."""
    return msgspec.json.format(msgspec.json.encode(document), indent=1) + b"\n"
