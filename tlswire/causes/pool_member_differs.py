"""One member of a pool behaves otherwise than the rest.

What it is: several servers answer under one address, and one has another certificate, list of
suites, patch level or key.

At the client, at the server and in the middle: connections to the same address and port succeed
and fail by turns; TTL, TCP options, ServerHello or certificate of those that fail differ from the
others.

Mistaken for: server-abrupt-eof, lb-limits; any cause that lies in the client, which would fail
every time.

Proof: replay the same bytes many times and group the results by what the server shows; then each
member directly.

Sources: psf/requests#2573.
"""

from __future__ import annotations

from tlswire.causes import refusals
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage
from tlswire.codes import Alert
from tlswire.language import mark, say
from tlswire.result import Evidence

ID = "pool-member-differs"
STAGE: Stage = "client_hello"
SUMMARY = mark(
    "one member of a pool is set up otherwise than the others, which serve other connections"
)
REMEDIES: tuple[Cited, ...] = (
    Cited("load_balancer", "Compare the members, and take the one that differs out of the pool."),
    Cited("server", "Set up all members alike: certificate, versions, suites, ticket keys."),
)
SPLIT_BY: tuple[str, ...] = ("repeat",)

#: Alerts beyond those that give no reason.
SAID = (Alert.bad_record_mac, Alert.decrypt_error)


def look(case: Case) -> Finding | Refuted | None:
    """A failure without a reason, beside connections that the same address served."""
    told = refusals.wordless(case) or case.alerted("server", *SAID)
    if not told or not case.served_others:
        return None
    if case.served_alike:
        alike = Evidence(
            text=say("the same offer, with the same name, was served in another connection")
        )
        # who closes without a word after a pause may have found no member at all
        return Finding(
            "likely", (alike, case.closing), say(SUMMARY), 62 if refusals.mute(case) else 75
        )
    shown = Evidence(text=say("another connection to the same address and port was established"))
    return Finding("possible", (shown, case.closing), say(SUMMARY), 46)
