"""The page in a real browser: sorting, filtering, hovering, copying, keys; and what axe finds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Opened, launched
from msgspec import structs
from results import document, established, failed
from test_exhibits import exhibited
from test_report_html import HOSTILE, MEASURED, hostile_document, replayed

from tlswire import language
from tlswire.reports.html import render
from tlswire.result import Document


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with launched() as found:
        yield found


def write(tmp_path: Path, shown: Document) -> Path:
    path = tmp_path / "report.html"
    path.write_text(render(shown, MEASURED))
    return path


@pytest.fixture
def many(tmp_path: Path) -> Path:
    made = [
        (failed if n % 3 == 0 else established)(
            n, client=f"192.0.2.{n % 7}:{40000 + n}", started=1000.0 + n * 0.37
        )
        for n in range(450)
    ]
    return write(tmp_path, document(*made))


def column(page: Any, number: int) -> list[str]:
    rows = page.locator(f"#connections tbody tr:not([hidden]) > :nth-child({number})")
    found: list[str] = rows.all_text_contents()
    return found


def test_sorting_and_filtering(browser: Any, many: Path) -> None:
    opened = Opened(browser, many)
    page = opened.page
    assert len(column(page, 1)) == 200  # the first part; more on demand
    page.click("#more")
    assert len(column(page, 1)) == 450
    head = page.locator("#connections thead th").nth(0)
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert [int(n) for n in column(page, 1)] == list(range(449, -1, -1))
    page.locator("#connections thead button", has_text="Outcome").click()
    assert head.get_attribute("aria-sort") is None
    assert column(page, 3) == sorted(column(page, 3))
    page.select_option("#outcome", "failed")
    assert set(column(page, 3)) == {"failed"}
    assert page.inner_text("#shown") == "150 of 450 connections"
    page.fill("#find", "192.0.2.3: handshake_failure")
    page.locator("#shown", has_text="22 of 450").wait_for()
    assert all(client.startswith("192.0.2.3:") for client in column(page, 4))
    assert opened.wrong == []
    assert opened.asked == [many.as_uri()]


def test_a_failure_put_aside_is_opened(browser: Any, many: Path) -> None:
    opened = Opened(browser, many)
    opened.page.click("[data-open='3']")
    opened.page.wait_for_selector("#chosen #c3")
    assert "192.0.2.3:40003" in opened.page.inner_text("#chosen")
    assert opened.page.evaluate("document.activeElement.id") == "h3"
    opened.page.click("#chosen a.arrow")
    opened.page.wait_for_selector("#fields:not([hidden])")
    assert opened.wrong == []


def marked(page: Any) -> str:
    return "".join(page.locator(".byte.on").all_text_contents())


def test_fields_and_bytes_mark_each_other(browser: Any, tmp_path: Path, captures: Path) -> None:
    opened = Opened(browser, write(tmp_path, exhibited(captures / "cert-expired.pcapng")))
    page = opened.page
    page.click("a.arrow >> nth=0")
    page.wait_for_selector("#tree .field")
    assert page.inner_text("#fields-title") == "ClientHello"
    page.hover(".field:has-text('TLS_DHE_RSA_WITH_CHACHA20_POLY1305_SHA256')")
    assert marked(page) == "ccaa"
    page.hover(".byte >> nth=0")
    assert page.inner_text(".field[aria-selected=true]").startswith("msg_type")
    page.hover(".byte >> nth=50")
    field = page.inner_text(".field[aria-selected=true]")
    assert marked(page) in field.replace("0x", "")
    # the same with keys: the tree one field down, the bytes one to the right
    page.focus("#tree")
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    assert page.inner_text(".field[aria-selected=true]").startswith("length")
    page.focus("#hex")
    page.keyboard.press("ArrowDown")
    assert page.inner_text("#fields-told")
    page.keyboard.press("Escape")
    assert not page.is_visible("#fields")
    assert page.evaluate("document.activeElement.className") == "arrow"
    # evidence leads to its bytes
    page.click(".cite >> nth=0")
    page.locator("#fields-title", has_text="Certificate").wait_for()
    assert len(page.locator(".byte.on").all()) == 953
    assert opened.wrong == []


def test_copying(browser: Any, tmp_path: Path) -> None:
    opened = Opened(browser, write(tmp_path, document(failed())))
    opened.page.click("text=Copy for the client")
    opened.page.wait_for_selector("text=Copied")
    text = opened.page.evaluate("navigator.clipboard.readText()")
    assert text.startswith("TLS from 192.0.2.10:40000 to 198.51.100.20:443")
    assert "- Offer an ECDHE suite with AES-GCM.\n" in text
    assert text.endswith(f"SHA-256 {'ab' * 32}")


@pytest.mark.parametrize("width", [1400, 800, 390])
def test_nothing_is_wider_than_the_window(browser: Any, tmp_path: Path, width: int) -> None:
    shown = structs.replace(document(failed(), established()), replays=(replayed(),))
    opened = Opened(browser, write(tmp_path, shown), width=width)
    assert opened.overflow() <= 0
    opened.page.click("a.arrow >> nth=0")
    opened.page.wait_for_selector("#fields:not([hidden])")
    assert opened.overflow() <= 0


@pytest.mark.parametrize("wire", HOSTILE, ids=range(len(HOSTILE)))
def test_nothing_from_the_wire_runs_or_breaks_the_page(
    browser: Any, tmp_path: Path, wire: str
) -> None:
    path = write(tmp_path, hostile_document(wire))  # type: ignore[arg-type]
    opened = Opened(browser, path, width=800)
    opened.page.click("a.arrow >> nth=0")
    opened.page.wait_for_selector("#tree .field")
    assert opened.wrong == []
    assert opened.asked == [path.as_uri()]
    assert opened.overflow() <= 0
    opened.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Any, tmp_path: Path, scheme: str) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    shown = structs.replace(document(failed(0), established(1), failed(2)), replays=(replayed(),))
    opened = Opened(browser, write(tmp_path, shown), scheme=scheme)
    opened.page.click("a.arrow >> nth=0")
    opened.page.wait_for_selector("#tree .field")
    found = axe.Axe().run(opened.page).response["violations"]
    bad = [v for v in found if v["impact"] in ("serious", "critical")]
    assert not bad, json.dumps([(v["id"], v["nodes"][0]["html"][:300]) for v in bad], indent=1)
    assert opened.page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") == (
        scheme == "dark"
    )


def test_an_old_browser_is_told_what_it_lacks(browser: Any, tmp_path: Path) -> None:
    opened = Opened(browser, write(tmp_path, document(failed())))
    opened.page.evaluate("() => { delete window.DecompressionStream; }")
    opened.page.click("a.arrow >> nth=0")
    opened.page.locator("#fields-trouble", has_text="cannot unpack").wait_for()
    assert opened.wrong == []


def test_it_prints(browser: Any, tmp_path: Path) -> None:
    opened = Opened(browser, write(tmp_path, document(failed(), established())))
    printed = opened.page.pdf()
    assert printed.startswith(b"%PDF")
    opened.page.emulate_media(media="print")
    assert not opened.page.is_visible("button.copy")


@pytest.fixture
def french() -> Iterator[None]:
    with language.spoken(None):
        language.use("fr")
        yield


def test_sorting_filtering_and_copying_in_french(browser: Any, french: None, many: Path) -> None:
    opened = Opened(browser, many)
    page = opened.page
    assert page.evaluate("document.documentElement.lang") == "fr"
    assert page.inner_text("#shown") == "450 connexions"
    page.locator("#connections thead button", has_text="Résultat").click()
    page.select_option("#outcome", "failed")
    assert set(column(page, 3)) == {"échoué"}
    assert page.inner_text("#shown") == "150 connexions sur 450"
    page.click("text=Copier pour le client")
    page.wait_for_selector("text=Copié")
    page.click("a.arrow >> nth=0")
    page.wait_for_selector("#fields:not([hidden])")
    assert "octets" in page.inner_text("#fields-where")
    assert opened.wrong == []


@pytest.mark.parametrize("width", [1400, 800, 390])
def test_french_fits_the_window_and_axe(
    browser: Any, french: None, tmp_path: Path, width: int
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    shown = structs.replace(document(failed(0), established(1), failed(2)), replays=(replayed(),))
    opened = Opened(browser, write(tmp_path, shown), width=width)
    assert opened.overflow() <= 0
    opened.page.click("a.arrow >> nth=0")
    opened.page.wait_for_selector("#tree .field")
    assert opened.overflow() <= 0
    found = axe.Axe().run(opened.page).response["violations"]
    assert [v["id"] for v in found if v["impact"] in ("serious", "critical")] == []
    assert opened.wrong == []
