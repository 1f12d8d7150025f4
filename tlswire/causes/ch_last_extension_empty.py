"""The server fails on a ClientHello whose last extension is empty.

What it is: an old parser reads past the end when the last extension has no content (WebSphere 7
and its like); BoringSSL pads its hellos so that the last extension never is empty.

At the client, at the server and in the middle: a ClientHello whose last extension has length 0,
then a reset, a FIN, silence or decode_error(50); the same client with another order of extensions
passes.

Mistaken for: server-abrupt-eof, ch-length-256-511, grease-intolerance: each changes the end of the
hello as well.

Proof: replay with an extension moved to the end that is not empty passes.

Sources: lwthiker/curl-impersonate#153 (BoringSSL's comment, crbug 363583).
"""

from __future__ import annotations

from tlswire.causes import odds, refusals
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.language import mark, say

ID = "ch-last-extension-empty"
STAGE: Stage = "client_hello"
SUMMARY = mark("the last extension of the ClientHello is empty, which some old servers cannot read")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Upgrade the TLS stack (IBM JSSE of WebSphere 7 and its like).",
    ),
    Cited(
        "client",
        "Use a library that pads its hello or ends it with a filled extension.",
    ),
)
SPLIT_BY: tuple[str, ...] = (
    "extension",
    "padding",
)


def look(case: Case) -> Finding | Refuted | None:
    """A hello that ends in an empty extension, and a server that says nothing about it."""
    if case.offer is None or not case.offer.empty_end:
        return None
    if case.flow.server.sent and not refusals.puzzled(case):
        return None
    shown = cite(case.hello, say("the last extension has length 0"))
    return odds.judge(case, ID, (shown,), say(SUMMARY))
