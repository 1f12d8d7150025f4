"""Cleartext before TLS: STARTTLS dialects, proxies, PROXY headers; and cleartext instead of it.

One protocol a file, each a table of steps that recognises the dialogue in a capture and speaks
it to a server. Never opens a socket, never raises on any bytes, looks at 64 KiB a side at most.
"""

from __future__ import annotations

from tlswire.preambles.client_hello import find_client_hello
from tlswire.preambles.openers import name_bytes
from tlswire.preambles.preamble import Preamble

__all__ = ["Preamble", "find_client_hello", "name_bytes", "recognise"]


def recognise(client: bytes, server: bytes) -> Preamble | None:
    """Name the preamble in the cleartext of both sides before TLS.

    Either side may be empty or cut, and may go on with TLS. None when no protocol is certain.
    """
    from tlswire.preambles import recognition  # the dialects: most runs never need them

    return recognition.recognise(client, server)
