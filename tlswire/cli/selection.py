"""Which connections of a capture a command is about."""

from __future__ import annotations

import sys
from collections.abc import Collection

from tlswire import decode
from tlswire.errors import SelectionError
from tlswire.result import Document
from tlswire.seen import explain


def decode_chosen(capture: str, numbers: Collection[int], *, all_tcp: bool = False) -> Document:
    """Decode a capture, and keep the connections asked for (all when none is named).

    Raises CaptureError when it cannot be read, SelectionError for a number it does not hold.
    """
    found = decode.scan(sys.stdin.buffer if capture == "-" else capture)
    explained = list(explain(found.listed(all_tcp=all_tcp or bool(numbers))))
    if not numbers:
        return decode.document(found, explained)
    chosen = [seen for seen in explained if seen.flow.number in numbers]
    missing = sorted(set(numbers) - {seen.flow.number for seen in chosen})
    if missing:
        raise SelectionError(_no_such(capture, missing[0], len(explained)))
    return decode.document(found, chosen)


def _no_such(capture: str, number: int, count: int) -> str:
    if count == 0:
        return f"{capture} has no TCP connection, so no connection {number}"
    return f"{capture} has no connection {number}: they go from 0 to {count - 1}"
