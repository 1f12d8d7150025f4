"""A failure told like another one is told as if it had been worked out: copies, changed anyhow."""

from __future__ import annotations

import random
from collections import Counter
from pathlib import Path

import pytest
from conftest import SHARED
from test_listen import line_of, told_of
from test_skim import Row, conversation, copied, hurt

from tlswire.live import alike, listen
from tlswire.live.sight import sight
from tlswire.result import Connection
from tlswire.sources.kept import Kept
from tlswire.sources.pcap import PacketTuple

COPIES = 12
TTL, FLAGS, ID, WINDOW = 22, 47, slice(18, 20), slice(48, 50)


def originals(captures: Path) -> list[list[Row]]:
    """The first conversation of every capture of ours, and of every scenario of the lab."""
    lab = sorted((SHARED / "lab" / "scenarios").glob("**/*.pcap*"))
    found = (conversation(path) for path in [*sorted(captures.glob("*.pcapng")), *lab])
    return [rows for rows in found if len(rows) > 1]


def played(conversations: list[list[Row]]) -> list[PacketTuple]:
    """All of them as an interface gives them, each begun a little after the one before."""
    packets: list[Row] = []
    for number, rows in enumerate(conversations):
        begin = 1000 + number * 0.05 - rows[0][0]
        packets += [(at + begin, data, length) for at, data, length in rows]
    packets.sort(key=lambda row: row[0])
    return [(n, at, 1, data, 0, len(data), length) for n, (at, data, length) in enumerate(packets)]


def told(packets: list[PacketTuple]) -> tuple[dict[int, object], Counter[str]]:
    """Return every line by number, and the outcomes of those told like others."""
    lines: dict[int, object] = {}
    outcomes: Counter[str] = Counter()

    def retell(found: Connection, listed: bool) -> bool:
        outcomes[found.outcome] += 1
        lines[found.id] = line_of(found)[0]
        return True

    worked_out = told_of(packets, retell=retell)
    assert not worked_out.keys() & lines.keys()
    return {**lines, **{n: text for n, (text, *_) in worked_out.items()}}, outcomes


def compare(conversations: list[list[Row]], monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Tell all with and without sights: the lines are the same. Return what likeness told."""
    packets = played(conversations)
    monkeypatch.setattr(listen, "TICK", 0.0)  # it looks after every reading, at no other time
    lines, outcomes = told(packets)
    with monkeypatch.context() as patched:
        patched.setattr(alike, "sight", lambda kept: None)
        wanted, others = told(packets)
    assert lines == wanted
    assert not others["failed"]
    return outcomes


def quick(rows: list[Row], factor: float) -> list[Row]:
    """The same in another time."""
    return [(rows[0][0] + (at - rows[0][0]) * factor, data, length) for at, data, length in rows]


def touched(rows: list[Row], chance: random.Random) -> list[Row]:
    """A change that leaves every length and number as it was, and may decide the cause."""
    which = chance.randrange(len(rows))
    at, data, length = rows[which]
    new = bytearray(data)
    kind = chance.randrange(6)
    if kind == 0:
        new[TTL] = chance.choice((new[TTL], 255, 64, new[TTL] - 3))
    elif kind == 1:
        new[ID] = chance.randbytes(2)
    elif kind == 2:
        new[WINDOW] = bytes(2)
    elif kind == 3 and len(new) > 60:
        new[chance.randrange(54, len(new))] ^= 1 << chance.randrange(8)
    elif kind == 4:
        return quick(rows, chance.choice((0.01, 0.1, 0.5)))
    else:
        later = chance.choice((0.0001, 0.02, 0.3, 0.6))
        return rows[:which] + [(a + later, d, n) for a, d, n in rows[which:]]
    return [*rows[:which], (at, bytes(new), length), *rows[which + 1 :]]


def test_failures_alike_are_told_without_working_them_out(
    captures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(1)
    made = [rows for rows in originals(captures) for _ in range(COPIES)]
    outcomes = compare([copied(rows, n, chance) for n, rows in enumerate(made)], monkeypatch)
    assert outcomes["failed"] > 100
    assert outcomes["established"] > 50


@pytest.mark.parametrize("seed", range(2))
def test_one_change_may_change_the_cause(
    captures: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(seed)
    made: list[list[Row]] = []
    for rows in originals(captures):
        base = quick(rows, chance.choice((1.0, 0.05)))
        for _ in range(COPIES):
            copy = copied(base, len(made), chance)
            for _ in range(chance.choice((0, 0, 1, 1, 2))):
                copy = touched(copy, chance)
            made.append(hurt(copy, chance) or copy if chance.random() < 0.1 else copy)
    assert compare(made, monkeypatch)["failed"] > 50


def test_who_else_was_served_changes_the_verdict(
    captures: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that serves one client refuses another for what is that one's own."""
    chance = random.Random(2)
    bad = conversation(captures / "cipher-no-overlap.pcapng")
    good = conversation(captures / "ok-tls12-openssl.pcapng")
    made = [copied(bad, n, chance) for n in range(8)]
    made += [copied(good, 100 + n, chance) for n in range(3)]
    made += [copied(bad, 200 + n, chance) for n in range(8)]
    compare(made, monkeypatch)


# -- what has a sight --------------------------------------------------------------------


def kept(rows: list[Row]) -> Kept:
    made = Kept(0, rows[0][1][26:38], int.from_bytes(rows[0][1][38:42]))
    made.packets = [(n, at, data, length) for n, (at, data, length) in enumerate(rows)]
    return made


def test_what_is_random_is_not_seen(captures: Path) -> None:
    chance = random.Random(3)
    rows = conversation(captures / "cipher-no-overlap.pcapng")
    sights = {sight(kept(copied(rows, n, chance))) for n in range(5)}
    assert len(sights) == 1
    assert sights != {None}


@pytest.mark.parametrize(
    ("place", "value"), [(TTL, 3), (ID.start, None), (WINDOW.start, 3), (29, 3), (70, 3)]
)
def test_what_may_decide_is_seen(captures: Path, place: int, value: int | None) -> None:
    rows = conversation(captures / "cipher-no-overlap.pcapng")
    at, data, length = next(row for row in rows if len(row[1]) > 80)
    new = bytearray(data)
    new[place] ^= 3
    other = [row if row[1] != data else (at, bytes(new), length) for row in rows]
    assert (sight(kept(other)) == sight(kept(rows))) == (value is None)


def test_what_was_slow_has_no_sight(captures: Path) -> None:
    rows = conversation(captures / "cipher-no-overlap.pcapng")
    assert sight(kept([*rows[:-1], (rows[-1][0] + 0.5, *rows[-1][1:])])) is None


def test_those_without_a_byte_of_tls_are_told_one_by_one_up_to_a_bound(captures: Path) -> None:
    chance = random.Random(4)
    rows = conversation(captures / "tcp-syn-rejected.pcapng")
    listed: Counter[bool] = Counter()

    def retell(found: Connection, one_by_one: bool) -> bool:
        listed[one_by_one] += 1
        return True

    told_of(played([copied(rows, n, chance) for n in range(80)]), retell=retell, most_alike=50)
    assert sum(listed.values()) > 70
    assert listed[False] >= 10  # the count begins anew when it is looked at first


def test_who_wants_all_of_it_gets_it(captures: Path) -> None:
    """A failure that is to be shown with its ladder is worked out, however many are like it."""
    chance = random.Random(5)
    rows = conversation(captures / "cipher-no-overlap.pcapng")
    packets = played([copied(rows, n, chance) for n in range(9)])
    assert len(told_of(packets, retell=lambda found, listed: False)) == 9
