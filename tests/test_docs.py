"""The documentation: every command that it shows is run, and the pages build without a warning."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "tools"))

from documents.transcripts import Transcript, pages, transcripts

SHOWN = [each for page in pages() for each in transcripts(page)]


@pytest.mark.parametrize(
    "shown", SHOWN, ids=lambda each: f"{each.page.stem}: {each.command}".replace("/", "-")[:70]
)
def test_a_command_prints_what_is_shown(shown: Transcript) -> None:
    printed = shown.run()
    assert printed
    if not shown.same(printed):
        assert printed == shown.shown, "tools/make_docs.py writes what is printed today"


def test_transcripts_are_found() -> None:
    assert len(SHOWN) > 5
    fences = sum(page.read_text().count("```console") for page in pages())
    assert fences == len(SHOWN)


@pytest.mark.skipif(
    importlib.util.find_spec("material") is None, reason="mkdocs-material is not installed"
)
def test_the_pages_build_without_a_warning(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(tmp_path)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    written = {path.name for path in tmp_path.rglob("*.html")}
    assert {"index.html", "tutorial.html", "commands.html", "states.html"} <= written
    for page in tmp_path.rglob("*.html"):
        assert 'src="http' not in page.read_text(), "a page that needs the network"
