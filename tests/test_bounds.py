"""The documented bounds are those of the program."""

from __future__ import annotations

import re
from importlib import import_module

import pytest
from conftest import ROOT

PAGE = (ROOT / "docs" / "reference" / "captures.md").read_text()
ROWS = re.findall(r"^\| .* \| ([\d,]+) \| `([\w.]+)` \|$", PAGE, re.MULTILINE)


def test_there_are_rows() -> None:
    assert len(ROWS) > 20


@pytest.mark.parametrize(("told", "name"), ROWS, ids=[name for _, name in ROWS])
def test_a_bound_is_what_the_page_says(told: str, name: str) -> None:
    module, _, constant = name.rpartition(".")
    assert getattr(import_module(f"tlswire.{module}"), constant) == int(told.replace(",", ""))
