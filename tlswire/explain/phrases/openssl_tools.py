"""openssl s_client and s_server: what they print beside their error codes."""

from __future__ import annotations

from typing import Final

from tlswire.explain.phrases.phrase import Phrase

PHRASES: Final = (
    Phrase(
        "SSL handshake has read 0 bytes|^no peer certificate available",
        "way",
        "client_hello",
        "s_client: nothing came back, or not as far as the certificate",
        (
            "mtu-blackhole-client-hello",
            "lb-tcp-accept-no-member",
            "sni-filter-drop",
            "server-abrupt-eof",
            "sni-filter-rst-injected",
        ),
    ),
    Phrase(
        "SSL handshake has read 7 bytes",
        "peer",
        "client_hello",
        "s_client: one alert in clear and no more",
        (
            "version-client-too-old",
            "cipher-no-overlap",
            "ecdsa-cert-rsa-client",
            "groups-no-overlap",
            "sigalgs-no-overlap",
        ),
    ),
    Phrase(
        "Verification error",
        "local",
        "certificate",
        "s_client: the chain did not verify; the words behind say why",
        (
            "cert-untrusted-root",
            "cert-missing-intermediate",
            "cert-expired",
        ),
    ),
    Phrase(
        "OCSP response: no response sent",
        "peer",
        "certificate",
        "s_client: no OCSP response was stapled",
        ("ocsp-must-staple",),
    ),
)
