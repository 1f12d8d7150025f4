"""The Python API: what `__all__` names is there, typed and documented, and costs nothing unused."""

from __future__ import annotations

import asyncio
import inspect
import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import ROOT
from test_report_html import HOSTILE, Reader, hostile_document

import tlswire
from tlswire.api import Report
from tlswire.cli.loopback import LoopbackServer

FAILED = ROOT / "captures" / "cipher-no-overlap.pcapng"
#: What the API is; a change of this list is a change for those who use it.
NAMES = {
    *("decode", "replay", "decode_async", "replay_async", "Report", "Decoded", "Replayed"),
    *("Connection", "Document", "Replay", "Verdict", "__version__"),
    *("TlswireError", "CaptureError", "SelectionError", "TargetError"),
}


def test_all_is_what_is_there_and_documented() -> None:
    assert set(tlswire.__all__) == NAMES == set(dir(tlswire))
    for name in NAMES - {"__version__"}:
        found = getattr(tlswire, name)
        assert found.__doc__, name
    for name in ("decode", "replay", "decode_async", "replay_async"):
        signature = inspect.signature(getattr(__import__("tlswire.api").api, name))
        assert all(p.annotation is not p.empty for p in signature.parameters.values())


def test_importing_it_imports_nothing_else() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, tlswire; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = {name for name in told.stdout.split() if name.startswith("tlswire")}
    assert loaded == {"tlswire"}
    assert "msgspec" not in told.stdout.split()


@pytest.mark.parametrize(
    "before",
    ["", "import tlswire.decode", "from tlswire import decode", "import tlswire.cli.decode"],
)
def test_a_verb_is_called_whatever_was_imported_before(before: str) -> None:
    code = f"{before}\nimport tlswire\nprint(len(tlswire.decode({str(FAILED)!r})))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout == "1\n"


def test_a_user_program_passes_strict_type_checks(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(
        "import tlswire\n"
        "def first(path: str) -> str:\n"
        "    found = tlswire.decode(path)\n"
        "    for connection in found:\n"
        "        cause: str = connection.verdict.causes[0].id\n"
        "        return cause\n"
        "    return tlswire.replay(path, target='127.0.0.1:1')[0].target\n"
        "async def later(path: str) -> int:\n"
        "    return (await tlswire.decode_async(path)).summary.failed\n"
    )
    told = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--cache-dir", str(tmp_path), str(program)],
        capture_output=True,
        text=True,
        cwd=ROOT,
    )
    assert told.returncode == 0, told.stdout


def test_decode_is_what_the_command_prints() -> None:
    found = tlswire.decode(FAILED)
    (connection,) = found
    assert found[0] is connection
    assert found.failed == (connection,)
    assert len(found[:1]) == len(found) == found.summary.connections
    assert connection.verdict.causes[0].id == "cipher-no-overlap"
    assert json.loads(found.json())["connections"][0]["id"] == connection.id
    assert "cipher-no-overlap" in found.markdown()
    assert found.html().startswith("<!doctype html>")
    assert asyncio.run(tlswire.decode_async(FAILED)).summary == found.summary
    assert "1 failed" in repr(found)


def test_replay_proves() -> None:
    with LoopbackServer("partner.example.com") as server:
        done = tlswire.replay(FAILED, target=server.target)
        again = asyncio.run(tlswire.replay_async(FAILED, target=server.target, experiments=False))
    (replayed,) = done
    assert replayed.verdict.causes[0].confidence == "proved"
    assert len(again[0].attempts) == 1
    assert "Proof" in done.html()
    with pytest.raises(tlswire.SelectionError):
        tlswire.replay(FAILED, connections=[99])
    with pytest.raises(tlswire.CaptureError):
        tlswire.decode("/nonexistent.pcap")


@pytest.mark.parametrize("wire", HOSTILE)
def test_a_notebook_shows_text_as_text(wire: str) -> None:
    told = Report(hostile_document(wire))._repr_html_()  # type: ignore[arg-type]
    tags = {tag for tag, _ in Reader(told).tags}
    assert tags <= {"div", "p", "b", "table", "thead", "tbody", "tr", "th", "td"}
    assert not set("\x1b\u202e") & set(told)
