"""The client gave up before the server had answered.

What it is: the client's own time limit strikes, often after a round number of seconds, while the
server is still at work.

At the client, at the server and in the middle: a FIN or a reset of the client after 5, 7, 10 or
30 seconds of silence; the server's answer may come just after it.

Mistaken for: server-stall, of which it is the other half.

Proof: replay with a long wait and see when the answer comes.

Sources: curl/curl#21270.
"""

from __future__ import annotations

from tlswire.causes import wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.language import mark, say

ID = "client-timeout"
STAGE: Stage = "client_hello"
SUMMARY = mark("the client gave up after {waited}")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Raise the time limit of the handshake.",
    ),
    Cited(
        "server",
        "Answer sooner: see server-stall.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("wait",)


LEFT = mark("the client left in the middle of the server's flight")
#: What is awaited while the server's flight is under way.
INSIDE = ("CERTIFICATE", "ENCRYPTED_EXTENSIONS")


def look(case: Case) -> Finding | Refuted | None:
    """A client that leaves while the server is awaited."""
    entry = case.ending.entry
    if case.hello is None or entry is None or entry.who != "client":
        return None
    if case.stopped(*INSIDE) and case.ended("client", "fin", "rst"):
        return Finding("possible", (case.closing,), say(LEFT), 25)
    if not case.stopped("SERVER_HELLO") and case.ending.how != "silence":
        return None
    if case.ended("client", "silence", "alert", "encrypted_alert") or case.ended("network", "rst"):
        return None
    why = say(SUMMARY, waited=wording.seconds(case.waited))
    return Finding("possible", (cite(entry, why), case.closing), why, 40)
