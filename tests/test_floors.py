"""One river: every import points down. The list is the house, from the ground up."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from conftest import ROOT

PACKAGE = ROOT / "tlswire"

#: From the ground up; a room may use only rooms that stand before it.
FLOORS: tuple[tuple[str, ...], ...] = (
    ("errors", "flow", "codes", "suites", "language"),
    ("way", "few", "distinguished"),
    ("filters", "surveyed", "observed"),
    ("replayed",),
    ("grammar", "sources", "preambles"),
    ("records", "envelopes"),
    ("messages",),
    ("states", "hidden", "half", "keys", "casting"),
    ("transcript",),
    ("scribe", "awaited"),
    ("concealed",),
    ("offer", "fingerprints", "session", "ending", "result", "certificates"),
    ("one_sided", "remedies", "issuers"),
    ("trust", "staple"),
    ("causes", "flight", "opening", "policies"),
    ("variants",),
    ("player", "molds"),
    ("seen", "likeness"),
    ("findings", "choice", "experiments", "tally"),
    ("revealed",),
    ("decode", "diff", "fixes", "explain", "exhibits", "baseline", "anonymous"),
    ("comparison", "proof", "vain", "clients", "skim"),
    ("conclusion", "handed"),
    ("halves",),
    ("replay", "live", "survey"),
    ("narrow",),
    ("reports",),
    ("bundles", "api"),
    ("cli",),
    ("__main__",),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
#: What stands beside the river knows the ground floor only, and the way to go.
BESIDE = {"sources", "preambles"}
#: Imported where they are used, never when tlswire starts.
HEAVY = {"brotli", "construct", "cryptography", "jinja2", "lz4", "rich", "scapy", "zstandard"}


def modules() -> Iterator[tuple[str, Path]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        inside = path.relative_to(PACKAGE)
        room = inside.parts[0].removesuffix(".py")
        if room != "__init__":
            yield room, path


def imports(path: Path, *, top: bool = False) -> Iterator[str]:
    """The dotted names a module imports; with `top`, only those run when it is imported."""
    tree = ast.parse(path.read_text())
    inside = ("tlswire", *path.relative_to(PACKAGE).parent.parts)
    for node in tree.body if top else ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(inside[: len(inside) - node.level + 1]) if node.level else ""
            module = ".".join(part for part in (base, node.module) if part)
            if module == "tlswire":
                yield from (f"tlswire.{alias.name}" for alias in node.names)
            else:
                yield module


def rooms_used(path: Path) -> set[str]:
    names = (name.split(".") for name in imports(path))
    return {parts[1] for parts in names if parts[0] == "tlswire" and len(parts) > 1}


def test_every_room_has_a_floor() -> None:
    assert {room for room, _ in modules()} <= set(FLOOR)


def test_every_import_points_down() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)} uses {used}"
        for room, path in modules()
        for used in rooms_used(path) - {room, "__version__"}
        if FLOOR.get(used, 99) >= FLOOR[room]
    ]
    assert wrong == []


def test_what_stands_beside_the_river_knows_the_ground_floor_only() -> None:
    ground = {*FLOORS[0], "way"}
    wrong = [
        f"{path.relative_to(PACKAGE)} uses {used}"
        for room, path in modules()
        if room in BESIDE
        for used in rooms_used(path) - {room}
        if used not in ground
    ]
    assert wrong == []


def test_nothing_heavy_is_imported_on_the_way_of_a_scan() -> None:
    pages = {path for room, path in modules() if room == "grammar"}
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for _, path in modules()
        if path not in pages
        for name in imports(path, top=True)
        if name.split(".")[0] in HEAVY
    ]
    assert wrong == []


def test_a_room_that_lists_its_modules_lists_them_all() -> None:
    wrong = []
    for room in PACKAGE.rglob("__init__.py"):
        listed = set(
            re.findall(r"\b(\w+)\.py\b", ast.get_docstring(ast.parse(room.read_text())) or "")
        )
        there = {path.stem for path in room.parent.glob("*.py")} - {"__init__"}
        wrong += [f"{room.parent.name}: {name}" for name in (there ^ listed if listed else ())]
    assert wrong == []


def test_no_module_is_a_warehouse() -> None:
    warehouses = {"utils", "common", "helpers", "base", "manager", "misc"}
    assert not warehouses & {path.stem for _, path in modules()}


def test_no_possessive_group_that_older_pythons_get_wrong() -> None:
    possessive = re.compile(r"\)(?:[*+?]|\{[\d,]*\})\+")
    wrong = [
        f"{path.relative_to(PACKAGE)}: {found.group()}"
        for _, path in modules()
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
        if path.stem != "step" or isinstance(node.value, bytes)  # its docstring names the form
        if (found := possessive.search(text_of(node.value)))
    ]
    assert wrong == []


def text_of(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
