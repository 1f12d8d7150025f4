"""An application that pins its server's key refuses the certificate of an inspecting box.

What it is: the application knows which key or authority its server has, and takes no other, even
one that the system trusts: mobile apps, updaters, agents, Google and Microsoft services.

At the client: a certificate issued by the inspecting box, then 46, 48 or 42, or a FIN or reset
without a word, while other programs on the same host pass. At the server and in the middle: the
box's own session goes well.

Mistaken for: ssl-inspection-untrusted-ca, where every program of the host fails.

Proof: replay cannot tell, it pins nothing: compare with another program on the same host, to the
same server. curl's exit code 90 says it.

Sources: Check Point CheckMates m-p/274986.
"""

from __future__ import annotations

from tlswire.causes import refusals, ssl_inspection_untrusted_ca
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say

ID = "pinning-vs-inspection"
STAGE: Stage = "certificate"
SUMMARY = mark("the application may pin its server's key, and an inspecting box shows another")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "firewall",
        "Exempt this server from inspection: a pinned application cannot be inspected.",
    ),
    Cited(
        "client",
        "See whether the vendor lets the pin be replaced; installing the box's authority will "
        "not help.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("twin",)


def look(case: Case) -> Finding | Refuted | None:
    """A refused certificate that an inspecting box has made."""
    if not refusals.of_certificate(case) or case.ending.outcome == "established":
        return None
    found = ssl_inspection_untrusted_ca.look(case)
    if not isinstance(found, Finding):
        return None
    return Finding("possible", found.evidence, say(SUMMARY), 44)
