"""The server cannot keep up with handshakes: its accelerator, HSM or key server is slow or failing.

What it is: private-key operations queue up, or a broken accelerator answers with errors. It shows
under load, and for many connections at once.

At the client, at the server and in the middle: ClientHello acknowledged at once, the ServerHello
late by seconds, or internal_error(80) or a reset; handshakes before and after succeed.

Mistaken for: server-stall of one connection; lb-limits, which refuse at once.

Proof: replay many times and note the delays, at peak and off-peak: they follow the load.

Sources: F5 bug 1935053, openssl/openssl#29227.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.codes import Alert
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "server-crypto-saturated"
STAGE: Stage = "client_hello"
SUMMARY = mark(
    "the server's key store or accelerator may be slow or failing: other handshakes succeeded"
)
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Look at the load of the key store, HSM or accelerator at this moment; prefer ECDSA "
        "keys and session tickets, which cost less.",
    ),
    Cited(
        "load_balancer",
        "Look at the handshake rate against the limit of the platform and its licence.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("repeat", "wait")


def look(case: Case) -> Finding | Refuted | None:
    """Silence or an internal error for one, beside handshakes that the server completed."""
    if case.hello is None or not case.stopped("SERVER_HELLO") or not case.served_others:
        return None
    silent = case.ended("server", "silence")
    if not silent and not case.alerted("server", Alert.internal_error):
        return None
    shown = Evidence(text=say("another connection to the same address and port was established"))
    return Finding("possible", (shown, case.closing), say(SUMMARY), 48 if silent else 30)
