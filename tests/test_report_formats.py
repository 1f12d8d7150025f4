"""CSV, Markdown and JUnit XML: read back by other programs, hostile text and all."""

from __future__ import annotations

import csv as csv_reader
import io
import json
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from msgspec import structs
from results import document, established, failed, locked_out
from test_report_html import HOSTILE, MEASURED, hostile_document, replayed

from tlswire import cli
from tlswire.reports import csv, junit, markdown
from tlswire.surveyed import PolicyVerdict, Survey, Weakness

CAPTURE = str(ROOT / "captures" / "cert-expired.pcapng")
UNSAFE = set("\x1b\x07\u202e\u2066")


def run(*args: str) -> str:
    told = CliRunner().invoke(cli.main, ["decode", CAPTURE, *args])
    assert told.exit_code == 1, told.output
    return told.output


def test_rows_are_those_of_the_json() -> None:
    (row,) = csv_reader.DictReader(io.StringIO(run("--csv")))
    (told,) = json.loads(run("--json"))["connections"]
    same = ("client", "server", "server_name", "version", "cipher_suite", "ja4", "history")
    assert [row[name] for name in same] == [told[name] for name in same]
    assert row["connection"] == "0"
    assert row["alert"] == "certificate_expired"
    assert row["cause"] == told["verdict"]["causes"][0]["id"]
    assert row["started"].endswith("+00:00")


@pytest.mark.parametrize("wire", [*HOSTILE, "+1+1", "-2", "@SUM(A1)", "\t=1", 'a"b,c'])
def test_no_cell_is_a_formula_or_breaks_its_line(wire: str) -> None:
    text = csv.head() + csv.row(failed(server_name=wire))
    head, row = csv_reader.reader(io.StringIO(text, newline=""))
    assert len(head) == len(row) == len(csv.COLUMNS)
    assert not any(cell.startswith(("=", "+", "-", "@", "\t")) for cell in row)
    assert not UNSAFE & set(text)


@given(st.text())
def test_quoted_markdown_reads_as_the_text_itself(wire: str) -> None:
    from html import unescape

    from tlswire.reports.escape import escape

    rendered = MarkdownIt("commonmark", {"html": True}).enable("table").render(markdown.quote(wire))
    assert unescape(rendered.removeprefix("<p>").removesuffix("</p>\n")) == escape(wire).strip()


@given(st.text(alphabet="`| a\n\\x", min_size=1))
def test_a_code_span_holds_whatever_is_in_it(wire: str) -> None:
    (paragraph,) = MarkdownIt().parse(f"a {markdown.code(wire)} b")[1:2]
    kinds = [child.type for child in paragraph.children or ()]
    assert kinds == ["text", "code_inline", "text"]


def shape(text: str) -> list[str]:
    return [token.type for token in MarkdownIt("gfm-like", {"linkify": False}).parse(text)]


@pytest.mark.parametrize("wire", HOSTILE)
def test_markdown_keeps_its_shape_whatever_the_wire_says(wire: str) -> None:
    told = markdown.render(hostile_document(wire), MEASURED)  # type: ignore[arg-type]
    harmless = markdown.render(hostile_document("x"), MEASURED)  # type: ignore[arg-type]
    assert shape(told) == shape(harmless)
    html = MarkdownIt("gfm-like", {"html": True, "linkify": False}).render(told)
    assert "<script" not in html
    assert "<img" not in html
    assert "<a " not in html
    assert not UNSAFE & set(told)


def test_a_ticket_says_what_a_team_needs() -> None:
    shown = structs.replace(document(failed()), replays=(replayed(),))
    told = markdown.render(shown, MEASURED)
    for due in (
        "## The TLS connection to partner.example.com fails: no cipher suite is common",
        "| 2 | `suites` | byte 50: offer one suite more | passed: the server answers",
        "  - Offer an ECDHE suite with AES-GCM.",
        "- SHA-256: `abab",
        "|-- ClientHello",
    ):
        assert due in told, due


def cases(xml: bytes) -> dict[str, str]:
    found = {}
    for case in ElementTree.fromstring(xml).iter("testcase"):
        (verdict,) = [child.tag for child in case] or ["passed"]
        found[case.attrib["name"]] = verdict
    return found


def test_junit_of_a_capture() -> None:
    found = cases(run("--junit").encode())
    assert list(found.values()) == ["failure"]
    xml = junit.render(document(failed(0), established(1), established(2, outcome="incomplete")))
    assert list(cases(xml).values()) == ["failure", "passed", "skipped"]
    (suite,) = ElementTree.fromstring(xml)
    told = {name: suite.attrib[name] for name in ("tests", "failures", "skipped")}
    assert told == {"tests": "3", "failures": "1", "skipped": "1"}


def survey(**changes: object) -> Survey:
    told = {
        "target": "198.51.100.20:443",
        "address": None,
        "server_name": None,
        "outcome": "surveyed",
        "summary": "It takes TLS 1.2.",
        "connections_used": 9,
        "bytes_sent": 1,
        "bytes_received": 1,
        "elapsed_ms": 1.0,
    }
    return Survey(**(told | changes))  # type: ignore[arg-type]


def test_junit_of_a_gate() -> None:
    weak = [
        Weakness(id=i, severity=s, text="t", where=(), reason="r", source="s")  # type: ignore[arg-type]
        for i, s in (("sweet32", "high"), ("no-ems", "low"))
    ]
    policies = [
        PolicyVerdict(policy=p, title=p, source="", level=level, counts={}, judged=())  # type: ignore[arg-type]
        for p, level in (("anssi", "forbidden"), ("mozilla", "accepted"))
    ]
    asked = survey(warnings=tuple(weak), policies=tuple(policies))
    shown = structs.replace(document(), capture=None, surveys=(asked,), rehearsal=locked_out())
    assert cases(junit.render(shown)) == {
        "takes TLS": "passed",
        "sweet32": "failure",
        "no-ems": "passed",
        "policy anssi": "failure",
        "policy mozilla": "passed",
        "3 clients  TLS 1.2 to a.example": "failure",
    }


@pytest.mark.parametrize("wire", HOSTILE)
def test_junit_is_well_formed_whatever_the_wire_says(wire: str) -> None:
    xml = junit.render(hostile_document(wire))  # type: ignore[arg-type]
    assert len(cases(xml)) == 2
    assert not UNSAFE & set(xml.decode())


def test_one_form_at_a_time(tmp_path: Path) -> None:
    told = CliRunner().invoke(cli.main, ["decode", CAPTURE, "--csv", "--json"])
    assert told.exit_code == 2
    assert "choose one of --" in told.output
    page = str(tmp_path / "x.html")
    told = CliRunner().invoke(cli.main, ["decode", CAPTURE, CAPTURE, "--html", page])
    assert told.exit_code == 2
    assert "--merge" in told.output


def test_a_page_for_stdout_goes_there_alone() -> None:
    told = run("--html", "-")
    assert told.startswith("<!doctype html>")
    assert told.rstrip().endswith("</html>")
