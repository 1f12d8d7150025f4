"""A box between does not understand TLS 1.3.

What it is: an inspecting box parses the server's flight and cuts what it does not know: it drops
the ServerHello and lets the records after it pass, or answers itself with access_denied.

At the client: access_denied(49) from nowhere, or protected records without a ServerHello. At the
server: a whole flight was sent. In the middle: the ServerHello goes in and does not come out.

Mistaken for: version-intolerance, where the server itself refuses; tls13-compat-ccs-missing.

Proof: replay with TLS 1.2 at most passes.

Sources: RFC 8446 appendix D.4; tlswg/tls13-spec#1051, tlswg/tls13-spec#1091.
"""

from __future__ import annotations

from tlswire.causes import refusals, suspects
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "tls13-middlebox-intolerance"
STAGE: Stage = "server_hello"
SUMMARY = mark("a box between does not understand TLS 1.3")
REMEDIES: tuple[Cited, ...] = (
    Cited("firewall", "Upgrade the inspection engine, or exempt the connection."),
    Cited("client", "As a stop-gap offer TLS 1.2 at most."),
)
SPLIT_BY: tuple[str, ...] = ("version",)

EATEN = mark("a box between does not understand TLS 1.3 and drops the ServerHello, unseen here")
#: Nothing of the server is seen then: other causes of the same silence are more usual.
UNANSWERED = 22


def look(case: Case) -> Finding | Refuted | None:
    """A hello with TLS 1.3, and an answer that lacks its beginning, or denies access."""
    if case.offer is None or not suspects.offers_tls13(case.offer):
        return None
    if not case.stopped("SERVER_HELLO"):
        return None
    if case.alerted("server", Alert.access_denied):
        return Finding("likely", (case.closing,), say(SUMMARY), 60)
    if refusals.unanswered(case):
        return Finding("possible", (case.closing,), say(EATEN), UNANSWERED)
    stray = case.said("encrypted", "server") or case.said("change_cipher_spec", "server")
    if stray is None or case.said("server_hello") or case.said("hello_retry_request"):
        return None
    shown = cite(stray, say("a record that follows a ServerHello, which is not there"))
    return Finding("likely", (shown, case.closing), say(SUMMARY), 70)
