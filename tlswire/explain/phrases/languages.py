"""Node, Python, Rust, Ruby, Erlang and PHP: their own words beside those of their libraries."""

from __future__ import annotations

from typing import Final

from tlswire.explain.phrases.phrase import Phrase

PHRASES: Final = (
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
        (
            "ssl-inspection-untrusted-ca",
            "cert-untrusted-root",
        ),
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
        (
            "server-abrupt-eof",
            "lb-tcp-accept-no-member",
            "proxy-protocol-missing",
            "proxy-protocol-unexpected",
            "sni-filter-rst-injected",
        ),
    ),
    Phrase(
        r"InvalidCertificate\(?(UnknownIssuer|Other)|invalid peer certificate: UnknownIssuer",
        "local",
        "certificate",
        "rustls: the authority is not trusted",
        (
            "cert-untrusted-root",
            "cert-missing-intermediate",
        ),
    ),
    Phrase(
        r"InvalidCertificate\(?(Expired|NotValidYet)|invalid peer certificate: (Expired"
        r"|certificate expired|NotValidYet)",
        "local",
        "certificate",
        "rustls: expired, or not yet valid",
        (
            "cert-expired",
            "clock-skew",
        ),
    ),
    Phrase(
        r"InvalidCertificate\(?NotValidForName|invalid peer certificate: (NotValidForName"
        r"|certificate not valid for name)",
        "local",
        "certificate",
        "rustls: the certificate is for other names",
        ("cert-name-mismatch",),
    ),
    Phrase(
        "InvalidCertificate|invalid peer certificate",
        "local",
        "certificate",
        "rustls: the certificate did not verify",
        (
            "cert-untrusted-root",
            "cert-key-usage",
            "cert-wrong-intermediate-or-order",
        ),
    ),
    Phrase(
        "peer is incompatible|NoCipherSuitesInCommon|NoKxGroupsInCommon|NoSignatureSchemesInCommon",
        "local",
        "client_hello",
        "rustls: nothing in common with the peer",
        (
            "cipher-no-overlap",
            "groups-no-overlap",
            "sigalgs-no-overlap",
            "version-server-too-old",
        ),
    ),
    Phrase(
        "received corrupt message of type",
        "local",
        "preamble",
        "rustls: the answer was not TLS",
        (
            "tls-to-http-port",
            "server-speaks-first",
        ),
    ),
    Phrase(
        "peer closed connection without sending TLS close_notify",
        "peer",
        "client_hello",
        "rustls: the peer closed without a word",
        (
            "close-without-notify",
            "server-abrupt-eof",
        ),
    ),
    Phrase(
        "peer misbehaved",
        "local",
        "server_hello",
        "rustls: a message that is not legal here",
        (
            "tls13-middlebox-intolerance",
            "hrr-broken",
        ),
    ),
    Phrase(
        "ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate.s altnames",
        "local",
        "certificate",
        "Node: the certificate is for other names",
        ("cert-name-mismatch",),
    ),
    Phrase(
        "CertificateError: hostname|hostname '.*' doesn.t match",
        "local",
        "certificate",
        "Python: the certificate is for other names",
        ("cert-name-mismatch",),
    ),
    Phrase(
        "SSLZeroReturnError|TLS/SSL connection has been closed",
        "peer",
        "client_hello",
        "Python: the peer closed",
        (
            "server-abrupt-eof",
            "client-timeout",
        ),
    ),
    Phrase(
        "handshake operation timed out|SSL: handshake timed out",
        "way",
        "client_hello",
        "Python: no answer in time",
        (
            "server-stall",
            "mtu-blackhole-client-hello",
            "mtu-blackhole-server-flight",
            "sni-filter-drop",
        ),
    ),
    Phrase(
        "key_not_found|sslv3_alert|{tls_alert",
        "peer",
        "client_hello",
        "Erlang: an alert; its name stands in the line",
        (
            "cipher-no-overlap",
            "version-client-too-old",
        ),
    ),
    Phrase(
        r"SSL_connect returned=\d errno=(104|54)",
        "peer",
        "client_hello",
        "Ruby: the peer reset the connection",
        (
            "server-abrupt-eof",
            "sni-filter-rst-injected",
        ),
    ),
    Phrase(
        "SSL_connect returned=(5|1) errno=0",
        "local",
        "client_hello",
        "Ruby: the handshake failed; the state and the words behind say how",
        (
            "cipher-no-overlap",
            "server-abrupt-eof",
            "cert-untrusted-root",
        ),
    ),
    Phrase(
        "stream_socket_(client|enable_crypto)|SSL operation failed with code",
        "local",
        "client_hello",
        "PHP: the handshake failed; the code behind it says how",
        (
            "cert-untrusted-root",
            "version-client-too-old",
            "cipher-no-overlap",
        ),
    ),
)
