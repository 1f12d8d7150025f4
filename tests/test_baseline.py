"""What a server used to answer, and the day on which it does not: by captures, in turn."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest
from click.testing import CliRunner

from tlswire.baseline import ADOPTED_SECONDS, Baseline
from tlswire.cli import main
from tlswire.decode import scan
from tlswire.errors import SelectionError
from tlswire.seen import Seen


def seen(captures: Path, name: str, at: float) -> Seen:
    """One connection as if it had begun then, to one server."""
    found = scan(captures / f"{name}.pcapng").seen[0]
    found.flow.started = at
    found.flow.server.endpoint = found.flow.server.endpoint._replace(address="198.51.100.20")
    return found


def feed(baseline: Baseline, captures: Path, name: str, at: float, times: int) -> list[str]:
    said = []
    for number in range(times):
        said += baseline.add(seen(captures, name, at + number))
    return said


def refused(captures: Path, name: str, at: float) -> Seen:
    """The same hello, reset by the server in place of an answer."""
    whole = seen(captures, name, at)
    whole.ending = whole.ending._replace(
        outcome="failed", stopped_at="SERVER_HELLO", side="server", how="rst"
    )
    return whole


def test_what_stays_is_not_told(tmp_path: Path, captures: Path) -> None:
    baseline = Baseline(tmp_path / "base.json")
    assert feed(baseline, captures, "ok-curl", 0.0, 20) == []


def test_one_odd_answer_is_no_change(tmp_path: Path, captures: Path) -> None:
    baseline = Baseline(tmp_path / "base.json")
    feed(baseline, captures, "ok-curl", 0.0, 10)
    for at in (20.0, 30.0, 40.0, 50.0):
        assert baseline.add(refused(captures, "ok-curl", at)) == []
        assert baseline.add(seen(captures, "ok-curl", at + 1)) == []


def test_a_change_is_told_once_with_its_time_and_so_is_its_end(
    tmp_path: Path, captures: Path
) -> None:
    path = tmp_path / "base.json"
    baseline = Baseline(path)
    feed(baseline, captures, "ok-curl", 0.0, 10)
    baseline.save()
    baseline = Baseline(path)  # as after a restart
    said = [text for n in range(6) for text in baseline.add(refused(captures, "ok-curl", 7200 + n))]
    assert len(said) == 1
    assert datetime.fromtimestamp(7200).isoformat(" ") in said[0]
    assert "server: rst at SERVER_HELLO; before: TLS 1.3" in said[0]
    said = feed(baseline, captures, "ok-curl", 9000.0, 5)
    assert len(said) == 1
    assert "answers as before: TLS 1.3" in said[0]


def test_what_only_the_refused_hellos_have_is_named(tmp_path: Path, captures: Path) -> None:
    baseline = Baseline(tmp_path / "base.json")
    feed(baseline, captures, "ok-chromium", 0.0, 5)
    feed(baseline, captures, "ok-tls12-openssl", 0.0, 5)
    said = []
    for at in (100.0, 110.0, 120.0):
        feed(baseline, captures, "ok-tls12-openssl", at, 3)
        said += baseline.add(refused(captures, "ok-chromium", at + 5))
    assert len(said) == 1
    assert "no longer answers hellos with group X25519MLKEM768" in said[0]
    assert "Hellos without are answered as before" in said[0]


def test_what_lasts_becomes_usual(tmp_path: Path, captures: Path) -> None:
    baseline = Baseline(tmp_path / "base.json")
    feed(baseline, captures, "ok-curl", 0.0, 5)
    for at in (10.0, 11.0, 12.0, 20.0 + ADOPTED_SECONDS, 21.0 + ADOPTED_SECONDS):
        baseline.add(refused(captures, "ok-curl", at))
    said = feed(baseline, captures, "ok-curl", 30.0 + ADOPTED_SECONDS, 3)
    assert len(said) == 1
    assert "before: server: rst" in said[0]


def test_another_certificate_is_told(tmp_path: Path, captures: Path) -> None:
    baseline = Baseline(tmp_path / "base.json")
    feed(baseline, captures, "cert-expired", 0.0, 5)
    said = []
    for number in range(3):
        other = seen(captures, "cert-expired", 50.0 + number)
        for entry in other.transcript.entries:
            if entry.what == "certificate":
                entry.body = entry.body[:200] + bytes((entry.body[200] ^ 1,)) + entry.body[201:]
                entry._reading = None
        said += baseline.add(other)
    assert len(said) == 1
    assert "shows another certificate: SHA-256" in said[0]


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "base.json"
    path.write_text('{"rows": 1}')
    with pytest.raises(SelectionError, match="not a baseline"):
        Baseline(path)


def test_decode_learns_and_tells(tmp_path: Path, captures: Path) -> None:
    path, capture = tmp_path / "base.json", captures / "ok-curl.pcapng"
    run = CliRunner().invoke
    assert run(main, ["decode", str(capture), "--baseline", str(path)]).exit_code == 0
    assert b"tlswire-baseline/1" in path.read_bytes()
