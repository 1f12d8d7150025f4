"""A preamble as it was spoken: what crosses to the rest of tlswire. Holds no behaviour."""

from __future__ import annotations

from typing import NamedTuple


class Preamble(NamedTuple):
    """A preamble as it was spoken. Everything printable is escaped and shortened."""

    protocol: str
    steps: tuple[str, ...]  # "client: STARTTLS", in the order of the dialogue
    refused: str | None  # what the server answered when it said no
    details: dict[str, str]
    awaits: str | None = None  # the step that did not come; None when the preamble is complete
    client_end: int = 0  # bytes of each side that the preamble took: TLS comes next
    server_end: int = 0
