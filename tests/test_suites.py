"""Oracles: `openssl ciphers`, `gnutls-cli --list`, RFC 9847's table, RFC facts by hand."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from tlswire.codes import CIPHER_SUITES
from tlswire.suites import SUITES

OPENSSL = shutil.which("openssl")
GNUTLS = shutil.which("gnutls-cli")

#: RFC 9847: suites marked "D", by number.
DISCOURAGED = """
0001 0002 0003 0004 0005 0006 0007 0008 0009 000B 000C 000E 000F 0011 0012 0014 0015 0017 0018 0019
001A 001B 001E 0020 0021 0022 0024 0025 0026 0027 0028 0029 002A 002B 002C 002D 002E 0034 003A 003B
0046 006C 006D 0089 008A 008E 0092 009B 00A6 00A7 00B0 00B1 00B4 00B5 00B8 00B9 00BF 00C5 C001 C002
C006 C007 C00B C00C C010 C011 C015 C016 C017 C018 C019 C033 C039 C03A C03B C046 C047 C05A C05B C084
C085 C0B4 C0B5
"""

#: OpenSSL's words for what it shows as Kx, Au and Mac.
KX = {
    "RSA": {"RSA", "RSA_EXPORT"},
    "DH": {"DHE", "DH_anon"},
    "ECDH": {"ECDHE", "ECDH_anon"},
    "PSK": {"PSK"},
    "RSAPSK": {"RSA_PSK"},
    "DHEPSK": {"DHE_PSK"},
    "ECDHEPSK": {"ECDHE_PSK"},
    "SRP": {"SRP"},
    "any": {"any"},
}
AU = {"RSA": {"RSA", "RSA+PSK"}, "None": {"anon"}, "DSS": {"DSS"}}
VERSIONS = {"SSLv3": 0x0300, "TLSv1": 0x0301, "TLSv1.2": 0x0303, "TLSv1.3": 0x0304}
LINE = re.compile(
    r"\s*0x(\w\w),0x(\w\w) - (\S+)\s+- (\S+)\s+(\S+)\s+Kx=(\S+)\s+Au=(\S+)\s+Enc=(\S+)\s+Mac=(\S+)"
)


@pytest.fixture(scope="module")
def openssl_rows() -> dict[int, re.Match[str]]:
    if OPENSSL is None:
        pytest.skip("openssl is not installed")
    command = [OPENSSL, "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    matches = [match for line in done.stdout.splitlines() if (match := LINE.match(line))]
    assert len(matches) > 20
    return {int(match[1] + match[2], 16): match for match in matches}


def test_openssl_spells_so(openssl_rows: dict[int, re.Match[str]]) -> None:
    assert {c: m[4] for c, m in openssl_rows.items()} == {
        c: SUITES[c].openssl for c in openssl_rows
    }


def test_openssl_knows_the_iana_names(openssl_rows: dict[int, re.Match[str]]) -> None:
    assert {c: m[3] for c, m in openssl_rows.items()} == {c: CIPHER_SUITES[c] for c in openssl_rows}


def test_openssl_takes_suites_apart_alike(openssl_rows: dict[int, re.Match[str]]) -> None:
    for code, row in openssl_rows.items():
        facts = SUITES[code]
        assert facts.key_exchange in KX[row[6]], facts
        assert facts.authentication in AU.get(row[7], {row[7]}), facts
        bits = re.search(r"\((\d+)\)", row[8])
        # CCM_8 is shown by its tag in bytes in some releases
        assert facts.bits == (int(bits[1]) if bits and bits[1] != "8" else facts.bits), facts
        assert facts.mac == ("AEAD" if row[9] == "AEAD" else f"HMAC-{row[9]}"), facts


def test_openssl_starts_at_the_same_version(openssl_rows: dict[int, re.Match[str]]) -> None:
    for code, row in openssl_rows.items():
        lowest = SUITES[code].minimum_version
        # OpenSSL lets suites that came with TLS 1.0 (RFC 3268, 4132 ...) run in SSL 3.0 too
        assert lowest == VERSIONS[row[5]] or (lowest, row[5]) == (0x0301, "SSLv3"), SUITES[code]


def test_gnutls_spells_so() -> None:
    if GNUTLS is None:
        pytest.skip("gnutls-cli is not installed")
    text = subprocess.run([GNUTLS, "--list"], capture_output=True, text=True, check=True).stdout
    rows = re.findall(r"^(TLS_\S+)\s+0x(\w\w), 0x(\w\w)", text, re.MULTILINE)
    theirs = {int(high + low, 16): name for name, high, low in rows}
    assert len(theirs) > 20
    assert {c: SUITES[c].gnutls for c in theirs} == theirs


def test_recommended_column() -> None:
    discouraged = {int(word, 16) for word in DISCOURAGED.split()}
    assert {c for c, facts in SUITES.items() if facts.recommended == "D"} == discouraged
    # RFC 8446 section 11, RFC 8422, RFC 8447 section 8
    assert all(SUITES[c].recommended == "Y" for c in (0x1301, 0x1302, 0x1303, 0x1304, 0xC02F))
    assert SUITES[0x1305].recommended == SUITES[0x002F].recommended == "N"
    assert SUITES[0xCC13].recommended is None


def test_every_suite_has_facts_but_the_signalling_values() -> None:
    assert set(CIPHER_SUITES) - set(SUITES) == {0x00FF, 0x5600}
    assert all(SUITES[code].name == CIPHER_SUITES[code] for code in SUITES)


@pytest.mark.parametrize(
    ("code", "expected"),
    [  # key exchange, authentication, encryption, bits, mac, hash, forward secrecy, versions
        (0x0003, ("RSA_EXPORT", "RSA", "RC4-40", 40, "HMAC-MD5", "SHA256", False, 0x0300, 0x0301)),
        (0x0009, ("RSA", "RSA", "DES-CBC", 56, "HMAC-SHA1", "SHA256", False, 0x0300, 0x0302)),
        (0x0033, ("DHE", "RSA", "AES-128-CBC", 128, "HMAC-SHA1", "SHA256", True, 0x0301, 0x0303)),
        (0x0018, ("DH_anon", "anon", "RC4-128", 128, "HMAC-MD5", "SHA256", True, 0x0300, 0x0303)),
        (0xC028, ("ECDHE", "RSA", "AES-256-CBC", 256, "HMAC-SHA384", "SHA384", True, 0x303, 0x303)),
        (0xC0AE, ("ECDHE", "ECDSA", "AES-128-CCM-8", 128, "AEAD", "SHA256", True, 0x0303, 0x0303)),
        (0x00AE, ("PSK", "PSK", "AES-128-CBC", 128, "HMAC-SHA256", "SHA256", False, 0x301, 0x303)),
        (0x1302, ("any", "any", "AES-256-GCM", 256, "AEAD", "SHA384", True, 0x0304, 0x0304)),
        (0xC0B4, ("any", "any", "NULL", 0, "HMAC-SHA256", "SHA256", True, 0x0304, 0x0304)),
        (0xC01E, ("SRP", "RSA", "AES-128-CBC", 128, "HMAC-SHA1", "SHA256", True, 0x0301, 0x0303)),
        (0xE011, ("ECDHE", "SM2", "SM4-CBC", 128, "HMAC-SM3", "SM3", True, 0x0101, 0x0303)),
        (0x020080, ("RSA", "RSA", "RC4-40", 40, "HMAC-MD5", "SHA256", False, 2, 2)),
    ],
)
def test_a_suite_is_taken_apart(code: int, expected: tuple[object, ...]) -> None:
    facts = SUITES[code]
    found = (*facts[5:12], facts.minimum_version, facts.maximum_version)
    assert found == expected


def test_nss_names() -> None:
    # lib/ssl/sslproto.h
    assert SUITES[0xFEFE].nss == "SSL_RSA_FIPS_WITH_DES_CBC_SHA"
    assert SUITES[0xC02F].nss == "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
    assert SUITES[0x1304].nss is None
