"""Reports in a language that puts a frame round each message: what stands outside is data."""

from __future__ import annotations

import re
from collections.abc import Iterator
from gettext import NullTranslations

import pytest
from click.testing import CliRunner
from conftest import ROOT
from msgspec import structs
from test_report_html import Reader

from tlswire import api, language
from tlswire.cli import main
from tlswire.cli.loopback import LoopbackServer
from tlswire.reports import text
from tlswire.reports.page import Page
from tlswire.result import Verdict

CAPTURES = ROOT / "captures"
TOLD = [
    "cipher-no-overlap",
    "cert-expired",
    "http-to-tls-port",
    "mtls-missing-cert-tls13",
    "ok-starttls-smtp",
    "begins-midway",
    "one-sided",
    "tcp-syn-filtered",
]
#: Words of the wire, of registries, of options and of the tool itself.
DATA = frozenset(
    re.findall(
        r"\w+",
        """
fatal warning exact twin suites groups versions tlswire replay survey decode connection null
unregistered Python Linux captures UTC GREASE ServerHello ClientHello Alert Encrypted Certificate
Finished curl probe text Hello ahead Mozilla modern padding intermediate old guide section early
data
""",
    )
)
#: Words of a setting to paste.
PASTED = {"bind", "crt", "ssl", "ciphers"}
WORD = re.compile(r"(?<![\w.:/#=@-])[A-Za-z][a-z]{2,}(?![\w./=@-]|:\d)")


class Framed(NullTranslations):
    """A language in which every message is the English one in a frame."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, one: str, many: str, number: int) -> str:
        return f"⟦{one if number == 1 else many}⟧"


@pytest.fixture(autouse=True)
def framed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(language, "use", lambda _: None)
    with language.spoken(Framed()):
        yield


def outside(told: str) -> str:
    """Return what stands in no frame; what a frame holds may hold frames."""
    kept, depth = [], 0
    for character in told:
        depth += (character == "⟦") - (character == "⟧")
        kept.append(character if depth == 0 and character != "⟧" else " ")
    assert depth == 0
    return "".join(kept)


def english(told: str) -> set[str]:
    """Return the words of a language that are said without asking for a translation."""
    return set(WORD.findall(outside(told))) - DATA


def decoded(name: str) -> api.Decoded:
    """Return a capture decoded, without the settings to paste: they are a product's language."""
    document = api.decode(CAPTURES / f"{name}.pcapng").document
    told = tuple(structs.replace(c, verdict=_advice(c.verdict)) for c in document.connections)
    return api.Decoded(structs.replace(document, connections=told))


def _advice(verdict: Verdict) -> Verdict:
    causes = (
        structs.replace(c, remedies=tuple(r for r in c.remedies if r.setting is None))
        for c in verdict.causes
    )
    return structs.replace(verdict, causes=tuple(causes))


def test_a_sentence_that_is_not_marked_is_found() -> None:
    said = language.say("the {side} closed", side="⟦server⟧")
    assert english(f"#3 {said} TLS_RSA captures/x.pcap a.example.com") == set()
    assert english(f"{said} too late") == {"too", "late"}


@pytest.mark.parametrize("name", TOLD)
@pytest.mark.parametrize("detail", ["usual", "every"])
def test_text(name: str, detail: text.Detail) -> None:
    page = Page(160)
    text.render(decoded(name).document, page, detail)
    assert english(page.plain()) == set()


@pytest.mark.parametrize("name", TOLD)
def test_markdown(name: str) -> None:
    assert english(decoded(name).markdown()) == set()


@pytest.mark.parametrize("name", TOLD)
def test_html(name: str) -> None:
    page = Reader(decoded(name).html())
    assert english(page.text) == set()


def run(*words: str) -> str:
    done = CliRunner().invoke(main, [*words, "--no-color"], env={"COLUMNS": "160"})
    assert done.exit_code in (0, 1), done.output
    return done.output


@pytest.mark.parametrize("command", ["replay", "narrow", "survey", "probe", "reach"])
def test_what_is_sent(command: str) -> None:
    capture = str(CAPTURES / "cipher-no-overlap.pcapng")
    with LoopbackServer("partner.example.com") as server:
        words = {
            "replay": (capture, "--target", server.target),
            "narrow": (capture, "--target", server.target),
            "survey": (server.target, "--only", "suites,groups,certificates,features"),
            "probe": (server.target, "--as", "curl"),
            "reach": ("127.0.0.1", str(server.port)),
        }
        assert english(run(command, *words[command])) <= PASTED


def test_what_is_read() -> None:
    failing, other = (str(CAPTURES / f"{name}.pcapng") for name in ("cipher-no-overlap", "ok-curl"))
    assert english(run("diff", failing, other)) == set()
    assert english(run("rehearse", failing, "--policy", "mozilla-intermediate")) == set()
    assert english(run("decode", failing, other, "--list")) == set()
