"""Cleartext before TLS: STARTTLS dialects, proxies, PROXY headers; and cleartext instead of it.

One protocol a file, each a table of steps that recognises the dialogue in a capture and speaks
it to a server. Never opens a socket, never raises on any bytes, looks at 64 KiB a side at most.
"""

from __future__ import annotations

from tlswire.preambles.client_hello import find_client_hello
from tlswire.preambles.openers import name_bytes
from tlswire.preambles.recognition import Preamble, recognise

__all__ = ["Preamble", "find_client_hello", "name_bytes", "recognise"]
