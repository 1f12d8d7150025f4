"""What the name of a cipher suite says: its parts, its versions, its spellings elsewhere.

Read by make_codes.py. A name is taken apart by tables, never guessed: an unknown word is an error.
"""

from __future__ import annotations

import re
from typing import NamedTuple

#: Key exchange and authentication of what stands before _WITH_, forward secrecy.
EXCHANGES: dict[str, tuple[str, str, bool]] = {
    "NULL": ("NULL", "NULL", False),
    "RSA": ("RSA", "RSA", False),
    "RSA_FIPS": ("RSA", "RSA", False),
    "RSA_OLDFIPS": ("RSA", "RSA", False),
    "RSA_EXPORT": ("RSA_EXPORT", "RSA", False),
    "RSA_EXPORT1024": ("RSA_EXPORT", "RSA", False),
    "DH_DSS": ("DH", "DSS", False),
    "DH_RSA": ("DH", "RSA", False),
    "DH_DSS_EXPORT": ("DH", "DSS", False),
    "DH_RSA_EXPORT": ("DH", "RSA", False),
    "DHE_DSS": ("DHE", "DSS", True),
    "DHE_RSA": ("DHE", "RSA", True),
    "DHE_DSS_EXPORT": ("DHE", "DSS", True),
    "DHE_RSA_EXPORT": ("DHE", "RSA", True),
    "DHE_DSS_EXPORT1024": ("DHE", "DSS", True),
    "DH_anon": ("DH_anon", "anon", True),
    "DH_anon_EXPORT": ("DH_anon", "anon", True),
    "ECDH_ECDSA": ("ECDH", "ECDSA", False),
    "ECDH_ECDSA_EXPORT": ("ECDH", "ECDSA", False),
    "ECDH_RSA": ("ECDH", "RSA", False),
    "ECDHE_ECDSA": ("ECDHE", "ECDSA", True),
    "ECDHE_RSA": ("ECDHE", "RSA", True),
    "ECDH_anon": ("ECDH_anon", "anon", True),
    "PSK": ("PSK", "PSK", False),
    "DHE_PSK": ("DHE_PSK", "PSK", True),
    "PSK_DHE": ("DHE_PSK", "PSK", True),
    "RSA_PSK": ("RSA_PSK", "RSA+PSK", False),
    "ECDHE_PSK": ("ECDHE_PSK", "PSK", True),
    "SRP_SHA": ("SRP", "SRP", True),
    "SRP_SHA_RSA": ("SRP", "RSA", True),
    "SRP_SHA_DSS": ("SRP", "DSS", True),
    "KRB5": ("KRB5", "KRB5", False),
    "KRB5_EXPORT": ("KRB5", "KRB5", False),
    "ECCPWD": ("ECCPWD", "ECCPWD", True),
    "ECJPAKE": ("ECJPAKE", "ECJPAKE", True),
    "CECPQ1_RSA": ("CECPQ1", "RSA", True),
    "CECPQ1_ECDSA": ("CECPQ1", "ECDSA", True),
    "FORTEZZA_KEA": ("FORTEZZA_KEA", "FORTEZZA", False),
    "GOSTR341094": ("GOSTR341094", "GOSTR341094", False),
    "GOSTR341001": ("GOSTR341001", "GOSTR341001", False),
    "GOSTR341112_256": ("GOSTR341112_256", "GOSTR341012", False),
    # TLCP and the SM suites have no _WITH_: GB/T 38636-2020
    "ECDHE": ("ECDHE", "SM2", True),
    "ECC": ("ECC", "SM2", False),
    "IBSDH": ("IBSDH", "SM9", True),
    "IBC": ("IBC", "SM9", False),
}

#: Encryption and its key in bits, of what stands behind _WITH_, longest name first.
CIPHERS: dict[str, tuple[str, int]] = {
    "NULL": ("NULL", 0),
    "RC4_40": ("RC4-40", 40),
    "RC4_56": ("RC4-56", 56),
    "RC4_64": ("RC4-64", 64),
    "RC4_128": ("RC4-128", 128),
    "RC4_128_EXPORT40": ("RC4-40", 40),
    "RC2_CBC_40": ("RC2-40-CBC", 40),
    "RC2_CBC_56": ("RC2-56-CBC", 56),
    "RC2_CBC": ("RC2-128-CBC", 128),
    "RC2_128_CBC": ("RC2-128-CBC", 128),
    "RC2_128_CBC_EXPORT40": ("RC2-40-CBC", 40),
    "IDEA_CBC": ("IDEA-CBC", 128),
    "IDEA_128_CBC": ("IDEA-CBC", 128),
    "DES40_CBC": ("DES40-CBC", 40),
    "DES_CBC_40": ("DES40-CBC", 40),
    "DES_CBC": ("DES-CBC", 56),
    "DES_64_CBC": ("DES-CBC", 56),
    "DES_64_CFB64": ("DES-CFB64", 56),
    "3DES_EDE_CBC": ("3DES-EDE-CBC", 168),
    "DES_192_EDE3_CBC": ("3DES-EDE-CBC", 168),
    "FORTEZZA_CBC": ("FORTEZZA-CBC", 80),
    "SEED_CBC": ("SEED-CBC", 128),
    "SM1": ("SM1", 128),
    "SM4_CBC": ("SM4-CBC", 128),
    "SM4_GCM": ("SM4-GCM", 128),
    "SM4_CCM": ("SM4-CCM", 128),
    "CHACHA20_POLY1305": ("CHACHA20-POLY1305", 256),
    "SALSA20": ("SALSA20", 256),
    "ESTREAM_SALSA20": ("ESTREAM-SALSA20", 256),
    "AEGIS_256": ("AEGIS-256", 256),
    "AEGIS_128L": ("AEGIS-128L", 128),
    "28147_CNT_IMIT": ("GOST28147-CNT", 256),
    "KUZNYECHIK_CTR_OMAC": ("KUZNYECHIK-CTR-ACPKM", 256),
    "MAGMA_CTR_OMAC": ("MAGMA-CTR-ACPKM", 256),
    "KUZNYECHIK_MGM_L": ("KUZNYECHIK-MGM-L", 256),
    "KUZNYECHIK_MGM_S": ("KUZNYECHIK-MGM-S", 256),
    "MAGMA_MGM_L": ("MAGMA-MGM-L", 256),
    "MAGMA_MGM_S": ("MAGMA-MGM-S", 256),
    **{
        f"{cipher}_{bits}_{mode}": (f"{cipher}-{bits}-{mode.replace('_', '-')}", bits)
        for cipher in ("AES", "CAMELLIA", "ARIA")
        for bits in (128, 256)
        for mode in ("CBC", "GCM", "CCM", "CCM_8")
    },
}
AEAD = re.compile(r"GCM|CCM|POLY1305|AEGIS|MGM")
#: MAC of a suite that is no AEAD, by the last word of its name.
MACS = {
    "MD5": "HMAC-MD5",
    "SHA": "HMAC-SHA1",
    "SHA1": "HMAC-SHA1",
    "SHA256": "HMAC-SHA256",
    "SHA384": "HMAC-SHA384",
    "SM3": "HMAC-SM3",
    "GOSTR3411": "HMAC-GOSTR3411",
    "NULL": "NULL",
    "": "NULL",
}
#: MAC of the GOST suites, which name it inside the encryption.
GOST_MACS = {
    "28147_CNT_IMIT": "GOST28147-IMIT",
    "KUZNYECHIK_CTR_OMAC": "OMAC-KUZNYECHIK",
    "MAGMA_CTR_OMAC": "OMAC-MAGMA",
}
SSL2, TLCP, SSL3, TLS10, TLS11, TLS12, TLS13 = 2, 0x0101, 0x0300, 0x0301, 0x0302, 0x0303, 0x0304


class Parts(NamedTuple):
    """What the name of a suite says."""

    key_exchange: str
    authentication: str
    forward_secrecy: bool
    encryption: str
    bits: int
    mac: str
    hash: str


def take_apart(code: int, name: str) -> Parts | None:
    """Read the name of a suite; None for a signalling value and what is not understood."""
    bare = re.sub(r"^(TLS|SSL_CK|SSL)_|_(draft|legacy)$", "", name)
    bare = re.sub(r"_WITH_MD5_1$", "_WITH_MD5", bare)
    if bare in ("SHA256_SHA256", "SHA384_SHA384"):  # RFC 9150: integrity only, of TLS 1.3
        digest = bare[:6]
        return Parts("any", "any", True, "NULL", 0, f"HMAC-{digest}", digest)
    if code > 0xFFFF:
        exchange, rest = EXCHANGES["RSA"], bare.replace("_WITH_", "_")
    elif "_WITH_" in bare:
        before, rest = bare.split("_WITH_")
        exchange = EXCHANGES[before]
    elif is_tls13(code):
        exchange, rest = ("any", "any", True), bare
    elif match := re.match(r"(ECDHE|ECC|IBSDH|IBC|RSA)_(SM[14]_.*)", bare):
        exchange, rest = EXCHANGES[match[1]], match[2]
    else:
        return None
    encryption, bits, mac, digest = cipher_parts(rest)
    return Parts(*exchange, encryption, bits, mac, digest)


def cipher_parts(rest: str) -> tuple[str, int, str, str]:
    """Return encryption, bits, MAC and hash of what stands behind _WITH_."""
    word = max((w for w in CIPHERS if rest == w or rest.startswith(f"{w}_")), key=len)
    encryption, bits = CIPHERS[word]
    last = rest[len(word) + 1 :]
    if AEAD.search(word):
        return encryption, bits, "AEAD", last or ("STREEBOG-256" if "MGM" in word else "SHA256")
    if word in GOST_MACS:
        return encryption, bits, GOST_MACS[word], "STREEBOG-256" if "CTR" in word else "GOSTR3411"
    digest = last if last in ("SHA384", "SM3", "GOSTR3411", "NULL") else "SHA256"
    return encryption, bits, MACS[last], digest


def is_tls13(code: int) -> bool:
    """Whether the suite is one of TLS 1.3 (RFC 8446 appendix B.4, RFC 8998, RFC 9150, RFC 9367)."""
    return 0x1301 <= code <= 0x13FF or code in (0x00C6, 0x00C7, 0xC0B4, 0xC0B5) or is_gost13(code)


def is_gost13(code: int) -> bool:
    """Whether the suite is a TLS 1.3 one of RFC 9367."""
    return 0xC103 <= code <= 0xC106


def versions_of(code: int, name: str, parts: Parts) -> tuple[int, int]:
    """Return the lowest and highest version, as wire numbers, that may use the suite."""
    if code > 0xFFFF:
        return SSL2, SSL2
    if is_tls13(code):
        return TLS13, TLS13
    if "_SM4_" in name or "_SM1_" in name:
        return TLCP, TLS12
    return lowest_version(code, name, parts), highest_version(name)


def lowest_version(code: int, name: str, parts: Parts) -> int:
    """Return the lowest version: suites of SHA-2 and AEAD came with TLS 1.2 (RFC 5246)."""
    sha2 = re.search(r"_SHA(256|384)$", name)
    if parts.mac == "AEAD" or (sha2 and "PSK" not in name) or "CTR_OMAC" in name:
        return TLS12
    return SSL3 if code <= 0x001D or code >= 0xFEFE else TLS10


def highest_version(name: str) -> int:
    """Return the highest version: TLS 1.1 forbids export suites, TLS 1.2 DES and IDEA."""
    if "EXPORT" in name or "FORTEZZA" in name:
        return TLS10
    return TLS11 if re.search(r"_(DES|IDEA)_CBC_", name) else TLS12


def gnutls_name(code: int, name: str) -> str:
    """Spell a suite as GnuTLS does."""
    if not is_tls13(code):
        name = name.replace("CHACHA20_POLY1305_SHA256", "CHACHA20_POLY1305")
        name = re.sub(r"_SHA$", "_SHA1", name).replace("_WITH_", "_").replace("_anon_", "_ANON_")
    return name.replace("RC4_", "ARCFOUR_").replace("PSK_DHE", "DHE_PSK")
