"""The server cannot or will not take data sent before the handshake (0-RTT).

What it is: the client sends early data with the hello. The server that refuses it must skip it; a
faulty server or balancer takes it for part of the handshake.

At the client, at the server and in the middle: a hello with early_data and protected records right
after it, then unexpected_message(10), bad_record_mac(20) or a close; the same client passes
without a ticket.

Mistaken for: ticket-not-shared, server-abrupt-eof.

Proof: replay without the ticket and without early_data passes.

Sources: RFC 8446 section 4.2.10, RFC 8470.
"""

from __future__ import annotations

from tlswire.causes import refusals
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert, ExtensionType
from tlswire.language import mark, say

ID = "early-data-replay-refused"
STAGE: Stage = "client_hello"
SUMMARY = mark("the client sent early data, which the server cannot skip")
REMEDIES: tuple[Cited, ...] = (
    Cited("server", "Upgrade: refused early data must be skipped."),
    Cited("load_balancer", "Switch early data off, or on for every member."),
    Cited("client", "As a stop-gap send no early data."),
)
SPLIT_BY: tuple[str, ...] = ("no-ticket", "extension")

#: What a server says that takes early data for something else.
SAID = (
    Alert.unexpected_message,
    Alert.bad_record_mac,
    Alert.decode_error,
    Alert.decrypt_error,
    Alert.illegal_parameter,
)


def look(case: Case) -> Finding | Refuted | None:
    """Early data, and a server that trips over it."""
    if case.offer is None or not case.offer.has(ExtensionType.early_data):
        return None
    if not case.alerted("server", *SAID) and not refusals.mute(case):
        return None
    shown = cite(case.hello, say("the hello carries early_data"))
    return Finding("possible", (shown, case.closing), say(SUMMARY), 50)
