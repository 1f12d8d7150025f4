"""The exit codes of the contract: the first that applies."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tlswire.result import Replay, Summary

ESTABLISHED, FAILED, WRONG_USE, NOTHING, UNREACHABLE = range(5)
#: From the one that any other outdoes to the one that outdoes any other.
ORDER = (ESTABLISHED, NOTHING, FAILED, UNREACHABLE, WRONG_USE)


def of_decode(summary: Summary) -> int:
    """Return 1 when a handshake failed or was not TLS, 3 when nothing can be told, else 0."""
    if summary.failed or summary.not_tls:
        return FAILED
    return ESTABLISHED if summary.established else NOTHING


def worst(codes: Iterable[int]) -> int:
    """Return the exit code of several captures."""
    return max(codes, key=ORDER.index, default=NOTHING)


def of_replay(done: Sequence[Replay]) -> int:
    """Return 4 when no target was reached, 1 when an exact attempt failed, 3 or 0 as above."""
    from tlswire.replay import conclusive, failed, unreached

    tried = [replay for replay in done if replay.attempts]
    if tried and all(map(unreached, tried)):
        return UNREACHABLE
    if any(map(failed, tried)):
        return FAILED
    return ESTABLISHED if any(map(conclusive, tried)) else NOTHING
