"""The server asks for a client certificate after the request, and the client will not begin again.

What it is: IIS, Apache (SSLVerifyClient in a directory) and .NET settle for which path a
certificate is needed only when they have read the request: up to TLS 1.2 by renegotiation, in
TLS 1.3 by post-handshake authentication. Many clients refuse either.

At the client, at the server and in the middle: a handshake that succeeds, the request, then from
the server a handshake record (up to TLS 1.2 its type, 22, is seen) or a short data record, and from
the client no_renegotiation(100), unexpected_message(10) or a reset. All of it is encrypted.

Mistaken for: mtls-client-sends-empty, which fails inside the first handshake.

Proof: replay of another path of the same server passes; with TLS 1.2 and with TLS 1.3 the request
fails in different ways. A replay of the hello alone succeeds.

Sources: rustls/rustls#1999, dotnet/aspnetcore#41162, Venafi/vcert#438, nodejs/node#36926; Apache
AH10158, AH02042.
"""

from __future__ import annotations

from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark

ID = "renegotiation-for-client-auth"
STAGE: Stage = "after"
SUMMARY = mark("the server asks for a client certificate only after the request")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Ask for the certificate in the first handshake: IIS netsh http "
        "clientcertnegotiation=enable, Apache SSLVerifyClient in the virtual host, not in a "
        "directory.",
    ),
    Cited(
        "client",
        "Allow post-handshake authentication (Python post_handshake_auth, OpenSSL "
        "SSL_set_post_handshake_auth) or, with TLS 1.2, secure renegotiation.",
    ),
    Cited(
        "load_balancer",
        "Ask for the certificate at the virtual server (F5 client authentication: once or always).",
    ),
)
SPLIT_BY: tuple[str, ...] = (
    "client-certificate",
    "version",
)


def look(case: Case) -> Finding | Refuted | None:
    """Nothing: the handshake succeeded, and what follows is encrypted."""
    return None
