"""TLS 1.3 without its disguise as TLS 1.2 meets a box that wants it.

What it is: in compatibility mode TLS 1.3 sends a session id and a ChangeCipherSpec that mean
nothing, so that old boxes take it for a resumed TLS 1.2. An endpoint leaves them out and a box
cuts the connection.

At the client and in the middle: ServerHello, then protected records with no ChangeCipherSpec
between, then a reset or silence. At the server: its flight was sent whole.

Mistaken for: tls13-middlebox-intolerance, server-stall.

Proof: replay with a session id of 32 bytes makes the server send ChangeCipherSpec and passes.

Sources: RFC 8446 appendix D.4; wolfSSL/wolfssl#6554, h2o/h2o#1804, aws/s2n-tls#1163.
"""

from __future__ import annotations

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
SPLIT_BY: tuple[str, ...] = ()


def look(case: Case) -> Finding | Refuted | None:
    """A TLS 1.3 flight without ChangeCipherSpec that was cut by a reset or went silent."""
    hello = case.transcript.server_hello
    if hello is None or not case.transcript.tls13 or case.ending.how not in ("rst", "silence"):
        return None
    if case.said("change_cipher_spec") is not None or case.said("encrypted", "server") is None:
        return None
    shown = cite(hello, say("no ChangeCipherSpec follows the ServerHello"))
    return Finding("possible", (shown, case.closing), say(SUMMARY), 25)
