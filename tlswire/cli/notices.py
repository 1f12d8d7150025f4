"""What a command that runs on has to say besides its results: on stderr, for people or programs."""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

Form = Literal["text", "json"]


def notices(form: Form) -> Callable[[str], None]:
    """Return what to call with a notice: `tlswire: ...`, or one JSON object a line."""
    return _say_json if form == "json" else _say


def _say(text: str) -> None:
    from tlswire.reports.escape import escape

    print(f"tlswire: {escape(text)}", file=sys.stderr, flush=True)


def _say_json(text: str) -> None:
    import msgspec

    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    line = msgspec.json.encode({"time": now, "program": "tlswire", "message": text})
    print(line.decode(), file=sys.stderr, flush=True)
