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
    Phrase(
        r"-0x7[0-9a-f]{3}\b.*(non.?tls|unexpected message)|-0x7700\b",
        "local",
        "client_hello",
        "mbedTLS: a message out of order",
        (
            "malformed-client-hello",
            "tls-to-http-port",
        ),
    ),
    Phrase(
        r"-0x7200\b",
        "local",
        "preamble",
        "mbedTLS: a record that is not valid: often not TLS",
        (
            "tls-to-http-port",
            "server-speaks-first",
        ),
    ),
    Phrase(
        r"-0x7280\b",
        "peer",
        "client_hello",
        "mbedTLS: the peer closed",
        ("server-abrupt-eof",),
    ),
    Phrase(
        r"-0x7880\b",
        "peer",
        "client_hello",
        "mbedTLS: close_notify came",
        (
            "server-abrupt-eof",
            "client-timeout",
        ),
    ),
    Phrase(
        r"-0x6E80\b",
        "local",
        "server_hello",
        "mbedTLS: no version in common",
        (
            "version-server-too-old",
            "version-client-too-old",
        ),
    ),
    Phrase(
        r"-0x7380\b",
        "local",
        "client_hello",
        "mbedTLS: no suite in common",
        ("cipher-no-overlap",),
    ),
    Phrase(
        r"-0x7480\b",
        "local",
        "client_certificate",
        "mbedTLS: no certificate came",
        ("mtls-client-sends-empty",),
    ),
    Phrase(
        r"-0x7180\b",
        "local",
        "finished",
        "mbedTLS: a record failed its integrity check",
        ("bad-record-mac",),
    ),
    Phrase(
        r"-0x6800\b",
        "way",
        "client_hello",
        "mbedTLS: no answer in time",
        (
            "server-stall",
            "client-timeout",
        ),
    ),
    Phrase(
        r"wolfssl\D{0,20}-188\b|ASN_NO_SIGNER_E",
        "local",
        "certificate",
        "wolfSSL: no authority for the certificate",
        (
            "cert-untrusted-root",
            "cert-missing-intermediate",
        ),
    ),
    Phrase(
        r"wolfssl\D{0,20}-15[0-1]\b|ASN_(BEFORE|AFTER)_DATE_E",
        "local",
        "certificate",
        "wolfSSL: not yet valid, or expired",
        (
            "cert-expired",
            "clock-skew",
        ),
    ),
    Phrase(
        r"wolfssl\D{0,20}-322\b|DOMAIN_NAME_MISMATCH",
        "local",
        "certificate",
        "wolfSSL: the certificate is for another name",
        ("cert-name-mismatch",),
    ),
    Phrase(
        r"wolfssl\D{0,20}-313\b|FATAL_ERROR.*alert",
        "peer",
        "client_hello",
        "wolfSSL: a fatal alert came",
        (
            "cipher-no-overlap",
            "version-client-too-old",
        ),
    ),
    Phrase(
        r"wolfssl\D{0,20}-501\b|MATCH_SUITE_ERROR",
        "local",
        "client_hello",
        "wolfSSL: no suite in common",
        ("cipher-no-overlap",),
    ),
    Phrase(
        r"wolfssl\D{0,20}-326\b|VERSION_ERROR\b",
        "local",
        "client_hello",
        "wolfSSL: no version in common",
        (
            "version-client-too-old",
            "version-server-too-old",
        ),
    ),
    Phrase(
        "The TLS connection was non-properly terminated"
        "|A TLS packet with unexpected length was received",
        "peer",
        "client_hello",
        "GnuTLS: the peer closed without an alert, or spoke no TLS",
        (
            "server-abrupt-eof",
            "tls-to-http-port",
        ),
    ),
    Phrase(
        "An unexpected TLS (handshake )?packet was received",
        "local",
        "preamble",
        "GnuTLS: an unexpected record or message",
        (
            "tls-to-http-port",
            "malformed-client-hello",
        ),
    ),
    Phrase(
        "A packet with illegal or unsupported version was received",
        "local",
        "server_hello",
        "GnuTLS: a version that is not supported",
        (
            "version-server-too-old",
            "tls-to-http-port",
        ),
    ),
    Phrase(
        "certificate issuer is unknown|certificate is NOT trusted",
        "local",
        "certificate",
        "GnuTLS: the authority is not trusted",
        (
            "cert-untrusted-root",
            "cert-missing-intermediate",
        ),
    ),
    Phrase(
        "certificate uses expired|certificate chain uses expired",
        "local",
        "certificate",
        "GnuTLS: expired",
        ("cert-expired",),
    ),
    Phrase(
        "chain uses not yet valid",
        "local",
        "certificate",
        "GnuTLS: not yet valid",
        ("clock-skew",),
    ),
    Phrase(
        "chain uses insecure algorithm",
        "local",
        "certificate",
        "GnuTLS: a key or signature that is too weak",
        ("cert-weak",),
    ),
    Phrase(
        "name in the certificate does not match",
        "local",
        "certificate",
        "GnuTLS: the certificate is for other names",
        ("cert-name-mismatch",),
    ),
    Phrase(
        "requires the server to include an OCSP|missing.*OCSP status response",
        "local",
        "certificate",
        "GnuTLS: the OCSP response to be stapled is missing",
        ("ocsp-must-staple",),
    ),
    Phrase(
        "Decryption has failed",
        "local",
        "finished",
        "GnuTLS: a record failed its integrity check",
        ("bad-record-mac",),
    ),
    Phrase(
        "No common application protocol could be negotiated|No supported application protocol",
        "local",
        "client_hello",
        "GnuTLS: no ALPN protocol in common",
        ("alpn-no-overlap",),
    ),
    Phrase(
        "Diffie-Hellman prime sent by the server is not acceptable",
        "local",
        "server_hello",
        "GnuTLS: the prime is too small",
        ("dh-too-small",),
    ),
    Phrase(
        "No certificate was found|No certificate or public key could be found",
        "local",
        "client_certificate",
        "GnuTLS: no certificate came",
        ("mtls-client-sends-empty",),
    ),
    Phrase(
        "Safe renegotiation failed",
        "local",
        "server_hello",
        "GnuTLS: the peer lacks secure renegotiation",
        ("legacy-renegotiation-refused",),
    ),
    Phrase(
        "Public key signature verification has failed",
        "local",
        "finished",
        "GnuTLS: the signature does not verify",
        (
            "server-key-mismatch",
            "mtls-client-key-mismatch",
        ),
    ),
    Phrase(
        "The (operation|handshake) timed out|Resource temporarily unavailable, try again",
        "way",
        "client_hello",
        "no answer in time",
        (
            "server-stall",
            "client-timeout",
        ),
    ),
)
