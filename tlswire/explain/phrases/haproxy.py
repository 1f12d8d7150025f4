"""HAProxy: what its log says of a connection and of a health check."""

from __future__ import annotations

from typing import Final

from tlswire.explain.phrases.phrase import Phrase

PHRASES: Final = (
    Phrase(
        "SSL handshake failure after heartbeat",
        "peer",
        "client_hello",
        "a probe for Heartbleed",
        (),
    ),
    Phrase(
        "Connection closed during SSL handshake",
        "peer",
        "certificate",
        "the client closed before the handshake was over",
        ("cert-untrusted-root", "client-timeout"),
    ),
    Phrase(
        "Connection error during SSL handshake",
        "peer",
        "certificate",
        "the connection broke during the handshake",
        ("sni-filter-rst-injected", "server-abrupt-eof"),
    ),
    Phrase(
        "Timeout during SSL handshake",
        "way",
        "client_hello",
        "the handshake did not end in time",
        ("mtu-blackhole-client-hello", "mtu-blackhole-server-flight", "server-handshake-timeout"),
    ),
    Phrase(
        "(Connection closed while waiting for|Timeout while waiting for|Truncated"
        "|Received something which does not look like).*(PROXY protocol"
        "|NetScaler Client IP) header",
        "local",
        "preamble",
        "the header in which a proxy names the client did not come",
        ("proxy-protocol-missing",),
    ),
    Phrase(
        "SSL client CA chain cannot be verified|SSL client certificate not trusted",
        "local",
        "client_certificate",
        "the certificate of the client is not trusted",
        ("mtls-cert-rejected",),
    ),
    Phrase(
        "Server presented an SSL certificate different from",
        "local",
        "certificate",
        "the server behind shows another certificate than was configured",
        ("cert-name-mismatch",),
    ),
    Phrase(
        "Rejected a client-initiated SSL renegotiation attempt",
        "local",
        "after",
        "the client wanted to negotiate once more",
        (),
    ),
    Phrase(
        "Too many SSL connections",
        "local",
        "client_hello",
        "the limit of TLS connections is reached",
        ("lb-limits",),
    ),
    Phrase(
        "Server refused early data",
        "peer",
        "after",
        "the server refused data before the handshake",
        ("early-data-replay-refused",),
    ),
    Phrase(
        "ECONNRESET returned by OS",
        "peer",
        "client_hello",
        "the peer reset the connection",
        ("lb-tcp-accept-no-member",),
    ),
    Phrase(
        "Layer6 invalid response|L6TOUT|L6RSP",
        "local",
        "client_hello",
        "the health check failed in TLS: the stack of the monitor is not that of the data",
        ("cipher-no-overlap", "sni-missing"),
    ),
    Phrase(
        r"termination.*S[CH]--|\bS[CH]--",
        "peer",
        "tcp",
        "the server behind refused or left",
        ("lb-tcp-accept-no-member",),
    ),
    Phrase(
        "SSL handshake failure",
        "local",
        "client_hello",
        "the handshake with a client failed; the code behind it says why",
        ("cipher-no-overlap", "cert-untrusted-root", "mtls-client-sends-empty"),
    ),
)
