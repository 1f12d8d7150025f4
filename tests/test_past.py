"""What is remembered of conversations that are over: bounded, the latest always."""

from __future__ import annotations

from tlswire.sources.past import Past


def key(number: int) -> bytes:
    return number.to_bytes(12)


def test_the_latest_are_remembered_and_their_number_is_bounded() -> None:
    past = Past(100)
    for number in range(1000):
        past.add(key(number), number)
        assert len(past.all()) <= 200
        assert all(key(n) in past for n in range(max(0, number - 99), number + 1))
    assert past[key(999)] == 999
    assert key(5) not in past


def test_a_key_used_again_is_forgotten() -> None:
    past = Past(2)
    for number in range(3):
        past.add(key(number), None)
    for number in range(3):
        past.forget(key(number))
        assert key(number) not in past
