"""How likely each cause is when a server gives no reason: one table of odds, one of evidence.

Who closes, resets or falls silent after the ClientHello says nothing of why. What is left is how
often each cause is behind it, and the few facts in the bytes that speak for or against one. Both
are written here and nowhere else; a cause says whether it can be, this says how it ranks. Must
never call anything proved.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, NamedTuple

from tlswire.causes import refusals, suspects
from tlswire.causes.case import Case, Finding, Refuted
from tlswire.codes import ExtensionType
from tlswire.language import mark, say
from tlswire.result import Confidence, Evidence


class Odds(NamedTuple):
    """Points of a hundred by how it ended; 0 where the cause does not end so."""

    closed: int  # FIN of the server
    reset: int  # RST of the server
    silent: int  # acknowledged, and no word
    forged: int = 0  # RST of somebody between
    trait: str = ""  # of the ClientHello, without which the server would have answered
    misread: int = 0  # decode_error and the like: a parser that stumbled


#: The order among themselves is what counts. Measured: 1,100 captures of refusals whose truth is
#: known. A server that closes has read the hello; Linux resets where bytes were left unread
#: (RFC 9293 section 3.6.1), as those do who look at the first bytes only: for a PROXY header, for
#: a name, for a member to hand them to.
ODDS: Final[dict[str, Odds]] = {
    "server-abrupt-eof": Odds(60, 52, 0),
    "lb-tcp-accept-no-member": Odds(43, 35, 0),
    "proxy-protocol-missing": Odds(42, 48, 0),
    "sni-unknown": Odds(16, 30, 8),
    "sni-filter-rst-injected": Odds(0, 38, 0),
    "version-intolerance": Odds(36, 36, 32, 38, "tls13"),
    "pq-client-hello-too-big": Odds(46, 46, 46, 46, "large"),
    "pq-group-refused": Odds(31, 31, 18, 31, "hybrid"),
    "grease-intolerance": Odds(44, 44, 24, 44, "grease", misread=32),
    "ech-blocked": Odds(40, 40, 40, 40, "ech", misread=40),
    "ch-length-256-511": Odds(37, 37, 34, 0, "dangerous length", misread=34),
    "ch-last-extension-empty": Odds(44, 44, 38, 0, "empty end", misread=38),
    "ems-required": Odds(38, 38, 0, 0, "no master secret"),
    "tls13-compat-ccs-missing": Odds(33, 33, 28, 33, "no disguise", misread=25),
    "suite-list-intolerance": Odds(40, 40, 24, 40, "many suites"),
    "fallback-scsv": Odds(70, 70, 30, 0, "fallback"),
    "alpn-no-overlap": Odds(14, 14, 8, 0, "h2"),
    "ticket-not-shared": Odds(48, 48, 48, 0, "resumes"),
}


class Fact(NamedTuple):
    """What the bytes tell beside the ending, and the points that it gives or takes."""

    holds: Callable[[Case], bool]
    points: dict[str, int]


def _hybrid(case: Case) -> bool:
    """A hybrid key share made it large: the one usual reason for a hello in two segments."""
    segments = case.flow.client.segments
    return (
        case.offer is not None
        and bool(suspects.hybrids(case.offer))
        and bool(segments)
        and segments[0].length >= FULL
    )


def _clamped(case: Case) -> bool:
    """A small first segment: the hello is no larger than others, only cut by its sender."""
    segments = case.flow.client.segments
    return bool(segments) and segments[0].length < FULL


def _of_the_server(case: Case) -> bool:
    """The reset took as many hops as the server's other packets."""
    side = case.flow.server
    return any(r.ttl == side.ttl for r in side.resets) and case.ended("server", "rst")


def _dummy(case: Case) -> bool:
    """Browsers send encrypted_client_hello to every server, as a dummy (RFC 9849 section 6.2)."""
    offer = case.offer
    return offer is not None and (offer.grease or offer.has(DELEGATED) or case.alert is not None)


def _wordless(case: Case) -> bool:
    """Who offers real encrypted_client_hello is seldom refused for anything else."""
    return case.ended("server", "fin", "rst") and not _dummy(case)


def _other_name(case: Case) -> bool:
    """The server served another name, and never this one."""
    return case.served_other_name is not None


def _most_suites(case: Case) -> bool:
    """More suites are offered than some balancers read."""
    return case.offer is not None and len(case.offer.suites) >= MOST_SUITES


#: So many suites some balancers read at most (Cisco ACE).
MOST_SUITES: Final = 128
#: A first segment of so many bytes was filled because the hello is large.
FULL: Final = 1200
#: Firefox offers it, and hardly anybody else.
DELEGATED: Final = ExtensionType.delegated_credential
#: What it adds that another name was served.
OTHER_NAME: Final = 35
FACTS: Final[tuple[Fact, ...]] = (
    Fact(_hybrid, {"pq-client-hello-too-big": 18}),
    Fact(_clamped, {"pq-client-hello-too-big": -26}),
    Fact(_of_the_server, {"sni-filter-rst-injected": -24}),
    Fact(_dummy, {"ech-blocked": -23}),
    Fact(_wordless, {"ech-blocked": 21}),
    Fact(_most_suites, {"suite-list-intolerance": 15}),
    Fact(_other_name, {"sni-unknown": OTHER_NAME}),
)

#: What the company of other connections to the same server tells of a trait.
SPARED, SHARED = 50, -40
WITHOUT = mark("another connection to the same server passed without it")
WITH = mark("another connection to the same server passed with it")


def weigh(case: Case, cause: str) -> int:
    """Return the points of a cause; 0 where this is no ending of it."""
    odds = ODDS[cause]
    points = _column(case, odds)
    if not points:
        return 0
    points += sum(
        fact.points.get(cause, 0) for fact in FACTS if cause in fact.points and fact.holds(case)
    )
    if odds.trait and case.refused_without(odds.trait):
        points += SHARED
    return max(points, 1)


def judge(
    case: Case, cause: str, evidence: tuple[Evidence, ...], why: str
) -> Finding | Refuted | None:
    """Return the finding of a cause that can be, ranked by its odds, the facts and the company."""
    points, trait = weigh(case, cause), ODDS[cause].trait
    if not points:
        return None
    if trait and case.served_with(trait):
        return Refuted(say(WITH))
    if not trait or not case.served_without(trait):
        return Finding("possible", (*evidence, case.closing), why, points)
    sure: Confidence = "possible" if case.refused_without(trait) else "likely"
    shown = Evidence(text=say(WITHOUT))
    return Finding(sure, (*evidence, shown, case.closing), why, points + SPARED)


def _column(case: Case, odds: Odds) -> int:
    """Return the points for the way in which it ended."""
    if not case.stopped("SERVER_HELLO"):
        return 0
    if refusals.puzzled(case):
        return odds.misread
    if case.ending.side == "network":
        return odds.forged if case.ending.how == "rst" else 0
    columns = {"fin": odds.closed, "rst": odds.reset, "silence": odds.silent}
    return columns.get(case.ending.how or "", 0) if case.ending.side == "server" else 0
