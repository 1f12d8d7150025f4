"""Reads the registries: tables by hand, CryptoDataHub, and IANA's CSV files laid over them.

Read by make_codes.py. Gives rows; writes no source.
"""

from __future__ import annotations

import csv
import importlib.resources
import json
import keyword
import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).parent
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
