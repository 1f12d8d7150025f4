"""A server that was silent while the captured client waited: as much patience, and what it shows.

Who waits less than that client did cannot tell a slow server from a silent one. Sends nothing.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from msgspec import structs

from tlswire import causes
from tlswire.causes.wording import seconds
from tlswire.experiments.situations import answered
from tlswire.language import mark, say
from tlswire.proof import case_of
from tlswire.replay.plans import Plan
from tlswire.result import Cause, Evidence, Verdict
from tlswire.seen import Seen

#: Nobody waits longer for one answer, in seconds; and this much longer than the client did.
LONGEST, LONGER = 20.0, 1.5
#: An answer that takes this part of the captured wait comes late.
NEARLY: Final = 0.9
TIMEOUT: Final = "client-timeout"
SLOW: Final = mark("answered now after {took}; the captured client left after {waited}")


def patient(planned: Plan) -> Plan:
    """Return the plan with the captured client's patience, where it was the longer one."""
    least = min(LONGER * waited(planned.chosen), LONGEST)
    timeout = max(planned.way.timeout, least)
    return planned._replace(way=replace(planned.way, timeout=timeout))


def waited(captured: Seen) -> float:
    """Return the seconds in which the captured client waited in vain for the server; else 0."""
    silent = captured.ending.how == "silence" and captured.ending.side == "server"
    hello = captured.transcript.client_hello is not None
    return case_of(captured).waited if silent and hello else 0.0


def weigh(verdict: Verdict, captured: Seen, exact: Seen) -> Verdict:
    """An answer that comes when the captured client had left: it waited too short a time."""
    gone, took = waited(captured), _took(exact)
    if not gone or not answered(exact) or took < NEARLY * gone:
        return verdict
    shown = Evidence(text=say(SLOW, took=seconds(took), waited=seconds(gone)))
    others = tuple(
        structs.replace(c, evidence=(*c.evidence, shown)) if c.confidence == "likely" else c
        for c in verdict.causes
        if c.id != TIMEOUT
    )
    known = next((c for c in verdict.causes if c.id == TIMEOUT), None)
    before = known.evidence if known is not None else ()
    found = Cause(
        id=TIMEOUT,
        confidence="likely",
        evidence=(*before, shown),
        remedies=causes.remedies(TIMEOUT),
    )
    sure = tuple(c for c in others if c.confidence == "likely")
    return structs.replace(verdict, causes=(*sure, found, *(c for c in others if c not in sure)))


def _took(exact: Seen) -> float:
    """Return the seconds from the connection to the server's first word."""
    first = next((e.at for e in exact.transcript.entries if e.who == "server"), None)
    opened = exact.flow.opened_at
    return first - opened if first is not None and opened is not None else 0.0
