"""What the operating system says of a connection, in any program."""

from __future__ import annotations

from typing import Final

from tlswire.explain.phrases.phrase import Phrase, numbered

PHRASES: Final = (
    Phrase(
        numbered(10061) + "|Connection refused|ECONNREFUSED|actively refused",
        "peer",
        "tcp",
        "the port is closed, or a box rejects",
        ("tcp-syn-rejected",),
    ),
    Phrase(
        numbered(10065) + "|No route to host|EHOSTUNREACH|Network is unreachable|ENETUNREACH",
        "way",
        "tcp",
        "a router or firewall says that there is no way",
        ("tcp-syn-rejected",),
    ),
    Phrase(
        numbered(10054) + "|"
        "Connection reset by peer|ECONNRESET|forcibly closed by the remote host"
        "|wsarecv: An existing connection",
        "peer",
        "client_hello",
        "the connection was reset",
        (
            "server-abrupt-eof",
            "sni-filter-rst-injected",
            "lb-tcp-accept-no-member",
        ),
    ),
    Phrase(
        numbered(10060) + "|"
        "Connection timed out|ETIMEDOUT|connect timed out|i/o timeout|dial tcp .*timeout",
        "way",
        "tcp",
        "no answer in time",
        (
            "tcp-syn-filtered",
            "tcp-synack-lost",
            "mtu-blackhole-client-hello",
            "server-stall",
        ),
    ),
    Phrase(
        numbered(10053) + "|Broken pipe|EPIPE|Connection aborted|ECONNABORTED",
        "peer",
        "client_hello",
        "the peer had closed already",
        (
            "server-abrupt-eof",
            "client-timeout",
        ),
    ),
    Phrase(
        r"socket hang up|\bunexpected EOF\b|EOF detected|\berr(?:or)?[=: ]+EOF\b|[:,] EOF$",
        "peer",
        "client_hello",
        "the peer closed without a word",
        (
            "server-abrupt-eof",
            "client-timeout",
        ),
    ),
    Phrase(
        "TLS handshake timeout|SSL handshake timed? ?out|handshake timed out",
        "way",
        "client_hello",
        "the handshake did not end in time",
        (
            "server-stall",
            "mtu-blackhole-client-hello",
            "mtu-blackhole-server-flight",
            "sni-filter-drop",
        ),
    ),
)
