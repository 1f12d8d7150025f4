"""The first TCP segment of the ClientHello holds only a few bytes.

What it is: the client writes the record header, or a byte, on its own, and a balancer decides by
the first segment alone what protocol it sees.

At the client, at the server and in the middle: a segment of less than 8 bytes, then the rest;
then a reset, a close or silence.

Mistaken for: ch-length-256-511.

Proof: replay in one segment passes, cut after 5 bytes it fails.

Sources: RFC 8446 section 5.1; drwetter/testssl.sh#1113.
"""

from __future__ import annotations

from tlswire.causes import refusals
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "ch-first-segment-tiny"
STAGE: Stage = "client_hello"
SUMMARY = mark("the first segment of the ClientHello holds only {count} bytes")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "load_balancer",
        "Upgrade the firmware.",
    ),
    Cited(
        "client",
        "Write the whole hello at once.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("segments",)

#: So many bytes balancers need to tell the protocol.
ENOUGH = 8


def look(case: Case) -> Finding | Refuted | None:
    """A tiny first segment, and no answer."""
    segments = case.flow.client.segments
    if not segments or not (case.stopped("SERVER_HELLO") or _cut_off(case)):
        return None
    first = segments[0]
    if first.offset != 0 or not 0 < first.length < ENOUGH or case.preamble is not None:
        return None
    refused = refusals.wordless(case) or refusals.reset_on_the_way(case) or _cut_off(case)
    if not (refused or case.ended("server", "silence")):
        return None
    why = say(SUMMARY, count=first.length)
    shown = Evidence(text=why, frame=first.frame, sender="client", offset=0, length=first.length)
    return Finding("possible", (shown, case.closing), why, 55 if _cut_off(case) else 50)


def _cut_off(case: Case) -> bool:
    """Tell whether the rest of the hello was not waited for: the answer came before it."""
    began = case.stopped("CLIENT_HELLO") and not case.opening("client")
    return began and (case.ended("server", "rst", "fin") or case.ended("network", "rst"))
