"""What is said to people, in each language: nothing missing, nothing that does not fit."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT

from tlswire import language
from tlswire.language import counted, mark, preferred, say


def test_english_is_said_as_written() -> None:
    assert say("the {side} closed", side="server") == "the server closed"
    assert say("a brace { alone") == "a brace { alone"
    assert mark("the {side} closed") == "the {side} closed"
    assert counted("{number} packet", "{number} packets", 1) == "1 packet"
    assert counted("{number} packet", "{number} packets", 0) == "0 packets"


def test_text_of_the_wire_is_no_message() -> None:
    """What fills a blank is not looked at again."""
    assert say("name {name}", name="{side} {0.__class__}") == "name {side} {0.__class__}"


@pytest.mark.parametrize(
    ("environment", "chosen"),
    [
        ({}, "en"),
        ({"LANG": "C.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8"}, "fr"),
        ({"LANG": "fr"}, "fr"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "fr_FR.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "fr_FR.UTF-8", "LC_MESSAGES": "en_GB.UTF-8"}, "en"),
        ({"LANG": "en_GB.UTF-8", "LANGUAGE": "de:fr:en"}, "fr"),
    ],
)
def test_the_environment_says_which(environment: dict[str, str], chosen: str) -> None:
    assert preferred(environment) == chosen


def test_no_message_is_missing_in_any_language() -> None:
    """Every message has a translation with the same blanks, and the compiled file is of today."""
    ran = subprocess.run(
        [sys.executable, ROOT / "tools" / "make_languages.py", "--check"],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_there_is_a_catalogue_for_every_language() -> None:
    folders = {path.name for path in Path(language.CATALOGUES).iterdir()}
    assert folders == set(language.LANGUAGES) - {"en"}
