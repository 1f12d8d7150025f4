"""A box on the way inspects TLS, and the client does not know the box's authority.

What it is: a firewall, proxy or virus scanner ends TLS and presents a certificate of its own
making. The client lacks the authority that made it; Java, Python and Node have stores of their
own and often miss what the system store has.

At the client: a certificate issued by the box, then unknown_ca(48), 42 or 46.
At the server: another ClientHello than the client's, by its fingerprint.
In the middle: two TLS sessions, one on each side of the box.

Mistaken for: cert-untrusted-root: the alert is the same, the issuer is not the server's.

Proof: replay from beyond the box: the server presents another certificate.

Sources: Check Point CheckMates m-p/274986.
"""

from __future__ import annotations

from tlswire.causes import chain, refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.language import mark, say

ID = "ssl-inspection-untrusted-ca"
STAGE: Stage = "certificate"
SUMMARY = mark(
    "the certificate is issued by a TLS-inspecting box ({issuer}) that the client does not trust"
)
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Install the authority of the inspecting box in the store that this client really uses.",
    ),
    Cited(
        "firewall",
        "Exempt this server from inspection, or distribute the box's authority; if the issuer "
        "says untrusted, look at the server's real certificate from beyond the box.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("twin",)

#: Words in the issuer's name that inspecting products use.
PRODUCTS = (
    "fortinet",
    "fortigate",
    "palo alto",
    "zscaler",
    "blue coat",
    "bluecoat",
    "netskope",
    "check point",
    "checkpoint",
    "sophos",
    "squid",
    "mitmproxy",
    "untangle",
    "watchguard",
    "barracuda",
    "forcepoint",
    "websense",
    "mcafee",
    "umbrella",
    "sonicwall",
    "kaspersky",
    "eset ssl",
    "avast",
    "bitdefender",
    "portswigger",
    "charles proxy",
    "fiddler",
    "cato networks",
    "inspection",
    "interception",
    "ssl proxy",
    "decryption",
    "untrusted ca",
)


def look(case: Case) -> Finding | Refuted | None:
    """An issuer by the name of a product that inspects."""
    top = chain.top_of(case) if refusals.of_certificate(case) else None
    if top is None:
        return None
    issuer = top.issuer
    if not any(product in issuer.lower() for product in PRODUCTS):
        return None
    told = wording.quote(issuer)
    shown = cite(
        case.said("certificate", "server"), say("the chain sent ends at issuer {told}", told=told)
    )
    return Finding("likely", (shown, case.closing), say(SUMMARY, issuer=told), 86)
