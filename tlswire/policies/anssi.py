"""ANSSI, Recommandations de sécurité relatives à TLS, SDE-NT-35, version 1.2 of 26 March 2020.

The guide is a white list: what is not recommended is implicitly advised against; RC4, MD5 and
SHA-1 are to be banned (2.2). `degraded` is the table of degraded suites, annex A.2. A number of a
recommendation (R3) is given where its text was seen, else the section and table.
"""

from __future__ import annotations

from typing import Final

from tlswire.policies.policy import KeySize, Policy, Required, Row, Trait, Unlisted

_AES_GCM: Final = "AES_{128_GCM_SHA256,256_GCM_SHA384}"
_CBC: Final = "{128_CBC_SHA256,256_CBC_SHA384}"
_GCM: Final = "{128_GCM_SHA256,256_GCM_SHA384}"
_EXTENSIONS: Final = "section 2.3, extensions"
_WHITE: Final = "white list: what is not listed is implicitly advised against"

ANSSI: Final = Policy(
    id="anssi",
    title="ANSSI TLS guide v1.2",
    source="ANSSI SDE-NT-35 v1.2, 2020-03-26; tables as in stfbk/tls-compliance-dataset",
    rows={
        "version": (
            Row("recommended", "TLS_1.3", "R3, section 2.1"),
            Row("accepted", "TLS_1.2", "R3, section 2.1"),
            Row("forbidden", "SSL_2.0 SSL_3.0 TLS_1.0 TLS_1.1", "R4, section 2.1"),
        ),
        "suite": (
            Row(
                "recommended",
                "TLS_AES_{128_GCM_SHA256,256_GCM_SHA384,128_CCM_SHA256} "
                "TLS_CHACHA20_POLY1305_SHA256",
                "section 2.2, annex A.1",
            ),
            Row(
                "recommended",
                f"TLS_ECDHE_ECDSA_WITH_{_AES_GCM} TLS_ECDHE_ECDSA_WITH_AES_{{128,256}}_CCM "
                "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256 "
                f"TLS_ECDHE_RSA_WITH_{_AES_GCM} TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                "section 2.2, annex A.1",
            ),
            Row("degraded", "TLS_AES_128_CCM_8_SHA256", "annex A.2"),
            Row("degraded", f"TLS_ECDHE_{{ECDSA,RSA}}_WITH_AES_{_CBC}", "annex A.2"),
            Row(
                "degraded",
                f"TLS_DHE_RSA_WITH_{_AES_GCM} TLS_DHE_RSA_WITH_AES_128_CCM "
                "TLS_DHE_RSA_WITH_AES_{128,256}_CBC_SHA256 "
                "TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
                "annex A.2",
            ),
            Row(
                "degraded",
                f"TLS_ECDHE_{{ECDSA,RSA}}_WITH_CAMELLIA_{_CBC} "
                f"TLS_{{ECDHE_ECDSA,ECDHE_RSA,DHE_RSA}}_WITH_CAMELLIA_{_GCM} "
                "TLS_DHE_RSA_WITH_CAMELLIA_{128,256}_CBC_SHA256",
                "annex A.2",
            ),
            Row(
                "degraded",
                f"TLS_{{ECDHE_ECDSA,ECDHE_RSA,DHE_RSA}}_WITH_ARIA_{_GCM} "
                f"TLS_{{ECDHE_ECDSA,ECDHE_RSA,DHE_RSA}}_WITH_ARIA_{_CBC}",
                "annex A.2",
            ),
            Row(
                "degraded",
                f"TLS_ECDHE_PSK_WITH_AES_{_CBC} TLS_ECDHE_PSK_WITH_{_AES_GCM} "
                "TLS_ECDHE_PSK_WITH_AES_128_CCM_SHA256 "
                f"TLS_ECDHE_PSK_WITH_{{CAMELLIA,ARIA}}_{_CBC}",
                "annex A.2",
            ),
            Row(
                "degraded",
                f"TLS_DHE_PSK_WITH_AES_{_CBC} TLS_DHE_PSK_WITH_{_AES_GCM} "
                "TLS_DHE_PSK_WITH_AES_{128,256}_CCM TLS_DHE_PSK_WITH_CHACHA20_POLY1305_SHA256 "
                f"TLS_DHE_PSK_WITH_{{CAMELLIA,ARIA}}_{_GCM} "
                f"TLS_DHE_PSK_WITH_{{CAMELLIA,ARIA}}_{_CBC}",
                "annex A.2",
            ),
            Row(
                "forbidden",
                "*_SHA *_MD5 *_RC4_*",
                "section 2.2",
                "RC4, MD5 and SHA-1 are to be banned",
            ),
        ),
        "group": (
            Row("recommended", "secp256r1 secp384r1 secp521r1", "table 2.5"),
            Row("accepted", "x25519 x448 brainpoolP{256,384,512}r1", "table 2.5"),
            Row("accepted", "brainpoolP{256,384,512}r1tls13", "table 2.5"),
            Row(
                "accepted",
                "ffdhe2048",
                "table 2.5",
                "tolerated to protect data until 2030; 3072 bits are preferred",
            ),
            Row("accepted", "ffdhe{3072,4096,6144,8192}", "table 2.5"),
            Row("forbidden", "secp224r1 sect{233,283,409,571}{k,r}1", "table 2.5"),
        ),
        "signature_algorithm": (
            Row("recommended", "rsa_pss_{rsae,pss}_sha{256,384,512}", "table 2.6"),
            Row(
                "recommended",
                "ecdsa_secp256r1_sha256 ecdsa_secp384r1_sha384 ecdsa_secp521r1_sha512 ed25519 "
                "ed448 ecdsa_brainpoolP256r1tls13_sha256 ecdsa_brainpoolP384r1tls13_sha384 "
                "ecdsa_brainpoolP512r1tls13_sha512",
                "table 2.6",
            ),
            Row(
                "accepted",
                "rsa_pkcs1_sha{256,384,512}",
                "table 2.6",
                "in TLS 1.2 only",
                ("TLS 1.2",),
            ),
            Row("forbidden", "rsa_pkcs1_sha{256,384,512}", "table 2.6", None, ("TLS 1.3",)),
            Row("forbidden", "{rsa_pkcs1,dsa,ecdsa}_{md5,sha1,sha224}", "table 2.6"),
        ),
    },
    keys=(
        KeySize("recommended", "EC", 256, "section 2.2"),
        KeySize("recommended", "EdDSA", 256, "section 2.2"),
        KeySize("accepted", "RSA", 3072, "section 2.2"),
        KeySize("accepted", "RSA", 2048, "section 2.2", "until 2030, 3072 bits after"),
        KeySize("forbidden", "RSA", 0, "section 2.2"),
        KeySize("forbidden", "EC", 0, "section 2.2"),
        KeySize("accepted", "DH", 3072, "table 2.5"),
        KeySize("accepted", "DH", 2048, "table 2.5", "tolerated to protect data until 2030"),
        KeySize("forbidden", "DH", 0, "table 2.5"),
    ),
    hashes=(
        Row("recommended", "sha256 sha384 sha512", "section 2.2"),
        Row("forbidden", "sha1 md5", "section 2.2", "RC4, MD5 and SHA-1 are to be banned"),
    ),
    traits=(
        Trait("encrypt_then_mac", "recommended", "degraded", _EXTENSIONS),
        Trait("extended_master_secret", "recommended", "degraded", _EXTENSIONS),
        Trait("renegotiation_info", "recommended", "degraded", _EXTENSIONS),
        Trait("status_request", "accepted", None, _EXTENSIONS),
        Trait("application_layer_protocol_negotiation", "accepted", None, _EXTENSIONS),
        Trait("record_size_limit", "accepted", None, _EXTENSIONS),
        Trait("session_ticket", "accepted", None, _EXTENSIONS),
        Trait("pre_shared_key", "accepted", None, _EXTENSIONS),
        Trait("max_fragment_length", "degraded", None, _EXTENSIONS),
        Trait("truncated_hmac", "degraded", None, _EXTENSIONS),
        Trait("heartbeat", "degraded", None, _EXTENSIONS),
        Trait("early_data", "degraded", None, _EXTENSIONS),
    ),
    unlisted={
        "version": Unlisted("not_mentioned", "section 2.1", _WHITE),
        "suite": Unlisted("not_mentioned", "section 2.2", _WHITE),
        "group": Unlisted("not_mentioned", "table 2.5", _WHITE),
        "signature_algorithm": Unlisted("not_mentioned", "table 2.6", _WHITE),
        "certificate": Unlisted("not_mentioned", "section 2.2", _WHITE),
    },
    required=(Required("version", "TLS_1.2 TLS_1.3", "R3, section 2.1"),),
)
