"""What was awaited at a moment, where the state alone does not tell: asked in clear, or hidden.

Looks at sizes and at the dialogue before TLS; knows nothing of TCP and judges nobody.
"""

from __future__ import annotations

from itertools import takewhile
from typing import Final

from tlswire import hidden
from tlswire.flow import Who
from tlswire.states import (
    APPLICATION_DATA,
    AWAITED,
    CERTIFICATE,
    CLIENT_FINISHED,
    CLIENT_HELLO,
    CLIENT_KEY_EXCHANGE,
    ENCRYPTED_EXTENSIONS,
    PREAMBLE,
    SERVER_FINISHED,
    SERVER_HELLO,
)
from tlswire.transcript import Entry, Transcript

_HELLOS: Final = (CLIENT_HELLO, SERVER_HELLO)
#: Whose turn comes after the other's flight, which the capture does not show in full, by whether
#: it is TLS 1.3 (RFC 5246 section 7.3, RFC 8446 section 2).
_TURNS: Final[dict[tuple[Who, bool], str]] = {
    ("client", False): CLIENT_KEY_EXCHANGE,
    ("client", True): CLIENT_FINISHED,
    ("server", False): SERVER_FINISHED,
    ("server", True): APPLICATION_DATA,
}


def awaited_at(entry: Entry, transcript: Transcript) -> str:
    """Return what was awaited at an event; a client that objects does not wait for the rest."""
    if entry.is_alert and _follows_a_gap(entry, transcript):
        return _TURNS[entry.who, transcript.tls13]
    objects = entry.who == "client" and entry.is_alert
    return entry.state if objects else awaited_in(entry.state, transcript)


def awaited_in(state: str, transcript: Transcript) -> str:
    """Return what is awaited in a state: a hidden flight that is cut stops inside it."""
    if state == CLIENT_FINISHED and transcript.tls13 and _cut(transcript):
        return CERTIFICATE
    if state == CLIENT_HELLO and _asked_leave(transcript):
        return PREAMBLE
    return state


def _follows_a_gap(entry: Entry, transcript: Transcript) -> bool:
    """Tell whether records of the other side's flight are missing from the capture before it."""
    if transcript.version is None or AWAITED[entry.state] == entry.who or entry.state in _HELLOS:
        return False
    before = transcript.entries[: transcript.entries.index(entry)]
    flight = takewhile(lambda e: e.who != entry.who, reversed(before))
    return any(e.what == "lost" and not e.framed for e in flight)


def _asked_leave(transcript: Transcript) -> bool:
    """Tell whether the client asked in clear to begin TLS, and the server owes its answer."""
    preamble = transcript.preamble
    return bool(preamble and preamble.awaits and preamble.awaits.startswith("server"))


def _cut(transcript: Transcript) -> bool:
    """Tell whether the server's hidden flight of TLS 1.3 breaks off before its Finished.

    A first record too short for a Finished shows a server that gives each message a record of
    its own; then one of them must have the size of a Finished (RFC 8446 section 4.4.4).
    """
    if transcript.unfinished.get("server"):
        return True
    flight = [e.length for e in transcript.entries if _of_flight(e)]
    if not flight or hidden.may_hold_finished(transcript.suite, flight[0]):
        return False
    return not any(hidden.is_finished(transcript.suite, length) for length in flight)


def _of_flight(entry: Entry) -> bool:
    at_work = entry.state in (ENCRYPTED_EXTENSIONS, CLIENT_FINISHED)
    return at_work and entry.who == "server" and entry.hidden and not entry.is_alert
