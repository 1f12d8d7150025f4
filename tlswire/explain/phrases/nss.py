"""NSS: the numbers of its errors, as selfserv, tstclnt, curl and 389 Directory print them."""

from __future__ import annotations

from typing import Final

from tlswire.explain.phrases.phrase import Phrase

PHRASES: Final = (
    Phrase(
        r"(?<![\d.])-(?:12286|12266|12265)\b",
        "local",
        "client_hello",
        "NSS: no cipher suite in common",
        (
            "cipher-no-overlap",
            "ecdsa-cert-rsa-client",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:12279|12274|12268)\b",
        "local",
        "client_hello",
        "NSS: no version in common",
        (
            "version-client-too-old",
            "version-server-too-old",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:12285|12203)\b",
        "local",
        "client_certificate",
        "NSS: a certificate was demanded and none came, or none is configured",
        (
            "mtls-client-sends-empty",
            "server-no-usable-key",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:12284|12271|12225|12224)\b",
        "peer",
        "certificate",
        "NSS: a certificate that the peer does not accept",
        (
            "cert-untrusted-root",
            "mtls-cert-rejected",
            "cert-name-mismatch",
            "cert-expired",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:12276|12277)\b",
        "local",
        "certificate",
        "NSS: the certificate is for other names",
        ("cert-name-mismatch",),
    ),
    Phrase(
        r"(?<![\d.])-(?:12273|12272|12264)\b",
        "local",
        "finished",
        "NSS: a record failed its integrity check",
        (
            "bad-record-mac",
            "tcp-corruption-or-offload",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:12270)\b",
        "peer",
        "certificate",
        "NSS: the peer says that the certificate is revoked",
        ("cert-revoked-or-revocation-unreachable",),
    ),
    Phrase(
        r"(?<![\d.])-(?:12269)\b",
        "peer",
        "certificate",
        "NSS: the peer says that the certificate has expired",
        (
            "cert-expired",
            "clock-skew",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:12263|12282|12281)\b",
        "local",
        "preamble",
        "NSS: the answer was not TLS",
        (
            "tls-to-http-port",
            "server-speaks-first",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:12227)\b",
        "peer",
        "client_hello",
        "NSS: handshake_failure(40) came",
        (
            "cipher-no-overlap",
            "groups-no-overlap",
            "sigalgs-no-overlap",
            "sni-missing",
            "mtls-client-sends-empty",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:12226)\b",
        "peer",
        "client_hello",
        "NSS: illegal_parameter(47) came",
        (
            "pq-group-refused",
            "key-share-inconsistent",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:12195)\b",
        "peer",
        "certificate",
        "NSS: unknown_ca(48) came",
        (
            "cert-untrusted-root",
            "cert-missing-intermediate",
            "mtls-cert-rejected",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:12194)\b",
        "peer",
        "client_hello",
        "NSS: access_denied(49) came",
        (
            "mtls-cert-rejected",
            "tls13-middlebox-intolerance",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:12193)\b",
        "peer",
        "client_hello",
        "NSS: decode_error(50) came",
        (
            "malformed-client-hello",
            "cert-too-large",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:12192)\b",
        "peer",
        "finished",
        "NSS: decrypt_error(51) came",
        (
            "server-key-mismatch",
            "mtls-client-key-mismatch",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:12190)\b",
        "peer",
        "client_hello",
        "NSS: protocol_version(70) came",
        (
            "version-client-too-old",
            "version-server-too-old",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:12189)\b",
        "peer",
        "client_hello",
        "NSS: insufficient_security(71) came",
        ("cipher-no-overlap",),
    ),
    Phrase(
        r"(?<![\d.])-(?:12188)\b",
        "peer",
        "client_hello",
        "NSS: internal_error(80) came",
        (
            "server-no-usable-key",
            "sni-missing",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:12182)\b",
        "peer",
        "client_hello",
        "NSS: unrecognized_name(112) came",
        (
            "sni-unknown",
            "sni-missing",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:8179|8172|8171|8156)\b",
        "local",
        "certificate",
        "NSS: the authority is not trusted",
        (
            "cert-untrusted-root",
            "cert-missing-intermediate",
            "mtls-cert-rejected",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:8181|8162)\b",
        "local",
        "certificate",
        "NSS: the certificate has expired",
        (
            "cert-expired",
            "clock-skew",
            "mtls-cert-rejected",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:8180)\b",
        "local",
        "certificate",
        "NSS: the certificate is revoked",
        ("cert-revoked-or-revocation-unreachable",),
    ),
    Phrase(
        r"(?<![\d.])-(?:8182)\b",
        "local",
        "certificate",
        "NSS: a signature of the chain is wrong",
        ("cert-wrong-intermediate-or-order",),
    ),
    Phrase(
        r"(?<![\d.])-(?:8102|8101)\b",
        "local",
        "certificate",
        "NSS: the certificate is not meant for this use",
        ("cert-key-usage",),
    ),
    Phrase(
        r"(?<![\d.])-(?:8016)\b",
        "local",
        "certificate",
        "NSS: a signature with an algorithm of old",
        ("cert-weak",),
    ),
    Phrase(
        r"(?<![\d.])-(?:5961)\b",
        "peer",
        "client_hello",
        "NSS: the connection was reset",
        (
            "server-abrupt-eof",
            "sni-filter-rst-injected",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:5938)\b",
        "peer",
        "client_hello",
        "NSS: the peer closed without an alert",
        (
            "server-abrupt-eof",
            "client-timeout",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:5990)\b",
        "way",
        "client_hello",
        "NSS: no answer in time",
        (
            "server-stall",
            "sni-filter-drop",
        ),
    ),
    Phrase(
        r"(?<![\d.])-(?:5981)\b",
        "peer",
        "tcp",
        "NSS: the port is closed",
        ("tcp-syn-rejected",),
    ),
)
