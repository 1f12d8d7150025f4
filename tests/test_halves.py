"""Two processes that read a half each tell what one process tells: the corpus, cut everywhere."""

from __future__ import annotations

import os
import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import SHARED
from wire_words import pcap_bytes

from tlswire import cli, halves
from tlswire.decode import Scan, follow
from tlswire.halves import TornError
from tlswire.seen import Seen
from tlswire.skim import Teller
from tlswire.sources.capture import open_capture
from tlswire.sources.unwanted import Unwanted
from tlswire.sources.watch import Watch

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
#: Captures that hold many conversations, tunnels, ports used again, cut ends.
MIXED = sorted((SHARED / "corpus").glob("ntop+nDPI/*.pcap*"))[::6] + sorted(
    (SHARED / "corpus").glob("cisco*/*.pcap*")
)


def facts(seen: Seen) -> tuple[Any, ...]:
    flow, transcript = seen.flow, seen.transcript
    frames = [entry.frame for entry in transcript.entries]
    sides = [(side.sent, side.acked, side.packets) for side in (flow.client, flow.server)]
    return transcript.history, seen.ending[:4], flow.first_frame, frames, sides, flow.until


def whole(path: Path) -> tuple[list[Any], Scan]:
    found = Scan(str(path))
    return [(s.flow.number, facts(s)) for s in follow(str(path), found)], found


def halved(path: Path) -> tuple[list[Any], Scan]:
    found = Scan(str(path))
    told = halves.follow(str(path), found, Watch(), Teller(facts), "first")
    return [(t.number, t.content) for t in told], found


def compare(paths: Iterable[Path]) -> tuple[int, int]:
    """Return how many captures were told alike, and how many could not be halved."""
    alike = torn = 0
    for path in paths:
        if not halves.divisible(str(path), 2):
            continue
        try:
            two, joined = halved(path)
        except TornError:
            torn += 1
            continue
        one, single = whole(path)
        assert two == one, path
        assert joined == single, path
        alike += 1
    return alike, torn


@pytest.mark.parametrize("middle", [0.1, 0.5, 0.9])
def test_the_corpus_is_told_alike(monkeypatch: pytest.MonkeyPatch, middle: float) -> None:
    monkeypatch.setattr(halves, "MIDDLE", middle)
    captures = [p for p in MIXED if p.suffix in (".pcap", ".pcapng")]
    if not captures:
        pytest.skip("no corpus: set TLSWIRE_SHARED")
    alike, torn = compare(captures)
    assert alike > 30
    assert torn < alike / 4


def test_a_capture_is_told_alike_wherever_it_is_cut(
    monkeypatch: pytest.MonkeyPatch, captures: Path, tmp_path: Path
) -> None:
    """Ports used again, conversations that begin before, at and behind the middle."""
    names = ("ok-tls12-openssl", "cert-expired", "begins-midway", "ok-tls12-openssl")
    packets = [p.data for name in names for p in open_capture(captures / f"{name}.pcapng")]
    path = tmp_path / "several.pcap"
    path.write_bytes(pcap_bytes(packets))
    for tenth in range(1, 20):
        monkeypatch.setattr(halves, "MIDDLE", tenth / 20)
        assert compare([path]) == (1, 0)


@pytest.mark.parametrize("suffix", ["pcap", "pcapng"])
def test_packets_are_stepped_over_to_any_place(captures: Path, tmp_path: Path, suffix: str) -> None:
    path = captures / "ok-tls12-openssl.pcapng"
    if suffix == "pcap":
        packets = [p.data for p in open_capture(path)]
        path = tmp_path / "x.pcap"
        path.write_bytes(pcap_bytes(packets))
    rows = list(open_capture(path))
    for place in random.Random(1).sample(range(path.stat().st_size), 60):
        capture, unwanted = open_capture(path), Unwanted()
        begins = capture.skip_to(place, unwanted)
        assert begins is None or begins >= place
        rest = [p for batch in capture.batches(unwanted) for p in batch]
        if begins is not None:
            assert [p[0] for p in rest] == [r.number for r in rows[len(rows) - len(rest) :]]


def test_what_cannot_be_halved_is_read_by_one(captures: Path, tmp_path: Path) -> None:
    assert not halves.divisible(str(captures / "cert-expired.pcapng"), 1)
    assert not halves.divisible(str(captures / "cert-expired.pcapng"), None)
    assert not halves.divisible("-", 2)


def test_reading_can_be_ended(captures: Path, tmp_path: Path) -> None:
    class Impatient(Watch):
        def told(self, read: int) -> None:
            self.over = read > 1000

    packets = [p.data for p in open_capture(captures / "ok-tls12-openssl.pcapng")]
    path, found = tmp_path / "x.pcap", Scan("x")
    path.write_bytes(pcap_bytes(packets + [b"x" * 60_000] * 20))
    told = list(halves.follow(str(path), found, Impatient(), Teller(facts), "first"))
    assert [each.number for each in told] == [0]
    assert found.notes[-1].startswith("stopped by the user after ")


def lines(path: Path, jobs: int) -> str:
    told = CliRunner().invoke(cli.main, ["decode", "--list", "--jobs", str(jobs), str(path)])
    assert told.exit_code in (0, 1, 3)
    return told.output


def test_the_list_is_the_same(captures: Path) -> None:
    for path in sorted(captures.glob("*.pcapng")):
        assert lines(path, 2) == lines(path, 1)


def test_a_list_begun_in_halves_is_ended_by_one(
    monkeypatch: pytest.MonkeyPatch, captures: Path
) -> None:
    def torn(*args: object) -> None:
        raise TornError

    path = captures / "cert-expired.pcapng"
    expected = lines(path, 1)
    monkeypatch.setattr(halves, "_join", torn)
    assert lines(path, 2) == expected
