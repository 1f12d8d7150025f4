"""F5, NetScaler, Envoy, AWS and Oracle: logs, metrics and reasons of resets."""

from __future__ import annotations

from typing import Final

from tlswire.explain.phrases.phrase import Phrase

PHRASES: Final = (
    Phrase(
        r"01260009.*unsupported version|\bunsupported version \(70\)",
        "local",
        "client_hello",
        "BIG-IP: the version of the client is not enabled",
        ("version-client-too-old",),
    ),
    Phrase(
        r"01260009.*no shared ciphers|no shared ciphers \(40\)",
        "local",
        "client_hello",
        "BIG-IP: no cipher suite in common",
        ("cipher-no-overlap",),
    ),
    Phrase(
        "01260009",
        "local",
        "client_hello",
        "BIG-IP: a connection error in the TLS profile; the words after it say which",
        ("version-client-too-old", "cipher-no-overlap"),
    ),
    Phrase(
        "01260013",
        "local",
        "client_hello",
        "BIG-IP: a handshake failed; the line before says why",
        ("cipher-no-overlap", "version-client-too-old"),
    ),
    Phrase(
        "No available pool member",
        "local",
        "client_hello",
        "BIG-IP reset: no member of the pool is up",
        ("lb-tcp-accept-no-member",),
    ),
    Phrase(
        "SSL handshake timeout exceeded",
        "local",
        "client_hello",
        "BIG-IP reset: the handshake did not end in time",
        ("server-handshake-timeout",),
    ),
    Phrase(
        r"NetScaler.*window \d+|window (9811|8201)",
        "local",
        "client_hello",
        "NetScaler writes the reason of a reset in its TCP window",
        ("lb-tcp-accept-no-member", "clock-skew"),
    ),
    Phrase(
        "ClientTLSNegotiationErrorCount",
        "local",
        "client_hello",
        "AWS: handshakes of clients with the balancer failed",
        ("version-client-too-old", "cipher-no-overlap"),
    ),
    Phrase(
        "TargetTLSNegotiationErrorCount",
        "local",
        "client_hello",
        "AWS: handshakes of the balancer with targets failed",
        ("sni-missing", "cipher-no-overlap"),
    ),
    Phrase(
        "tls_verify_status=Failed|tls_handshake_latency=-",
        "local",
        "client_certificate",
        "AWS ALB: the client certificate did not verify, or there was no handshake",
        ("mtls-cert-rejected",),
    ),
    Phrase(
        "HANDSHAKE_FAILED|ORA-29040|ORA-28860",
        "local",
        "client_hello",
        "Oracle: a handshake failed; the capture says why",
        ("cipher-no-overlap", "version-client-too-old"),
    ),
    Phrase(
        "upstream connect error or disconnect/reset before headers|transport failure reason",
        "local",
        "client_hello",
        "Envoy: the handshake with the server behind failed",
        ("sni-missing", "tls-to-http-port", "cipher-no-overlap"),
    ),
)
