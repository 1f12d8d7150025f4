"""NIST SP 800-52 revision 2, August 2019: TLS of servers in federal use.

Suites that are not mentioned must not be used (3.3.1). TLS 1.2 must be supported, and TLS 1.3
since 1 January 2024; 1.0 and 1.1 only to reach others than the government, discouraged (3.1). What
an extension "shall" is demanded, what it "should" is recommended (3.4).
"""

from __future__ import annotations

from typing import Final

from tlswire.policies.policy import MISSING, KeySize, Policy, Required, Row, Trait, Unlisted

_GCM: Final = "AES_{128_GCM_SHA256,256_GCM_SHA384}"
_CBC_256: Final = "AES_{128,256}_CBC_SHA256"
_CBC_384: Final = "AES_{128_CBC_SHA256,256_CBC_SHA384}"
_SHA: Final = "AES_{128,256}_CBC_SHA"
_CCM: Final = "AES_{128,256}_{CCM,CCM_8}"

NIST: Final = Policy(
    id="nist-800-52r2",
    title="NIST SP 800-52r2",
    source="NIST SP 800-52 Rev. 2, 2019-08; tables as in stfbk/tls-compliance-dataset",
    rows={
        "version": (
            Row("recommended", "TLS_1.3", "section 3.1", "must be supported since 2024"),
            Row("recommended", "TLS_1.2", "section 3.1", "must be supported"),
            Row(
                "degraded",
                "TLS_1.0 TLS_1.1",
                "section 3.1",
                "only to interoperate with others than the government; discouraged",
            ),
            Row("forbidden", "SSL_2.0 SSL_3.0", "section 3.1"),
        ),
        "suite": (
            Row(
                "accepted",
                "TLS_AES_{128_GCM_SHA256,256_GCM_SHA384,128_CCM_SHA256,128_CCM_8_SHA256}",
                "section 3.3.1.2",
            ),
            Row(
                "accepted",
                f"TLS_ECDHE_ECDSA_WITH_{_GCM} TLS_ECDHE_ECDSA_WITH_{_CCM} "
                f"TLS_ECDHE_ECDSA_WITH_{_CBC_384} TLS_ECDHE_ECDSA_WITH_{_SHA} "
                f"TLS_ECDHE_RSA_WITH_{_GCM} TLS_ECDHE_RSA_WITH_{_CBC_384} "
                f"TLS_ECDHE_RSA_WITH_{_SHA}",
                "section 3.3.1.1",
            ),
            Row(
                "accepted",
                f"TLS_DHE_RSA_WITH_{_GCM} TLS_DHE_RSA_WITH_{_CCM} TLS_DHE_RSA_WITH_{_CBC_256} "
                f"TLS_DHE_RSA_WITH_{_SHA} TLS_DHE_DSS_WITH_{_GCM} TLS_DHE_DSS_WITH_{_CBC_256} "
                f"TLS_DHE_DSS_WITH_{_SHA}",
                "section 3.3.1.1",
            ),
            Row(
                "accepted",
                f"TLS_DH_{{DSS,RSA}}_WITH_{_GCM} TLS_DH_{{DSS,RSA}}_WITH_{_CBC_256} "
                f"TLS_DH_{{DSS,RSA}}_WITH_{_SHA} TLS_ECDH_{{ECDSA,RSA}}_WITH_{_GCM} "
                f"TLS_ECDH_{{ECDSA,RSA}}_WITH_{_CBC_384} TLS_ECDH_{{ECDSA,RSA}}_WITH_{_SHA}",
                "section 3.3.1.1",
                "ephemeral keys are preferred",
            ),
            Row(
                "accepted",
                f"TLS_ECDHE_PSK_WITH_{_CBC_384} TLS_ECDHE_PSK_WITH_{_SHA} "
                f"TLS_DHE_PSK_WITH_{_CBC_384} TLS_DHE_PSK_WITH_{_GCM} TLS_DHE_PSK_WITH_{_SHA} "
                "TLS_DHE_PSK_WITH_AES_{128,256}_CCM TLS_PSK_DHE_WITH_AES_{128,256}_CCM_8 "
                f"TLS_PSK_WITH_{_GCM} TLS_PSK_WITH_{_CCM} TLS_PSK_WITH_{_CBC_384} "
                f"TLS_PSK_WITH_{_SHA}",
                "appendix C",
            ),
            Row(
                "degraded",
                f"TLS_RSA_WITH_{_CCM} TLS_RSA_WITH_{_GCM} TLS_RSA_WITH_{_CBC_256} "
                f"TLS_RSA_WITH_{_SHA}",
                "appendix D",
                "RSA key transport: no longer approved after 2023 (SP 800-131A Rev. 2)",
            ),
        ),
        "group": (
            Row("recommended", "secp256r1 secp384r1", "section 3.4.2.2", "one of them is a must"),
            Row("recommended", "secp224r1 secp521r1", "SP 800-56A appendix D, SP 800-186"),
            Row(
                "accepted",
                "ffdhe{2048,3072,4096,6144,8192} brainpoolP{256,384,512}r1 "
                "brainpoolP{256,384,512}r1tls13",
                "SP 800-56A appendix D, SP 800-186",
            ),
            Row("degraded", "x25519 x448", "SP 800-186"),
            Row("forbidden", "sect{233,283,409,571}{k,r}1", "SP 800-186"),
        ),
        "signature_algorithm": (
            Row("accepted", "rsa_pss_{rsae,pss}_sha{256,384,512}", "table 3-1"),
            Row(
                "accepted",
                "ecdsa_secp256r1_sha256 ecdsa_secp384r1_sha384 ecdsa_secp521r1_sha512",
                "table 3-1",
            ),
            Row("accepted", "ed25519 ed448", "SP 800-186"),
            Row("forbidden", "{rsa_pkcs1,dsa,ecdsa}_{md5,sha1}", "table 3-1"),
        ),
    },
    keys=(
        KeySize("recommended", "EC", 256, "table 3-1"),
        KeySize("recommended", "EC", 224, "table 3-1", "until 2030"),
        KeySize("recommended", "RSA", 3072, "table 3-1"),
        KeySize("recommended", "RSA", 2048, "table 3-1", "until 2030"),
        KeySize("forbidden", "RSA", 0, "table 3-1"),
        KeySize("recommended", "DSA", 3072, "table 3-1"),
        KeySize("recommended", "DSA", 2048, "table 3-1", "until 2030"),
    ),
    hashes=(
        Row("recommended", "sha224 sha256 sha384 sha512", "section 3.2.1", "SHA-224 or stronger"),
        Row("forbidden", "sha1 md5 md2", "section 3.2.1", "SHA-224 or stronger"),
    ),
    traits=(
        Trait("renegotiation_info", "recommended", MISSING, "section 3.4.1"),
        Trait("extended_master_secret", "recommended", MISSING, "section 3.4.1"),
        Trait(
            "status_request",
            "recommended",
            MISSING,
            "section 3.4.1",
            "asked of certificates that name an OCSP responder",
        ),
        Trait(
            "TLS_FALLBACK_SCSV",
            "recommended",
            MISSING,
            "section 3.4.2.1",
            "where versions before TLS 1.2 are taken and TLS 1.3 is not",
        ),
        Trait(
            "encrypt_then_mac",
            "recommended",
            MISSING,
            "section 3.4.2",
            "where CBC suites are taken",
        ),
        Trait(
            "truncated_hmac",
            "accepted",
            None,
            "section 3.4.2",
            "only for constrained clients, with CBC and padding of one length",
        ),
        Trait("pre_shared_key", "accepted", None, "section 3.4.2"),
        Trait("early_data", "degraded", None, "section 3.4.3", "should not be processed"),
        Trait("compression", "forbidden", None, "section 3.7", "the null method only"),
    ),
    unlisted={
        "version": Unlisted("forbidden", "section 3.1"),
        "suite": Unlisted(
            "forbidden", "section 3.3.1", "suites that are not mentioned must not be used"
        ),
        "group": Unlisted("not_mentioned", "section 3.4.2.2"),
        "signature_algorithm": Unlisted("not_mentioned", "table 3-1"),
        "certificate": Unlisted("not_mentioned", "table 3-1"),
    },
    required=(
        Required("version", "TLS_1.2", "section 3.1"),
        Required("version", "TLS_1.3", "section 3.1"),
        Required("group", "secp256r1 secp384r1", "section 3.4.2.2"),
    ),
)
