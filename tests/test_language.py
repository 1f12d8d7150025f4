"""What is said to people, in each language: nothing missing, nothing that does not fit."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from conftest import ROOT

from tlswire import language
from tlswire.experiments import EXPERIMENTS
from tlswire.language import CATALOGUES, counted, mark, preferred, say


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


# -- French as the field says it ---------------------------------------------------------

#: Words that the glossary of docs/how-to/french.md says otherwise.
OTHERWISE = (
    "boîtier", "coupe-feu", "équilibreur", "mandataire", "micrologiciel", "part de clé",
    "poignée de main", "réinitialis",
)  # fmt: skip


def in_french() -> list[tuple[str, str]]:
    catalogue = read_po((Path(CATALOGUES) / "fr" / "LC_MESSAGES" / "tlswire.po").open("rb"))
    found = []
    for message in catalogue:
        forms = message.string if isinstance(message.string, tuple) else (message.string,)
        found += [(str(message.id), str(form)) for form in forms if message.id]
    return found


def test_french_uses_the_words_of_its_glossary() -> None:
    wrong = [said for _, said in in_french() if any(word in said.lower() for word in OTHERWISE)]
    assert wrong == []


def test_french_has_its_spaces() -> None:
    """No plain space before a sign that must not begin a line, none after an opening quote."""
    wrong = [said for _, said in in_french() if re.search(r" [;?!»](\s|$)| :(\s|$)|« ", said)]
    assert wrong == []


def test_what_an_experiment_changes_follows_without_a_preposition() -> None:
    """French has "with" and "without" in the change itself: the sentences around have neither."""
    french = dict(in_french())
    for told in {row.told for row in EXPERIMENTS}:
        assert french[told].startswith(("avec ", "sans ")), told
