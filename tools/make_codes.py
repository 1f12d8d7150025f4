"""Writes tlswire/codes.py and tlswire/suites.py from the registries; nothing of it runs in tlswire.

    python tools/make_codes.py                    # needs: pip install cryptodatahub
    python tools/make_codes.py --iana ~/iana      # IANA's own CSV files win where present

Sources, as facts: `registries.toml` and `suites.toml` beside this file (by hand, from the RFCs),
CryptoDataHub (suite numbers, IANA and OpenSSL names), and, with `--iana DIR`, the CSV files that
IANA publishes (`tls-parameters-4.csv` and so on, under IANA's own file names). `--check` writes
nothing and fails when the written files differ from what would be written.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import importlib.metadata
import importlib.resources
import json
import keyword
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
PACKAGE = HERE.parent / "tlswire"
SUITES_CSV = "tls-parameters-4.csv"
#: What the registry's Description says of numbers that have no name.
NAMELESS = re.compile(r"unassigned|reserved|private use|^$", re.IGNORECASE)


class Entry(NamedTuple):
    """A row of a small registry."""

    code: int
    name: str
    identifier: str


class Registry(NamedTuple):
    """A small registry: a class of ints and a dict of names in codes.py."""

    class_name: str
    names: str
    about: str
    entries: list[Entry]


class IanaRow(NamedTuple):
    """A row of one of IANA's CSV files."""

    code: int
    name: str
    recommended: str | None


# -- reading ------------------------------------------------------------------------------------


def read_iana(path: Path) -> list[IanaRow]:
    """Read one IANA CSV file: rows with a single number and a name."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        reader = csv.DictReader(file)
        return [row for line in reader if (row := iana_row(line)) is not None]


def iana_row(line: dict[str, str]) -> IanaRow | None:
    """Return the row, or None for a range of numbers or one without a name."""
    code = iana_code(line.get("Value", ""))
    name = " ".join((line.get("Description") or line.get("Extension Name") or "").split())
    if code is None or (NAMELESS.search(name) and not name.endswith("_RESERVED")):
        return None
    recommended = (line.get("Recommended") or "").strip()[:1]
    return IanaRow(
        code, name.split(" (")[0], recommended if recommended in ("Y", "N", "D") else None
    )


def iana_code(text: str) -> int | None:
    """Read `23`, `0x0403` or `0xC0,0x2F`; None for `23-63` and the like."""
    if not re.fullmatch(r"\d+|0x[0-9A-Fa-f]+(,0x[0-9A-Fa-f]{2})*", text.strip()):
        return None
    return int(text.strip().replace(",0x", ""), 0)


def read_registries(iana: Path | None) -> list[Registry]:
    """Read registries.toml, with IANA's rows laid over it."""
    tables = tomllib.loads((HERE / "registries.toml").read_text(encoding="utf-8"))["registry"]
    return [read_registry(table, iana) for table in tables]


def read_registry(table: dict[str, Any], iana: Path | None) -> Registry:
    """Return one registry, sorted by number."""
    rows = {e.code: e for e in parse_entries(table["entries"] + table.get("wild", ""))}
    for entry in parse_series(table.get("series")):
        rows[entry.code] = entry
    for found in iana_rows(iana, table.get("iana")):
        kept = rows.get(found.code)
        if kept is None or kept.name.lower() != found.name.lower():
            rows[found.code] = Entry(found.code, found.name, identifier_of(found.name))
    return Registry(table["class"], table["names"], table["about"], [rows[c] for c in sorted(rows)])


def iana_rows(iana: Path | None, name: str | None) -> list[IanaRow]:
    """Return the rows of an IANA file, none when there is no such file."""
    if iana is None or name is None or not (iana / name).exists():
        return []
    return read_iana(iana / name)


def parse_entries(text: str) -> Iterator[Entry]:
    """Read lines of `<code> <name> [= <identifier>]`."""
    for line in text.split("\n"):
        if not line.strip():
            continue
        code, rest = line.split(None, 1)
        name, _, identifier = rest.partition(" = ")
        yield Entry(int(code, 0), name, identifier or identifier_of(name))


def parse_series(series: dict[str, Any] | None) -> Iterator[Entry]:
    """Spell out numbered entries such as the drafts of TLS 1.3."""
    for i in range(series["count"] if series else 0):
        name = series["name"].format(i) if series else ""
        yield Entry((series["first"] if series else 0) + i, name, identifier_of(name))


def identifier_of(name: str) -> str:
    """Return the name in lower snake case, as a Python name."""
    word = re.sub(r"\W+", "_", name.lower()).strip("_")
    return f"_{word}" if keyword.iskeyword(word) or word[:1].isdigit() else word


# -- suites -------------------------------------------------------------------------------------


class Suite(NamedTuple):
    """A cipher suite before it is taken apart."""

    code: int
    name: str
    openssl: str | None
    recommended: str | None


def read_suites(iana: Path | None) -> list[Suite]:
    """Return all suites, by number: the data set, names of our own, IANA's rows on top."""
    own = tomllib.loads((HERE / "suites.toml").read_text(encoding="utf-8"))
    names, openssl = read_cryptodatahub()
    names |= {int(code, 0): name for code, name in own["names"].items()}
    openssl |= {int(code, 0): name or None for code, name in own["openssl"].items()}
    recommended: dict[int, str | None] = {c: rate(c, n, own) for c, n in names.items()}
    for row in iana_rows(iana, SUITES_CSV):
        names[row.code], recommended[row.code] = row.name, row.recommended
    return [Suite(c, names[c], openssl.get(c), recommended[c]) for c in sorted(names)]


def read_cryptodatahub() -> tuple[dict[int, str], dict[int, str | None]]:
    """Return names and OpenSSL names by number, SSL 2.0's three-byte kinds included."""
    folder = importlib.resources.files("cryptodatahub") / "tls"
    names: dict[int, str] = {}
    openssl: dict[int, str | None] = {}
    for file in ("cipher-suite.json", "cipher-kind.json"):
        for row in json.loads((folder / file).read_text(encoding="utf-8")).values():
            if row["iana_name"] and (row["code"] or file == "cipher-suite.json"):
                names[row["code"]], openssl[row["code"]] = row["iana_name"], row["openssl_name"]
    return names, openssl


def within(code: int, ranges: Iterable[list[int]]) -> bool:
    """Whether the number lies in one of the inclusive ranges."""
    return any(first <= code <= last for first, last in ranges)


def rate(code: int, name: str, own: dict[str, Any]) -> str | None:
    """Return the registry's Recommended column for a suite."""
    table = own["recommended"]
    if within(code, table["unregistered"]):
        return None
    if code in table["yes"]:
        return "Y"
    return "D" if re.search(table["discouraged"], name) else "N"


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
    elif match := re.match(r"(ECDHE|ECC|IBSDH|IBC|RSA)_(SM4_.*)", bare):
        exchange, rest = EXCHANGES[match[1]], match[2]
    else:
        return None
    return Parts(*exchange, *cipher_parts(rest))


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
    if "SM4" in name:
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


def gnutls_name(suite: Suite, known: list[list[int]]) -> str | None:
    """Spell a suite as GnuTLS does, when GnuTLS has it."""
    if not within(suite.code, known):
        return None
    name = suite.name
    if not is_tls13(suite.code):
        name = name.replace("CHACHA20_POLY1305_SHA256", "CHACHA20_POLY1305")
        name = re.sub(r"_SHA$", "_SHA1", name).replace("_WITH_", "_").replace("_anon_", "_ANON_")
    return name.replace("RC4_", "ARCFOUR_").replace("GOSTR341112_256_28147", GNUTLS_GOST)


GNUTLS_GOST = "GOSTR341112_256_28147"


def nss_name(suite: Suite, known: list[list[int]]) -> str | None:
    """Spell a suite as NSS does, when NSS has a name for it."""
    return suite.name if within(suite.code, known) else None


# -- writing ------------------------------------------------------------------------------------

CODES_HEAD = '''"""The TLS registries: every number that tlswire knows, by name.

Generated by tools/make_codes.py on {date}; do not edit. Sources: {sources}.

Each registry is a class of ints in lower snake case and a dict from number to name. A number
without a name is normal: ask with `.get`. Nothing but numbers and names may live here.
"""

# ruff: noqa: E501
# fmt: off

from typing import Final


def is_grease(code: int) -> bool:
    """Whether a 16-bit number is a GREASE value: 0x0A0A, 0x1A1A … 0xFAFA (RFC 8701 section 2)."""
    return code & 0x0F0F == 0x0A0A and code >> 8 == code & 0xFF


def is_grease8(code: int) -> bool:
    """Whether an 8-bit number is a GREASE value: 0x0B, 0x2A, 0x49 … 0xE4 (RFC 8701 section 2)."""
    return code % 0x1F == 0x0B and 0x0B <= code <= 0xE4
'''

SUITES_HEAD = '''"""What a cipher suite is made of, and how each library spells it.

Generated by tools/make_codes.py on {date}; do not edit. Sources: {sources}.

Signalling values (SCSV) are no suites and not here. Import only where needed: the table is long.
"""

# ruff: noqa: E501
# fmt: off

from typing import NamedTuple


class SuiteFacts(NamedTuple):
    """A cipher suite taken apart.

    `key_exchange` and `authentication` are "any" in TLS 1.3, where extensions choose them. `mac` is
    "AEAD" when the encryption itself protects integrity; `hash` is that of the PRF or HKDF from
    TLS 1.2 on. `recommended` is the column of the IANA registry, None for what is not registered.
    Versions are wire numbers.
    """

    code: int
    name: str
    openssl: str | None
    gnutls: str | None
    nss: str | None
    key_exchange: str
    authentication: str
    encryption: str
    bits: int
    mac: str
    hash: str
    forward_secrecy: bool
    recommended: str | None
    minimum_version: int
    maximum_version: int


'''


def hexed(code: int) -> str:
    """Print a number as the registries do: four digits, six for SSL 2.0."""
    return f"0x{code:06X}" if code > 0xFFFF else f"0x{code:04X}"


def write_registry(registry: Registry) -> Iterator[str]:
    """Yield the source of one registry: the class and the dict."""
    wide = registry.entries[-1].code > 0xFF
    yield f'\n\nclass {registry.class_name}:\n    """{registry.about}"""\n'
    for entry in registry.entries:
        number = hexed(entry.code) if wide else str(entry.code)
        yield f"    {entry.identifier}: Final = {number}"
    yield f"\n\n{registry.names}: dict[int, str] = {{"
    for entry in registry.entries:
        number = hexed(entry.code) if wide else str(entry.code)
        yield f'    {number}: "{entry.name}",'
    yield "}"


def write_codes(registries: list[Registry], suites: list[Suite], head: dict[str, str]) -> str:
    """Return the source of tlswire/codes.py."""
    needed = tomllib.loads((HERE / "suites.toml").read_text(encoding="utf-8"))["needed"]
    lines = [CODES_HEAD.format(**head).rstrip("\n")]
    for registry in registries:
        lines += write_registry(registry)
    lines.append('\n\nclass Suite:\n    """The few cipher suites that code needs by name."""\n')
    lines += [f"    {name}: Final = {hexed(code)}" for name, code in needed.items()]
    lines.append("\n\nCIPHER_SUITES: dict[int, str] = {")
    lines += [f'    {hexed(suite.code)}: "{suite.name}",' for suite in suites]
    lines += [
        "}",
        "\n#: Every registry by the name of its class.",
        "REGISTRIES: dict[str, dict[int, str]] = {",
    ]
    lines += [f'    "{r.class_name}": {r.names},' for r in registries]
    lines += ['    "CipherSuite": CIPHER_SUITES,', "}"]
    return "\n".join(lines) + "\n"


def write_suites(suites: list[Suite], head: dict[str, str]) -> str:
    """Return the source of tlswire/suites.py."""
    own = tomllib.loads((HERE / "suites.toml").read_text(encoding="utf-8"))
    lines = [SUITES_HEAD.format(**head).rstrip("\n"), "\n\n_ROWS = ("]
    for suite in suites:
        parts = take_apart(suite.code, suite.name)
        if parts is not None:
            row = facts_row(suite, parts, own)
            lines.append(f"    ({hexed(suite.code)}, {', '.join(map(literal, row))}),")
    lines += [")", "", "#: By number; SSL 2.0 kinds have three bytes."]
    lines += ["SUITES: dict[int, SuiteFacts] = {row[0]: SuiteFacts(*row) for row in _ROWS}"]
    return "\n".join(lines) + "\n"


def facts_row(suite: Suite, parts: Parts, own: dict[str, Any]) -> tuple[Any, ...]:
    """Return the fields of SuiteFacts after the number."""
    lowest, highest = versions_of(suite.code, suite.name, parts)
    return (
        suite.name,
        suite.openssl,
        gnutls_name(suite, own["gnutls"]["known"]),
        nss_name(suite, own["nss"]["known"]),
        parts.key_exchange,
        parts.authentication,
        parts.encryption,
        parts.bits,
        parts.mac,
        parts.hash,
        parts.forward_secrecy,
        suite.recommended,
        lowest,
        highest,
    )


def literal(value: object) -> str:
    """Print a value as Python source, strings in double quotes."""
    return json.dumps(value) if isinstance(value, str) else repr(value)


def sources(iana: Path | None) -> str:
    """Name the sources and their versions."""
    hub = f"CryptoDataHub {importlib.metadata.version('cryptodatahub')}"
    return f"RFCs by hand, {hub}" + (", IANA CSV files" if iana else "")


def without_head(text: str) -> str:
    """Drop the module docstring, which holds the date."""
    return text.split('"""', 2)[2]


def main() -> int:
    """Write or check both files; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--iana", type=Path, help="folder with IANA's CSV files")
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    options = parser.parse_args()
    head = {"date": f"{datetime.date.today()}", "sources": sources(options.iana)}
    suites = read_suites(options.iana)
    texts = {
        PACKAGE / "codes.py": write_codes(read_registries(options.iana), suites, head),
        PACKAGE / "suites.py": write_suites(suites, head),
    }
    if options.check:
        return int(any(without_head(p.read_text()) != without_head(t) for p, t in texts.items()))
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
