"""The exit codes of the contract: the first that applies."""

from __future__ import annotations

from collections.abc import Sequence

from tlswire.result import Document, Replay

ESTABLISHED, FAILED, WRONG_USE, NOTHING, UNREACHABLE = range(5)


def of_decode(document: Document) -> int:
    """Return 1 when a handshake failed or was not TLS, 3 when nothing can be told, else 0."""
    outcomes = {connection.outcome for connection in document.connections}
    if outcomes & {"failed", "not_tls"}:
        return FAILED
    return ESTABLISHED if "established" in outcomes else NOTHING


def of_replay(done: Sequence[Replay]) -> int:
    """Return 4 when no target was reached, 1 when an exact attempt failed, 3 or 0 as above."""
    from tlswire.replay import conclusive, failed, unreached

    tried = [replay for replay in done if replay.attempts]
    if tried and all(map(unreached, tried)):
        return UNREACHABLE
    if any(map(failed, tried)):
        return FAILED
    return ESTABLISHED if any(map(conclusive, tried)) else NOTHING
