"""The transcript: its history word, its facts, and where two of them part."""

from __future__ import annotations

from handshakes import HOST, both, feed, nothing, shake, suites, tls12

from tlswire.codes import ExtensionType
from tlswire.session import Session
from tlswire.transcript import first_difference, is_tls13, version_name

ECDHE, DHE = suites("ECDHE"), suites("DHE-RSA-AES128-SHA")


def test_marks_say_who_left_and_how() -> None:
    session = Session()
    session.receive("client", shake()[0][1], 0.0)
    session.closed("client", "fin", 0.1)
    session.closed("server", "rst", 0.2)
    session.closed("server", "timeout", 0.3)
    assert session.end(1.0).history == "C>.<!<~"


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


def test_a_hello_gives_its_extensions() -> None:
    hello = feed(shake()).client_hello
    assert hello is not None
    body = hello.extension(ExtensionType.server_name)
    assert body is not None
    assert body["server_name_list"][0]["host_name"] == HOST.encode()
    assert hello.has_extension(ExtensionType.supported_versions)
    assert hello.extension(0x4242) is None


def test_versions_have_names() -> None:
    assert version_name(0x0304) == "TLS 1.3"
    assert version_name(0x0300) == "SSL 3.0"
    assert version_name(0x9999) == "0x9999"
    assert version_name(None) is None
    assert is_tls13(0x7F17)
    assert not is_tls13(0x0303)
