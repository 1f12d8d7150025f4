"""No application protocol is common to client and server.

What it is: the client's ALPN list and the server's have nothing in common: h2 alone before a
server with HTTP/1.1 alone, a gRPC client before a balancer without HTTP/2, a made-up protocol.

At the client, at the server and in the middle: a ClientHello with
application_layer_protocol_negotiation, and at once the server's no_application_protocol(120).

Mistaken for: nothing else that says 120. Many servers go on without ALPN instead, and the client
leaves later, after EncryptedExtensions. A server that chooses the protocol after its ServerHello
(rustls) refuses there, in TLS 1.3 with an encrypted alert in place of EncryptedExtensions:
server-no-usable-key and sigalgs-no-overlap look the same.

Proof: replay with ALPN changed, or taken away, passes.

Sources: RFC 7301 section 3.2; postmanlabs/httpbin#497, nodejs/node#44031, openssl/openssl#11415,
aws/s2n-tls#797.
"""

from __future__ import annotations

from tlswire.causes import odds, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "alpn-no-overlap"
STAGE: Stage = "client_hello"
SUMMARY = mark("the server speaks none of the application protocols offered ({protocols})")
REMEDIES: tuple[Cited, ...] = (
    Cited("server", "Enable one of the protocols that the client offers (h2, http/1.1)."),
    Cited(
        "load_balancer", "Enable HTTP/2, or the protocol offered, in this virtual server's profile."
    ),
    Cited("client", "Offer http/1.1 beside h2, or no ALPN at all."),
)
SPLIT_BY: tuple[str, ...] = ("alpn",)


#: What servers of the web have one of, and how well a hidden alert fits with it and without.
BOTH = frozenset({b"h2", b"http/1.1"})
USUAL, NARROW = 40, 78


def look(case: Case) -> Finding | Refuted | None:
    """The alert says so; or it is hidden, in place of the message that names the protocol."""
    said = case.alerted("server", Alert.no_application_protocol)
    offered = (case.offer.alpn or ()) if case.offer is not None else ()
    late = case.stopped("ENCRYPTED_EXTENSIONS") and case.ended("server", "encrypted_alert")
    mute = bool(odds.weigh(case, ID)) and not case.flow.server.sent
    if not said and not ((late or mute) and offered):
        return None
    told = wording.listing(wording.quote(p.decode("latin-1")) for p in offered)
    evidence = (cite(case.hello, say("ALPN offers {told}", told=told)), case.closing)
    why = say(SUMMARY, protocols=told)
    if mute:
        return odds.judge(case, ID, evidence[:1], why) if b"h2" in offered else None
    if not said:
        return Finding("possible", evidence, why, USUAL if BOTH.issubset(offered) else NARROW)
    return Finding("proved" if offered else "likely", evidence, why)
