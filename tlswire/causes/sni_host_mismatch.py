"""The name of the handshake and the name of the request differ, and the server says 421 or 400.

What it is: server_name chose one virtual host, the Host header asks for another that does not
share its TLS settings: connection reuse in HTTP/2, a proxy that rewrites one of the two, a test
with curl --resolve.

At the client, at the server and in the middle: a handshake that succeeds, a request, an HTTP error;
all of it encrypted. Apache logs AH02032.

Mistaken for: sni-unknown, which fails in the handshake.

Proof: no replay of a handshake shows it: send the request with both names alike.

Sources: Apache httpd ssl_engine_kernel.c (AH02032), haproxy/haproxy#3081.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark

ID = "sni-host-mismatch"
STAGE: Stage = "after"
SUMMARY = mark("the Host header asks for another name than the handshake did")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Ask for the same name in server_name and in Host.",
    ),
    Cited(
        "load_balancer",
        "Pass the client's name on to the server: nginx proxy_ssl_server_name on and "
        "proxy_ssl_name, HAProxy sni req.hdr(host), F5 server-ssl profile server name.",
    ),
    Cited(
        "server",
        "Give virtual hosts that share an address and a certificate the same TLS settings.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("sni",)


def look(case: Case) -> Finding | Refuted | None:
    """Nothing: the handshake succeeded, and the names of the request are encrypted."""
    return None
