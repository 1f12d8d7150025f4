"""A box refuses the post-quantum group itself.

What it is: an inspecting firewall parses the hello, meets a group that it does not know, and
refuses instead of ignoring it.

At the client, at the server and in the middle: a hello with a hybrid group (X25519MLKEM768),
then illegal_parameter(47) or handshake_failure(40) from the box.

Mistaken for: pq-client-hello-too-big, where the size is at fault.

Proof: replay without the group passes, padded to the old size as well.

Sources: RFC 8446 section 4.2.7; Fortinet ta-p/357555.
"""

from __future__ import annotations

from tlswire.causes import odds, suspects, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert
from tlswire.language import mark, say

ID = "pq-group-refused"
STAGE: Stage = "client_hello"
SUMMARY = mark("the post-quantum group offered ({groups}) is refused")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "firewall",
        "Upgrade the inspection engine, or exempt the connection.",
    ),
    Cited(
        "client",
        "As a stop-gap take the hybrid group out of the offer.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("groups",)

#: How well each alert fits.
FITS = {Alert.illegal_parameter: 70, Alert.handshake_failure: 18}


def look(case: Case) -> Finding | Refuted | None:
    """A hybrid group and an alert over a parameter, or no word."""
    if case.offer is None or not case.stopped("SERVER_HELLO"):
        return None
    hybrid = suspects.hybrids(case.offer)
    if not hybrid:
        return None
    told = wording.groups(hybrid)
    shown = cite(case.hello, say("groups offered hold {told}", told=told))
    why = say(SUMMARY, groups=told)
    if case.alerted("server", *FITS) and case.alert is not None:
        return Finding("possible", (shown, case.closing), why, FITS[case.alert.code])
    return None if case.flow.server.sent else odds.judge(case, ID, (shown,), why)
