"""Two processes that read a half each tell what one process tells: the corpus, cut everywhere."""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from conftest import SHARED
from test_remarks import block, interface, option, packet, section
from wire_words import pcap_bytes

from tlswire import cli, halves
from tlswire.decode import Scan, follow
from tlswire.halves import TornError
from tlswire.seen import Seen
from tlswire.skim import Teller
from tlswire.sources.capture import open_capture
from tlswire.sources.middle import wants_two
from tlswire.sources.unwanted import Unwanted
from tlswire.sources.watch import Watch

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork on this system")
#: Captures that hold many conversations, tunnels, ports used again, cut ends.
MIXED = sorted((SHARED / "corpus").glob("ntop+nDPI/*.pcap*"))[::6] + sorted(
    (SHARED / "corpus").glob("cisco*/*.pcap*")
)


def facts(seen: Seen) -> tuple[Any, ...]:
    """What is told of a conversation, without the number of a packet."""
    flow, transcript = seen.flow, seen.transcript
    frames = [entry.frame - flow.first_frame for entry in transcript.entries]
    sides = [(side.sent, side.acked, side.packets) for side in (flow.client, flow.server)]
    return transcript.history, seen.ending[:4], frames, sides, flow.until


def whole(path: Path) -> tuple[list[Any], Scan]:
    found = Scan(str(path))
    told = follow(str(path), found)
    flows = [(s.flow.number, s.flow.first_frame, s.flow.last_frame, facts(s)) for s in told]
    return flows, found


def halved(path: Path) -> tuple[list[Any], Scan]:
    found, middle = Scan(str(path)), halves.middle_of(str(path))
    assert middle is not None
    told = halves.follow(str(path), middle, found, Watch(), Teller(facts), "first")
    return [(t.number, t.first_frame, t.last_frame, t.content) for t in told], found


def compare(paths: Iterable[Path]) -> tuple[int, int]:
    """Return how many captures were told alike, and how many could not be halved."""
    alike = torn = 0
    for path in paths:
        if halves.middle_of(str(path)) is None:
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
def test_a_packet_is_found_behind_any_place(captures: Path, tmp_path: Path, suffix: str) -> None:
    path = captures / "ok-tls12-openssl.pcapng"
    if suffix == "pcap":
        packets = [p.data for p in open_capture(path)]
        path = tmp_path / "x.pcap"
        path.write_bytes(pcap_bytes(packets))
    rows, found = list(open_capture(path)), 0
    for near in random.Random(1).sample(range(path.stat().st_size), 60):
        middle = open_capture(path).find_middle(near)
        if middle is not None:
            capture = open_capture(path)
            capture.go(middle.place)
            rest = [p[:2] for batch in capture.batches(Unwanted()) for p in batch]
            before = len(rows) - len(rest)
            assert rest == [(r.number - before, r.at) for r in rows[before:]]
            found += middle.place - near < 2000
    assert found > 40


def chain(length: int) -> bytes:
    """What looks like packets to who looks for some: a capture inside a capture."""
    return b"".join(struct.pack("<4I", 1, 0, 60, 60) + bytes(60) for _ in range(length // 76))


def test_a_false_chain_costs_time_only(captures: Path, tmp_path: Path) -> None:
    path = tmp_path / "false.pcap"
    packets = [p.data for p in open_capture(captures / "cert-expired.pcapng")]
    path.write_bytes(pcap_bytes([*packets, chain(1 << 21), *packets[1:]]))
    middle = halves.middle_of(str(path))
    assert middle is not None
    assert compare([path]) == (0, 1)
    assert lines(path, 2) == lines(path, 1)


@pytest.mark.parametrize("suffix", ["pcap", "pcapng"])
def test_a_cut_file_is_told_alike(captures: Path, tmp_path: Path, suffix: str) -> None:
    names = ("ok-tls12-openssl", "cert-expired", "begins-midway")
    packets = [p.data for name in names for p in open_capture(captures / f"{name}.pcapng")]
    whole_file = pcap_bytes(packets)
    if suffix == "pcapng":
        blocks = [section(option(1, b"all")), interface(b"eth0")]
        blocks += [packet(data, b"this" if n % 40 == 3 else b"") for n, data in enumerate(packets)]
        whole_file = b"".join(blocks)
    path, size = tmp_path / f"cut.{suffix}", len(whole_file)
    alike = torn = 0
    for cut in random.Random(2).sample(range(size * 2 // 3, size), 40):
        path.write_bytes(whole_file[:cut] + random.Random(cut).choice((b"", b"\xff" * 40)))
        one, other = compare([path])
        alike, torn = alike + one, torn + other
    assert alike > 30
    assert torn < 10


def test_what_a_file_says_besides_is_told_alike(captures: Path, tmp_path: Path) -> None:
    packets = [p.data for p in open_capture(captures / "ok-tls12-openssl.pcapng")] * 3
    names = [
        block(4, struct.pack("<HH4s", 1, 8, bytes((192, 0, 2, n))) + b"x%02d\0" % n)
        for n in range(len(packets))
    ]
    blocks = [packet(d, b"see %d" % n if n % 5 == 1 else b"") for n, d in enumerate(packets)]
    rows = [b for pair in zip(blocks, names, strict=True) for b in pair]
    path = tmp_path / "remarks.pcapng"
    path.write_bytes(section(option(1, b"all")) + interface(b"eth0") + b"".join(rows))
    assert compare([path]) == (1, 0)
    later = interface(b"eth1")
    for place in (2, len(rows) - 5):
        mixed = [*rows[:place], later, *rows[place:]]
        path.write_bytes(section() + interface(b"eth0") + b"".join(mixed))
        assert sum(compare([path])) == 1


def test_what_cannot_be_halved_is_read_by_one(captures: Path, tmp_path: Path) -> None:
    assert wants_two(str(captures / "cert-expired.pcapng"), 2)
    assert not wants_two(str(captures / "cert-expired.pcapng"), 1)
    assert not wants_two(str(captures / "cert-expired.pcapng"), None)
    assert not wants_two("-", 2)


def test_reading_can_be_ended(captures: Path, tmp_path: Path) -> None:
    class Impatient(Watch):
        def told(self, read: int) -> None:
            self.over = read > 1000

    packets = [p.data for p in open_capture(captures / "ok-tls12-openssl.pcapng")]
    path, found = tmp_path / "x.pcap", Scan("x")
    path.write_bytes(pcap_bytes(packets + [b"x" * 60_000] * 20))
    middle = halves.middle_of(str(path))
    assert middle is not None
    told = list(halves.follow(str(path), middle, found, Impatient(), Teller(facts), "first"))
    assert [each.number for each in told] == [0]
    assert found.notes[-1].startswith("stopped by the user after ")


def lines(path: Path, jobs: int) -> str:
    told = CliRunner().invoke(cli.main, ["decode", "--list", "--jobs", str(jobs), str(path)])
    assert told.exit_code in (0, 1, 3)
    return told.output


def test_the_list_is_the_same(captures: Path) -> None:
    for path in sorted(captures.glob("*.pcapng")):
        assert lines(path, 2) == lines(path, 1)


def test_it_needs_no_file_without_a_name(
    monkeypatch: pytest.MonkeyPatch, captures: Path, tmp_path: Path
) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "absent"))
    path = captures / "cert-expired.pcapng"
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
