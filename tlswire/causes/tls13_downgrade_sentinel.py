"""The ServerHello says that somebody took TLS 1.3 away.

What it is: a server that has TLS 1.3 and is asked for less marks its random. A client that did
offer TLS 1.3 sees the mark and stops: a box in the middle changed the offer, or answers in the
server's name with a copied random.

At the client: a ServerHello of TLS 1.2 or older whose random ends in 444f574e47524401 or 00,
then illegal_parameter(47).
At the server: a ClientHello without TLS 1.3.
In the middle: two different ClientHellos on the two sides of the box.

Mistaken for: version-server-too-old.

Proof: replay from beyond the box: the server chooses TLS 1.3.

Sources: RFC 8446 section 4.1.3; aws/s2n-tls#1351, haskell-tls/hs-tls#332, openssl/openssl#27535.
"""

from __future__ import annotations

from tlswire.causes import refusals, suspects
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "tls13-downgrade-sentinel"
STAGE: Stage = "server_hello"
SUMMARY = mark(
    "the server has TLS 1.3 and was asked for less than the client offered: a box changed it"
)
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "firewall",
        "Upgrade the inspection engine, or exempt the connection; it must not copy the server's "
        "random.",
    ),
    Cited(
        "server",
        "Upgrade, if no box is in between: some early releases marked wrongly.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("version",)

SENTINELS = (bytes.fromhex("444f574e47524401"), bytes.fromhex("444f574e47524400"))


def look(case: Case) -> Finding | Refuted | None:
    """The mark in the random, an offer of TLS 1.3, and the alert that RFC 8446 demands."""
    answer = case.transcript.server_hello
    if answer is None or case.offer is None or not suspects.offers_tls13(case.offer):
        return None
    mute = case.stopped(*refusals.WEIGHING) and case.ended("client", "fin", "rst")
    said = case.alerted("client", Alert.illegal_parameter)
    if case.transcript.tls13 or not (said or mute):
        return None
    random = answer.fields.get("random")
    if not isinstance(random, bytes) or random[-8:] not in SENTINELS:
        none = say("the random of the ServerHello has no downgrade mark")
        return Refuted(none) if said else None
    shown = cite(answer, say("the random of the ServerHello ends in {hex}", hex=random[-8:].hex()))
    return Finding("likely", (shown, case.closing), say(SUMMARY), 90)
