"""TLS 1.3 without its disguise as TLS 1.2 meets a box that wants it.

What it is: in compatibility mode TLS 1.3 sends a session id and a ChangeCipherSpec that mean
nothing, so that old boxes take it for a resumed TLS 1.2. An endpoint leaves them out and a box
cuts the connection.

At the client and in the middle: ServerHello, then protected records with no ChangeCipherSpec
between, then a reset or silence. At the server: its flight was sent whole. Or the ClientHello of
TLS 1.3 with an empty session id is refused itself: reset, closed, left without an answer.

Mistaken for: tls13-middlebox-intolerance, server-stall.

Proof: replay with a session id of 32 bytes passes; the server sends ChangeCipherSpec then.

Sources: RFC 8446 appendix D.4; wolfSSL/wolfssl#6554, h2o/h2o#1804, aws/s2n-tls#1163.
"""

from __future__ import annotations

from tlswire.causes import odds, refusals, traits
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.language import mark, say

ID = "tls13-compat-ccs-missing"
STAGE: Stage = "server_hello"
SUMMARY = mark("the server's TLS 1.3 flight lacks the ChangeCipherSpec of compatibility mode")
REMEDIES: tuple[Cited, ...] = (
    Cited("client", "Send a session id of 32 bytes: middlebox compatibility mode."),
    Cited("server", "Enable middlebox compatibility mode."),
    Cited("firewall", "Upgrade the inspection engine, or exempt the connection."),
)
SPLIT_BY: tuple[str, ...] = ("extension",)

BARE = mark("the hello lacks the session id that lets TLS 1.3 pass for TLS 1.2")


def look(case: Case) -> Finding | Refuted | None:
    """A TLS 1.3 flight without ChangeCipherSpec that was cut, or a hello refused without a word."""
    hello = case.transcript.server_hello
    if case.stopped("SERVER_HELLO"):
        return _refused(case)
    if hello is None or not case.transcript.tls13 or case.ending.how not in ("rst", "silence"):
        return None
    if case.said("change_cipher_spec") is not None or case.said("encrypted", "server") is None:
        return None
    shown = cite(hello, say("no ChangeCipherSpec follows the ServerHello"))
    return Finding("possible", (shown, case.closing), say(SUMMARY), 25)


def _refused(case: Case) -> Finding | Refuted | None:
    """The hello is the first to lack the disguise: it names no session."""
    offer = case.offer
    if offer is None or "no disguise" not in traits.of(offer):
        return None
    if case.flow.server.sent and not refusals.puzzled(case):
        return None
    shown = cite(case.hello, say("the ClientHello offers TLS 1.3 and names no session"))
    return odds.judge(case, ID, (shown,), say(BARE))
