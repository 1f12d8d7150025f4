"""The transcript: its history word and its facts."""

from __future__ import annotations

from handshakes import HOST, feed, shake

from tlswire.codes import ExtensionType
from tlswire.session import Session
from tlswire.transcript import is_tls13, version_name


def test_marks_say_who_left_and_how() -> None:
    session = Session()
    session.receive("client", shake()[0][1], 0.0)
    session.closed("client", "fin", 0.1)
    session.closed("server", "rst", 0.2)
    session.closed("server", "timeout", 0.3)
    assert session.end(1.0).history == "C>.<!<~"


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
