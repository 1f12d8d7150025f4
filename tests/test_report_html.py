"""The report as a page: what it says, that it holds no foreign resource, and stays small."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import zlib
from html.parser import HTMLParser
from pathlib import Path

import pytest
from click.testing import CliRunner
from conftest import ROOT
from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs
from results import (
    CLIENT_HELLO,
    HANDSHAKE_FAILURE,
    VERDICT,
    document,
    established,
    failed,
    locked_out,
    message,
)

from tlswire import cli
from tlswire.reports import story
from tlswire.reports.cases import alone, cases
from tlswire.reports.html import render
from tlswire.reports.html.match import match
from tlswire.reports.html.overview import timeline
from tlswire.reports.html.shelf import Shelf, differences
from tlswire.reports.measured import Measured
from tlswire.result import Attempt, Cause, Edit, Exhibit, Replay, Verdict

MEASURED = Measured("tlswire decode x.pcap", "0", capture="x.pcap", size=1, sha256="ab" * 32)
CAPTURES = sorted((ROOT / "captures").glob("*.pcapng"))


class Reader(HTMLParser):
    """What a page holds: its tags with attributes, and its text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not {"script", "style"} & set(self.open):
            self.text += data


def unpacked(page: str, name: str) -> str:
    (found,) = re.findall(rf'id="{name}">([^<]*)<', page)
    return "\n".join(
        zlib.decompress(base64.b64decode(line.rpartition(":")[2])).decode()
        for line in found.split()
    )


@pytest.mark.parametrize("path", CAPTURES, ids=lambda path: path.stem)
def test_every_capture_makes_a_page_of_its_own(path: Path, tmp_path: Path) -> None:
    out = tmp_path / "report.html"
    told = CliRunner().invoke(cli.main, ["decode", str(path), "--html", str(out), "--json"])
    assert told.exit_code in (0, 1, 3), told.output
    page = out.read_text()
    reader = Reader(page)
    assert page.count("<h1>") == 1
    for tag, attributes in reader.tags:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base")
        assert not any(name.startswith("on") for name in attributes)
        for name in ("src", "href"):
            assert (attributes.get(name) or "#").startswith("#"), (tag, attributes)
    assert "url(" not in page
    assert "@import" not in page
    ids = [attributes["id"] for _, attributes in reader.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert hashlib.sha256(path.read_bytes()).hexdigest() in reader.text
    assert f"tlswire decode {path}" in reader.text


def test_the_page_answers_where_who_why_and_what_to_do() -> None:
    told = Reader(render(document(failed()), MEASURED)).text
    words = " ".join(told.split())
    for due in (
        "The TLS connection to partner.example.com fails: most likely, no cipher suite is common",
        "Who can change it: the client or the load balancer",
        "SERVER_HELLO",
        "server: handshake_failure (40)",
        "cipher-no-overlap",
        "Offer an ECDHE suite with AES-GCM.",
        "the only suite offered is DHE-RSA-AES128-SHA",
        "Replay it with more suites.",
        "1 cause ruled out",
        "SHA-256",
    ):
        assert due in words, due


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        (document(), "This capture holds no TLS handshake over TCP."),
        (document(established()), "The TLS handshake completed."),
        (document(established(0), established(1)), "All 2 TLS handshakes completed."),
        (
            document(
                established(0), established(1, outcome="incomplete", stopped_at="CERTIFICATE")
            ),
            "1 of 2 TLS handshakes completed; 1 cannot be told from this capture.",
        ),
        (
            document(failed(0), established(1)),
            "1 of 2 TLS connections fails to partner.example.com: most likely, no cipher suite is "
            "common to client and server.",
        ),
        (
            document(failed(0), failed(1)),
            "Both TLS connections to partner.example.com fail: most likely, no cipher suite is "
            "common to client and server.",
        ),
    ],
)
def test_the_headline(shown: object, told: str) -> None:
    assert story.headline(shown, cases(shown)) == told  # type: ignore[arg-type]


def test_the_headline_of_several_reasons() -> None:
    shown = [failed(0), failed(1, verdict=Verdict(summary="It is dark.")), failed(2)]
    told = story.headline(document(*shown[:2]), [alone(one) for one in shown[:2]])
    assert told == (
        "Both TLS connections to partner.example.com fail, for 2 reasons. One of them: most "
        "likely, no cipher suite is common to client and server."
    )
    told = story.headline(document(*shown), [alone(one) for one in shown])
    assert "All 3 TLS connections" in told
    assert "for 2 reasons. Most often (2): most likely, no cipher suite" in told


def test_the_headline_is_no_surer_than_the_verdict() -> None:
    torn = Verdict(
        summary="x", causes=tuple(Cause(id=i, confidence="possible") for i in ("a", "b"))
    )
    told = story.headline(document(failed(verdict=torn)), cases(document(failed(verdict=torn))))
    assert "why cannot be told yet; 2 causes are left possible" in told


def replayed() -> Replay:
    hello = {
        "legacy_version": {"code": 0x0303, "name": "TLS 1.2"},
        "cipher_suite": {"code": 0xC02F, "name": "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
        "extensions": [],
    }
    exact = Attempt(
        variant="exact",
        outcome="failed",
        stopped_at="SERVER_HELLO",
        ended_by=HANDSHAKE_FAILURE,
        history="Cl",
        elapsed_ms=1.25,
        messages=(message("client_hello", "client", 0, 1.0, fields=CLIENT_HELLO),),
    )
    passed = Attempt(
        variant="suites",
        edits=(Edit(offset=50, old="00", new="01", why="offer one suite more"),),
        outcome="incomplete",
        stopped_at="CLIENT_KEY_EXCHANGE",
        history="Cs",
        elapsed_ms=2.0,
        messages=(message("server_hello", "server", 0, 1.0, fields=hello),),
    )
    return Replay(
        connections=(0,),
        target="127.0.0.1:4433",
        attempts=(exact, passed),
        reproduced=True,
        verdict=structs.replace(
            VERDICT, causes=(structs.replace(VERDICT.causes[0], confidence="proved"),)
        ),
    )


def test_a_replay_shows_its_proof_and_what_the_server_takes() -> None:
    shown = structs.replace(document(failed()), replays=(replayed(),))
    reader = Reader(render(shown, MEASURED))
    words = " ".join(reader.text.split())
    assert "byte 50: offer one suite more" in words
    assert "passed: the server answers with a ServerHello" in words
    assert "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256 with suites changed, not offered" in words
    assert "Captured, 198.51.100.20:443" in words
    assert "Replayed now, 127.0.0.1:4433" in words
    assert words.count("proved") >= 2


def test_the_match_tells_common_from_apart() -> None:
    parts = {p.name: p for p in match(failed().messages, replayed().attempts)}
    assert parts["Version"].agreed is True
    assert parts["Cipher suite"].agreed is False
    assert parts["ALPN"].agreed is None
    assert [i.name for i in parts["ALPN"].offered] == ["h2"]
    assert [i.name for i in parts["Version"].offered] == ["TLS 1.2", "TLS 1.1", "TLS 1.0"]


HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</script><script>alert(1)//",
    "{{ 7*7 }}{% raw %}",
    "\x1b]0;owned\x07\u202e\u2066moc.\n\r\tx",
    "=cmd|' /C calc'!A0",
    "javascript:alert(1)",
    "a" * 5000,
    "\u0627\u0644\u0639\u0631\u0628\u064a\u0629",
)


def hostile_document(wire: str) -> object:
    hello = {
        **CLIENT_HELLO,
        "extensions": [
            {
                "type": {"code": 16, "name": "application_layer_protocol_negotiation"},
                "length": 9,
                "body": {"protocol_name_list": [wire.encode("utf-8", "replace").hex()]},
            }
        ],
        "cipher_suites": [{"code": 1, "name": wire}],
    }
    cause = structs.replace(
        VERDICT.causes[0],
        evidence=(structs.replace(VERDICT.causes[0].evidence[0], text=wire),),
        remedies=(structs.replace(VERDICT.causes[0].remedies[0], text=wire),),
    )
    verdict = structs.replace(VERDICT, summary=wire, causes=(cause,), next_step=wire)
    messages = (message("client_hello", "client", 4, 1000.0, fields=hello),)
    return document(
        failed(0, server_name=wire, preamble=wire, messages=messages, verdict=verdict),
        established(1, server_name=wire, alpn=wire),
        notes=(wire,),
    )


@pytest.mark.parametrize("wire", HOSTILE)
def test_text_from_the_wire_stays_text(wire: str) -> None:
    measured = MEASURED._replace(command=wire, capture=wire)
    page = render(hostile_document(wire), measured)  # type: ignore[arg-type]
    reader = Reader(page)
    harmless = Reader(render(hostile_document("x"), MEASURED._replace(capture="x")))  # type: ignore[arg-type]
    assert [tag for tag, _ in reader.tags] == [tag for tag, _ in harmless.tags]
    assert not any(name.startswith("on") for _, attrs in reader.tags for name in attrs)
    assert not set("\x1b\x07\u202e\u2066") & set(page)
    for name in ("shelf", "fragments"):
        assert not set("\x1b\x07\u202e\u2066") & set(unpacked(page, name))


@given(st.binary(max_size=64), st.data())
def test_patches_make_the_bytes_again(old: bytes, data: st.DataObject) -> None:
    new = data.draw(st.binary(min_size=len(old), max_size=len(old)))
    made = bytearray(old)
    for at, patch in differences(old, new):
        made[at : at + len(patch)] = patch
    assert bytes(made) == new


def test_equal_messages_lie_on_the_shelf_once_and_alike_ones_as_patches() -> None:
    def hello(random: bytes) -> Exhibit:
        plain = message("client_hello", "client", 1, 1.0, fields={"random": random.hex()})
        return Exhibit(**structs.asdict(plain), raw=random, offset=5, spans={"random": (0, 32)})

    shelf = Shelf()
    first, again, other = (shelf.put(hello(bytes([b]) * 32)) for b in (1, 1, 2))
    assert (first, again, other) == (0, 0, 1)
    packed = json.loads(zlib.decompress(base64.b64decode(shelf.packed())))
    assert len(packed["shapes"]) == 1
    assert packed["bodies"][1]["patches"] == [[0, "02" * 32]]


def test_the_timeline_counts_every_connection() -> None:
    found = timeline([failed(n, started=1000.0 + n) for n in range(100)])
    assert found is not None
    told = sum(int(re.findall(r": (\d+) failed", bar.told)[0]) for bar in found.bars)
    assert told == 100


def test_ten_thousand_connections_stay_small() -> None:
    def one(number: int) -> object:
        make = failed if number % 2 else established
        made = make(number, client=f"192.0.2.1:{number}", started=1000.0 + number)
        if not number % 2:
            return made
        hello = message("client_hello", "client", 4, 1000.0 + number, fields=CLIENT_HELLO)
        exhibit = Exhibit(**structs.asdict(hello), raw=os.urandom(96) + bytes(400), offset=5)
        return structs.replace(made, messages=(exhibit, *made.messages[1:]))

    page = render(document(*(one(n) for n in range(10_000))), MEASURED)  # type: ignore[arg-type]
    assert len(page) < 20_000_000
    assert page.count('<tr class="') >= 10_000
    assert len(json.loads(unpacked(page, "fragments").split("\n")[0])) == 64


def test_a_survey_a_rehearsal_and_a_narrowing_have_their_page() -> None:
    from test_report_formats import survey

    from tlswire.result import Change, Narrowing, Step
    from tlswire.surveyed import SurveyedVersion, Weakness

    weak = Weakness(
        id="x", severity="high", text="3DES", where=("TLS 1.2",), reason="r", source="s"
    )
    taken = SurveyedVersion(version="TLS 1.2", suites=("TLS_RSA_WITH_3DES_EDE_CBC_SHA",))
    asked = structs.replace(document(), capture=None)
    shown = structs.replace(asked, surveys=(survey(warnings=(weak,), versions=(taken,)),))
    told = Reader(render(shown, MEASURED)).text
    assert "3DES" in told
    assert "TLS_RSA_WITH_3DES_EDE_CBC_SHA" in told
    assert "No handshake" not in told

    told = Reader(render(structs.replace(asked, rehearsal=locked_out()), MEASURED)).text
    assert "3 of 3 handshakes would be locked out with modern." in told
    assert "no suite in common" in told

    attempts = replayed().attempts
    steps = tuple(
        Step(number=n, sent=f"step {n}", passed=n == 2, attempt=a)
        for n, a in enumerate(attempts, 1)
    )
    change = Change(field="cipher_suites", text="offer one suite")
    narrowing = Narrowing(
        connections=(0,),
        target="127.0.0.1:1",
        smallest_change=(change,),
        steps=steps,
        allowed=60,
        verdict=VERDICT,
        proved=True,
    )
    shown = structs.replace(document(failed()), narrowings=(narrowing,))
    words = " ".join(Reader(render(shown, MEASURED)).text.split())
    assert "Passes ifoffer one suite" in words
    assert "Proof: connection by connection" in words
    assert "step 2" in words


def test_what_was_said_before_tls_stands_before_the_ladder() -> None:
    from tlswire.result import Spoken

    smtp = Spoken(protocol="smtp", steps=("server: 220 <b>mx</b>", "client: STARTTLS"))
    page = render(document(failed(cleartext=smtp)), MEASURED)
    assert page.count('class="step cleartext') == 2
    assert "220 &lt;b&gt;mx&lt;/b&gt;" in page
    assert 'class="rail middle"' not in page
    tunnel = Spoken(protocol="http-connect", steps=("client: CONNECT a:443", "server: 200 OK"))
    page = render(document(failed(cleartext=tunnel)), MEASURED)
    assert '<b class="wire">proxy</b>' in page
    assert 'class="rail middle"' in page
