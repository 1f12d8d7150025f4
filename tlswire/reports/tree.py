"""Every decoded field of every message, as an indented tree, with what is wrong and where."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tlswire.language import say
from tlswire.observed import Connection, Message
from tlswire.reports.endings import side
from tlswire.reports.facts import subject, text, title
from tlswire.reports.ladder import elapsed
from tlswire.reports.page import Page, Span

#: Hex digits shown of opaque bytes; the rest is in the JSON.
MOST_HEX = 64
#: Opaque fields that hold names, shown as text.
TEXTS = frozenset({"host_name", "protocol_name_list", "psk_identity_hint", "url"})
#: Registries that are always written as two bytes in hex.
WIDE = frozenset({"cipher_suites", "cipher_suite"})
#: Opaque fields that hold a certificate, named by its subject and issuer.
CERTIFICATES = frozenset({"certificate_list", "cert_data"})
INDENT = "  "


class Leaf(NamedTuple):
    """One line of the tree: how deep, what it is called, what it holds, where it belongs."""

    depth: int
    name: str
    value: str
    path: str = ""


def draw(page: Page, connection: Connection) -> None:
    """Draw all messages of a connection with all their fields."""
    for message in connection.messages:
        page.blank()
        _head(page, message, connection.started)
        for leaf in leaves(message.fields or {}):
            lead = INDENT * (leaf.depth + 1) + leaf.name
            page.line(Span(lead + (": " if leaf.value else ""), "name"), leaf.value)


def _head(page: Page, message: Message, started: float) -> None:
    frame = "" if message.frame is None else say("frame {frame}, ", frame=message.frame)
    size = say("{size} bytes", size=message.length)
    where = f"  {frame}{elapsed(message.time - started)}, {side(message.sender)}, {size}"
    page.line(Span(title(message.type), "strong"), Span(where, "dim"))
    if message.trouble is not None:
        trouble = message.trouble
        place = say("at byte {offset}, {field}: ", offset=trouble.offset, field=trouble.path)
        told = say(
            "expected {expected}, found {found}", expected=trouble.expected, found=trouble.found
        )
        page.wrap(told, "  ", Span(place, "bad"), style="bad")


def leaves(value: Any, name: str = "", depth: int = 0, path: str = "") -> Iterator[Leaf]:
    """Yield the lines of a decoded body, in wire order; paths are those of the grammar."""
    for key, held in value.items() if isinstance(value, dict) else enumerate(value):
        label = key if isinstance(key, str) else f"[{key}]"
        known = key if isinstance(key, str) else name
        place = f"{path}.{label}" if path and isinstance(key, str) else path + label
        if label == "raw" and value.get("body") is not None:
            continue
        if _is_extension(held):
            yield from _extension(label, held, depth, place)
        elif not isinstance(held, dict | list) or not held or _is_code(held):
            yield Leaf(depth, label, _shown(known, held), place)
        else:
            yield Leaf(depth, label, "", place)
            yield from leaves(held, known, depth + 1, place)


def _extension(label: str, held: dict[str, Any], depth: int, path: str) -> Iterator[Leaf]:
    size = say("{size} bytes", size=held.get("length"))
    yield Leaf(depth, f"{label} {_shown('', held['type'])}", size, path)
    body = held.get("body")
    if body is not None:
        yield from leaves(body, "", depth + 1, f"{path}.body")
    else:
        yield from leaves({"raw": held.get("raw")}, "", depth + 1, path)


def _is_code(held: Any) -> bool:
    return isinstance(held, dict) and held.keys() == {"code", "name"}


def _is_extension(held: Any) -> bool:
    return isinstance(held, dict) and {"type", "length", "body"} <= held.keys()


def _shown(name: str, held: Any) -> str:
    if _is_code(held):
        number = held["code"]
        wide = isinstance(number, int) and (number > 0xFF or name in WIDE)
        told = f"0x{number:04x}" if wide else str(number)
        return f"{held['name'] or say('unregistered')} ({told})"
    if isinstance(held, str) and name in CERTIFICATES:
        return f"{subject(held)} ({say('{size} bytes', size=len(held) // 2)})"
    if isinstance(held, str) and name in TEXTS:
        return f'"{text(held)}"'
    if isinstance(held, str):
        return clipped(held, len(held) // 2) if held else say("empty")
    return say("none") if held is None or held in ([], {}) else str(held)


def clipped(held: str, size: int) -> str:
    """Return bytes in hex, of many only the first ones and how many there are."""
    if len(held) <= MOST_HEX:
        return held
    return held[:MOST_HEX] + "... " + say("{size} bytes", size=size)
