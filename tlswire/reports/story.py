"""The sentence a manager understands: what fails, how much of it, why, and who can change it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tlswire.errors import TlswireError
from tlswire.language import counted, mark, say
from tlswire.reports.cases import Case
from tlswire.reports.counts import thousands
from tlswire.result import Document
from tlswire.surveyed import SEVERE, Rehearsal, Survey

#: How sure the first cause is, in front of its name.
HEDGES = {
    "proved": "{cause}",
    "likely": mark("most likely, {cause}"),
    "possible": mark("possibly, {cause}"),
}
TEAMS: dict[str, str] = {
    "client": mark("the client"),
    "server": mark("the server"),
    "load_balancer": mark("the load balancer"),
    "firewall": mark("the firewall"),
    "network": mark("the network"),
}
#: Who a copy button copies for.
COPIES: dict[str, str] = {
    "client": mark("Copy for the client"),
    "server": mark("Copy for the server"),
    "load_balancer": mark("Copy for the load balancer"),
    "firewall": mark("Copy for the firewall"),
    "network": mark("Copy for the network"),
}


def headline(document: Document, told: Sequence[Case]) -> str:
    """Return what this report says, in one sentence."""
    if document.rehearsal is not None:
        return _rehearsed(document.rehearsal)
    if document.surveys:
        return _surveyed(document.surveys)
    failed = [case for case in told if case.failed]
    if document.summary.connections == 0:
        return say("This capture holds no TLS handshake over TCP.")
    if not failed:
        return _healthy(document)
    subject = _subject(document, failed)
    if len({reason(case) for case in failed}) == 1:
        return say("{fact}: {reason}.", fact=subject, reason=reason(failed[0]))
    counts = Counter[str]()
    for case in failed:
        counts[reason(case)] += len(case.numbers)
    (most, times), (_, next_times) = counts.most_common(2)
    often = ONE_OF_THEM if times == 1 else MOST_OFTEN if times > next_times else ONE_OFTEN
    return say(often, fact=subject, reasons=len(counts), times=thousands(times), reason=most)


ONE_OF_THEM = mark("{fact}, for {reasons} reasons. One of them: {reason}.")
MOST_OFTEN = mark("{fact}, for {reasons} reasons. Most often ({times}): {reason}.")
ONE_OFTEN = mark("{fact}, for {reasons} reasons. One of them ({times} times): {reason}.")


def _rehearsed(done: Rehearsal) -> str:
    if not done.locked_out:
        return say(
            "All {number} handshakes would get through with {policy}.",
            number=thousands(done.clients),
            policy=done.policy,
        )
    return say(
        "{number} of {total} handshakes would be locked out with {policy}.",
        number=thousands(done.locked_out),
        total=thousands(done.clients),
        policy=done.policy,
    )


def _surveyed(done: Sequence[Survey]) -> str:
    if len(done) == 1:
        return say("{fact}: {reason}", fact=done[0].target, reason=_low(done[0].summary))
    bad = sum(
        s.outcome != "surveyed" or any(w.severity in SEVERE for w in s.warnings) for s in done
    )
    taken = sum(s.outcome == "surveyed" for s in done)
    return say(
        "{taken} of {total} servers take TLS; {bad} need attention.",
        taken=taken,
        total=len(done),
        bad=bad,
    )


def _healthy(document: Document) -> str:
    summary = document.summary
    whole, part = summary.established, summary.incomplete
    if not whole:
        return say(
            "No handshake is seen to fail, and none to complete: "
            "{number} cannot be told from this capture.",
            number=part,
        )
    if part:
        return say(
            "{number} of {total} TLS handshakes completed; "
            "{part} cannot be told from this capture.",
            number=whole,
            total=whole + part,
            part=part,
        )
    return counted("The TLS handshake completed.", "All {number} TLS handshakes completed.", whole)


def _subject(document: Document, failed: Sequence[Case]) -> str:
    count = sum(len(case.numbers) for case in failed)
    total = document.summary.connections
    names = {case.connection.server_name or case.connection.server for case in failed}
    to = say(" to {name}", name=names.pop()) if len(names) == 1 else ""
    if total == 1:
        return say("The TLS connection{to} fails", to=to)
    if total == 2 and count == 2:
        return say("Both TLS connections{to} fail", to=to)
    if count == total:
        return say("All {total} TLS connections{to} fail", total=thousands(total), to=to)
    if count == 1:
        return say("1 of {total} TLS connections fails{to}", total=thousands(total), to=to)
    told = say(
        "{number} of {total} TLS connections fail",
        number=thousands(count),
        total=thousands(total),
    )
    return told + (say(", all{to}", to=to) if to else "")


def reason(case: Case) -> str:
    """Return why a case failed as the end of a sentence, no surer than the verdict is."""
    cause = case.cause
    if cause is None:
        return _low(case.verdict.summary.rstrip(".")) or say("no cause is named")
    if cause.confidence == "possible" and len(case.verdict.causes) > 1:
        return say(
            "why cannot be told yet; {number} causes are left possible",
            number=len(case.verdict.causes),
        )
    return say(HEDGES[cause.confidence], cause=_low(cause_title(cause.id).rstrip(".")))


def cause_title(cause_id: str) -> str:
    """Return the first line of a cause's page, its id where it has none."""
    from tlswire.causes import cause

    try:
        page = cause(cause_id).__doc__ or ""
    except TlswireError:
        page = ""
    return say(page.strip().partition("\n")[0]) or cause_id


def _low(text: str) -> str:
    """Return text that goes on a sentence: `The server` as `the server`, `TLS 1.3` as it is."""
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] in " '" else text


def who_acts(told: Sequence[Case]) -> str:
    """Return who can change it, best first: `the client or the server`."""
    causes = [case.cause for case in told if case.failed and case.cause]
    who = list(dict.fromkeys(say(TEAMS[r.who]) for cause in causes for r in cause.remedies))
    if len(who) < 2:
        return "".join(who)
    return say("{some} or {last}", some=", ".join(who[:-1]), last=who[-1])
