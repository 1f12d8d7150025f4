"""A PROXY header was put before TLS, and the server does not expect it.

What it is: a balancer sends the client's address in a PROXY header, and the member was not told
to read one: it takes the header for a broken TLS record.

At the client: all looks innocent; the balancer closes.
At the server and between balancer and server: the first bytes are `PROXY TCP4` or the 12 bytes
of version 2, then the ClientHello; the server answers 400 in clear, an alert (10, 22, 50, 70),
or closes.

Mistaken for: http-to-tls-port, by the server's own log; version-client-too-old, when it says 70.

Proof: replay without the header passes, with it fails.

Sources: the PROXY protocol specification, versions 1 and 2; nats-io/nats-server#7571,
pires/go-proxyproto#25, curl/curl#10165.
"""

from __future__ import annotations

from tlswire.causes import wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "proxy-protocol-unexpected"
STAGE: Stage = "preamble"
SUMMARY = mark(
    "the server does not expect the PROXY header ({version}) that came before the ClientHello"
)
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Let the listener read the PROXY header (proxy_protocol, accept-proxy), from the "
        "balancer's addresses only.",
    ),
    Cited(
        "load_balancer",
        "Do not send the PROXY header to these members.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("preamble",)


def look(case: Case) -> Finding | Refuted | None:
    """A PROXY header, a ClientHello, and a refusal in place of the ServerHello."""
    preamble = case.preamble
    if preamble is None or not preamble.protocol.startswith("proxy"):
        return None
    if not case.stopped("SERVER_HELLO", "PREAMBLE", "CLIENT_HELLO") or case.ending.side != "server":
        return None
    if case.ending.how == "silence":
        return None
    begins = Evidence(
        text=say(
            "the stream begins with a PROXY header: {steps}",
            steps=wording.escape(preamble.steps[0]),
        ),
        sender="client",
        offset=0,
        length=preamble.client_end,
    )
    plain = case.ended("server", "non_tls")
    why = say(SUMMARY, version=preamble.protocol.partition("+")[0])
    return Finding("likely", (begins, case.closing), why, 90 if plain else 75)
