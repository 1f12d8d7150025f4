"""A newcomer's way: one file, one row, one conversation; all the rest appears by itself."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import test_causes
import test_causes_by_flow
import test_causes_by_hand
from conftest import ROOT

from tlswire.causes import CAUSES

#: Causes that no wire shows: their page is for `explain`.
UNSEEN = {
    "quic-fallback-only",
    "monitor-differs-from-data",
    "renegotiation-for-client-auth",
    "sni-host-mismatch",
    "close-without-notify",
}

CAUSE = '''"""A cause of tomorrow.

What it is: a thing that does not exist yet.

At the client, at the server and in the middle: nothing.

Mistaken for: everything.

Proof: none.

Sources: none.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage

ID = "cause-of-tomorrow"
STAGE: Stage = "client_hello"
SUMMARY = "tomorrow has come"
REMEDIES: tuple[Cited, ...] = (Cited("client", "Wait until tomorrow."),)
SPLIT_BY: tuple[str, ...] = ("twin",)


def look(case: Case) -> Finding | Refuted | None:
    """Every case."""
    return Finding("likely", (case.closing,), SUMMARY, 99)
'''


def test_a_cause_is_one_file_and_one_row(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "tlswire", tmp_path / "tlswire")
    shutil.copytree(ROOT / "tools", tmp_path / "tools")
    (tmp_path / "tlswire/causes/cause_of_tomorrow.py").write_text(CAUSE)
    catalogue = tmp_path / "tlswire/causes/catalogue.py"
    row = '    "server-stall",\n'
    catalogue.write_text(catalogue.read_text().replace(row, f'    "cause-of-tomorrow",\n{row}'))
    capture = next((ROOT / "captures").glob("cert-untrusted-root.pcapng"))
    assert "Wait until tomorrow." in run(tmp_path, "tlswire", "explain", "cause-of-tomorrow")
    assert "A cause of tomorrow." in run(tmp_path, "tlswire", "explain", "--causes")
    assert "cause-of-tomorrow" in run(tmp_path, "tlswire", "decode", str(capture))
    run(tmp_path, "tools/make_causes_page.py")
    assert "## cause-of-tomorrow" in (tmp_path / "docs/causes.md").read_text()


def run(folder: Path, program: str, *words: str) -> str:
    start = [program] if program.endswith(".py") else ["-m", program]
    environment = {**os.environ, "PYTHONPATH": str(folder)}
    command = [sys.executable, *start, *words]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout


def test_every_cause_is_shown_by_a_conversation_a_flow_or_a_capture() -> None:
    files = [Path(str(module.__file__)) for module in (test_causes, test_causes_by_flow)]
    written = "".join(path.read_text() for path in files)
    written += "".join(path.read_text() for path in (ROOT / "captures").glob("*.toml"))
    shown = set(test_causes_by_hand.SHOWN)
    missing = {c.ID for c in CAUSES if c.ID not in shown and f'"{c.ID}"' not in written}
    assert missing - UNSEEN == set()
