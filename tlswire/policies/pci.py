"""PCI DSS v4.0.1: no list of suites nor of versions, but strong cryptography, and nothing broken.

Strong cryptography has at least 112 bits of effective strength, with algorithms that the industry
accepts; the glossary gives examples and points to NIST SP 800-57. What its words do not reach is
not mentioned, whatever its strength. "Early TLS" is no list: it is what known exploits break.
"""

from __future__ import annotations

from typing import Final

from tlswire.policies.policy import KeySize, Policy, Required, Row, Trait, Unlisted

_STRONG: Final = "requirement 4.2.1; glossary, strong cryptography"
_FAQ: Final = "requirement 4.2.1; FAQ, versions of TLS"
_EARLY: Final = "requirement 4.2.1; Migrating from SSL and Early TLS, v1.1"
_SCAN: Final = "requirement 11.3.2; ASV Program Guide, {}"
_BELOW: Final = "below 112 bits"
_UNNAMED: Final = "not among the glossary's examples"

PCI: Final = Policy(
    id="pci-dss-4",
    title="PCI DSS v4.0.1",
    source="PCI DSS v4.0.1, 2024-06, with the PCI SSC's glossary and FAQ, the ASV Program Guide "
    "v4.0, and Migrating from SSL and Early TLS v1.1, 2016-04",
    rows={
        "version": (
            Row("accepted", "TLS_1.2 TLS_1.3", _FAQ, "with strong suites only"),
            Row(
                "degraded",
                "TLS_1.1",
                _EARLY,
                "no text names it: TLS 1.2 is strongly encouraged, and scanning vendors fail it",
            ),
            Row("forbidden", "SSL_2.0 SSL_3.0 TLS_1.0", _EARLY, "gone since 30 June 2018"),
        ),
        "suite": (
            Row("forbidden", "SSL_CK_*", _EARLY),
            Row("forbidden", "*_anon_*", _SCAN.format("anonymous key exchange")),
            Row("forbidden", "*_NULL_* *_EXPORT_* *_EXPORT1024_*", _STRONG, _BELOW),
            Row(
                "forbidden", "*_RC2_* *_DES_CBC_* *_DES40_* *_RC4_40_* *_RC4_56_*", _STRONG, _BELOW
            ),
            Row("forbidden", "*_RC4_*", _SCAN.format("CVSS of 4.0 or more fails"), "CVE-2013-2566"),
            Row(
                "degraded",
                "*_3DES_*",
                _STRONG,
                "an example of the glossary, but scans fail it for CVE-2016-2183 (SWEET32)",
            ),
            Row("accepted", "*_AES_*", _STRONG, "AES of 128 bits and more"),
        ),
        "group": (
            Row("forbidden", "sect163{k1,r1,r2} sect193{r1,r2} secp160{k1,r1,r2}", _STRONG, _BELOW),
            Row("forbidden", "secp192{k1,r1}", _STRONG, _BELOW),
            Row(
                "accepted", "secp224{k1,r1} secp256{k1,r1} secp{384,521}r1", _STRONG, "ECC from 224"
            ),
            Row("accepted", "sect{233,283,409,571}{k,r}1 sect239k1", _STRONG, "ECC from 224 bits"),
            Row(
                "accepted",
                "brainpoolP{256,384,512}r1 brainpoolP{256,384,512}r1tls13 x25519 x448",
                _STRONG,
                "ECC from 224 bits",
            ),
            Row("accepted", "ffdhe{2048,3072,4096,6144,8192}", _STRONG, "D-H from 2048 bits"),
        ),
        "signature_algorithm": (
            Row(
                "forbidden",
                "{rsa_pkcs1,dsa,ecdsa}_{md5,sha1}",
                f"{_STRONG}, with NIST SP 800-57 part 1",
                "collisions below 112 bits",
            ),
            Row(
                "accepted",
                "rsa_pkcs1_sha* rsa_pss_* dsa_sha* ecdsa_* ed25519 ed448",
                f"{_STRONG}, with NIST SP 800-57 part 1",
                "RSA, DSA and ECC, with hashes of 112 bits and more",
            ),
        ),
    },
    keys=(
        KeySize("accepted", "RSA", 2048, _STRONG),
        KeySize("accepted", "EC", 224, _STRONG),
        KeySize("accepted", "EdDSA", 224, _STRONG, "as ECC"),
        KeySize("accepted", "DSA", 2048, _STRONG),
        KeySize("accepted", "DH", 2048, _STRONG),
        KeySize("forbidden", "RSA", 0, _STRONG, _BELOW),
        KeySize("forbidden", "EC", 0, _STRONG, _BELOW),
        KeySize("forbidden", "DSA", 0, _STRONG, _BELOW),
        KeySize("forbidden", "DH", 0, _STRONG, _BELOW),
    ),
    traits=(
        Trait(
            "trusted certificate",
            "accepted",
            "forbidden",
            "requirement 4.2.1",
            "trusted, valid and not expired; whether it is revoked was not asked",
        ),
        Trait(
            "renegotiation_info",
            None,
            "forbidden",
            _SCAN.format("CVSS of 4.0 or more fails"),
            "CVE-2009-3555",
        ),
    ),
    unlisted={
        "version": Unlisted("not_mentioned", _FAQ),
        "suite": Unlisted("not_mentioned", _STRONG, _UNNAMED),
        "group": Unlisted("not_mentioned", _STRONG, _UNNAMED),
        "signature_algorithm": Unlisted("not_mentioned", _STRONG, _UNNAMED),
        "certificate": Unlisted("not_mentioned", _STRONG),
    },
    required=(Required("version", "TLS_1.2 TLS_1.3", _FAQ),),
)
