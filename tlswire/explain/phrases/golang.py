"""Go's crypto/tls and crypto/x509, client and server."""

from __future__ import annotations

from typing import Final

from tlswire.explain.phrases.phrase import Phrase

PHRASES: Final = (
    Phrase(
        "certificate is not valid for requested server name",
        "local",
        "client_hello",
        "Go server: no certificate for the name asked for",
        (
            "sni-unknown",
            "server-no-usable-key",
        ),
    ),
    Phrase(
        "insecure algorithm (SHA1|MD5)",
        "local",
        "certificate",
        "Go: a signature with SHA-1 or MD5",
        ("cert-weak",),
    ),
    Phrase(
        "client using inappropriate protocol fallback",
        "local",
        "client_hello",
        "Go: the client retried with a lower version",
        ("fallback-scsv",),
    ),
    Phrase(
        "first record does not look like a TLS handshake",
        "local",
        "preamble",
        "Go: the answer was not TLS",
        (
            "tls-to-http-port",
            "http-to-tls-port",
            "starttls-expected",
            "proxy-protocol-unexpected",
        ),
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
        (
            "client-timeout",
            "monitor-differs-from-data",
        ),
    ),
    Phrase(
        "certificate signed by unknown authority",
        "local",
        "certificate",
        "Go: the authority is not trusted",
        (
            "cert-untrusted-root",
            "cert-missing-intermediate",
            "ssl-inspection-untrusted-ca",
            "mtls-cert-rejected",
            "mtls-incomplete-client-chain",
        ),
    ),
    Phrase(
        "relies on legacy Common Name",
        "local",
        "certificate",
        "Go: the certificate names its host in the common name only",
        ("cert-name-mismatch",),
    ),
    Phrase(
        "x509: certificate has expired or is not yet valid",
        "local",
        "certificate",
        "Go: expired, or not yet valid, by this clock",
        (
            "cert-expired",
            "clock-skew",
            "mtls-cert-rejected",
        ),
    ),
    Phrase(
        "x509: certificate is (valid for|not valid for any names)"
        "|cannot validate certificate for .* IP SANs",
        "local",
        "certificate",
        "Go: the certificate is for other names",
        (
            "cert-name-mismatch",
            "cert-default-vhost",
        ),
    ),
    Phrase(
        "x509: certificate specifies an incompatible key usage|x509: .*not authorized to sign"
        "|invalid certificate.*usage",
        "local",
        "certificate",
        "Go: the certificate is not meant for this use",
        (
            "cert-key-usage",
            "cert-wrong-intermediate-or-order",
        ),
    ),
    Phrase(
        "x509: cannot verify signature|insecure algorithm",
        "local",
        "certificate",
        "Go: a signature with SHA-1 or MD5",
        ("cert-weak",),
    ),
    Phrase(
        "x509: ",
        "local",
        "certificate",
        "Go: the certificate did not verify",
        (
            "cert-untrusted-root",
            "cert-missing-intermediate",
        ),
    ),
    Phrase(
        "tls: server selected unsupported protocol version",
        "local",
        "server_hello",
        "Go: the server chose a version that is disabled here",
        ("version-server-too-old",),
    ),
    Phrase(
        "tls: no cipher suite supported by both|no mutual cipher suite",
        "local",
        "client_hello",
        "Go: no suite in common",
        (
            "cipher-no-overlap",
            "ecdsa-cert-rsa-client",
            "groups-no-overlap",
        ),
    ),
    Phrase(
        "tls: no (ECDHE curve|key exchanges?) supported by both|no supported elliptic curves"
        "|no supported curve",
        "local",
        "client_hello",
        "Go: no group in common",
        ("groups-no-overlap",),
    ),
    Phrase(
        "peer doesn.t support any of the certificate.s signature algorithms"
        "|no supported signature algorithm",
        "local",
        "client_hello",
        "Go: no signature algorithm in common",
        (
            "sigalgs-no-overlap",
            "ecdsa-cert-rsa-client",
        ),
    ),
    Phrase(
        "client didn.t provide a certificate",
        "local",
        "client_certificate",
        "Go: the client sent no certificate",
        ("mtls-client-sends-empty",),
    ),
    Phrase(
        "failed to verify client certificate",
        "local",
        "client_certificate",
        "Go: the certificate of the client did not verify",
        (
            "mtls-cert-rejected",
            "mtls-incomplete-client-chain",
        ),
    ),
    Phrase(
        "client requested unsupported application protocols|server selected unadvertised ALPN",
        "local",
        "client_hello",
        "Go: no ALPN protocol in common",
        ("alpn-no-overlap",),
    ),
    Phrase(
        "no certificates configured|tls: private key does not match public key",
        "local",
        "client_hello",
        "Go: no certificate and key that can be used",
        ("server-no-usable-key",),
    ),
    Phrase(
        "downgrade attempt detected",
        "local",
        "server_hello",
        "Go: TLS 1.3 was taken away on the way",
        ("tls13-downgrade-sentinel",),
    ),
    Phrase(
        "tls: bad record MAC|local error: tls: bad record",
        "local",
        "finished",
        "Go: a record failed its integrity check",
        (
            "bad-record-mac",
            "tcp-corruption-or-offload",
        ),
    ),
    Phrase(
        "invalid signature by the (server|client) certificate",
        "local",
        "finished",
        "Go: the signature over the handshake does not verify",
        (
            "server-key-mismatch",
            "mtls-client-key-mismatch",
        ),
    ),
    Phrase(
        "handshake message of length .* exceeds maximum",
        "local",
        "certificate",
        "Go: a message larger than it takes",
        ("cert-too-large",),
    ),
    Phrase(
        "unsupported SSLv2 handshake",
        "local",
        "client_hello",
        "Go: a hello in the form of SSL 2.0",
        ("sslv2-compat-hello",),
    ),
    Phrase(
        "server gave HTTP response to HTTPS client",
        "local",
        "preamble",
        "Go: the answer was HTTP",
        ("tls-to-http-port",),
    ),
    Phrase(
        "client sent an HTTP request to an HTTPS server",
        "local",
        "preamble",
        "Go: the client spoke plain HTTP",
        ("http-to-tls-port",),
    ),
    Phrase(
        "tls: (received )?unexpected (handshake )?message|unexpected ServerKeyExchange",
        "local",
        "client_hello",
        "Go: a message out of order",
        (
            "malformed-client-hello",
            "tls13-middlebox-intolerance",
        ),
    ),
    Phrase(
        "tls: unsupported protocol version|no supported versions satisfy",
        "local",
        "client_hello",
        "Go: no version in common",
        (
            "version-client-too-old",
            "version-server-too-old",
        ),
    ),
)
