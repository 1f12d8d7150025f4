"""BSI TR-02102-2, Kryptographische Verfahren: use of TLS. Editions 2022 and 2023, tables 1 and 2.

Recommends; what is not mentioned is not judged. Suites without forward secrecy (table 2) are
recommended until 2026 only, and where forward secrecy cannot be had.
"""

from __future__ import annotations

from typing import Final

from tlswire.policies.policy import KeySize, Policy, Required, Row, Unlisted

_GCM: Final = "AES_{128_GCM_SHA256,256_GCM_SHA384}"
_CBC_256: Final = "AES_{128,256}_CBC_SHA256"
_CBC_384: Final = "AES_{128_CBC_SHA256,256_CBC_SHA384}"
_CBC_NOTE: Final = "CBC only with encrypt_then_mac"
_STATIC: Final = "without forward secrecy: until 2026"

BSI: Final = Policy(
    id="bsi-tr-02102-2",
    title="BSI TR-02102-2",
    source="BSI TR-02102-2, 2022/2023; tables as in stfbk/tls-compliance-dataset",
    rows={
        "version": (
            Row("recommended", "TLS_1.2 TLS_1.3", "section 3.2"),
            Row("degraded", "SSL_2.0 SSL_3.0 TLS_1.0 TLS_1.1", "section 3.2"),
        ),
        "suite": (
            Row(
                "recommended",
                "TLS_AES_{128_GCM_SHA256,256_GCM_SHA384,128_CCM_SHA256}",
                "section 3.4.4",
            ),
            Row(
                "recommended",
                f"TLS_ECDHE_{{ECDSA,RSA}}_WITH_{_GCM} TLS_ECDHE_ECDSA_WITH_AES_{{128,256}}_CCM",
                "section 3.3.1, table 1",
            ),
            Row(
                "recommended",
                f"TLS_ECDHE_{{ECDSA,RSA}}_WITH_{_CBC_384}",
                "section 3.3.1, table 1",
                _CBC_NOTE,
            ),
            Row(
                "recommended",
                f"TLS_DHE_{{RSA,DSS}}_WITH_{_GCM} TLS_DHE_RSA_WITH_AES_{{128,256}}_CCM",
                "section 3.3.1, table 1",
                "until 2029",
            ),
            Row(
                "recommended",
                f"TLS_DHE_{{RSA,DSS}}_WITH_{_CBC_256}",
                "section 3.3.1, table 1",
                f"until 2029; {_CBC_NOTE}",
            ),
            Row(
                "recommended",
                f"TLS_ECDHE_PSK_WITH_{_CBC_384} TLS_ECDHE_PSK_WITH_{_GCM} "
                "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256 "
                f"TLS_DHE_PSK_WITH_{_CBC_384} TLS_DHE_PSK_WITH_{_GCM} "
                "TLS_DHE_PSK_WITH_AES_{128,256}_CCM",
                "section 3.3.1, table 1",
            ),
            Row(
                "recommended",
                f"TLS_DH_{{DSS,RSA}}_WITH_{_GCM} TLS_DH_{{DSS,RSA}}_WITH_{_CBC_256} "
                f"TLS_ECDH_{{ECDSA,RSA}}_WITH_{_GCM} TLS_ECDH_{{ECDSA,RSA}}_WITH_{_CBC_384} "
                f"TLS_RSA_PSK_WITH_{_GCM} TLS_RSA_PSK_WITH_{_CBC_384}",
                "section 3.3.1, table 2",
                _STATIC,
            ),
            Row(
                "degraded",
                f"TLS_PSK_WITH_{_GCM} TLS_PSK_WITH_AES_{{128,256}}_{{CCM,CCM_8}} "
                f"TLS_PSK_WITH_{_CBC_384} TLS_PSK_WITH_AES_{{128,256}}_CBC_SHA",
                "section 3.3.1",
            ),
        ),
        "group": (
            Row("recommended", "secp{256,384,521}r1", "section 3.3.2"),
            Row(
                "recommended",
                "brainpoolP{256,384,512}r1 brainpoolP{256,384,512}r1tls13",
                "section 3.3.2",
            ),
            Row("recommended", "ffdhe{3072,4096}", "section 3.3.2", "until 2029"),
            Row(
                "recommended",
                "SecP256r1MLKEM768 SecP384r1MLKEM1024",
                "edition 2026-01, section 3.4.2",
            ),
            Row("not_mentioned", "ffdhe2048", "section 3.3.2", "recommended until 2022"),
        ),
        "signature_algorithm": (
            Row("recommended", "rsa_pss_{rsae,pss}_sha{256,384,512}", "section 3.4.3"),
            Row(
                "recommended",
                "ecdsa_secp256r1_sha256 ecdsa_secp384r1_sha384 ecdsa_secp521r1_sha512 "
                "ecdsa_brainpoolP256r1tls13_sha256 ecdsa_brainpoolP384r1tls13_sha384 "
                "ecdsa_brainpoolP512r1tls13_sha512",
                "section 3.4.3",
            ),
        ),
    },
    keys=(
        KeySize("recommended", "EC", 250, "section 3.6.1"),
        KeySize("recommended", "RSA", 3000, "section 3.6.1"),
        KeySize("forbidden", "RSA", 0, "section 3.6.1", "3000 bits at least since 2024"),
    ),
    unlisted={
        "version": Unlisted("not_mentioned", "section 3.2"),
        "suite": Unlisted("not_mentioned", "section 3.3.1"),
        "group": Unlisted("not_mentioned", "section 3.3.2"),
        "signature_algorithm": Unlisted("not_mentioned", "section 3.4.3"),
        "certificate": Unlisted("not_mentioned", "section 3.6.1"),
    },
    required=(Required("version", "TLS_1.2 TLS_1.3", "section 3.2"),),
)
