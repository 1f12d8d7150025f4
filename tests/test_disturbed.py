"""The same conversations, captured otherwise: what is said of them stays, or less is said.

What an observer, a card or a tunnel does to packets is no part of the handshake.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import disturbed
import pytest
from conftest import ROOT, SHARED
from disturbed import Capture, Disturb

from tlswire.decode import scan
from tlswire.seen import Seen, explain

LAB = sorted((SHARED / "lab" / "scenarios").glob("*/client.pcap"))
OWN = sorted((ROOT / "captures").glob("*.pcapng"))
#: Chance is the same in every run: what fails can be looked at.
SEED = 20
#: Captures of these show on purpose what a disturbance does too, or hold what it would not keep.
APART = ("begins-midway", "cut-midway", "one-sided", "mtu-blackhole", "pmtu", "two-taps", "drip")


class Told(NamedTuple):
    """What is said of a connection, in the words of the contract."""

    outcome: str
    stopped_at: str | None
    ender: tuple[str | None, str | None]
    first: str | None
    proved: frozenset[str]


@cache
def packets(path: Path) -> tuple[disturbed.Packet, ...]:
    return tuple(disturbed.read(path))


def told(path: Path) -> dict[tuple[str, str], list[Told]]:
    found: dict[tuple[str, str], list[Told]] = {}
    for seen in explain(scan(path).listed()):
        ends = str(seen.flow.client.endpoint), str(seen.flow.server.endpoint)
        found.setdefault(ends, []).append(_told(seen))
    return found


def _told(seen: Seen) -> Told:
    ending, verdict = seen.ending, seen.verdict
    causes = verdict.causes if verdict is not None else ()
    return Told(
        ending.outcome,
        ending.stopped_at,
        (ending.side, ending.how),
        causes[0].id if causes else None,
        frozenset(cause.id for cause in causes if cause.confidence == "proved"),
    )


def subjects() -> Iterator[Path]:
    for path in (*OWN, *LAB):
        if not any(word in str(path) for word in APART):
            yield path


SUBJECTS = list(subjects())


def name(path: Path) -> str:
    return path.parent.name if path.name == "client.pcap" else path.stem


def before(path: Path, folder: Path) -> dict[tuple[str, str], list[Told]]:
    return told(disturbed.write(folder / "before.pcap", list(packets(path))))


@pytest.mark.parametrize("path", SUBJECTS[::7], ids=name)
def test_what_packets_travel_in_changes_nothing(path: Path, tmp_path: Path) -> None:
    expected = before(path, tmp_path)
    for link, wrap in disturbed.WRAPS.values():
        frames = [(packet.at, wrap(packet.ip)) for packet in packets(path)]
        assert told(disturbed.write_frames(tmp_path / "after.pcap", frames, link)) == expected


#: What a network or an observer does without taking anything away.
HARMLESS: tuple[Disturb, ...] = (
    disturbed.seen_twice,
    disturbed.resent,
    disturbed.offloaded,
    disturbed.by_two_clocks,
)


@pytest.mark.parametrize("disturb", HARMLESS, ids=lambda f: f.__name__)
def test_what_takes_nothing_away_changes_nothing(disturb: Disturb, tmp_path: Path) -> None:
    assert changed(disturb, tmp_path) == []


def test_small_segments_change_no_ending(tmp_path: Path) -> None:
    assert changed(disturbed.in_small_segments, tmp_path, causes=False) == []


def test_a_handshake_whose_syn_was_not_captured_is_told_as_with_it(tmp_path: Path) -> None:
    def as_far_as_there_is_an_answer(capture: Capture, chance: random.Random) -> Capture:
        return disturbed.without_syn(capture, chance) if len(capture) > 7 else capture

    assert changed(as_far_as_there_is_an_answer, tmp_path, apart=("tcp-",)) == []


def changed(
    disturb: Disturb, folder: Path, *, causes: bool = True, apart: tuple[str, ...] = ()
) -> list[tuple[str, Told, Told]]:
    """Return which connections are told otherwise once they are disturbed."""
    found = []
    for path in SUBJECTS:
        if any(word in str(path) for word in apart):
            continue
        expected = before(path, folder)
        again = disturb(list(packets(path)), random.Random(SEED))
        after = told(disturbed.write(folder / "after.pcap", again))
        for ends, one in _pairs(expected, after):
            was, now = one
            same = was == now if causes else was[:3] == now[:3]
            if not same:
                found.append((f"{name(path)} {ends}", was, now))
    return found


NOTHING = Told("not listed", None, (None, None), None, frozenset())


def _pairs(
    expected: dict[tuple[str, str], list[Told]], after: dict[tuple[str, str], list[Told]]
) -> Iterator[tuple[tuple[str, str], tuple[Told, Told]]]:
    for ends, all_of_them in expected.items():
        now = after.get(ends, [])
        for index, was in enumerate(all_of_them):
            yield ends, (was, now[index] if index < len(now) else NOTHING)


#: What takes something away: an observer that drops packets, looks late, leaves early, or sees one
#: direction; or that keeps the start of each packet only.
LOSSES: tuple[Disturb, ...] = (
    disturbed.dropped,
    disturbed.begun_late,
    disturbed.ended_early,
    disturbed.one_way,
)


@pytest.mark.parametrize("disturb", LOSSES, ids=lambda f: f.__name__)
def test_what_the_observer_lost_is_blamed_on_nobody(disturb: Disturb, tmp_path: Path) -> None:
    for path in SUBJECTS:
        again = disturb(list(packets(path)), random.Random(SEED))
        judge(path, disturbed.write(tmp_path / "after.pcap", again), tmp_path)


@pytest.mark.parametrize("snap", [68, 96, 128, 200, 400])
def test_a_short_snap_length_is_blamed_on_nobody(snap: int, tmp_path: Path) -> None:
    for path in SUBJECTS:
        judge(path, disturbed.write(tmp_path / "after.pcap", list(packets(path)), snap), tmp_path)


def judge(path: Path, after: Path, folder: Path) -> None:
    """No handshake that completed is called failed, and nothing is proved that was not before."""
    expected = before(path, folder)
    for ends, all_of_them in told(after).items():
        known = expected.get(ends)
        if known is None:
            continue  # its ends changed places: nobody saw who called
        healthy = all(was.outcome == "established" for was in known)
        proved = frozenset[str]().union(*(was.proved for was in known))
        for now in all_of_them:
            assert not (healthy and now.outcome in ("failed", "not_tls")), (name(path), now)
            assert now.proved <= proved, (name(path), now)


@pytest.mark.parametrize("snap", [128, 200])
def test_an_alert_is_told_where_only_the_start_of_each_packet_was_kept(
    snap: int, tmp_path: Path
) -> None:
    count = 0
    for path in SUBJECTS:
        expected = before(path, tmp_path)
        cut = told(disturbed.write(tmp_path / "cut.pcap", list(packets(path)), snap))
        for _, (was, now) in _pairs(expected, cut):
            if (
                was.outcome == "failed"
                and was.stopped_at == "SERVER_HELLO"
                and "alert" in was.ender
            ):
                assert now[:3] == was[:3], name(path)
                count += 1
    assert count > 2
