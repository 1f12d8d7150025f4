"""A preamble as it was spoken: what crosses to the rest of tlswire. Holds no behaviour."""

from __future__ import annotations

from typing import NamedTuple


class Preamble(NamedTuple):
    """A preamble as it was spoken. Everything printable is escaped and shortened."""

    protocol: str
    steps: tuple[str, ...]  # "client: STARTTLS", in the order of the dialogue
    refused: str | None  # what the server answered when it said no
    details: dict[str, str]
    #: "server: 220 to STARTTLS": what did not come; None when complete or refused. A step of the
    #: client means that it never asked for TLS, or not in this protocol's way.
    awaits: str | None = None
    client_end: int = 0  # bytes of each side that the preamble took: TLS comes next
    server_end: int = 0
