"""The client does not say which name it wants.

What it is: the ClientHello has no server_name. A server with many names refuses, or answers with
its default certificate, which the client then refuses.

At the client, at the server and in the middle: a ClientHello without server_name, then the
server's unrecognized_name(112), internal_error(80), handshake_failure(40), or a bare reset or
close; or a certificate of another name and the client's bad_certificate(42).

Mistaken for: cipher-no-overlap; sni-unknown, where a name was sent; cert-name-mismatch, of which
this is then the root.

Proof: replay with the known name put in passes.

Sources: RFC 6066 section 3, RFC 8446 section 9.2; postmanlabs/httpbin#376,
projectdiscovery/tlsx#97, Azure/app-service-announcements#104, haproxy/haproxy#3096.
"""

from __future__ import annotations

from tlswire.causes import chain, refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert, ExtensionType
from tlswire.language import mark, say

ID = "sni-missing"
STAGE: Stage = "client_hello"
SUMMARY = mark("the client asked for no name (no server_name), and the server needs one")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Connect by name and not by address; upgrade or configure the library so that it sends "
        "server_name.",
    ),
    Cited(
        "load_balancer",
        "Set the name in health checks and in the server-side profile.",
    ),
    Cited(
        "server",
        "Give the default virtual host a certificate that clients without a name can accept.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("sni",)

DEFAULT = mark("the client asked for no name and got the default certificate, of {names}")

#: How well each refusal fits a server that wants a name.
FITS = {
    Alert.unrecognized_name: 95,
    Alert.missing_extension: 80,
    Alert.internal_error: 60,
    Alert.access_denied: 50,
    Alert.handshake_failure: 30,
}
#: A server or a router of names that misses one often just leaves; an old client never had one.
MUTE, OLD = 65, 30
#: A client refused the default certificate, and did not say that it lacks trust: so well it fits.
DEFAULTED = 62
#: The client's own store, as it was given, does not trust it: that comes first.
UNTRUSTED = 40


def look(case: Case) -> Finding | Refuted | None:
    """A hello without server_name that was refused, or was answered with a default."""
    if case.offer is None or case.offer.ssl2:
        return None
    if case.offer.has(ExtensionType.server_name):
        return Refuted(say("the ClientHello has server_name")) if refusals.bare(case) else None
    if refusals.of_certificate(case) and case.ending.outcome != "established":
        return _default(case)
    alert = case.alert
    weight = FITS.get(alert.code, 0) if alert is not None else _mute(case)
    if not case.stopped("SERVER_HELLO") or case.ending.side != "server" or not weight:
        return None
    evidence = (cite(case.hello, say("the ClientHello has no server_name")), case.closing)
    return Finding("likely" if weight >= 80 else "possible", evidence, say(SUMMARY), weight)


def _mute(case: Case) -> int:
    if not refusals.mute(case):
        return 0
    return OLD if refusals.old(case) else MUTE


def _default(case: Case) -> Finding | None:
    leaf = chain.leaf_of(case)
    if leaf is None or chain.flawed(case) or case.alerted("client", Alert.unknown_ca):
        return None
    names = wording.listing([wording.quote(name) for name in leaf.names], 4)
    shown = cite(
        case.said("certificate", "server"), say("the certificate is good for {names}", names=names)
    )
    evidence = (cite(case.hello, say("the ClientHello has no server_name")), shown, case.closing)
    strange = case.trust is not None and not case.trust.way.trusted
    weight = UNTRUSTED if strange else DEFAULTED
    return Finding("likely", evidence, say(DEFAULT, names=names), weight)
