"""The PROXY protocol, version 1: one line of text before anything else (HAProxy, section 2.1)."""

from __future__ import annotations

from tlswire.flow import Endpoint
from tlswire.preambles.step import ALWAYS, Dialect, Step, text
from tlswire.way import Target

_ADDRESSES = (
    rb"(?>(?:[ ](?P<source>[0-9A-Fa-f.:]++)[ ](?P<destination>[0-9A-Fa-f.:]++)"
    rb"[ ](?P<source_port>\d++)[ ](?P<destination_port>\d++))?)"
)


def _say_header(target: Target) -> bytes:
    source, destination = target.source, target.destination
    if source is None or destination is None:
        return b"PROXY UNKNOWN\r\n"
    return f"PROXY {_family(source)} {source.address} {destination.address} ".encode() + (
        b"%d %d\r\n" % (source.port, destination.port)
    )


def _family(endpoint: Endpoint) -> str:
    return "TCP6" if ":" in endpoint.address else "TCP4"


DIALECT = Dialect(
    "proxy-v1",
    (
        Step(
            "client",
            "PROXY line",
            text(rb"PROXY[ ](?P<family>TCP4|TCP6|UNKNOWN)" + _ADDRESSES + rb"[^\r\n]{0,107}+\r\n"),
            says=_say_header,
            telling=ALWAYS,
        ),
    ),
    carrier=True,
)
