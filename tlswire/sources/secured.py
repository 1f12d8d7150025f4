"""A socket inside TLS: the way to a proxy whose URL begins with https://.

The proxy's certificate must hold, by this system's roots or those of SSL_CERT_FILE. What goes
through it is another's TLS; this one is Python's, and nothing of it is ever judged or told.
"""

from __future__ import annotations

import ssl
from socket import socket
from typing import Any


class Secured(ssl.SSLSocket):
    """Says that it is not ready as a bare socket does."""

    def send(self, data: Any, flags: int = 0) -> int:
        """Send some of it; raises BlockingIOError where it would have to wait."""
        try:
            return super().send(data, flags)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise BlockingIOError from None

    def recv(self, size: int = 1024, flags: int = 0) -> bytes:
        """Receive some bytes; raises BlockingIOError where none are there yet."""
        try:
            return super().recv(size, flags)
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise BlockingIOError from None
        except ssl.SSLEOFError:
            return b""


def secure(dialled: socket, name: str) -> socket:
    """Shake hands with the proxy of this name; raises OSError where that fails."""
    context = ssl.create_default_context()
    context.sslsocket_class = Secured
    context.set_alpn_protocols(["http/1.1"])
    made: Any = context.wrap_socket(dialled, server_hostname=name)
    found: socket = made
    return found
