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
        (
            "version-client-too-old",
            "cipher-no-overlap",
        ),
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
        (
            "lb-server-side-profile",
            "sni-missing",
            "cipher-no-overlap",
        ),
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
        (
            "lb-server-side-profile",
            "sni-missing",
            "tls-to-http-port",
            "cipher-no-overlap",
        ),
    ),
    Phrase(
        r"0126[0-9a-f]{4}.*alert\(|\balert\(.{0,12}\)",
        "peer",
        "client_hello",
        "BIG-IP: an alert; its number stands in brackets",
        (
            "version-client-too-old",
            "cipher-no-overlap",
            "mtls-client-sends-empty",
        ),
    ),
    Phrase(
        "ssl_hs_|SSL_ERR_|Connection error: ssl",
        "local",
        "client_hello",
        "BIG-IP: a connection error in the TLS profile; the words after it say which",
        (
            "version-client-too-old",
            "cipher-no-overlap",
        ),
    ),
    Phrase(
        "01260006|Peer cert verify error",
        "local",
        "client_certificate",
        "BIG-IP: a certificate of the peer did not verify",
        (
            "mtls-cert-rejected",
            "cert-untrusted-root",
            "cert-expired",
        ),
    ),
    Phrase(
        "01260034|TPS rate limit",
        "local",
        "client_hello",
        "BIG-IP: the licence for handshakes per second is used up",
        ("lb-limits",),
    ),
    Phrase(
        "RST sent from",
        "local",
        "client_hello",
        "BIG-IP: a reset of its own; the reason stands behind the code",
        (
            "lb-tcp-accept-no-member",
            "server-handshake-timeout",
            "lb-limits",
        ),
    ),
    Phrase(
        "no healthy upstream",
        "local",
        "tcp",
        "Envoy: no member of the cluster is up",
        (
            "lb-tcp-accept-no-member",
            "monitor-differs-from-data",
        ),
    ),
    Phrase(
        r"upstream_reset_before_response_started|connection_termination"
        r"|UPSTREAM_TRANSPORT_FAILURE|\bURX?,|response_flags=UF",
        "local",
        "client_hello",
        "Envoy: the connection to the server behind failed",
        (
            "lb-server-side-profile",
            "lb-tcp-accept-no-member",
        ),
    ),
    Phrase(
        r"filter_chain_not_found|no matching filter chain|\bNR filter_chain",
        "local",
        "client_hello",
        "Envoy: no filter chain has the name; clients see a reset",
        (
            "sni-unknown",
            "sni-missing",
        ),
    ),
    Phrase(
        "no_peer_certificate|PEER_DID_NOT_RETURN",
        "local",
        "client_certificate",
        "Envoy: the client sent no certificate",
        ("mtls-client-sends-empty",),
    ),
    Phrase(
        "verify cert failed|verify SAN list",
        "local",
        "certificate",
        "Envoy: the certificate of the peer did not verify",
        (
            "cert-untrusted-root",
            "cert-name-mismatch",
            "lb-server-side-profile",
        ),
    ),
    Phrase(
        "SSL_HANDSHAKE_(FAILURE|SUCCESS).*(No shared cipher|Reason)"
        "|SSLLOG SSL_HANDSHAKE_FAILURE|SSL_HANDSHAKE_FAILURE",
        "local",
        "client_hello",
        "NetScaler: a handshake failed; the reason stands in the line",
        (
            "cipher-no-overlap",
            "version-client-too-old",
            "mtls-client-sends-empty",
        ),
    ),
    Phrase(
        r"BackendConnectionErrors|Target\.Timeout|HTTPCode_ELB_502",
        "local",
        "client_hello",
        "AWS: the target did not take the connection",
        (
            "lb-tcp-accept-no-member",
            "lb-server-side-profile",
        ),
    ),
    Phrase(
        "ORA-29024|ORA-28862|ORA-28864",
        "local",
        "certificate",
        "Oracle: the certificate of the peer did not verify, or the connection broke",
        (
            "cert-untrusted-root",
            "cert-missing-intermediate",
        ),
    ),
    Phrase(
        "acme|traefik.*(default certificate|no certificate)|unable to find certificate for",
        "local",
        "client_hello",
        "Traefik: no certificate has the name, the default one is shown",
        (
            "cert-default-vhost",
            "sni-unknown",
        ),
    ),
)
