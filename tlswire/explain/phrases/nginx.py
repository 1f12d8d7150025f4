"""nginx: what its error log says of a handshake."""

from __future__ import annotations

from typing import Final

from tlswire.explain.phrases.phrase import Phrase

PHRASES: Final = (
    Phrase(
        "while SSL handshaking to upstream",
        "local",
        "client_hello",
        "the handshake with the server behind failed: what nginx offers counts there",
        ("sni-missing", "cipher-no-overlap"),
    ),
    Phrase(
        "peer closed connection in SSL handshake",
        "peer",
        "certificate",
        "the peer closed in the middle of the handshake",
        ("cert-untrusted-root", "server-abrupt-eof", "client-timeout"),
    ),
    Phrase(
        "handshake rejected while SSL handshaking",
        "local",
        "client_hello",
        "ssl_reject_handshake: no server block has the name",
        ("sni-unknown",),
    ),
    Phrase(
        "plain HTTP request (was sent )?to HTTPS port",
        "local",
        "preamble",
        "the client spoke plain HTTP to a TLS port",
        ("http-to-tls-port",),
    ),
    Phrase(
        "client SSL certificate verify error",
        "local",
        "client_certificate",
        "the certificate of the client did not verify",
        ("mtls-cert-rejected",),
    ),
    Phrase(
        "client sent no required SSL certificate",
        "local",
        "client_certificate",
        "the client sent no certificate",
        ("mtls-client-sends-empty",),
    ),
    Phrase(
        "broken header:.*PROXY protocol|broken header",
        "local",
        "preamble",
        "no PROXY header came first",
        ("proxy-protocol-missing",),
    ),
    Phrase(
        r"SSL_do_handshake\(\) failed",
        "local",
        "client_hello",
        "the handshake with a client failed; the code in brackets says why",
        ("cipher-no-overlap", "version-client-too-old"),
    ),
)
