"""An encrypted ClientHello is refused on the way.

What it is: the client sends encrypted_client_hello. A firewall that wants to read the true name
drops or resets it. Browsers send a dummy of the same form to servers that know nothing of it.

At the client: a hello with extension 0xfe0d, then silence or a reset. At the server: nothing. In
the middle: the hello enters the filter and does not leave.

Mistaken for: sni-filter-drop, sni-filter-rst-injected, pq-client-hello-too-big.

Proof: replay without the extension passes.

Sources: RFC 9849; untangle/ngfw_src#863, net4people/bbs#417.
"""

from __future__ import annotations

from tlswire.causes import odds, refusals
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import ExtensionType
from tlswire.language import mark, say

ID = "ech-blocked"
STAGE: Stage = "client_hello"
SUMMARY = mark("the hello carries encrypted_client_hello, which a filter on the way may refuse")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "firewall",
        "Permit the extension, or answer the DNS query for HTTPS records without its keys.",
    ),
    Cited("client", "As a stop-gap switch Encrypted ClientHello off."),
)
SPLIT_BY: tuple[str, ...] = ("extension",)


#: How well it fits where the network swallowed the hello, or an alert was said: what browsers send
#: to every server is a dummy.
REAL, DUMMY = 40, 17


def look(case: Case) -> Finding | Refuted | None:
    """The extension, and no ServerHello."""
    if case.offer is None or not case.stopped("SERVER_HELLO") or case.flow.server.sent > 7:
        return None
    if not case.offer.has(ExtensionType.encrypted_client_hello):
        return None
    shown = cite(case.hello, say("the hello carries encrypted_client_hello"))
    if odds.weigh(case, ID):
        return odds.judge(case, ID, (shown,), say(SUMMARY))
    if not (refusals.bare(case) or case.ending.how == "silence"):
        return None
    dummy = case.offer.grease or case.alert is not None
    return Finding("possible", (shown, case.closing), say(SUMMARY), DUMMY if dummy else REAL)
