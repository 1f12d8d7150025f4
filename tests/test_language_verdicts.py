"""No sentence of a verdict is written past the catalogue, and in French all else stays as it is.

A language that only puts brackets round each message shows what was said and what was not.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from gettext import NullTranslations, translation
from pathlib import Path
from typing import Any

import hostile
import msgspec
import peers
import pytest
from peers import recorded
from test_baseline import feed, refused
from test_flight import HELLO
from test_replay import replay_one

import tlswire
from tlswire import bundles
from tlswire.baseline import Baseline
from tlswire.causes import cause
from tlswire.decode import scan
from tlswire.diff import compare
from tlswire.flow import Endpoint
from tlswire.language import CATALOGUES, DOMAIN, spoken
from tlswire.replay import parse_target
from tlswire.seen import explain

#: Keys of the JSON under which a sentence stands, or a list of them.
SENTENCES = ("summary", "next_step", "text", "why", "notes")
#: Larger captures say nothing that these do not.
LARGEST = 2_000_000


class Bracketed(NullTranslations):
    """Every message in brackets, whatever fills its blanks inside."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"


def french() -> NullTranslations:
    return translation(DOMAIN, CATALOGUES, ["fr"])


def outside(told: str) -> str:
    """Return what stands outside all brackets."""
    depth, left = 0, ""
    for character in told:
        depth += {"⟦": 1, "⟧": -1}.get(character, 0)
        left += character if depth == 0 and character != "⟧" else ""
    return left


def unsaid(found: Any) -> list[str]:
    """Return the sentences of a document that were not said, not wholly."""
    told = [text for path, text in strings(found) if is_sentence(path)]
    return [text for text in told if any(map(str.isalpha, outside(text)))]


def strings(found: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield every string with its keys, in order."""
    if isinstance(found, dict):
        for key, value in found.items():
            yield from strings(value, (*path, key))
    elif isinstance(found, list):
        for value in found:
            yield from strings(value, path)
    elif isinstance(found, str):
        yield path, found


def is_sentence(path: tuple[str, ...]) -> bool:
    return path[-1] in SENTENCES and "messages" not in path


def as_json(found: object) -> Any:
    return json.loads(msgspec.json.encode(found))


def read(path: Path) -> Any:
    return json.loads(tlswire.decode(path).json())


def captured(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.rglob("*.pcap*")):
        if path.suffix in (".pcap", ".pcapng") and path.stat().st_size < LARGEST:
            yield path


# -- captures ----------------------------------------------------------------------------


def test_every_sentence_of_our_captures_is_said(captures: Path) -> None:
    with spoken(Bracketed()):
        found = {path.name: unsaid(read(path)) for path in captured(captures)}
    assert {name: told for name, told in found.items() if told} == {}
    assert len(found) > 50


def test_every_sentence_of_shared_captures_is_said(shared: Path) -> None:
    missed, count = {}, 0
    with spoken(Bracketed()):
        for path in captured(shared):
            with contextlib.suppress(tlswire.CaptureError):
                missed[str(path)], count = unsaid(read(path)), count + 1
    assert {name: told for name, told in missed.items() if told} == {}
    assert count > 100


def test_in_french_sentences_differ_and_nothing_else(captures: Path) -> None:
    for path in captured(captures):
        english = read(path)
        with spoken(french()):
            translated = read(path)
        assert_translated(english, translated)


def assert_translated(english: Any, translated: Any) -> None:
    """Compare two documents, string by string: same keys, same ids, other sentences."""
    pairs = list(zip(strings(english), strings(translated), strict=True))
    assert [a[0] for a, _ in pairs] == [b[0] for _, b in pairs]
    for (path, said), (_, dit) in pairs:
        if is_sentence(path):
            assert dit != said, path
        elif "trouble" not in path and path[-1] != "answer":
            assert dit == said, path
    assert shape(english) == shape(translated)


def shape(found: Any) -> Any:
    """Return a document without its strings."""
    if isinstance(found, dict):
        return {key: shape(value) for key, value in found.items()}
    if isinstance(found, list):
        return [shape(value) for value in found]
    return None if isinstance(found, str) else found


# -- replays -----------------------------------------------------------------------------

ALERT = bytes.fromhex("15030300020250")
NOWHERE = Endpoint(peers.LOOPBACK, 443)
SMTP = b"220 mail.example.com ESMTP ready\r\n"
#: A capture, and a server that its hellos are sent to.
REPLAYS: dict[str, tuple[str, Callable[[], AbstractContextManager[Endpoint]]]] = {
    "proved": ("cipher-no-overlap", lambda: peers.openssl_server("-no_tls1_3")),
    "version": ("version-client-too-old", lambda: peers.openssl_server("-no_tls1")),
    "retry": ("ok-tls13-openssl", lambda: peers.openssl_server("-groups", "secp521r1")),
    "played": ("ok-tls12-openssl", lambda: peers.python_server()),
    "reset": ("cipher-no-overlap", lambda: peers.scripted(peers.resets)),
    "closed": ("ok-tls13-openssl", lambda: peers.scripted(peers.closes)),
    "silent": ("ok-tls13-openssl", lambda: peers.scripted(peers.silent)),
    "greeting": ("ok-tls13-openssl", lambda: peers.scripted(peers.answers(SMTP))),
    "alert": ("alpn-no-overlap", lambda: peers.scripted(peers.answers(ALERT))),
}


@pytest.mark.parametrize("name", REPLAYS)
def test_every_sentence_of_a_replay_is_said(name: str, captures: Path) -> None:
    capture, serve = REPLAYS[name]
    with serve() as where, spoken(Bracketed()):
        done = tlswire.replay(
            captures / f"{capture}.pcapng", target=str(where), every=True, timeout=0.4
        )
    found = json.loads(done.json())
    assert found["replays"]
    assert unsaid(found) == []


def test_every_sentence_of_repeats_is_said() -> None:
    """Two members by turns, one that answers and one that does not."""
    turns = iter(range(100))
    alert = peers.answers(bytes.fromhex("15030300020228"))

    def serve(accepted: Any) -> None:
        (alert if next(turns) % 2 else peers.closes)(accepted)

    with peers.scripted(serve) as where, spoken(Bracketed()):
        done = replay_one(recorded(("client", HELLO)), where, repeat=6)
    assert unsaid(as_json(done)) == []


def test_a_target_that_refuses_is_told_in_the_language(captures: Path) -> None:
    where = f"{peers.LOOPBACK}:{peers.free_port()}"
    with spoken(Bracketed()):
        done = tlswire.replay(captures / "cert-expired.pcapng", target=where, timeout=0.4)
    assert unsaid(json.loads(done.json())) == []


# -- text of the wire --------------------------------------------------------------------


def test_in_french_text_of_the_wire_is_as_safe(tmp_path: Path) -> None:
    """What the wire says fills a blank, escaped, and is never taken for a message."""
    capture = hostile.capture(tmp_path / "hostile.pcap")
    english, page = read(capture), tlswire.decode(capture).html()
    with spoken(french()):
        translated, found = read(capture), tlswire.decode(capture)
        shown, told = found.html(), found.markdown()
    assert_translated(english, translated)
    for tag in ("<script>document", "<img src=x", "<svg onload"):
        assert tag not in page
        assert tag not in shown
    assert "\x1b" not in told
    assert "\u202e" not in told


def test_a_message_of_the_catalogue_on_the_wire_is_not_translated() -> None:
    """A server that sends a sentence of ours, or a blank, is quoted."""
    for words in ("the client's certificate", "{told} {0.__class__}"):
        reply = f"554 {words}\r\n".encode()
        with spoken(french()):
            seen = recorded(("client", HELLO), ("server", reply)).seen()
            told = as_json(next(iter(explain([seen]))).verdict)
        assert any(words in text for _, text in strings(told))
        assert "Le serveur" in told["summary"]


# -- commands ----------------------------------------------------------------------------

SENDING = {
    "replay": ["replay", "{capture}", "--target", "{where}"],
    "narrow": ["narrow", "{capture}", "--target", "{where}"],
    "survey": ["survey", "{where}"],
    "probe": ["probe", "{where}"],
}


@pytest.mark.parametrize("name", SENDING)
def test_a_command_that_sends_takes_the_language(name: str, captures: Path) -> None:
    """Nobody listens there, which is an end like any other in each language."""
    where = f"{peers.LOOPBACK}:{peers.free_port()}"
    capture = captures / "cipher-no-overlap.pcapng"
    words = [word.format(capture=capture, where=where) for word in SENDING[name]]
    ran = subprocess.run(
        [sys.executable, "-m", "tlswire", *words, "--lang", "fr"], capture_output=True, text=True
    )
    assert ran.returncode == 4, ran.stderr
    assert ran.stderr == ""
    assert "connexion" in ran.stdout


# -- beside the verdicts -----------------------------------------------------------------


def test_why_a_difference_of_hellos_matters_is_said(captures: Path) -> None:
    names = ("ok-chromium", "ok-tls12-openssl")
    one, other = (scan(captures / f"{name}.pcapng").seen[0] for name in names)
    with spoken(Bracketed()):
        found = compare(one, other, names)
    told = [each.matters for each in found.differences if each.matters]
    assert len(told) > 5
    assert not any(any(map(str.isalpha, outside(matters))) for matters in told)


def test_a_bundle_made_in_one_language_is_verified_in_another(captures: Path) -> None:
    """What is compared are ids; what is told, and the reader's page, follow the language."""
    path = captures / "cert-expired.pcapng"
    found = scan(path)
    with spoken(french()):
        made = bundles.make(str(path), found.seen, found.listed(all_tcp=True), keep_names=False)
    archive = zipfile.ZipFile(io.BytesIO(made.data))
    assert "Commencer par report.html" in archive.read("README.txt").decode()
    checks = list(bundles.check(io.BytesIO(made.data)))
    assert all(each.good for each in checks)
    with spoken(french()):
        again = list(bundles.check(io.BytesIO(made.data)))
    assert [each.what for each in again] == [each.what for each in checks]
    assert again[-1].told.startswith("de nouveau le même\u00a0: Le client a refusé")


def test_a_baseline_learned_in_one_language_is_asked_in_another(
    tmp_path: Path, captures: Path
) -> None:
    baseline = Baseline(tmp_path / "base.json")
    feed(baseline, captures, "ok-curl", 0.0, 10)
    baseline.save()
    with spoken(french()):
        again = Baseline(tmp_path / "base.json")
        assert feed(again, captures, "ok-curl", 100.0, 5) == []
        told = [text for n in range(6) for text in again.add(refused(captures, "ok-curl", 200 + n))]
    (change,) = told
    assert "autre réponse\u00a0: server: rst at SERVER_HELLO\u00a0; avant\u00a0: TLS 1.3" in change


@pytest.mark.parametrize(
    ("call", "told"),
    [
        (lambda: tlswire.decode("/nowhere.pcap"), "/nowhere.pcap\u00a0: fichier introuvable"),
        (lambda: tlswire.decode(__file__), "pas une capture de paquets"),
        (lambda: cause("no-such"), "aucune cause ne s'appelle 'no-such'"),
        (lambda: parse_target("host:x", NOWHERE), "'host:x' n'est pas une cible"),
    ],
)
def test_errors_are_said(call: Callable[[], object], told: str) -> None:
    with spoken(french()), pytest.raises(tlswire.TlswireError, match=re.escape(told)):
        call()
