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
        "(Connection (error|closed)|Timeout) while waiting|Truncated PROXY"
        "|NetScaler Client IP header|does not look like a PROXY|PROXY protocol header",
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
        (
            "mtls-cert-rejected",
            "mtls-incomplete-client-chain",
        ),
    ),
    Phrase(
        "Server presented an SSL certificate different from"
        "|certificate different from .*expected one|expected one$",
        "local",
        "certificate",
        "the server behind shows another certificate than was configured",
        (
            "cert-name-mismatch",
            "lb-server-side-profile",
        ),
    ),
    Phrase(
        "Rejected a client-initiated SSL renegotiation attempt",
        "local",
        "after",
        "the client wanted to negotiate once more",
        (
            "renegotiation-for-client-auth",
            "legacy-renegotiation-refused",
        ),
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
        "Layer6 (invalid response|timeout)|L6TOUT|L6RSP",
        "local",
        "client_hello",
        "the health check failed in TLS: the stack of the monitor is not that of the data",
        (
            "monitor-differs-from-data",
            "lb-server-side-profile",
            "sni-missing",
            "cipher-no-overlap",
        ),
    ),
    Phrase(
        r"\b(termination|state)\W+(?-i:S[CH])\b|(?-i:\sS[CH][-A-Zn]{2}\s)",
        "peer",
        "tcp",
        "the server behind refused (SC) or left (SH) before it answered",
        (
            "lb-tcp-accept-no-member",
            "lb-server-side-profile",
            "server-abrupt-eof",
        ),
    ),
    Phrase(
        r"\b(termination|state)\W+(?-i:C[DHRQ])\b|(?-i:\sC[DHRQ][-A-Zn]{2}\s)",
        "peer",
        "after",
        "the client left before the end",
        (
            "client-timeout",
            "cert-untrusted-root",
        ),
    ),
    Phrase(
        r"\b(termination|state)\W+(?-i:[sc][CDHR])\b|(?-i:\s[sc][CDHR][-A-Zn]{2}\s)",
        "way",
        "client_hello",
        "a time limit ended it: of the server (s) or of the client (c)",
        (
            "server-stall",
            "server-handshake-timeout",
            "client-timeout",
        ),
    ),
    Phrase(
        r"\b(termination|state)\W+PR\b|(?-i:\sPR[-A-Zn]{2}\s)",
        "local",
        "after",
        "a rule of the balancer denied it, or what came was not valid",
        (
            "lb-limits",
            "http-to-tls-port",
            "client-timeout",
        ),
    ),
    Phrase(
        r"SSL handshake failure|haproxy\W+error:",
        "local",
        "client_hello",
        "the handshake with a client failed; the code behind it says why",
        ("cipher-no-overlap", "cert-untrusted-root", "mtls-client-sends-empty"),
    ),
)
