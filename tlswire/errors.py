"""The one tree of errors. Exceptions are for misuse; what the wire does wrong is a `Trouble`.

TlswireError            anything tlswire raises on purpose; `exit_code` is the contract's
├── CaptureError        a file that is not a capture, or cannot be read      exit 2
├── SelectionError      the wrong use: no such connection, no such target    exit 2
│   └── NothingError    nothing in the capture to replay                     exit 3
└── TargetError         no target could be reached                           exit 4
    └── BudgetError     no more connections are to be made                   exit 4
        └── BrokenOffError      for the user said so, in the midst of one        exit 4
"""

from __future__ import annotations

from typing import NamedTuple


class TlswireError(Exception):
    """Root of all errors raised on purpose; its text is one line for the user."""

    exit_code = 2


class CaptureError(TlswireError):
    """The file cannot be read, or is not a packet capture."""


class SelectionError(TlswireError):
    """The user asked for something that is not there."""


class NothingError(SelectionError):
    """Nothing in the capture is to be replayed: no ClientHello, or none that failed."""

    exit_code = 3


class TargetError(TlswireError):
    """A target does not resolve or cannot be reached."""

    exit_code = 4


class BudgetError(TargetError):
    """No more connections are allowed, to whatever address."""


class BrokenOffError(BudgetError):
    """The user broke the run off; the connection in hand is given up."""


class Trouble(NamedTuple):
    """A place where the bytes break the rules. A value, never raised.

    `path` names the field in RFC words (`client_hello.extensions[3].body.groups`), `offset`
    counts bytes from the start of what was parsed (a message, later the side's stream).
    """

    path: str
    offset: int
    expected: str
    found: str
