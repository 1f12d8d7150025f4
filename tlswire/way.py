"""How to go to a target: one frozen struct that every connection of ours is made by.

`sources.wire.Wire` takes it whole; what opens a connection in front of it reads the stages. It
says nothing of what is sent and opens nothing. Change one thing with `dataclasses.replace`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, NamedTuple, Protocol

from tlswire.flow import Endpoint, Flow, Sink

#: The port where none is named.
HTTPS: Final = 443
#: Seconds to wait for a connection, and again for an answer.
PATIENCE: Final = 5.0
#: Seconds that one connection may take in all, however lively the target talks.
DEADLINE: Final = 60.0
#: What is read of one answer, in bytes; no server's flight is longer.
MOST_BYTES: Final = 1 << 20


class Target(NamedTuple):
    """What a preamble may have to mention when it is spoken to a server; names in ASCII."""

    host: str
    port: int
    name: str = "tlswire.invalid"  # how we introduce ourselves (RFC 2606 section 2)
    source: Endpoint | None = None  # for a PROXY header; None: the connection's own
    destination: Endpoint | None = None
    user: str = ""  # for a proxy that asks who we are
    password: str = ""


class Stage(NamedTuple):
    """One preamble to speak before TLS: a protocol of `preambles/`, and what it mentions."""

    protocol: str
    target: Target


class Pace(Protocol):
    """What keeps connections few: asked before each one. `broken` by the user: none any more."""

    broken: bool

    def wait(self) -> None:
        """Return when the next connection may be made; raises TargetError when none may."""

    def break_off(self) -> None:
        """Let the connection in hand be given up, and none be made any more."""

    def heed(self) -> None:
        """Raise TargetError when the connection in hand is to be given up."""


class Record(Protocol):
    """What keeps our connections: told of each, and of the secrets that became known."""

    def begin(self, flow: Flow, remark: str) -> Sink:
        """Return who is told all of one connection; `flow` fills while it lasts."""

    def secrets(self, lines: str) -> None:
        """Take lines of a key log (SSLKEYLOGFILE)."""

    def close(self) -> None:
        """Write what is kept: the run is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How to go. Times are in seconds; what is None is left to the system."""

    connect_timeout: float = PATIENCE
    timeout: float = PATIENCE  # for each answer, be it of a preamble or of TLS
    deadline: float = DEADLINE  # for one connection in all
    most_bytes: int = MOST_BYTES  # read on one connection
    bind: str | None = None  # the address to come from
    source_port: int | None = None
    mss: int | None = None  # the largest segment, announced to the target too (TCP_MAXSEG)
    #: Sizes of the segments of the first flight, the last one repeated; () is one write, None
    #: what the flight itself says.
    segments: tuple[int, ...] | None = None
    stages: tuple[Stage, ...] = ()  # spoken in this order before TLS
    proxy: Endpoint | None = None  # dialled in the target's place; the first stage speaks to it
    secured: str | None = None  # the name of a proxy that is spoken to inside TLS
    pace: Pace | None = None  # shared by all connections of a run
    record: Record | None = None  # likewise
    remark: str = ""  # what a connection is for, written beside it in the record
