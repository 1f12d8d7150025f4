"""nginx: what its error log says of a handshake."""

from __future__ import annotations

from typing import Final

from tlswire.explain.phrases.phrase import Phrase

PHRASES: Final = (
    Phrase(
        "upstream SSL certificate (verify error|does not match)",
        "local",
        "certificate",
        "the certificate of the server behind did not verify",
        (
            "lb-server-side-profile",
            "cert-untrusted-root",
            "cert-name-mismatch",
            "cert-missing-intermediate",
        ),
    ),
    Phrase(
        "upstream prematurely closed connection",
        "peer",
        "client_hello",
        "the server behind closed",
        (
            "lb-server-side-profile",
            "server-abrupt-eof",
        ),
    ),
    Phrase(
        'cannot load certificate|PEM_read_bio|no "ssl_certificate" is defined',
        "local",
        "client_hello",
        "a certificate or key file cannot be used",
        ("server-no-usable-key",),
    ),
    Phrase(
        "client sent invalid (host|header) while reading client request|ssl_client_certificate",
        "local",
        "client_certificate",
        "what the client showed was not taken",
        (
            "mtls-cert-rejected",
            "sni-host-mismatch",
        ),
    ),
    Phrase(
        "while SSL handshaking to upstream",
        "local",
        "client_hello",
        "the handshake with the server behind failed: what nginx offers counts there",
        (
            "lb-server-side-profile",
            "sni-missing",
            "cipher-no-overlap",
            "cert-untrusted-root",
        ),
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
