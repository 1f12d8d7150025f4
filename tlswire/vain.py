"""What experiments teach that were made in vain: what was changed is not why, and what that leaves.

Weighs a verdict by them; sends nothing, and proves nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import structs

from tlswire import causes
from tlswire.codes import Alert
from tlswire.experiments import Experiment
from tlswire.experiments.situations import alerted, answered_in_http, names_a_server
from tlswire.language import in_turn, mark, say
from tlswire.result import Cause, Evidence, RuledOut, Verdict
from tlswire.seen import Seen

HTTP_PORT: Final = "tls-to-http-port"
ENOUGH: Final = 3
NARROW: Final = mark(
    "Find what in the hello decides: tlswire narrow, with the same capture, connection and target."
)
AFTERWARDS: Final = mark(
    "the next connection was not accepted: the server seems to have ended itself"
)
CRASH: Final = "server-abrupt-eof"
LEFT_AS_WELL: Final = mark("with {change} the server left as well")
NO_KEY: Final = "server-no-usable-key"
NO_NAME, MISSING_NAME = "sni-unknown", "sni-missing"
#: What a longer list in the hello would cure.
OF_LISTS: Final = frozenset(
    {"cipher-no-overlap", "groups-no-overlap", "sigalgs-no-overlap", "ecdsa-cert-rsa-client"}
    | {"ems-required", "ec-extensions-missing", "version-client-too-old"}
    | {"legacy-renegotiation-refused"}
)
#: What no refusal clears: a server that lacks the name need not take a hello without one, and a box
#: that puts segments together minds a hello in two as it does a whole one.
UNCLEARED: Final = frozenset({"sni-unknown", "ids-reset-both-sides", "app-id-policy-drop"})
UNSPOKEN: Final = mark("a connection on which nothing was sent was left by the server as soon")
#: Who takes a connection and leaves it: a balancer without members, a service that cannot serve.
UNSERVED: Final = ("server-abrupt-eof", "lb-tcp-accept-no-member")
ALL_OFFERED: Final = mark(
    "with all that is common among servers of today and yesterday offered at once, the server "
    "refused as well"
)


def weigh_refusals(
    verdict: Verdict,
    replayed: Seen,
    refused: Sequence[Experiment],
    *,
    gone: bool = False,
    narrows: bool = False,
    nothing_helps: bool = False,
    unasked: bool = False,
) -> Verdict:
    """A server that leaves without a word, whatever is changed: what was changed is not why."""
    if unasked:
        return _not_of_the_hello(verdict)
    if any(cause.confidence == "proved" for cause in verdict.causes):
        return verdict
    if narrows:
        return structs.replace(verdict, next_step=say(NARROW))
    if answered_in_http(replayed) and any(row.cause == HTTP_PORT for row in refused):
        verdict = _not_in_clear(verdict)
    enough = gone or len(refused) >= ENOUGH
    if nothing_helps:
        return _no_key(verdict, replayed, refused)
    if replayed.ending.how not in ("fin", "rst") or not enough or not verdict.causes:
        return verdict
    tried = {row.cause: row for row in refused if row.cause not in UNCLEARED}
    left = [cause for cause in verdict.causes if cause.id not in tried]
    if gone:  # of all that may be behind it, that alone ends the server as well
        left.sort(key=lambda cause: cause.id != CRASH)
    out = tuple(
        RuledOut(id=cause.id, why=say(LEFT_AS_WELL, change=tried[cause.id].changed))
        for cause in verdict.causes
        if cause.id in tried
    )
    if left and left[0].confidence == "possible":
        shown = (*left[0].evidence, Evidence(text=say(AFTERWARDS) if gone else _as_well(refused)))
        left[0] = structs.replace(left[0], confidence="likely", evidence=shown)
    return structs.replace(verdict, causes=tuple(left), ruled_out=(*out, *verdict.ruled_out))


def _not_of_the_hello(verdict: Verdict) -> Verdict:
    """Who leaves before it is spoken to does not mind what is said: nobody serves there."""
    shown = Evidence(text=say(UNSPOKEN))
    known = {cause.id: cause for cause in verdict.causes}
    found = tuple(
        structs.replace(known[each], confidence="likely", evidence=(*known[each].evidence, shown))
        if each in known
        else Cause(id=each, confidence="likely", evidence=(shown,), remedies=causes.remedies(each))
        for each in UNSERVED
    )
    out = (RuledOut(id=c.id, why=say(UNSPOKEN)) for c in verdict.causes if c.id not in UNSERVED)
    others = (r for r in verdict.ruled_out if r.id not in UNSERVED)
    return structs.replace(verdict, causes=found, ruled_out=(*out, *others))


def _no_key(verdict: Verdict, replayed: Seen, refused: Sequence[Experiment]) -> Verdict:
    """Whatever is offered is refused: what a longer list would cure is not why.

    With internal_error a server says that the look-up of its certificate failed, which is by name
    (nginx, Go and Caddy, measured): the name is the first suspect then.
    """
    cured = ({row.cause for row in refused} | OF_LISTS) - UNCLEARED
    left = [c for c in verdict.causes if c.id not in cured and c.id != NO_KEY]
    out = (RuledOut(id=c.id, why=say(ALL_OFFERED)) for c in verdict.causes if c.id in cured)
    by_name = alerted(Alert.internal_error)(replayed)
    name = NO_NAME if names_a_server(replayed) else MISSING_NAME
    why = (name, NO_KEY) if by_name else (NO_KEY,)
    others = (r for r in verdict.ruled_out if r.id not in why)
    shown = (Evidence(text=say(ALL_OFFERED)),)
    found = (
        Cause(id=each, confidence="likely", evidence=shown, remedies=causes.remedies(each))
        for each in why
    )
    left = [cause for cause in left if cause.id not in why]
    return structs.replace(verdict, causes=(*found, *left), ruled_out=(*out, *others))


def _not_in_clear(verdict: Verdict) -> Verdict:
    """A port that refuses plain HTTP too is no proof of a port of HTTP: bytes may go before ours.

    A balancer's PROXY header before the hello is answered so by nginx (measured).
    """
    shown = Evidence(text=say("a request of plain HTTP was refused as well"))
    causes = tuple(
        structs.replace(c, confidence="likely", evidence=(*c.evidence, shown))
        if c.id == HTTP_PORT
        else c
        for c in verdict.causes
    )
    return structs.replace(verdict, causes=causes)


def _as_well(refused: Sequence[Experiment]) -> str:
    told = in_turn(dict.fromkeys(row.changed for row in refused))
    return say("the server left as well with {changes}", changes=told)
