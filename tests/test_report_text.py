"""What a person reads: aligned, escaped, at most a screen, and nothing lost that matters."""

from __future__ import annotations

import io
import re
import unicodedata
from typing import get_args, get_type_hints

import pytest
from hypothesis import given
from hypothesis import strategies as st
from results import CLIENT_HELLO, code, document, established, failed, message

from tlswire.reports import terminal, text
from tlswire.reports.endings import AWAITED, HOW, SHORT
from tlswire.reports.escape import escape
from tlswire.reports.facts import facts
from tlswire.reports.ladder import rungs
from tlswire.reports.page import NARROWEST, WIDEST, Cell, Page, fold
from tlswire.reports.tree import leaves
from tlswire.result import Document, EndedBy, Message, TroubleAt
from tlswire.states import AWAITED as STATES


def render(shown: Document, width: int = 100, detail: text.Detail = "usual") -> str:
    page = Page(width)
    text.render(shown, page, detail)
    return page.plain()


def test_counts_go_below_a_path_that_leaves_no_room() -> None:
    page = Page(80)
    text.summarise(page, "x" * 70 + ".pcap", document(failed()).summary)
    path, counts = page.plain().splitlines()[:2]
    assert path == "x" * 70 + ".pcap"
    assert counts.startswith("  ")
    assert "1 failed" in counts


@given(st.text())
def test_escaped_text_is_one_printable_line(wire: str) -> None:
    told = escape(wire)
    assert len(told.splitlines()) <= 1
    assert not {unicodedata.category(c) for c in told} & {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
    assert escape(told) == told


@pytest.mark.parametrize(
    ("wire", "told"),
    [
        ("partner.example.com", "partner.example.com"),
        ("münchen", "münchen"),
        ("\x1b[2Jgone", "\\x1b[2Jgone"),
        ("a\nb\tc\x00", "a\\x0ab\\x09c\\x00"),
        ("moc.\u202eelpmaxe", "moc.\\u202eelpmaxe"),
        ("a\u200bb", "a\\u200bb"),
        ("\udcff", "\\udcff"),
        ("\U000e0041", "\\U000e0041"),
    ],
)
def test_escape(wire: str, told: str) -> None:
    assert escape(wire) == told


def test_hostile_names_never_reach_the_terminal_raw() -> None:
    name = "\x1b]0;owned\x07\u202e.com\r\n"
    shown = document(failed(server_name=name), established(server_name=name))
    for detail in ("quiet", "usual", "every", "whole"):
        told = render(shown, detail=detail)
        assert not any(c in told for c in "\x1b\x07\r\u202e")
    assert "\\x1b]0;owned\\x07\\u202e.com\\x0d\\x0a" in render(shown)


def test_one_failure_fits_a_screen_and_says_what_matters() -> None:
    told = render(document(failed()))
    lines = told.splitlines()
    assert len(lines) <= 40
    assert max(map(len, lines)) <= 100
    for due in (
        "TLS_DHE_RSA_WITH_AES_128_CBC_SHA",
        "SNI partner.example.com",
        "ALPN h2",
        "handshake_failure (40)",
        "Stopped at SERVER_HELLO: the server sent the alert",
        "likely     cipher-no-overlap",
        "frame 4: the only suite offered",
        "client: Offer an ECDHE suite",
        "load balancer: Accept a suite",
        "Ruled out  version-client-too-old",
        "Replay it with more suites.",
    ):
        assert due in told or due in " ".join(told.split())
    assert "\x1b" not in told


@pytest.mark.parametrize("width", [80, 100, 120])
def test_ladder_is_aligned(width: int) -> None:
    lines = render(document(failed()), width).splitlines()
    rails = [line for line in lines if "|--" in line or "|<-" in line]
    assert len(rails) == 2
    assert {(line.index("|"), line.rindex("|")) for line in rails} == {(18, 45)}
    ladder = lines[lines.index(rails[0]) : lines.index(rails[1])]
    assert all(len(line) <= width for line in ladder)
    assert {line[:48].strip() for line in ladder[1:]} <= {""}


def test_a_narrow_ladder_cuts_no_name() -> None:
    """Below its rung, what a message says has room; only a command is wider than the page."""
    lines = render(document(failed()), 60).splitlines()
    assert [line for line in lines if len(line) > 60 and "tlswire " not in line] == []
    assert "fatal handshake_failure (40)" in [line.strip() for line in lines]


def test_a_column_to_be_read_whole_stands_below_where_it_has_no_room() -> None:
    rows = [("1", "exact", Cell("server: handshake_failure (40), at SERVER_HELLO", "bad"), "20 ms")]
    for width, count in ((60, 3), (80, 2)):
        page = Page(width)
        page.table(rows, whole=2, below=["the bytes as captured"])
        assert len(page.lines) == count
        assert "server: handshake_failure (40), at SERVER_HELLO" in page.plain()
        assert all(len(line) <= width for line in page.plain().splitlines())


def test_equal_failures_are_told_once() -> None:
    told = render(document(failed(0), failed(3), failed(5)))
    assert told.count("Stopped at") == 1
    assert "and 2 more like it: #3 #5" in told
    assert render(document(failed(0), failed(3)), detail="every").count("Stopped at") == 2


def test_quiet_is_a_table_of_failures() -> None:
    told = render(document(failed(0), failed(3), established()), detail="quiet")
    assert "Stopped at" not in told
    assert "server: handshake_failure (40)" in told
    assert "#0 #3" in told


def test_healthy_capture_is_a_few_lines() -> None:
    told = render(document(established(0), established(1, resumed=True)))
    assert len(told.splitlines()) <= 8
    assert "2 established" in told
    assert "TLS_AES_256_GCM_SHA384" in told
    assert "resumed" in told


def test_long_lists_are_cut_and_say_so() -> None:
    told = render(document(*(established(n) for n in range(40))))
    assert "and 25 more: -v lists every one" in told
    assert len(told.splitlines()) < 25


def test_datagrams_and_notes_are_named() -> None:
    from tlswire.result import Datagrams

    counted = Datagrams(protocol="QUIC", server="198.51.100.9:443", conversations=2)
    told = render(document(established(), datagrams=(counted,), notes=("it ends midway",)))
    assert "2 QUIC conversations, counted and not decoded: 198.51.100.9:443" in told
    assert "note: it ends midway" in told


def test_whole_shows_every_field_and_locates_trouble() -> None:
    trouble = TroubleAt(
        path="client_hello.extensions[2].body", offset=77, expected="2 bytes", found="1"
    )
    hello = message("client_hello", "client", 4, 1000.0, fields=CLIENT_HELLO, trouble=trouble)
    told = render(document(failed(messages=(hello,))), detail="whole")
    assert "at byte 77, client_hello.extensions[2].body: expected 2 bytes, found 1" in told
    assert "[1]: TLS_DHE_RSA_WITH_AES_128_CBC_SHA (0x0033)" in told
    assert 'host_name: "partner.example.com"' in told
    assert "[2] unregistered (0x1234): 2 bytes" in told
    assert "raw: beef" in told
    assert "frame 4, client bytes 0-119: " in told
    assert "version-client-too-old: TLS 1.2 is offered" in told


def test_unreadable_records_are_one_rung() -> None:
    hidden = [message("encrypted", "server", n, 1000.0 + n, length=50) for n in range(3)]
    ladder = rungs([*hidden, message("encrypted", "client", 9, 1009.0, length=53)], 1000.0)
    assert [r.facts for r in ladder] == ["3 records, 150 bytes", "53 bytes"]


def test_an_encrypted_alert_is_one_rung() -> None:
    ended = EndedBy(side="server", how="encrypted_alert")
    opened = message("alert", "server", 9, 1001.0, fields={}, length=2)
    unread = message("encrypted", "server", 9, 1001.0, length=19)
    assert [r.label for r in rungs([opened], 1000.0, ended)] == ["Alert"]
    assert [r.label for r in rungs([unread], 1000.0, ended)] == ["(encrypted alert)"]
    assert [r.label for r in rungs([], 1000.0, ended)] == ["(encrypted alert)"]


@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=8) | st.just(code(5, None)),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["extensions", "cipher_suites", "params", "type", "body", "raw"]),
                inner,
                max_size=3,
            )
        ),
        max_leaves=8,
    )
)
def test_tree_stands_any_shape(value: object) -> None:
    hello = message("client_hello", "client", 1, 1000.0)
    page = Page()
    if isinstance(value, dict | list):
        for leaf in leaves(value):
            page.line(leaf.name, leaf.value)
    assert facts(hello) == ""


def test_every_state_and_every_ending_has_words() -> None:
    assert set(AWAITED) >= set(STATES)
    hows = set(get_args(get_type_hints(EndedBy)["how"]))
    assert set(HOW) == set(SHORT) == hows


def test_page_is_neither_too_narrow_nor_too_wide() -> None:
    assert (Page(10).width, Page(1000).width) == (NARROWEST, WIDEST)


def test_long_names_break_after_an_underscore() -> None:
    rows = fold("one TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", 24)
    assert all(len(row) <= 24 for row in rows)
    assert all(row.endswith("_") for row in rows[1:-1])


def test_elastic_columns_give_way() -> None:
    page = Page(60)
    page.table([("198.51.100.20:443", Cell("x" * 80))], elastic=(1,))
    (line,) = page.plain().splitlines()
    assert len(line) <= 60
    assert "198.51.100.20:443" in line
    assert "..." in line


def test_plain_output_stands_a_poor_encoding() -> None:
    page = Page()
    page.line("münchen")
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    terminal.show(page, stream=stream)
    stream.flush()
    assert raw.getvalue() == b"m\\xfcnchen\n"


def test_colour_is_the_same_text() -> None:
    page = Page()
    text.render(document(failed(), established()), page)
    stream = io.StringIO()
    terminal.show(page, colour=True, stream=stream)
    assert "\x1b[" in stream.getvalue()
    bare = re.sub(r"\x1b\[[0-9;]*m", "", stream.getvalue())
    assert bare == page.plain()


def test_no_colour_when_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert terminal.wants_colour(None, Terminal())
    assert not terminal.wants_colour(False, Terminal())
    assert not terminal.wants_colour(None, io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert not terminal.wants_colour(None, Terminal())
    assert terminal.wants_colour(True, Terminal())


@pytest.mark.parametrize(("count", "told"), [(1, "1 authority named"), (2, "2 authorities named")])
def test_authorities_are_counted_in_words(count: int, told: str) -> None:
    fields = {"certificate_authorities": [b"x"] * count}
    asked = Message(
        frame=1, time=0.0, sender="server", type="certificate_request", length=9, fields=fields
    )
    assert told in facts(asked)
