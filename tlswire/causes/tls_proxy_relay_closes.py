"""A relay between client and server closes its two sides in different ways.

What it is: a transparent proxy, a CONNECT proxy or a balancer in TCP mode carries the bytes, gives
up, and tells each side something else.

At the client: a reset or FIN that the server did not send. At the server: a FIN that the client
did not send, at the same moment. In the middle: on the relay itself, both.

Mistaken for: server-abrupt-eof; conntrack-invalid-rst.

Proof: replay from both sides of the relay, and capture on both: client sees RST, server sees FIN.

Sources: chobits/ngx_http_proxy_connect_module#281, haproxy/haproxy#2498.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say

ID = "tls-proxy-relay-closes"
STAGE: Stage = "client_hello"
SUMMARY = mark("a relay on the way closed the connection in the middle of the server's flight")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "network",
        "Capture on both sides of the relay at once and compare who closed first.",
    ),
    Cited(
        "load_balancer",
        "Read the relay's log for this connection: timeouts, limits, errors (HAProxy: the "
        "termination state).",
    ),
)
SPLIT_BY: tuple[str, ...] = ("twin",)

#: What is awaited while the server's flight is under way.
INSIDE = ("CERTIFICATE", "SERVER_KEY_EXCHANGE", "SERVER_HELLO_DONE", "ENCRYPTED_EXTENSIONS")


def look(case: Case) -> Finding | Refuted | None:
    """A server's flight that is cut off; a capture at one place cannot tell by whom."""
    if not case.stopped(*INSIDE) or not case.ended("server", "fin", "rst"):
        return None
    if case.hello is None or case.opening("server"):
        return None
    return Finding("possible", (case.closing,), say(SUMMARY), 30)
