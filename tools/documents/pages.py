"""Hook of mkdocs: puts into the pages what is drawn from the program itself.

A page says `{{ name }}` on a line of its own; `MARKERS` says what comes there. Nothing that the
program knows is written a second time: commands come from the table of commands, states from the
table of states, floors from the list that the tests enforce.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Callable
from html import escape
from pathlib import Path
from typing import Any

import click

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tools")]

from documents import reference, states, trials  # noqa: E402
from tlswire.cli import COMMANDS, main  # noqa: E402


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Put what is generated where a page asks for it; transcripts are shown without colours."""
    plain = re.sub(r"^```console.*$", "```text", markdown, flags=re.M)
    return MARKER.sub(lambda found: MARKERS[found["name"]](), plain)


def commands() -> str:
    """Return the help of every command, in the order of the table."""
    within = click.Context(main, info_name="tlswire")
    return "\n".join(_command(row.name, within) for row in COMMANDS)


def _command(name: str, within: click.Context) -> str:
    found = main.get_command(within, name)
    assert found is not None, name
    context = click.Context(found, info_name=name, parent=within, max_content_width=90)
    return f"## tlswire {name}\n\n```text\n{found.get_help(context)}\n```\n"


def floors() -> str:
    """Return the rooms of the package, the top floor first; every import points down."""
    there = [tuple(filter(_home, rooms)) for rooms in reversed(_list_of_floors())]
    listed = "".join(_floor(rooms) for rooms in there if rooms)
    return f'<div class="floors" markdown="0"><ol reversed>{listed}</ol></div>\n'


def _list_of_floors() -> tuple[tuple[str, ...], ...]:
    tree = ast.parse((ROOT / "tests" / "test_floors.py").read_text())
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and getattr(node.target, "id", "") == "FLOORS":
            assert node.value is not None
            found: tuple[tuple[str, ...], ...] = ast.literal_eval(node.value)
            return found
    raise LookupError("tests/test_floors.py holds no FLOORS")


def _floor(rooms: tuple[str, ...]) -> str:
    told = " &middot; ".join(f"<code>{room}</code> {_what(room)}" for room in rooms)
    return f"<li>{told}</li>"


def _home(room: str) -> Path | None:
    """Return the file that says what a room is; None for one that is planned only."""
    package = ROOT / "tlswire"
    return next(
        (p for p in (package / room / "__init__.py", package / f"{room}.py") if p.exists()), None
    )


def _what(room: str) -> str:
    """Return the first sentence of a room's docstring."""
    path = _home(room)
    told = (ast.get_docstring(ast.parse(path.read_text())) or "") if path else ""
    first = re.split(r"(?<=[.;:])\s", " ".join(told.split()), maxsplit=1)[0].rstrip(".;:")
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(first))


#: What a page can ask for.
MARKERS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "contract": reference.contract,
    "experiments": trials.table,
    "floors": floors,
    "policies": reference.policies,
    "python": reference.python,
    "states": states.drawing,
    "states_table": states.table,
}
MARKER = re.compile(r"^\{\{ (?P<name>" + "|".join(MARKERS) + r") \}\}$", re.M)
