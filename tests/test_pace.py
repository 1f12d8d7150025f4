"""Few connections: so many in any second, so many in all, by a clock that the test turns."""

from __future__ import annotations

import pytest

from tlswire.errors import TargetError
from tlswire.sources.pace import Pace


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self) -> None:
        self.now = 100.0

    def read(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def test_no_second_has_more_than_the_rate() -> None:
    clock, made = Clock(), list[float]()
    pace = Pace(3, 20, clock=clock.read, sleep=clock.sleep)
    for _ in range(20):
        pace.wait()
        made.append(clock.now)
        clock.sleep(0.01)
    for begin in made:
        assert sum(begin <= at < begin + 1 for at in made) <= 3
    assert made[-1] - made[0] < 8  # and no slower than it must be


def test_connections_that_take_long_are_not_kept_waiting() -> None:
    clock = Clock()
    pace = Pace(2, clock=clock.read, sleep=clock.sleep)
    for _ in range(6):
        pace.wait()
        clock.sleep(5)
    assert clock.now == 130.0


def test_the_cap_ends_it_in_one_line() -> None:
    told: list[int] = []
    pace = Pace(1000, 2, told.append)
    pace.wait()
    pace.wait()
    with pytest.raises(TargetError, match="2 connections were made, and no more are allowed"):
        pace.wait()
    assert told == [1, 2]
    assert pace.made == 2
