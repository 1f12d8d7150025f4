"""Apache httpd: the AH numbers of its TLS module."""

from __future__ import annotations

from typing import Final

from tlswire.explain.phrases.phrase import Phrase

PHRASES: Final = (
    Phrase(
        "AH01996|HTTP spoken on HTTPS port",
        "local",
        "preamble",
        "the client spoke plain HTTP to a TLS port",
        ("http-to-tls-port",),
    ),
    Phrase(
        "AH01997",
        "local",
        "client_hello",
        "the handshake with the server behind failed, the client gets 502",
        (
            "lb-server-side-profile",
            "sni-missing",
            "cipher-no-overlap",
        ),
    ),
    Phrase(
        "AH01998",
        "local",
        "after",
        "the connection was closed without close_notify",
        ("close-without-notify",),
    ),
    Phrase(
        "AH02002",
        "local",
        "client_hello",
        "the name could not be sent to the server behind",
        (
            "lb-server-side-profile",
            "sni-missing",
        ),
    ),
    Phrase(
        "AH02003",
        "local",
        "client_hello",
        "the handshake with the server behind failed",
        (
            "lb-server-side-profile",
            "sni-missing",
            "cipher-no-overlap",
        ),
    ),
    Phrase(
        "AH02004",
        "local",
        "certificate",
        "the certificate of the server behind has expired",
        (
            "cert-expired",
            "lb-server-side-profile",
        ),
    ),
    Phrase(
        "AH02005|AH02411",
        "local",
        "certificate",
        "the certificate of the server behind is for another name",
        (
            "cert-name-mismatch",
            "lb-server-side-profile",
        ),
    ),
    Phrase(
        "AH02006",
        "peer",
        "certificate",
        "the client closed in the middle of the handshake",
        ("client-timeout", "cert-untrusted-root"),
    ),
    Phrase(
        "AH02007",
        "peer",
        "client_hello",
        "the handshake was interrupted: the client reset or left",
        ("sni-filter-rst-injected", "client-timeout"),
    ),
    Phrase(
        "AH02008",
        "local",
        "client_hello",
        "OpenSSL objected; the next line has its code",
        ("cipher-no-overlap", "version-client-too-old"),
    ),
    Phrase(
        "AH02010|AH02011",
        "local",
        "client_certificate",
        "the client did not authenticate",
        ("mtls-client-sends-empty", "mtls-cert-rejected"),
    ),
    Phrase("AH02031|AH02033", "local", "after", "the client sent no name (SNI)", ("sni-missing",)),
    Phrase(
        "AH02032",
        "local",
        "after",
        "the name in SNI and that in Host belong to different TLS settings: HTTP 421",
        ("sni-host-mismatch",),
    ),
    Phrase(
        "AH02039|AH02276|AH02040",
        "local",
        "client_certificate",
        "the certificate of the client did not verify",
        (
            "mtls-cert-rejected",
            "mtls-incomplete-client-chain",
        ),
    ),
    Phrase(
        "AH02042",
        "local",
        "after",
        "the client wanted to negotiate once more",
        ("renegotiation-for-client-auth",),
    ),
    Phrase("AH02044", "local", "client_hello", "no virtual host has the name", ("sni-unknown",)),
    Phrase("AH02645", "local", "client_hello", "the client sent no name (SNI)", ("sni-missing",)),
    Phrase(
        "AH02221|AH02225|AH0226[123]",
        "local",
        "after",
        "negotiating once more, for a client certificate, failed",
        (
            "renegotiation-for-client-auth",
            "mtls-client-sends-empty",
        ),
    ),
    Phrase(
        "AH10158",
        "local",
        "after",
        "the client cannot show a certificate after the handshake: ask for it at the start",
        (
            "renegotiation-for-client-auth",
            "mtls-client-sends-empty",
        ),
    ),
    Phrase(
        "AH02268",
        "local",
        "client_certificate",
        "the server behind wants a client certificate and none is configured",
        (
            "mtls-client-sends-empty",
            "lb-server-side-profile",
        ),
    ),
    Phrase(
        "AH10273|AH10274|AH02837|AH02838",
        "local",
        "client_hello",
        "no application protocol (ALPN) in common",
        ("alpn-no-overlap",),
    ),
)
