"""Every message's fields and bytes, packed for the page: equal ones once, alike ones as patches.

Ten thousand ClientHellos of one client differ in their random values only. Their rows (names,
values, places) are one shape; the bytes of the second and later ones are patches of the first.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator
from typing import Any

import msgspec

from tlswire.messages import MESSAGE_HEADER
from tlswire.reports.escape import escape
from tlswire.reports.facts import title
from tlswire.reports.ladder import misread
from tlswire.reports.tree import clipped, leaves
from tlswire.result import Exhibit, Message

#: Bytes of one message that a page shows, and packed bytes of all messages that it may carry.
MOST_BYTES, MOST_PACKED = 16_384, 6_000_000
#: Equal bytes between two differences that are not worth a patch of their own.
GAP = 4

Row = tuple[int, str, str | None, int, int]  # depth, name, value (None: the bytes), offset, length


class Shelf:
    """Takes messages, gives each a number, and packs them."""

    def __init__(self) -> None:
        self._shapes: dict[tuple[Row, ...], int] = {}
        self._first: dict[tuple[int, int], tuple[int, bytes]] = {}  # shape, length -> a whole one
        self._numbers: dict[object, int] = {}
        self._bodies: list[dict[str, Any]] = []
        self._room = MOST_PACKED

    def put(self, message: Message) -> int | None:
        """Return the number under which the page finds the message, None when there is no room."""
        if not isinstance(message, Exhibit):
            message = Exhibit(
                **{name: getattr(message, name) for name in Message.__struct_fields__}
            )
        rows = tuple(rows_of(message))
        trouble = _trouble(message)
        key = (message.type, rows, message.raw, message.offset, trouble)
        if key not in self._numbers:
            if self._room <= 0:
                return None
            self._numbers[key] = len(self._bodies)
            self._bodies.append(self._body(message, rows, trouble))
        return self._numbers[key]

    def _body(self, message: Exhibit, rows: tuple[Row, ...], trouble: Any) -> dict[str, Any]:
        known = len(self._shapes)
        shape = self._shapes.setdefault(rows, known)
        raw = message.raw[:MOST_BYTES]
        body = {"title": title(message.type), "shape": shape, "offset": message.offset}
        body |= {"cut": len(message.raw) - len(raw)} if len(message.raw) > len(raw) else {}
        body |= {"trouble": trouble} if trouble else {}
        first, like = self._first.setdefault((shape, len(raw)), (len(self._bodies), raw))
        if first == len(self._bodies):
            self._room -= len(raw) + (100 * len(rows) if shape == known else 0)
            return body | {"bytes": base64.b64encode(raw).decode()}
        patches = [(at, new.hex()) for at, new in differences(like, raw)]
        self._room -= sum(len(new) // 2 + 4 for _, new in patches)
        return body | {"like": first, "patches": patches}

    def packed(self) -> str:
        """Return everything on the shelf as base64 of deflated JSON."""
        shelf = {"shapes": list(self._shapes), "bodies": self._bodies}
        return pack(msgspec.json.encode(shelf))


def pack(data: bytes) -> str:
    """Return bytes as the page unpacks them: base64 of zlib's format."""
    return base64.b64encode(zlib.compress(data, 9)).decode()


def rows_of(message: Exhibit) -> Iterator[Row]:
    """Yield the fields of a message in wire order, each with its place in the bytes."""
    if "msg_type" in message.spans:
        yield 0, "msg_type", None, *message.spans["msg_type"]
        yield 0, "length", str(message.length), *message.spans["length"]
    for leaf in leaves(message.fields or {}):
        start, length = place(leaf.path, message.spans)
        held = message.raw[start : start + length].hex()
        value = None if length and leaf.value == clipped(held, length) else escape(leaf.value)
        yield leaf.depth, escape(leaf.name), value, start, length


def place(path: str, spans: dict[str, tuple[int, int]]) -> tuple[int, int]:
    """Return where a field stands; one without a place of its own spans what is in it."""
    if path in spans:
        return spans[path]
    if path.endswith(".raw"):
        return spans.get(f"{path.removesuffix('.raw')}.body", (0, 0))
    inside = [span for name, span in spans.items() if name.startswith((f"{path}.", f"{path}["))]
    if not inside:
        return 0, 0
    start = min(at for at, _ in inside)
    return start, max(at + size for at, size in inside) - start


def differences(old: bytes, new: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield (offset, new bytes) where two strings of equal length differ."""
    start = None
    last = 0
    for at, (one, other) in enumerate(zip(old, new, strict=True)):
        if one == other:
            continue
        if start is not None and at - last > GAP:
            yield start, new[start : last + 1]
            start = None
        start = at if start is None else start
        last = at
    if start is not None:
        yield start, new[start : last + 1]


def _trouble(message: Exhibit) -> tuple[str, int] | None:
    found = message.trouble
    if found is None:
        return None
    told = misread(found)
    header = MESSAGE_HEADER if "msg_type" in message.spans else 0
    return escape(told), found.offset + header
