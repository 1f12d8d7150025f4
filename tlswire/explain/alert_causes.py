"""What each alert leaves possible. Numbers and ids only; the prose is in alert_meanings.py."""

from __future__ import annotations

from typing import Final

from tlswire.codes import Alert

#: What each alert leaves possible, the likeliest first: who received it looks at these.
CAUSES: Final[dict[int, tuple[str, ...]]] = {
    Alert.close_notify: ("server-abrupt-eof", "client-timeout"),
    Alert.unexpected_message: (
        "groups-no-overlap",
        "proxy-protocol-unexpected",
        "malformed-client-hello",
        "ch-record-fragmentation-unsupported",
        "renegotiation-for-client-auth",
    ),
    Alert.bad_record_mac: ("bad-record-mac", "ticket-not-shared", "tcp-corruption-or-offload"),
    Alert.decryption_failed: ("bad-record-mac", "tcp-corruption-or-offload"),
    Alert.record_overflow: ("proxy-protocol-unexpected", "http-to-tls-port", "cert-too-large"),
    Alert.handshake_failure: (
        "cipher-no-overlap",
        "ecdsa-cert-rsa-client",
        "groups-no-overlap",
        "sigalgs-no-overlap",
        "ems-required",
        "sni-missing",
        "mtls-client-sends-empty",
        "legacy-renegotiation-refused",
        "dh-too-small",
    ),
    Alert.no_certificate: ("mtls-client-sends-empty",),
    Alert.bad_certificate: (
        "cert-untrusted-root",
        "mtls-cert-rejected",
        "cert-name-mismatch",
        "cert-expired",
        "clock-skew",
        "cert-weak",
        "cert-missing-intermediate",
        "cert-wrong-intermediate-or-order",
        "mtls-client-sends-empty",
    ),
    Alert.unsupported_certificate: ("cert-key-usage", "cert-type-unsupported", "cert-weak"),
    Alert.certificate_revoked: (
        "cert-revoked-or-revocation-unreachable",
        "mtls-cert-rejected",
    ),
    Alert.certificate_expired: ("cert-expired", "clock-skew", "mtls-cert-rejected"),
    Alert.certificate_unknown: (
        "cert-untrusted-root",
        "cert-missing-intermediate",
        "cert-name-mismatch",
        "cert-expired",
        "clock-skew",
        "cert-weak",
        "mtls-cert-rejected",
        "cert-revoked-or-revocation-unreachable",
        "pinning-vs-inspection",
    ),
    Alert.illegal_parameter: (
        "pq-group-refused",
        "key-share-inconsistent",
        "tls13-downgrade-sentinel",
        "hrr-broken",
        "malformed-client-hello",
    ),
    Alert.unknown_ca: (
        "cert-untrusted-root",
        "cert-missing-intermediate",
        "ssl-inspection-untrusted-ca",
        "mtls-cert-rejected",
        "mtls-incomplete-client-chain",
    ),
    Alert.access_denied: ("tls13-middlebox-intolerance", "mtls-cert-rejected", "sni-unknown"),
    Alert.decode_error: (
        "malformed-client-hello",
        "ch-record-fragmentation-unsupported",
        "cert-too-large",
        "mtls-client-sends-empty",
    ),
    Alert.decrypt_error: ("server-key-mismatch", "mtls-client-key-mismatch", "bad-record-mac"),
    Alert.protocol_version: (
        "version-client-too-old",
        "version-server-too-old",
        "version-intolerance",
    ),
    Alert.insufficient_security: ("cipher-no-overlap", "dh-too-small", "cert-weak"),
    Alert.internal_error: (
        "server-no-usable-key",
        "sni-missing",
        "sni-unknown",
        "server-crypto-saturated",
    ),
    Alert.inappropriate_fallback: ("fallback-scsv",),
    Alert.user_canceled: ("client-timeout",),
    Alert.no_renegotiation: ("renegotiation-for-client-auth", "legacy-renegotiation-refused"),
    Alert.missing_extension: ("sigalgs-no-overlap", "ec-extensions-missing", "sni-missing"),
    Alert.unsupported_extension: ("tls13-middlebox-intolerance", "malformed-client-hello"),
    Alert.unrecognized_name: ("sni-unknown", "sni-missing", "sni-bad-form"),
    Alert.bad_certificate_status_response: ("ocsp-must-staple",),
    Alert.unknown_psk_identity: ("psk-or-national-profile",),
    Alert.certificate_required: ("mtls-client-sends-empty",),
    Alert.no_application_protocol: ("alpn-no-overlap",),
    Alert.ech_required: ("ech-blocked",),
}
