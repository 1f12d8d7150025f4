"""The right server answers with its default certificate.

What it is: the name, or the lack of one, selects no virtual host, and the server presents the
certificate of its default one.

At the client, at the server and in the middle: a certificate of quite another name, refused by
the client with bad_certificate(42) or certificate_unknown(46).

Mistaken for: cert-name-mismatch, of which this is one root; wrong-host-or-dnat, where the
machine is another one.

Proof: replay with a name that the server is known to have: it presents another certificate.

Sources: RFC 6066 section 3.
"""

from __future__ import annotations

from tlswire.causes import chain, refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "cert-default-vhost"
STAGE: Stage = "certificate"
SUMMARY = mark("the server has no virtual host for the name and presents its default certificate")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Add a virtual host with a certificate for this name.",
    ),
    Cited(
        "load_balancer",
        "Add the name's certificate to the virtual server, and decide what the default is.",
    ),
    Cited(
        "client",
        "Send the right name.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("sni",)


def look(case: Case) -> Finding | Refuted | None:
    """A certificate of another name, or one for a client that asked for none."""
    leaf = chain.leaf_of(case)
    if leaf is None or not refusals.of_certificate(case):
        return None
    if case.ending.outcome == "established" or case.alerted("client", Alert.unknown_ca):
        return None
    nameless = case.hello is not None and case.server_name is None and not chain.flawed(case)
    if not nameless and not chain.misnamed(case):
        return None
    names = wording.listing([wording.quote(name) for name in leaf.names], 4)
    shown = cite(
        case.said("certificate", "server"), say("the certificate is good for {names}", names=names)
    )
    return Finding("possible", (shown, case.closing), say(SUMMARY), 40)
