"""PCI DSS v4.0.1: no list of suites, but strong cryptography, and no SSL nor early TLS.

Strong cryptography means 112 bits of effective strength at least, with algorithms the industry
accepts (glossary). TLS 1.0 had to go by 30 June 2018 (Migrating from SSL and Early TLS, v1.1).
"""

from __future__ import annotations

from typing import Final

from tlswire.policies.policy import KeySize, Policy, Required, Row, Unlisted

_STRONG: Final = "requirement 4.2.1, glossary: strong cryptography"
_EARLY: Final = "Migrating from SSL and Early TLS, v1.1"

PCI: Final = Policy(
    id="pci-dss-4",
    title="PCI DSS v4.0.1",
    source="PCI DSS v4.0.1, 2024-06, with Migrating from SSL and Early TLS v1.1, 2016-04",
    rows={
        "version": (
            Row("accepted", "TLS_1.2 TLS_1.3", _STRONG),
            Row("degraded", "TLS_1.1", _EARLY, "TLS 1.2 is strongly encouraged; see RFC 8996"),
            Row("forbidden", "SSL_2.0 SSL_3.0 TLS_1.0", _EARLY),
        ),
        "suite": (
            Row("forbidden", "*_anon_* *_NULL_* *_EXPORT_* *_EXPORT1024_*", _STRONG),
            Row("forbidden", "*_RC4_* *_RC2_* *_DES_CBC_* *_DES40_* *_MD5", _STRONG),
            Row("forbidden", "SSL_CK_*", _EARLY),
            Row("degraded", "*_3DES_*", _STRONG, "112 bits; disallowed by NIST after 2023"),
        ),
        "group": (
            Row("forbidden", "dh-512 dh-768 dh-1024", _STRONG, "2048 bits for 112 of strength"),
            Row("forbidden", "sect163{k1,r1,r2} sect193{r1,r2} secp160{k1,r1,r2}", _STRONG),
            Row("forbidden", "secp192{k1,r1}", _STRONG),
        ),
        "signature_algorithm": (
            Row("forbidden", "{rsa_pkcs1,dsa,ecdsa}_md5", _STRONG),
            Row("degraded", "{rsa_pkcs1,dsa,ecdsa}_sha1", _STRONG),
        ),
    },
    keys=(
        KeySize("accepted", "RSA", 2048, _STRONG),
        KeySize("accepted", "EC", 224, _STRONG),
        KeySize("accepted", "EdDSA", 224, _STRONG),
        KeySize("forbidden", "RSA", 0, _STRONG),
        KeySize("forbidden", "EC", 0, _STRONG),
    ),
    unlisted={
        "version": Unlisted("not_mentioned", _STRONG),
        "suite": Unlisted("accepted", _STRONG),
        "group": Unlisted("accepted", _STRONG),
        "signature_algorithm": Unlisted("accepted", _STRONG),
        "certificate": Unlisted("not_mentioned", _STRONG),
    },
    required=(Required("version", "TLS_1.2 TLS_1.3", _STRONG),),
)
