"""The server gave up waiting for the client.

What it is: the client opened the connection and then was slow, or never meant to begin TLS: a
monitor that tests the port only, a preconnected pool, a person at a terminal. The server's own
time limit strikes.

At the client, at the server and in the middle: silence of the client, then a FIN or a reset of
the server after a round number of seconds (10, 30, 60).

Mistaken for: idle-timeout-before-handshake, where a box on the way forgets; starttls-expected,
where the client waits for a greeting.

Proof: replay a silent wait of that length: the server closes.

Sources: the source of HAProxy.
"""

from __future__ import annotations

from tlswire.causes import wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.ending import PATIENCE
from tlswire.language import mark, say

ID = "server-handshake-timeout"
STAGE: Stage = "client_hello"
PART = mark("the client sent only {sent} bytes of a ClientHello in {waited} and the server gave up")
SUMMARY = mark("the client sent nothing for {waited} and the server gave up")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Send the ClientHello at once; do not wait for a greeting on a TLS port.",
    ),
    Cited(
        "server",
        "Raise the time limit only if clients are slow for a good reason.",
    ),
    Cited(
        "load_balancer",
        "Let monitors complete a handshake, not just open the port.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("wait",)


def look(case: Case) -> Finding | Refuted | None:
    """A server that leaves while the client is awaited."""
    entry = case.ending.entry
    if entry is None or entry.who != "server" or not _kept_waiting(case):
        return None
    sent = case.flow.client.sent
    why = say(
        SUMMARY if not sent or case.hello is not None else PART,
        waited=wording.seconds(case.waited),
        sent=sent,
    )
    return Finding("likely", (cite(entry, why),), why, 65)


def _kept_waiting(case: Case) -> bool:
    if case.ended("client", "silence"):
        return True
    begun = case.stopped("CLIENT_HELLO") and not case.opening("client")
    return begun and case.ended("server", "fin", "rst", "alert") and case.waited >= PATIENCE
