"""Hostile names through every door: terminal, page, CSV, Markdown, XML, JSON lines, zip."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
import zipfile
from pathlib import Path
from xml.etree import ElementTree

import pytest
from browser import Opened, launched
from click.testing import CliRunner
from hostile import ATTACKS, capture
from markdown_it import MarkdownIt
from test_report_html import Reader

from tlswire import cli

COUNT = 3 * len(ATTACKS)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return capture(tmp_path_factory.mktemp("hostile") / "hostile.pcap")


def run(*args: str) -> str:
    told = CliRunner().invoke(cli.main, ["decode", *args])
    assert told.exit_code == 1, told.output
    return told.output


def unsafe(text: str) -> set[str]:
    """Return the characters that no reader may be shown, line ends left out."""
    bad = {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    return {c for c in text if unicodedata.category(c) in bad} - set("\n\r")


def test_all_of_it_is_read(hostile: Path) -> None:
    found = json.loads(run(str(hostile), "--json"))["connections"]
    assert len(found) == COUNT
    assert {c["server_name"] for c in found} >= set(ATTACKS[:4])
    assert sum(any(m["type"] == "certificate" for m in c["messages"]) for c in found) == COUNT // 3


@pytest.mark.parametrize("option", [(), ("-v",), ("-q",), ("-c", "0"), ("-c", "20"), ("--list",)])
@pytest.mark.parametrize("width", ["60", "100"])
def test_the_terminal_is_not_written_to(
    hostile: Path, option: tuple[str, ...], width: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", width)
    told = run(str(hostile), *option, "--no-color")
    assert unsafe(told) == set()
    coloured = run(str(hostile), *option, "--color")
    assert "\x1b]" not in coloured
    assert "\x1b[2J" not in coloured
    assert "\u202e" not in coloured


def test_every_row_of_the_csv_is_one(hostile: Path) -> None:
    told = run(str(hostile), "--csv")
    rows = list(csv.reader(io.StringIO(told, newline="")))
    assert len(rows) == COUNT + 1
    assert len({len(row) for row in rows}) == 1
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert unsafe(told) == set()


def test_markdown_has_no_link_no_html_and_no_mention(hostile: Path) -> None:
    told = run(str(hostile), "--markdown")
    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(told)
    tags = {tag for tag, _ in Reader(html).tags}
    assert not tags & {"script", "img", "svg", "a", "h1"}
    assert "@everyone" not in told
    assert unsafe(told) == set()


def test_xml_is_well_formed(hostile: Path) -> None:
    told = run(str(hostile), "--junit")
    cases = list(ElementTree.fromstring(told).iter("testcase"))
    assert len(cases) == COUNT
    assert unsafe(told) == set()


def test_jsonl_is_a_line_each(hostile: Path) -> None:
    lines = run(str(hostile), "--jsonl").splitlines()
    assert len([json.loads(line) for line in lines]) == COUNT + 1


@pytest.mark.parametrize("width", [1400, 390])
def test_the_page_runs_nothing_and_keeps_its_shape(
    hostile: Path, tmp_path: Path, width: int
) -> None:
    page = tmp_path / "report.html"
    run(str(hostile), "-q", "--html", str(page))
    text = page.read_text()
    assert unsafe(text) == set()
    with launched() as browser:
        opened = Opened(browser, page, width=width)
        assert opened.page.title().endswith(" - tlswire")
        for link in opened.page.locator("#connections tbody a[data-open]").all()[:6]:
            link.click()
            opened.page.wait_for_selector("#chosen section")
        opened.page.locator("a.arrow").first.click()
        opened.page.wait_for_selector("#tree .field")
        assert opened.page.locator("img, svg[onload], iframe").count() == 0
        assert opened.overflow() <= 0
        assert opened.wrong == []
        assert opened.asked == [page.as_uri()]


def test_a_bundle_names_nobody(hostile: Path, tmp_path: Path) -> None:
    out = tmp_path / "x.zip"
    for number in range(0, COUNT, 6):  # those with a certificate
        arguments = ["bundle", str(hostile), "-c", str(number), "-o", str(out)]
        told = CliRunner().invoke(cli.main, arguments)
        assert told.exit_code == 0, told.output
        with zipfile.ZipFile(out) as archive:
            inside = b"".join(archive.read(name) for name in archive.namelist())
        for attack in ATTACKS:
            assert attack.encode() not in inside
