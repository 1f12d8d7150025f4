"""A filter answers in the server's place to show its block page.

What it is: a firewall forbids the site, ends TLS itself with a certificate of its own, and would
show a page that says so. The client sees a certificate for another name.

At the client: ServerHello and Certificate sooner than the server could answer, the issuer or the
name is the filter's, then an alert. At the server: no ClientHello, or a reset.

Mistaken for: cert-default-vhost, ssl-inspection-untrusted-ca.

Proof: replay from beyond the filter shows the server's own certificate.

Sources: Check Point CheckMates m-p/274986, Fortinet ta-p/216625.
"""

from __future__ import annotations

from tlswire.causes import chain, refusals, ssl_inspection_untrusted_ca, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.language import mark, say

ID = "url-filter-block-page"
STAGE: Stage = "certificate"
SUMMARY = mark("a filter ({subject}) answered in the place of {name} to show its block page")
REMEDIES: tuple[Cited, ...] = (
    Cited("firewall", "Permit the site, or its category, for this client."),
    Cited("client", "Install the filter's authority to see the page and its reason."),
)
SPLIT_BY: tuple[str, ...] = ("sni", "twin")

#: Words in names of block pages.
WORDS = ("block page", "blockpage", "blocked", "web filter", "webfilter", "url filter")


def look(case: Case) -> Finding | Refuted | None:
    """A certificate for another name, made by a product that filters."""
    leaf, name = chain.leaf_of(case), case.server_name
    if leaf is None or name is None or not chain.misnamed(case):
        return None
    if not refusals.of_certificate(case):
        return None
    words = f"{leaf.subject} {leaf.issuer}".lower()
    if not any(word in words for word in (*WORDS, *ssl_inspection_untrusted_ca.PRODUCTS)):
        return None
    subject = wording.quote(leaf.common_name or leaf.subject)
    shown = cite(
        case.said("certificate", "server"),
        say("the certificate is that of {subject}", subject=subject),
    )
    why = say(SUMMARY, subject=subject, name=wording.quote(name))
    return Finding("likely", (shown, case.closing), why, 87)
