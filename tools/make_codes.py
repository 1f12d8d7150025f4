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

from suite_names import Parts, gnutls_name, take_apart, versions_of

HERE = Path(__file__).parent
PACKAGE = HERE.parent / "tlswire"
SUITES_CSV = "tls-parameters-4.csv"
#: What the registry's Description says of numbers that have no name.
NAMELESS = re.compile(r"^$|unassigned|private use|^reserved", re.IGNORECASE)
#: What the registry adds to a name that RFCs and the wire know without.
REMARK = re.compile(r"_RESERVED$| \(.*\)$")
RATINGS = ("Y", "N", "D")


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
    recommended: dict[int, str]


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
    code = iana_code(line.get("Value") or "")
    name = " ".join((line.get("Description") or line.get("Extension Name") or "").split())
    if code is None or NAMELESS.search(name):
        return None
    rating = (line.get("Recommended") or "").strip()[:1]
    return IanaRow(code, name, rating if rating in RATINGS else None)


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
    own = list(parse_entries(table["entries"]))
    wild = [*parse_entries(table.get("wild", "")), *parse_series(table.get("series"))]
    rows = {entry.code: entry for entry in own + wild}
    ratings = rate_entries(own, table)
    for found in iana_rows(iana, table.get("iana")):
        rows[found.code] = lay_over(rows, found)
        ratings |= {found.code: found.recommended} if found.recommended else {}
    entries = [rows[code] for code in sorted(rows)]
    return Registry(table["class"], table["names"], table["about"], entries, ratings)


def lay_over(rows: dict[int, Entry], found: IanaRow) -> Entry:
    """Return the entry that IANA's row makes; Python names that are in use stay as they are."""
    kept = rows.get(found.code)
    bare = REMARK.sub("", found.name)
    if kept is None:
        taken = any(entry.identifier == identifier_of(bare) for entry in rows.values())
        identifier = identifier_of(bare) + (f"_{found.code}" if taken else "")
        return Entry(found.code, bare, identifier)
    same = kept.name == found.name or REMARK.sub("", kept.name) == bare
    return kept if same else kept._replace(name=bare)


def rate_entries(own: list[Entry], table: dict[str, Any]) -> dict[int, str]:
    """Return the Recommended column as kept by hand; empty for a registry without one."""
    if "recommended" not in table:
        return {}
    ratings = {entry.code: "N" for entry in own if entry.code not in table.get("unrated", ())}
    ratings |= dict.fromkeys(table["recommended"], "Y")
    return ratings | dict.fromkeys(table.get("discouraged", ()), "D")


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
    lines += ["\n#: IANA's Recommended column, of those registries that have one.", RECOMMENDED]
    lines += [f'    "{r.class_name}": {print_ratings(r)},' for r in registries if r.recommended]
    lines.append("}")
    return "\n".join(lines) + "\n"


RECOMMENDED = "RECOMMENDED: dict[str, dict[int, str]] = {"


def print_ratings(registry: Registry) -> str:
    """Print the Recommended column as a dict on one line."""
    rows = (f'{code}: "{registry.recommended[code]}"' for code in sorted(registry.recommended))
    return "{" + ", ".join(rows) + "}"


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
        gnutls_name(suite.code, suite.name) if within(suite.code, own["gnutls"]["known"]) else None,
        suite.name if within(suite.code, own["nss"]["known"]) else None,
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
