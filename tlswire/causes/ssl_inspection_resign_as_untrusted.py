"""A box inspects TLS, and marks a bad certificate of the real server by signing as untrusted.

What it is: the firewall has checked the server's certificate, found it expired, incomplete or of
an unknown issuer, and re-signs it with a second authority that no client trusts, on purpose. The
true fault lies between the box and the server.

At the client: a certificate whose issuer says untrusted (Fortinet_CA_Untrusted and the like), then
unknown_ca(48), 42 or 46. At the server and in the middle: the box's own handshake, with a chain
that is incomplete, expired or unknown.

Mistaken for: ssl-inspection-untrusted-ca, where the client lacks the box's ordinary authority: to
install this one would hide the fault from everybody.

Proof: replay from beyond the box: the server's real chain shows what is wrong with it.

Sources: Fortinet ta-p/218813 (log 1700062302, ssl-anomaly, action=resign-as-untrusted).
"""

from __future__ import annotations

from tlswire.causes import chain, refusals, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.language import mark, say

ID = "ssl-inspection-resign-as-untrusted"
STAGE: Stage = "certificate"
SUMMARY = mark(
    "an inspecting box marked the server's real certificate as bad: it signed as {issuer}"
)
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "server",
        "Mend the real certificate or its chain: expired, incomplete, or of an unknown issuer.",
    ),
    Cited(
        "firewall",
        "Read the log of this session (FortiOS ssl-anomaly, PAN-OS decrypt-cert-validation) for "
        "what is wrong upstream; add the server's authority to the box where it is a private one.",
    ),
    Cited(
        "client",
        "Do not install the box's untrusted authority: it would accept every bad certificate.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("twin",)

#: What such an authority calls itself.
SIGN = ("untrusted", "not trusted", "untrust")


def look(case: Case) -> Finding | Refuted | None:
    """An issuer that says of itself that it is not to be trusted."""
    top = chain.top_of(case) if refusals.of_certificate(case) else None
    if top is None:
        return None
    issuer = top.issuer
    if not any(word in issuer.lower() for word in SIGN):
        return None
    told = wording.quote(issuer)
    shown = cite(
        case.said("certificate", "server"), say("the chain sent ends at issuer {told}", told=told)
    )
    return Finding("likely", (shown, case.closing), say(SUMMARY, issuer=told), 92)
