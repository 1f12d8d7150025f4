"""The server asked for another key share and one side could not go on.

What it is: the client's key shares are of groups that the server does not prefer; it answers
HelloRetryRequest, and the client does not send a second hello, or sends one that the server
refuses.

At the client, at the server and in the middle: a ServerHello with the random of a
HelloRetryRequest, then an alert, a close or silence in place of the second ClientHello, or of
the ServerHello after it.

Mistaken for: groups-no-overlap, where no retry is asked for.

Proof: replay with a share of the group that the server asks for passes at once.

Sources: RFC 8446 section 4.1.4; Mbed-TLS/mbedtls#10727, Mbed-TLS/mbedtls#10896,
cloudflare/tls-tris#40.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.language import mark, say

ID = "hrr-broken"
STAGE: Stage = "client_hello"
SUMMARY = mark("the retry that the server asked for (HelloRetryRequest) went wrong")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Upgrade the stack, or send a share of the group that the server asks for.",
    ),
    Cited(
        "server",
        "Prefer a group of which clients usually send a share: x25519, secp256r1.",
    ),
    Cited(
        "load_balancer",
        "Upgrade the firmware.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("groups",)


def look(case: Case) -> Finding | Refuted | None:
    """A HelloRetryRequest after which no ServerHello came."""
    retry = case.said("hello_retry_request")
    if retry is None or case.transcript.server_hello is not None:
        return None
    if not case.stopped("CLIENT_HELLO", "SERVER_HELLO") or case.ending.side == "network":
        return None
    shown = cite(retry, say("the server asked for another key share"))
    return Finding("likely", (shown, case.closing), say(SUMMARY), 75)
