"""The server's certificate is revoked, or the client cannot find out whether it is.

What it is: the issuer has revoked the certificate; or the client must fetch a CRL or ask OCSP, a
firewall blocks that, and the client waits until it gives up.

At the client, at the server and in the middle: the client's certificate_revoked(44); or a long
silence of the client after the server's flight, and beside it SYNs to port 80 of the authority
that nobody answers.

Mistaken for: client-timeout; server-stall, because the delay is blamed on the server.

Proof: replay up to the certificate and ask the addresses it names, from the client's place.

Sources: RFC 5280 section 5, RFC 6960; Azure/SQL-Connectivity-Checker#122.
"""

from __future__ import annotations

from tlswire.causes import chain, refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say
from tlswire.result import Confidence, Evidence

ID = "cert-revoked-or-revocation-unreachable"
STAGE: Stage = "certificate"
SUMMARY = mark("the client says that the server's certificate is revoked")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Replace a revoked certificate; staple OCSP responses so that clients need not ask.",
    ),
    Cited(
        "firewall",
        "Let the clients reach the CRL and OCSP addresses named in the certificate.",
    ),
    Cited(
        "client",
        "Configure the proxy that revocation checks are to use.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("twin",)

STALLED = mark("the client waits for an answer about revocation that does not come")


def look(case: Case) -> Finding | Refuted | None:
    """The alert says so; a client that falls silent over a certificate may be asking."""
    if case.alerted("client", Alert.certificate_revoked):
        sure: Confidence = "likely" if refusals.hidden(case) else "proved"
        return Finding(sure, (*_addresses(case), case.closing), say(SUMMARY), 95)
    if case.stopped(*refusals.WEIGHING) and case.ended("client", "silence"):
        return Finding("possible", (*_addresses(case), case.closing), say(STALLED), 55)
    return None


def _addresses(case: Case) -> tuple[Evidence, ...]:
    leaf = chain.leaf_of(case)
    if leaf is None or not leaf.revocation_urls:
        return ()
    urls = wording.listing([wording.quote(url) for url in leaf.revocation_urls], 3)
    return (
        cite(
            case.said("certificate", "server"),
            say("to be asked about revocation: {urls}", urls=urls),
        ),
    )
