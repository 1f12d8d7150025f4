"""Fields as JSON shows them: a registry number as `{code, name}`, opaque bytes as hex.

Which number belongs to which registry comes from `SHAPES`, generated from the grammar. Never
changes order, and never drops a field.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tlswire import codes
from tlswire.grammar.fast import SHAPES

#: Registries in which the numbers of RFC 8701 are set aside: 16 bits, and 8 bits.
GREASED = frozenset({"CIPHER_SUITES", "EXTENSIONS", "GROUPS", "SIGNATURE_SCHEMES", "VERSIONS"})
GREASED8 = frozenset({"PSK_KEY_EXCHANGE_MODES"})


def show(kind: str, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a message of this kind in the shape of the JSON contract."""
    return show_fields(fields, SHAPES.get(kind))


def show_value(value: Any, shape: Any) -> Any:
    """Return a value as JSON shows it; `shape` is a registry's name or a table of fields."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [show_value(one, shape) for one in value]
    if isinstance(value, dict):
        tagged = isinstance(shape, dict) and "bodies" in shape
        return show_extension(value, shape) if tagged else show_fields(value, shape)
    return {"code": value, "name": name(value, shape)} if isinstance(shape, str) else value


def show_fields(fields: Mapping[str, Any], shape: Any) -> dict[str, Any]:
    """Return a struct as JSON shows it."""
    below = shape if isinstance(shape, dict) else {}
    return {field: show_value(value, below.get(field)) for field, value in fields.items()}


def show_extension(extension: Mapping[str, Any], shape: Any) -> dict[str, Any]:
    """Return `{type, length, body}`, and `raw` where the body is unknown or malformed."""
    number, body = extension["type"], extension["body"]
    shown = {
        "type": show_value(number, shape["type"]),
        "length": extension["length"],
        "body": None if body is None else show_value(body, shape["bodies"].get(number)),
    }
    return shown if body is not None else {**shown, "raw": extension["raw"].hex()}


def name(code: int | None, registry: str) -> str | None:
    """Return the registered name of a number, None when it has none."""
    if code is None:
        return None
    names: dict[int, str] = getattr(codes, registry)
    if code in names:
        return names[code]
    greased = registry in GREASED and codes.is_grease(code)
    return "GREASE" if greased or (registry in GREASED8 and codes.is_grease8(code)) else None
