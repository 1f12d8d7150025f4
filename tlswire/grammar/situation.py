"""What the meaning of a body depends on besides its own bytes, and what came of reading one."""

from __future__ import annotations

from typing import Any, NamedTuple

from tlswire.errors import Trouble


class Situation(NamedTuple):
    """What was negotiated when the message was sent; None where it is not known."""

    version: int | None = None  # on the wire: 0x0303
    key_exchange: str | None = None  # "RSA", "ECDHE_PSK", "DH_anon" …, as suites are named


class Reading(NamedTuple):
    """What a body says. `fields` is None only when nothing of it could be read.

    Offsets in `troubles` count from the start of the body; () when all is well formed. Equal parts
    of different readings may be one and the same dict or list: take them as frozen.
    """

    fields: dict[str, Any] | None
    troubles: tuple[Trouble, ...]
