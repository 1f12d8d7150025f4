"""Completion, manual page, versions, `python -m tlswire`: what a package manager asks for."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest
from click.testing import CliRunner
from conftest import ROOT

from tlswire import __version__, cli


def run(*args: str) -> str:
    told = CliRunner().invoke(cli.main, list(args))
    assert told.exit_code == 0, told.output
    return told.output


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_script_is_one_that_the_shell_reads(shell: str) -> None:
    script = run("completion", shell)
    assert "_TLSWIRE_COMPLETE" in script
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    option = "--no-execute" if shell == "fish" else "-n"
    subprocess.run([shell, option], input=script, text=True, check=True, timeout=20)


def test_bash_completes_commands_and_options() -> None:
    def complete(words: str, place: int) -> set[str]:
        told = subprocess.run(
            [sys.executable, "-c", "from tlswire.cli import main; main(prog_name='tlswire')"],
            env=os.environ
            | {
                "_TLSWIRE_COMPLETE": "bash_complete",
                "COMP_WORDS": words,
                "COMP_CWORD": str(place),
            },
            capture_output=True,
            text=True,
            timeout=30,
        )
        return {line.partition(",")[2] for line in told.stdout.splitlines()}

    assert {"decode", "demo"} <= complete("tlswire de", 1)
    assert "--markdown" in complete("tlswire decode --mark", 2)


def test_the_manual_page_tells_every_command_and_option() -> None:
    page = run("man")
    for row in cli.COMMANDS:
        assert f".SS tlswire {row.name}" in page
    for option in (r"\-\-html", r"\-\-target", r"\-\-keep\-names"):
        assert option in page


def test_the_manual_page_is_clean_roff() -> None:
    reader = next((p for p in ("mandoc", "groff") if shutil.which(p)), None)
    if reader is None:
        pytest.skip("neither mandoc nor groff is installed")
    lint = ["mandoc", "-Tlint", "-Werror"] if reader == "mandoc" else ["groff", "-man", "-ww", "-z"]
    told = subprocess.run(lint, input=run("man"), text=True, capture_output=True, timeout=30)
    assert told.returncode == 0, told.stdout
    assert told.stderr == ""


def test_versions_for_a_bug_report() -> None:
    assert run("--version") == f"tlswire {__version__}\n"
    told = run("--version", "--verbose")
    for name in ("tlswire", "Python", "OpenSSL", "system", "cryptography", "msgspec", "jinja2"):
        assert f"\n{name} " in f"\n{told}"
    assert "pytest" not in told
    assert "not installed" not in told


def test_python_dash_m() -> None:
    told = subprocess.run(
        [sys.executable, "-m", "tlswire", "--version"], capture_output=True, text=True, check=True
    )
    assert told.stdout == f"tlswire {__version__}\n"


def test_the_notes_of_a_release_are_made_of_fragments() -> None:
    """Every fragment is of a known kind, and stands in the draft word for word."""
    pytest.importorskip("towncrier")
    command = [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "9.9.9"]
    ran = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert "## 9.9.9" in ran.stdout
    for path in (ROOT / "changes").glob("+*.md"):
        assert path.name.split(".")[-2] in ("added", "changed", "fixed"), path.name
        assert " ".join(path.read_text().split()) in " ".join(ran.stdout.split())
