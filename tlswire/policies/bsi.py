"""BSI TR-02102-2, Kryptographische Verfahren: use of TLS. Edition 2024-01, by its sections.

Recommends; what is not mentioned is not judged. Suites without forward secrecy (table 3) are
recommended until 2026 only, and where forward secrecy cannot be had.
"""

from __future__ import annotations

from typing import Final

from tlswire.policies.policy import KeySize, Policy, Required, Row, Trait, Unlisted

_GCM: Final = "AES_{128_GCM_SHA256,256_GCM_SHA384}"
_CBC_256: Final = "AES_{128,256}_CBC_SHA256"
_CBC_384: Final = "AES_{128_CBC_SHA256,256_CBC_SHA384}"
_CBC_NOTE: Final = "CBC only with encrypt_then_mac"
_STATIC: Final = "without forward secrecy: until 2026"
_GROUPS: Final = "sections 3.3.2 and 3.4.2, tables 5 and 9"
_SCHEMES: Final = "sections 3.3.3 and 3.4.3, tables 6 and 10"
_KEYS: Final = "section 3.6.1, table 13"

BSI: Final = Policy(
    id="bsi-tr-02102-2",
    title="BSI TR-02102-2",
    source="BSI TR-02102-2, edition 2024-01, 2024-02-29",
    rows={
        "version": (
            Row("recommended", "TLS_1.2 TLS_1.3", "section 3.2"),
            Row("degraded", "SSL_2.0 SSL_3.0 TLS_1.0 TLS_1.1", "section 3.2"),
        ),
        "suite": (
            Row(
                "recommended",
                "TLS_AES_{128_GCM_SHA256,256_GCM_SHA384,128_CCM_SHA256}",
                "section 3.4.4, table 12",
            ),
            Row(
                "recommended",
                f"TLS_ECDHE_{{ECDSA,RSA}}_WITH_{_GCM} TLS_ECDHE_ECDSA_WITH_AES_{{128,256}}_CCM",
                "section 3.3.1.1, table 2",
            ),
            Row(
                "recommended",
                f"TLS_ECDHE_{{ECDSA,RSA}}_WITH_{_CBC_384}",
                "section 3.3.1.1, table 2",
                _CBC_NOTE,
            ),
            Row(
                "recommended",
                f"TLS_DHE_{{RSA,DSS}}_WITH_{_GCM} TLS_DHE_RSA_WITH_AES_{{128,256}}_CCM",
                "section 3.3.1.1, table 2",
                "until 2029",
            ),
            Row(
                "recommended",
                f"TLS_DHE_{{RSA,DSS}}_WITH_{_CBC_256}",
                "section 3.3.1.1, table 2",
                f"until 2029; {_CBC_NOTE}",
            ),
            Row(
                "recommended",
                f"TLS_ECDHE_PSK_WITH_{_CBC_384} TLS_ECDHE_PSK_WITH_{_GCM} "
                "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256",
                "section 3.3.1.3, table 4",
            ),
            Row(
                "recommended",
                f"TLS_DHE_PSK_WITH_{_CBC_384} TLS_DHE_PSK_WITH_{_GCM} "
                "TLS_DHE_PSK_WITH_AES_{128,256}_CCM",
                "section 3.3.1.3, table 4",
                "until 2029",
            ),
            Row(
                "recommended",
                f"TLS_DH_{{DSS,RSA}}_WITH_{_GCM} TLS_DH_{{DSS,RSA}}_WITH_{_CBC_256} "
                f"TLS_ECDH_{{ECDSA,RSA}}_WITH_{_GCM} TLS_ECDH_{{ECDSA,RSA}}_WITH_{_CBC_384}",
                "section 3.3.1.2, table 3",
                _STATIC,
            ),
            Row(
                "recommended",
                f"TLS_RSA_PSK_WITH_{_GCM} TLS_RSA_PSK_WITH_{_CBC_384}",
                "section 3.3.1.3, table 4",
                _STATIC,
            ),
            Row(
                "degraded",
                "TLS_PSK_WITH_*",
                "section 3.3.1.3",
                "not recommended: all security is that of the pre-shared key",
            ),
        ),
        "group": (
            Row("recommended", "secp{256,384,521}r1", _GROUPS),
            Row("recommended", "brainpoolP{256,384,512}r1", "section 3.3.2, table 5"),
            Row("recommended", "brainpoolP{256,384,512}r1tls13", "section 3.4.2, table 9"),
            Row(
                "recommended",
                "ffdhe{3072,4096}",
                "section 3.3.2, table 5",
                "until 2029",
                ("TLS 1.2",),
            ),
            Row("recommended", "ffdhe{3072,4096}", "section 3.4.2, table 9"),
            Row(
                "recommended",
                "SecP256r1MLKEM768 SecP384r1MLKEM1024",
                "edition 2026-01, section 3.4.2",
            ),
            Row("not_mentioned", "ffdhe2048", _GROUPS, "recommended until 2022"),
        ),
        "signature_algorithm": (
            Row("recommended", "rsa_pss_{rsae,pss}_sha{256,384,512}", _SCHEMES),
            Row(
                "recommended",
                "ecdsa_secp256r1_sha256 ecdsa_secp384r1_sha384 ecdsa_secp521r1_sha512",
                _SCHEMES,
            ),
            Row(
                "recommended",
                "ecdsa_brainpoolP256r1tls13_sha256 ecdsa_brainpoolP384r1tls13_sha384 "
                "ecdsa_brainpoolP512r1tls13_sha512",
                "section 3.4.3, table 10",
            ),
            Row(
                "degraded",
                "rsa_pkcs1_sha{256,384,512}",
                "section 3.3.3, table 6",
                "for the padding of PKCS #1 v1.5 until 2025 only",
                ("TLS 1.2",),
            ),
            Row(
                "recommended",
                "dsa_sha{256,384,512}",
                "section 3.3.3, table 6",
                "until 2029",
                ("TLS 1.2",),
            ),
        ),
    },
    keys=(
        KeySize("recommended", "EC", 250, _KEYS),
        KeySize("recommended", "RSA", 3000, _KEYS),
        KeySize("forbidden", "RSA", 0, _KEYS, "3000 bits at least since 2024"),
        KeySize("recommended", "DSA", 3000, _KEYS, "until 2029"),
        KeySize("forbidden", "DSA", 0, _KEYS, "3000 bits at least since 2023"),
        KeySize("recommended", "DH", 3000, _KEYS),
        KeySize("forbidden", "DH", 0, _KEYS, "3000 bits at least since 2023"),
    ),
    hashes=(
        Row(
            "recommended", "sha256 sha384 sha512", "section 3.4.3, table 11; section 3.3.3, table 7"
        ),
    ),
    traits=(
        Trait("renegotiation_info", "recommended", "degraded", "section 3.3.4.1"),
        Trait(
            "client-initiated renegotiation",
            "degraded",
            None,
            "section 3.3.4.1",
            "the server should refuse it",
        ),
        Trait("truncated_hmac", "degraded", None, "section 3.3.4.2"),
        Trait(
            "compression",
            "degraded",
            None,
            "section 3.3.4.3",
            "not recommended where plaintext can be injected (CRIME)",
        ),
        Trait("encrypt_then_mac", "recommended", "degraded", "section 3.3.4.5"),
        Trait("heartbeat", "degraded", None, "sections 3.3.4.6 and 3.4.5.1"),
        Trait("extended_master_secret", "recommended", "degraded", "section 3.3.4.7"),
        Trait(
            "pre_shared_key",
            "recommended",
            None,
            "section 3.4.1, table 8",
            "psk_dhe_ke, with which it is resumed here",
        ),
    ),
    unlisted={
        "version": Unlisted("not_mentioned", "section 3.2"),
        "suite": Unlisted("not_mentioned", "section 3.3.1"),
        "group": Unlisted("not_mentioned", _GROUPS),
        "signature_algorithm": Unlisted("not_mentioned", _SCHEMES),
        "certificate": Unlisted("not_mentioned", _KEYS),
    },
    required=(Required("version", "TLS_1.2 TLS_1.3", "section 3.2"),),
)
