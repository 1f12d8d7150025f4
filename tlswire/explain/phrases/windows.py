"""Schannel events, .NET and SSPI."""

from __future__ import annotations

from typing import Final

from tlswire.explain.phrases.phrase import Phrase

PHRASES: Final = (
    Phrase(
        r"\b36870\b",
        "local",
        "client_hello",
        "Schannel: the private key cannot be used",
        ("server-no-usable-key",),
    ),
    Phrase(
        r"\b36871\b",
        "local",
        "client_hello",
        "Schannel: the credential could not be made",
        ("server-no-usable-key",),
    ),
    Phrase(
        r"\b3687[34]\b|none of the cipher suites supported by the client",
        "local",
        "client_hello",
        "Schannel server: no cipher suite in common; often a reset and no alert",
        ("cipher-no-overlap",),
    ),
    Phrase(
        r"\b36875\b",
        "local",
        "client_certificate",
        "Schannel: a client certificate is wanted and there is none",
        ("mtls-client-sends-empty",),
    ),
    Phrase(
        r"\b36876\b",
        "local",
        "certificate",
        "Schannel: the certificate of the server did not validate",
        ("cert-untrusted-root",),
    ),
    Phrase(
        r"\b36877\b",
        "local",
        "client_certificate",
        "Schannel: the certificate of the client did not validate",
        ("mtls-cert-rejected",),
    ),
    Phrase(
        r"\b36879\b",
        "local",
        "client_certificate",
        "Schannel: the certificate of the client could not be mapped",
        ("mtls-cert-rejected",),
    ),
    Phrase(
        r"\b36881\b",
        "local",
        "certificate",
        "Schannel: the certificate of the server has expired",
        ("cert-expired",),
    ),
    Phrase(
        r"\b36882\b",
        "local",
        "certificate",
        "Schannel: the certificate is of an authority that is not trusted",
        ("cert-untrusted-root",),
    ),
    Phrase(
        r"\b36883\b",
        "local",
        "certificate",
        "Schannel: the certificate is revoked",
        ("cert-revoked-or-revocation-unreachable",),
    ),
    Phrase(
        r"\b36884\b",
        "local",
        "certificate",
        "Schannel: the certificate is for another name",
        ("cert-name-mismatch",),
    ),
    Phrase(
        r"\b36885\b",
        "local",
        "client_certificate",
        "Schannel: the list of authorities was cut",
        ("mtls-ca-list-truncated",),
    ),
    Phrase(
        r"\b36886\b",
        "local",
        "client_hello",
        "Schannel: there is no default server credential",
        ("server-no-usable-key",),
    ),
    Phrase(
        r"\b36887\b|fatal alert was received",
        "peer",
        "client_hello",
        "Schannel received an alert; its number is in the text",
        ("cipher-no-overlap", "version-client-too-old"),
    ),
    Phrase(
        r"\b36888\b|fatal alert was generated",
        "local",
        "client_hello",
        "Schannel sent an alert; its number is in the text",
        ("cipher-no-overlap", "version-client-too-old"),
    ),
    Phrase(
        "SSL connection could not be established, see inner exception",
        "local",
        "client_hello",
        ".NET: a wrapper; the inner exception says why",
        ("cipher-no-overlap", "cert-untrusted-root"),
    ),
    Phrase(
        "remote party has closed the transport stream",
        "peer",
        "client_hello",
        ".NET: the peer closed without an alert, as Schannel servers do",
        ("cipher-no-overlap", "version-client-too-old", "server-abrupt-eof"),
    ),
    Phrase(
        "0x80090326|received was unexpected or badly formatted",
        "peer",
        "client_hello",
        "SSPI: an alert, or an answer that is not TLS",
        ("cipher-no-overlap", "tls-to-http-port"),
    ),
    Phrase(
        "0x80090331|do not possess a common algorithm",
        "local",
        "client_hello",
        "SSPI: no suite or version in common",
        ("cipher-no-overlap", "version-client-too-old"),
    ),
    Phrase(
        "RemoteCertificateNameMismatch|NameMismatch",
        "local",
        "certificate",
        ".NET: the certificate is for another name",
        ("cert-name-mismatch",),
    ),
    Phrase(
        "remote certificate is invalid|RemoteCertificateChainErrors",
        "local",
        "certificate",
        ".NET: the certificate did not validate",
        ("cert-untrusted-root", "cert-missing-intermediate", "cert-name-mismatch"),
    ),
)
