"""A replay beside its capture: where two transcripts part."""

from __future__ import annotations

from handshakes import both, feed, nothing, shake, suites, tls12

from tlswire.comparison import first_difference

ECDHE, DHE = suites("ECDHE"), suites("DHE-RSA-AES128-SHA")


def test_the_same_server_gives_no_difference() -> None:
    assert first_difference(feed(shake()), feed(shake())) is None


def test_another_suite_is_the_first_difference() -> None:
    one = feed(shake(nothing, both(tls12, suites("ECDHE-RSA-AES128-GCM-SHA256"))))
    two = feed(shake(nothing, both(tls12, suites("ECDHE-RSA-AES256-GCM-SHA384"))))
    difference = first_difference(one, two)
    assert difference is not None
    assert difference.message == "server_hello"
    assert "AES_128_GCM" in difference.captured
    assert "AES_256_GCM" in difference.replayed


def test_an_alert_against_a_hello_is_the_first_difference() -> None:
    refused = feed(shake(ECDHE, both(tls12, DHE)))
    taken = feed(shake(nothing, tls12))
    difference = first_difference(refused, taken)
    assert difference is not None
    assert difference.captured == "alert handshake_failure(40)"
    assert difference.replayed.startswith("server_hello TLS 1.2")


def test_nothing_more_is_a_difference() -> None:
    wire = shake()
    difference = first_difference(feed(wire), feed(wire[:1]))
    assert difference is not None
    assert difference.replayed == "nothing more"
