"""The documentation: every command that it shows is run, and the pages build without a warning."""

from __future__ import annotations

import contextlib
import importlib.util
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from conftest import ROOT

from tlswire import cli

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


def shown_commands() -> Iterator[str]:
    """Yield the command lines of blocks `sh`, and those that stand in a sentence."""
    for page in [*pages(), ROOT / "CONTRIBUTING.md"]:
        text = page.read_text()
        blocks = re.findall(r"^```sh\n(.*?)^```", text, re.M | re.S)
        lines = "".join(blocks).replace("\\\n", " ").splitlines()
        for line in [*lines, *re.findall(r"`(tlswire [^`\n]+)`", text)]:
            yield from re.findall(r"(?:^|\s)(tlswire [^|;&#>\\\n]+)", line)


@pytest.mark.parametrize("line", sorted(set(shown_commands())))
def test_a_command_that_is_shown_has_these_options(line: str) -> None:
    context = cli.main.make_context("tlswire", shlex.split(line)[1:])
    apart = "_protected_args" if hasattr(context, "_protected_args") else "protected_args"
    words = [*getattr(context, apart), *context.args]  # click 8.1 calls the first by another name
    name, command, rest = cli.main.resolve_command(context, words)
    assert command is not None
    with contextlib.suppress(click.MissingParameter, click.BadParameter):  # CAPTURE stands for one
        command.make_context(name, rest, parent=context)


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
