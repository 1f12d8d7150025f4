"""A peer closes without close_notify after its data, and the other takes the end for a failure.

What it is: many servers end with a bare FIN. OpenSSL 3 reports it as unexpected eof while
reading(0A000126), since data might have been cut off; with a length or a chunked end none was.

At the client, at the server and in the middle: a good handshake, data, then FIN without an
encrypted alert before it.

Mistaken for: server-abrupt-eof, where the FIN comes before the handshake is done.

Proof: a replay of the handshake succeeds: it is no failure of the handshake.

Sources: openssl/openssl#22526, RFC 8446 section 6.1.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark

ID = "close-without-notify"
STAGE: Stage = "after"
SUMMARY = mark("the peer closes without close_notify, after a handshake that succeeded")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Send close_notify before closing (nginx and Apache do; look for an abortive shutdown).",
    ),
    Cited(
        "client",
        "Where the protocol tells its own end, set SSL_OP_IGNORE_UNEXPECTED_EOF (OpenSSL 3).",
    ),
)
SPLIT_BY: tuple[str, ...] = ()


def look(case: Case) -> Finding | Refuted | None:
    """Nothing: the handshake succeeded."""
    return None
