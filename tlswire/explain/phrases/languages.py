"""Go, Node and Python: their own words beside those of their libraries."""

from __future__ import annotations

from typing import Final

from tlswire.explain.phrases.phrase import Phrase

PHRASES: Final = (
    Phrase(
        "first record does not look like a TLS handshake",
        "local",
        "preamble",
        "Go: the answer was not TLS",
        ("tls-to-http-port", "starttls-expected", "proxy-protocol-unexpected"),
    ),
    Phrase(
        "oversized record received with length 20527",
        "local",
        "preamble",
        "Go: the answer was HTTP; 20527 is P/ of HTTP/1.1",
        ("tls-to-http-port",),
    ),
    Phrase(
        "oversized record received",
        "local",
        "preamble",
        "Go: the answer was not TLS",
        ("tls-to-http-port",),
    ),
    Phrase(
        "local error: tls: unexpected message",
        "local",
        "client_hello",
        "Go: a message out of order",
        ("malformed-client-hello",),
    ),
    Phrase(
        "client offered only unsupported versions",
        "local",
        "client_hello",
        "Go: no version in common",
        ("version-client-too-old",),
    ),
    Phrase(
        "net/http: TLS handshake timeout",
        "way",
        "client_hello",
        "Go: the handshake did not end in time",
        (
            "mtu-blackhole-client-hello",
            "mtu-blackhole-server-flight",
            "pq-client-hello-too-big",
            "server-stall",
        ),
    ),
    Phrase(
        "http: TLS handshake error from .*EOF",
        "peer",
        "client_hello",
        "Go: the client left: a health check or a scan, most often",
        ("client-timeout",),
    ),
    Phrase(
        "certificate signed by unknown authority",
        "local",
        "certificate",
        "Go: the authority is not trusted",
        ("cert-untrusted-root", "cert-missing-intermediate", "ssl-inspection-untrusted-ca"),
    ),
    Phrase(
        "relies on legacy Common Name",
        "local",
        "certificate",
        "Go: the certificate names its host in the common name only",
        ("cert-name-mismatch",),
    ),
    Phrase(
        "EPROTO.*wrong version number|WRONG_VERSION_NUMBER",
        "local",
        "preamble",
        "the answer was not TLS",
        ("tls-to-http-port", "explicit-proxy-mismatch"),
    ),
    Phrase(
        "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE|SSLV3_ALERT_HANDSHAKE_FAILURE",
        "peer",
        "client_hello",
        "the peer sent handshake_failure(40)",
        ("cipher-no-overlap", "groups-no-overlap", "sigalgs-no-overlap", "sni-missing"),
    ),
    Phrase(
        "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
        "local",
        "certificate",
        "Node: the issuer of the certificate was not found",
        ("cert-missing-intermediate",),
    ),
    Phrase(
        "SELF_SIGNED_CERT_IN_CHAIN",
        "local",
        "certificate",
        "Node: a root that is not trusted",
        ("ssl-inspection-untrusted-ca",),
    ),
    Phrase(
        "DEPTH_ZERO_SELF_SIGNED_CERT",
        "local",
        "certificate",
        "Node: a certificate signed by itself",
        ("cert-untrusted-root",),
    ),
    Phrase(
        "disconnected before secure TLS connection was established",
        "peer",
        "client_hello",
        "Node: the peer closed without an alert",
        ("server-abrupt-eof",),
    ),
    Phrase(
        "CERTIFICATE_VERIFY_FAILED",
        "local",
        "certificate",
        "the certificate of the server did not verify",
        ("cert-untrusted-root", "cert-missing-intermediate", "cert-expired", "cert-name-mismatch"),
    ),
    Phrase(
        "SSLEOFError|EOF occurred in violation of protocol",
        "peer",
        "client_hello",
        "Python: the peer closed without an alert",
        ("server-abrupt-eof", "version-client-too-old"),
    ),
    Phrase(
        "UNSAFE_LEGACY_RENEGOTIATION_DISABLED",
        "local",
        "server_hello",
        "the server lacks secure renegotiation",
        ("legacy-renegotiation-refused",),
    ),
    Phrase(
        "SSL_ERROR_SYSCALL.*errno 104",
        "peer",
        "client_hello",
        "the peer reset the connection",
        ("server-abrupt-eof", "lb-tcp-accept-no-member", "sni-filter-rst-injected"),
    ),
    Phrase(
        "SSL_ERROR_SYSCALL",
        "peer",
        "client_hello",
        "the peer closed without an alert",
        ("server-abrupt-eof", "lb-tcp-accept-no-member"),
    ),
)
