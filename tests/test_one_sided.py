"""A capture of one side's packets: what its acknowledgments tell, and that no more is told."""

from __future__ import annotations

import json
from pathlib import Path

import disturbed
import pytest

import tlswire
from tlswire.causes import unseen_hello
from tlswire.causes.catalogue import ORDER
from tlswire.comparison import compare
from tlswire.decode import scan
from tlswire.reports.endings import who_and_how
from tlswire.result import Connection

CAPTURES = Path(__file__).parent.parent / "captures"
WHOLE = sorted(CAPTURES.glob("ok-*.pcapng"))


def half(path: Path, side: str, folder: Path) -> list[Connection]:
    """Return what is told of the packets that one side of a capture sent."""
    packets = disturbed.read(path)
    places = [(p, where) for p in packets if (where := disturbed.place(p.ip))]
    client = places[0][1].ends[0] if places else b""
    kept = [p for p, where in places if (where.ends[0] == client) == (side == "client")]
    return list(tlswire.decode(disturbed.write(folder / "half.pcap", kept)))


def one(path: Path, side: str, folder: Path) -> Connection:
    (told,) = half(path, side, folder)
    return told


def first(told: Connection) -> str | None:
    return told.verdict.causes[0].id if told.verdict.causes else None


@pytest.mark.parametrize("side", ["client", "server"])
@pytest.mark.parametrize("path", WHOLE, ids=lambda p: p.stem)
def test_a_handshake_that_completed_is_not_blamed_by_half(
    path: Path, side: str, tmp_path: Path
) -> None:
    for told in half(path, side, tmp_path):
        assert told.outcome in ("established", "incomplete")
        assert not told.verdict.causes


#: Captures of the repository by half: the side, where it stopped, who ended it how, what is first.
TOLD = [
    ("cipher-no-overlap", "client", "SERVER_HELLO", ("server", "alert"), "cipher-no-overlap"),
    ("cipher-no-overlap", "server", "SERVER_HELLO", ("server", "alert"), "cipher-no-overlap"),
    ("sni-unknown", "server", "SERVER_HELLO", ("server", "alert"), "sni-unknown"),
    ("alpn-no-overlap", "server", "SERVER_HELLO", ("server", "alert"), "alpn-no-overlap"),
    ("version-client-too-old", "server", "SERVER_HELLO", ("server", "alert"), None),
    ("cert-expired", "client", None, ("client", "alert"), "cert-expired"),
    ("cert-expired", "server", "CLIENT_KEY_EXCHANGE", ("client", "alert"), "cert-expired"),
    ("cert-untrusted-root", "server", "CLIENT_KEY_EXCHANGE", ("client", "alert"), None),
    ("mtu-blackhole-client-hello", "client", "SERVER_HELLO", ("network", "silence"), None),
]


@pytest.mark.parametrize(("name", "side", "state", "ended", "cause"), TOLD)
def test_what_one_side_tells(
    name: str,
    side: str,
    state: str | None,
    ended: tuple[str, str],
    cause: str | None,
    tmp_path: Path,
) -> None:
    told = one(CAPTURES / f"{name}.pcapng", side, tmp_path)
    assert told.outcome == "failed"
    assert told.ended_by is not None
    assert (told.ended_by.side, told.ended_by.how) == ended
    assert state is None or told.stopped_at == state
    assert first(told) == cause if cause else first(told)
    assert all(c.confidence != "proved" or c.id == "cert-expired" for c in told.verdict.causes)


def test_every_row_names_a_cause() -> None:
    assert set(unseen_hello.ALERTS) | set(unseen_hello.SIZES) <= set(ORDER)


def test_the_alert_that_the_capture_lacks_has_no_code(tmp_path: Path) -> None:
    told = one(CAPTURES / "cipher-no-overlap.pcapng", "client", tmp_path)
    assert told.ended_by is not None
    assert told.ended_by.alert is None
    assert "with an alert, which only its length tells" in told.verdict.summary
    assert who_and_how(told.ended_by) == "the server sent an alert that the capture does not hold"
    assert not told.alerts


@pytest.mark.parametrize("side", ["client", "server"])
def test_no_scenario_of_the_laboratory_is_proved_what_it_is_not(
    side: str, shared: Path, tmp_path: Path
) -> None:
    """Of each half something is told or nothing; a healthy one is never blamed."""
    named = 0
    for folder in sorted((shared / "lab" / "scenarios").iterdir()):
        expected = json.loads((folder / "expect.json").read_text())
        if expected.get("skip") or expected.get("later") or expected.get("flow"):
            continue
        told = half(folder / expected["capture"], side, tmp_path)[:1]
        causes = [c for each in told for c in each.verdict.causes]
        assert not (expected["healthy"] and causes), folder.name
        false = [c.id for c in causes if c.confidence == "proved"]
        assert set(false) <= set(expected["causes"]), folder.name
        named += any(c.id in expected["causes"] for c in causes)
    assert named >= 45


@pytest.mark.parametrize(
    ("name", "other", "same"),
    [
        ("cipher-no-overlap", "cipher-no-overlap", True),
        ("cipher-no-overlap", "http-to-tls-port", False),
        ("cert-expired", "cert-expired", None),
    ],
)
def test_a_replay_is_compared_with_what_half_a_capture_tells(
    name: str, other: str, same: bool | None, tmp_path: Path
) -> None:
    """Not with the code of an alert that it lacks, nor with what only its client refused."""
    half(CAPTURES / f"{name}.pcapng", "client", tmp_path)
    (captured,) = scan(str(tmp_path / "half.pcap")).seen
    (replayed,) = scan(str(CAPTURES / f"{other}.pcapng")).seen
    assert compare(captured, replayed).same is same
