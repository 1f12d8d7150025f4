"""Reading what is protected: with the right keys all of it, with wrong ones as without any."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import ROOT, SHARED

from tlswire.decode import scan
from tlswire.errors import CaptureError
from tlswire.findings import connection
from tlswire.seen import Seen, explain

KEYED = sorted((SHARED / "corpus").glob("*/*.keylog"))
SCENARIOS = sorted((SHARED / "lab" / "scenarios").glob("*/keys.log"))
SIDES = {"client": "c>s", "server": "s>c"}
#: Ciphers that no library at hand has; tshark does not open them either.
CLOSED = "ARIA"


def streams(keylog: Path) -> list[dict[str, Any]]:
    oracle = json.loads((keylog.parent / f"{keylog.stem}.oracle.json").read_text())
    found = oracle["decrypted_with_keylog"]["streams"]
    return [s for s in found if s["transport"] == "tls" and s.get("over", "tcp") == "tcp"]


def missing(stream: dict[str, Any], seen: Seen) -> Counter[tuple[str, str]]:
    """The handshake messages and alerts that tshark saw with the key log and we did not."""
    wanted: Counter[tuple[str, str]] = Counter(
        (what, event["dir"]) for event in stream["events"] for what in event.get("handshake", ())
    )
    wanted.update((f"alert {a['desc']} in {a['frame']}", a["dir"]) for a in stream["alerts"])
    found: Counter[tuple[str, str]] = Counter()
    for entry in seen.transcript.entries:
        told = f"alert {entry.fields.get('description')} in {entry.frame}"
        found[told if entry.what == "alert" else entry.what, SIDES[entry.who]] += 1
    return wanted - found


@pytest.mark.parametrize("keylog", KEYED, ids=lambda p: p.stem)
def test_all_that_tshark_opens_is_opened(keylog: Path) -> None:
    found = {s.flow.number: s for s in scan(keylog.with_suffix(""), keylog=keylog).seen}
    for stream in streams(keylog):
        seen = found[stream["stream"]]
        assert not missing(stream, seen)
        assert not any(entry.troubles for entry in seen.transcript.entries)
        assert CLOSED in keylog.name or not seen.transcript.notes


@pytest.mark.parametrize("keylog", SCENARIOS, ids=lambda p: p.parent.name)
def test_keys_change_no_ending_but_tell_the_alert(keylog: Path) -> None:
    expected = json.loads((keylog.parent / "expect.json").read_text())
    path = keylog.parent / expected["capture"]
    told = []
    for found in (scan(path), scan(path, keylog=keylog)):
        seen = next(s for s in explain(found.seen) if s.flow.number == expected["flow"])
        told.append(connection(seen))
    bare, keyed = told
    assert (bare.outcome, bare.stopped_at) == (keyed.outcome, keyed.stopped_at)
    if bare.ended_by is not None and keyed.ended_by is not None:
        assert bare.ended_by.how == keyed.ended_by.how
        assert bare.ended_by.side == keyed.ended_by.side
        if keyed.ended_by.how == "encrypted_alert":
            assert keyed.ended_by.alert is not None


def test_a_key_log_beside_a_capture_is_left_alone(shared: Path) -> None:
    keylog = next(k for k in KEYED if "TLS1_3" in k.name)
    seen = scan(keylog.with_suffix("")).seen[0]
    assert not any(entry.protected for entry in seen.transcript.entries)


#: Captures with a Decryption Secrets Block inside.
BLOCKS = sorted(
    path
    for path in (SHARED / "corpus").glob("*/*.pcapng")
    if b"_TRAFFIC_SECRET_0 " in path.read_bytes() and "quic" not in path.name
)


@pytest.mark.parametrize("path", BLOCKS, ids=lambda p: p.name)
def test_secrets_inside_a_capture_are_used(path: Path) -> None:
    (seen,) = explain(scan(path).seen)
    assert not any(entry.troubles for entry in seen.transcript.entries)
    finished = [e.who for e in seen.transcript.entries if e.what == "finished" and e.protected]
    assert finished == ["server", "client"]
    assert connection(seen).alpn == "h2"


@pytest.mark.parametrize("name", ["no such file", "rsa"])
def test_files_that_hold_no_keys_are_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / "rsa").write_text("no key")
    capture = next((ROOT / "captures").glob("*.pcapng"))
    with pytest.raises(CaptureError):
        scan(capture, rsa_keys=[tmp_path / name])


def test_lines_that_are_no_keys_are_counted(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("one\ntwo\n# three\n")
    capture = next((ROOT / "captures").glob("*.pcapng"))
    notes = scan(capture, keylog=log).notes
    assert any("2 lines" in note for note in notes)
    assert any("open nothing" in note for note in notes)
