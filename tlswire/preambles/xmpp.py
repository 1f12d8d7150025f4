"""XMPP: the starttls stream feature (RFC 6120 section 5.4), client to server or between servers."""

from __future__ import annotations

from tlswire.preambles.step import ALWAYS, Dialect, Step, text
from tlswire.way import Target

_PREFIX = rb"(?>(?:\w++:)?)"
_OPEN = rb"\s*+(?>(?:<\?xml[^>]*+>\s*+)?)<" + _PREFIX + rb"stream\s[^>]*+>\s*+"
_FEATURES = (
    rb"(?:<" + _PREFIX + rb"features\s*+/>"
    rb"|<" + _PREFIX + rb"features[^>]*+>(?s:.*?)</" + _PREFIX + rb"features>)"
)
_REFUSAL = rb"\s*+(?P<words><(?:failure|" + _PREFIX + rb"error)\b[^\0]{0,200})[^\0]*+"


def _empty_element(name: bytes) -> bytes:
    return rb"\s*+(?P<words><" + name + rb"\b[^>]*+>)(?>(?:\s*+</" + name + rb"\s*+>)?)"


def _dialect(protocol: str, namespace: str) -> Dialect:
    def say_open(target: Target) -> bytes:
        return (
            f"<?xml version='1.0'?><stream:stream to='{target.host}' xmlns='{namespace}'"
            " xmlns:stream='http://etherx.jabber.org/streams' version='1.0'>"
        ).encode("utf-8", "replace")

    return Dialect(
        protocol,
        (
            Step("client", "stream", text(_OPEN), says=say_open, telling=ALWAYS),
            Step(
                "server",
                "stream and features",
                text(_OPEN + _FEATURES + rb"\s*+"),
                refuses=text(_OPEN + _REFUSAL),
                telling=ALWAYS,
            ),
            Step(
                "client",
                "starttls",
                text(_empty_element(b"starttls")),
                says=b"<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
                telling=ALWAYS,
            ),
            Step(
                "server",
                "proceed",
                text(_empty_element(b"proceed")),
                refuses=text(_REFUSAL),
                telling=ALWAYS,
            ),
        ),
    )


DIALECT = _dialect("xmpp", "jabber:client")
#: Spoken only: between servers; in a capture it reads as the other.
SERVER = _dialect("xmpp-server", "jabber:server")
