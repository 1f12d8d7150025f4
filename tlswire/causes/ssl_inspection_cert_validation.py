"""A box inspects TLS, does not accept the server's certificate, and drops the client for it.

What it is: the firewall checks the server's certificate with its own store and clock, and resets
or alerts the client instead of re-signing: expired, unknown issuer, revoked, wrong type.

At the client: a reset or an alert soon after the ClientHello, and no certificate. At the server:
the box's handshake goes up to the certificate, and the box leaves with an alert or a reset. In
the middle: two sessions, the box's own one fails first.

Mistaken for: server-abrupt-eof and sni-filter-rst-injected, the same at the client.

Proof: replay from beyond the box: the server answers, and its chain shows the fault.

Sources: PAN-OS kA10g000000ClHGCA0 (session end reason decrypt-cert-validation).
"""

from __future__ import annotations

from tlswire.causes import refusals
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.language import mark, say

ID = "ssl-inspection-cert-validation"
STAGE: Stage = "certificate"
SUMMARY = mark("a box on the way may have refused the server's certificate and dropped the client")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "firewall",
        "Look for the session's end reason (PAN-OS decrypt-cert-validation); add the missing "
        "authority or intermediate to the box, or exempt this server.",
    ),
    Cited(
        "server",
        "Send a whole and valid chain: the box has no cache of intermediates as browsers have.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("twin",)


def look(case: Case) -> Finding | Refuted | None:
    """A reset in place of the ServerHello can come from such a box; nothing shows it."""
    if not refusals.mute(case) or case.ending.how != "rst":
        return None
    return Finding("possible", (case.closing,), say(SUMMARY), 14)
