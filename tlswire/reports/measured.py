"""How a report came about: said at the end of each that leaves this machine, so it can be redone.

Filled by the commands, which know the clock and the file; a report only writes it.
"""

from __future__ import annotations

from typing import NamedTuple

from tlswire.language import mark

#: Where the facts come from, when nothing was sent.
READ_ONLY = mark("Read from the capture only; nothing was sent to anybody.")
SENT = mark(
    "Replayed from the machine that ran tlswire. A firewall or load balancer on the captured "
    "client's own path may act otherwise than what stands between that machine and the target."
)
ASKED = mark(
    "Asked from the machine that ran tlswire. From elsewhere another server, or a box on the way, "
    "may answer."
)


class Measured(NamedTuple):
    """The command, the versions, the place, and the file by its hash (None where it was piped)."""

    command: str
    version: str
    python: str = ""
    generated: str = ""
    vantage: str = READ_ONLY
    capture: str = ""
    size: int | None = None
    sha256: str | None = None
