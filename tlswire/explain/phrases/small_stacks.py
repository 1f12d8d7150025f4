"""GnuTLS, mbedTLS and wolfSSL: their numbers and words."""

from __future__ import annotations

from typing import Final

from tlswire.explain.phrases.phrase import Phrase

PHRASES: Final = (
    Phrase(
        r"\bgnutls\D{0,30}-8\b",
        "local",
        "server_hello",
        "GnuTLS: a version that is not supported",
        ("version-server-too-old",),
    ),
    Phrase(
        r"\bgnutls\D{0,30}-9\b",
        "local",
        "preamble",
        "GnuTLS: a record of impossible length: not TLS",
        ("tls-to-http-port",),
    ),
    Phrase(
        r"\bgnutls\D{0,30}-12\b",
        "peer",
        "client_hello",
        "GnuTLS: a fatal alert came",
        ("cipher-no-overlap",),
    ),
    Phrase(
        r"\bgnutls\D{0,30}-15\b",
        "local",
        "preamble",
        "GnuTLS: an unexpected record",
        ("tls-to-http-port",),
    ),
    Phrase(
        r"\bgnutls\D{0,30}-16\b", "peer", "client_hello", "GnuTLS: a warning came", ("sni-unknown",)
    ),
    Phrase(
        r"\bgnutls\D{0,30}-18\b",
        "local",
        "finished",
        "GnuTLS: a Finished that does not verify",
        ("bad-record-mac",),
    ),
    Phrase(
        r"\bgnutls\D{0,30}-19\b",
        "local",
        "client_hello",
        "GnuTLS: an unexpected handshake message",
        ("malformed-client-hello",),
    ),
    Phrase(
        r"\bgnutls\D{0,30}-21\b",
        "local",
        "client_hello",
        "GnuTLS: no suite that is supported",
        ("cipher-no-overlap",),
    ),
    Phrase(
        r"\bgnutls\D{0,30}-22\b",
        "local",
        "client_hello",
        "GnuTLS: an algorithm that is not supported",
        ("sigalgs-no-overlap",),
    ),
    Phrase(
        r"TLS connection was non-properly terminated|gnutls\D{0,30}-110\b",
        "peer",
        "client_hello",
        "GnuTLS: the peer closed without an alert",
        ("server-abrupt-eof",),
    ),
    Phrase(
        r"Error in the pull function|gnutls\D{0,30}-54\b",
        "peer",
        "client_hello",
        "GnuTLS: the peer reset the connection",
        ("sni-filter-rst-injected",),
    ),
    Phrase(
        r"No supported cipher suites have been found|gnutls\D{0,30}-87\b",
        "local",
        "client_hello",
        "GnuTLS: no cipher suite in common",
        ("cipher-no-overlap",),
    ),
    Phrase(
        r"Error in the certificate|gnutls\D{0,30}-43\b",
        "local",
        "certificate",
        "GnuTLS: the certificate did not verify",
        ("cert-untrusted-root",),
    ),
    Phrase(
        r"-0x7780\b", "peer", "client_hello", "mbedTLS: a fatal alert came", ("cipher-no-overlap",)
    ),
    Phrase(
        r"-0x6E00\b",
        "local",
        "client_hello",
        "mbedTLS: the handshake failed here",
        ("cipher-no-overlap", "ec-extensions-missing"),
    ),
    Phrase(
        r"-0x2700\b",
        "local",
        "certificate",
        "mbedTLS: the certificate did not verify",
        ("cert-untrusted-root",),
    ),
    Phrase(
        r"handshake message too large|wolfssl\D{0,20}-404\b",
        "local",
        "certificate",
        "wolfSSL: a message larger than it takes",
        ("cert-too-large",),
    ),
)
