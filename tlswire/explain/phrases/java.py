"""Java: messages of JSSE."""

from __future__ import annotations

from typing import Final

from tlswire.explain.phrases.phrase import Phrase

PHRASES: Final = (
    Phrase(
        "validity check failed|CertPathValidatorException: timestamp check failed",
        "local",
        "certificate",
        "the certificate is not valid at this time: expired, or not yet",
        (
            "cert-expired",
            "clock-skew",
            "mtls-cert-rejected",
        ),
    ),
    Phrase(
        "No common named group",
        "local",
        "client_hello",
        "no group in common",
        ("groups-no-overlap",),
    ),
    Phrase(
        "protocol versions .* are not accepted by server preferences",
        "local",
        "client_hello",
        "no version in common",
        (
            "version-server-too-old",
            "version-client-too-old",
        ),
    ),
    Phrase(
        "handshake alert: ?unrecognized_name",
        "peer",
        "client_hello",
        "the server warned that it does not know the name; Java 7 takes the warning for fatal",
        ("sni-unknown",),
    ),
    Phrase(
        "PKIX path building failed|unable to find valid certification path",
        "local",
        "certificate",
        "no chain to an authority that this Java trusts",
        (
            "cert-untrusted-root",
            "cert-missing-intermediate",
            "ssl-inspection-untrusted-ca",
            "mtls-cert-rejected",
            "mtls-incomplete-client-chain",
        ),
    ),
    Phrase(
        "Remote host (terminated the|closed connection during) handshake"
        "|SSL peer shut down incorrectly",
        "peer",
        "client_hello",
        "the peer closed without an alert",
        ("server-abrupt-eof", "cipher-no-overlap", "sni-filter-rst-injected"),
    ),
    Phrase(
        "no cipher suites in common",
        "local",
        "client_hello",
        "the server found no suite it can use",
        (
            "cipher-no-overlap",
            "server-no-usable-key",
            "groups-no-overlap",
            "ecdsa-cert-rsa-client",
        ),
    ),
    Phrase(
        "No available authentication scheme",
        "local",
        "client_hello",
        "no key of the server fits the signature algorithms of the client",
        ("server-no-usable-key", "sigalgs-no-overlap"),
    ),
    Phrase(
        "No appropriate protocol",
        "local",
        "client_hello",
        "versions or suites are disabled here: no packet was sent",
        ("version-client-too-old", "version-server-too-old"),
    ),
    Phrase(
        r"Unsupported or unrecognized SSL message|plaintext connection\?",
        "local",
        "preamble",
        "the answer was not TLS",
        (
            "tls-to-http-port",
            "http-to-tls-port",
            "server-speaks-first",
            "proxy-protocol-unexpected",
        ),
    ),
    Phrase(
        "Could not generate DH keypair|Prime size must be multiple of 64",
        "local",
        "server_hello",
        "the prime of the server is larger than this Java takes",
        ("dh-too-big-java7",),
    ),
    Phrase(
        "No subject alternative (DNS )?names? matching",
        "local",
        "certificate",
        "the certificate is for other names",
        ("cert-name-mismatch",),
    ),
    Phrase(
        "Path does not chain with any of the trust anchors"
        "|trustAnchors parameter must be non-empty|ValidatorException",
        "local",
        "certificate",
        "no chain to an authority that this Java trusts, or an empty store",
        (
            "cert-untrusted-root",
            "cert-missing-intermediate",
            "ssl-inspection-untrusted-ca",
        ),
    ),
    Phrase(
        "CertificateExpiredException",
        "local",
        "certificate",
        "the certificate has expired",
        (
            "cert-expired",
            "clock-skew",
        ),
    ),
    Phrase(
        "CertificateNotYetValidException",
        "local",
        "certificate",
        "the certificate is not yet valid",
        ("clock-skew",),
    ),
    Phrase(
        "CertificateRevokedException|Unable to determine revocation status",
        "local",
        "certificate",
        "revoked, or revocation could not be checked",
        ("cert-revoked-or-revocation-unreachable",),
    ),
    Phrase(
        "No name matching .* found|doesn.t match any of the subject alternative names"
        "|hostname .{1,80} not verified|HTTPS hostname wrong",
        "local",
        "certificate",
        "the certificate is for other names",
        (
            "cert-name-mismatch",
            "cert-default-vhost",
        ),
    ),
    Phrase(
        "Certificates? do(es)? not conform to algorithm constraints"
        "|Algorithm constraints check failed",
        "local",
        "certificate",
        "a key or signature that this Java no longer takes",
        (
            "cert-weak",
            "sigalgs-no-overlap",
        ),
    ),
    Phrase(
        "DH ServerKeyExchange does not comply to algorithm constraints",
        "local",
        "server_hello",
        "the Diffie-Hellman key of the server is too small",
        ("dh-too-small",),
    ),
    Phrase(
        "Extended key usage does not permit|KeyUsage does not allow",
        "local",
        "certificate",
        "the certificate is not meant for this use",
        ("cert-key-usage",),
    ),
    Phrase(
        "Server chose (SSLv3|TLSv1)|server selected protocol version .* is not accepted"
        "|protocol version is not enabled",
        "local",
        "server_hello",
        "the server chose a version that is disabled here",
        ("version-server-too-old",),
    ),
    Phrase(
        "[Cc]lient requested protocol .* (is )?not enabled"
        "|is not enabled or supported in server context",
        "local",
        "client_hello",
        "the client offers only versions that are disabled here",
        ("version-client-too-old",),
    ),
    Phrase(
        "Empty (client|server) certificate chain|null cert chain",
        "local",
        "client_certificate",
        "no client certificate came",
        ("mtls-client-sends-empty",),
    ),
    Phrase(
        "peer not authenticated|SSLPeerUnverifiedException",
        "local",
        "certificate",
        "the server could not be verified; a line before says why",
        (
            "cert-untrusted-root",
            "cert-name-mismatch",
        ),
    ),
    Phrase(
        "Received close_notify during handshake",
        "peer",
        "client_hello",
        "the peer left during the handshake",
        (
            "server-abrupt-eof",
            "client-timeout",
        ),
    ),
    Phrase(
        "Insecure renegotiation|Unsafe legacy renegotiation",
        "local",
        "server_hello",
        "the peer lacks secure renegotiation",
        ("legacy-renegotiation-refused",),
    ),
    Phrase(
        "Extended Master Secret extension is required",
        "local",
        "server_hello",
        "extended_master_secret is missing",
        ("ems-required",),
    ),
    Phrase(
        "no cipher suites? (is|are)? ?(supported|available|in common)|No usable cipher"
        "|No cipher suites",
        "local",
        "client_hello",
        "no suite that it can use",
        (
            "cipher-no-overlap",
            "server-no-usable-key",
            "groups-no-overlap",
            "ecdsa-cert-rsa-client",
        ),
    ),
    Phrase(
        "Unrecognized server name indication",
        "local",
        "client_hello",
        "the name is not that of the server",
        ("sni-unknown",),
    ),
    Phrase(
        "NoApplicationProtocol|No matching application layer protocol",
        "local",
        "client_hello",
        "no ALPN protocol in common",
        ("alpn-no-overlap",),
    ),
)
