"""The ClientHello breaks the rules of its own format.

What it is: a length that does not fit, an extension twice, a list cut short: a hand-built stack,
or a box that rewrites hellos.

At the client, at the server and in the middle: decode_error(50), illegal_parameter(47) or
unexpected_message(10) at once.

Mistaken for: version-intolerance.

Proof: compare the hello as it left the client with the hello as it reached the server; replay a
repaired one.

Sources: RFC 8446 section 4.1.2 and 4.2.
"""

from __future__ import annotations

from tlswire.causes import refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "malformed-client-hello"
STAGE: Stage = "client_hello"
CHANGED = mark(
    "the ClientHello, well formed here, did not reach the server so, or is misread there"
)
SUMMARY = mark("the ClientHello is malformed at {path}: {expected} expected, {found} found")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Upgrade or repair the stack.",
    ),
    Cited(
        "firewall",
        "Exempt the connection from rewriting, if the hello that left the client was well formed.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("extension",)

SAID = (
    Alert.decode_error,
    Alert.illegal_parameter,
    Alert.unexpected_message,
    Alert.handshake_failure,
    Alert.internal_error,
    Alert.record_overflow,
)


def look(case: Case) -> Finding | Refuted | None:
    """A hello that does not parse, refused."""
    if case.hello is None or not case.stopped("SERVER_HELLO"):
        return None
    if not case.hello.troubles:
        return _well_formed(case)
    if not (case.alerted("server", *SAID) or refusals.mute(case)):
        return None
    trouble = case.hello.troubles[0]
    parts = (wording.escape(str(part)) for part in (trouble.path, trouble.expected, trouble.found))
    path, expected, found = parts
    why = say(SUMMARY, path=path, expected=expected, found=found)
    return Finding("likely", (cite(case.hello, why), case.closing), why, 85)


def _well_formed(case: Case) -> Finding | None:
    """Here it is well formed; it may have reached the server otherwise."""
    if not case.alerted("server", Alert.decode_error, Alert.illegal_parameter):
        return None
    return Finding("possible", (case.closing,), say(CHANGED), 25)
