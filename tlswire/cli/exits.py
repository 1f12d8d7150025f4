"""The exit codes of the contract: the first that applies."""

from __future__ import annotations

from tlswire.result import Document

ESTABLISHED, FAILED, WRONG_USE, NOTHING, UNREACHABLE = range(5)


def of_decode(document: Document) -> int:
    """Return 1 when a handshake failed or was not TLS, 3 when nothing can be told, else 0."""
    outcomes = {connection.outcome for connection in document.connections}
    if outcomes & {"failed", "not_tls"}:
        return FAILED
    return ESTABLISHED if "established" in outcomes else NOTHING
