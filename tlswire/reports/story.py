"""The sentence a manager understands: what fails, how much of it, why, and who can change it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tlswire.errors import TlswireError
from tlswire.reports.cases import Case
from tlswire.result import Document
from tlswire.surveyed import Rehearsal, Survey

#: How sure the first cause is, in front of its name.
HEDGES = {"proved": "", "likely": "most likely, ", "possible": "possibly, "}
#: Weaknesses that need attention.
SEVERE = frozenset({"high", "critical"})
TEAMS: dict[str, str] = {
    "client": "the client",
    "server": "the server",
    "load_balancer": "the load balancer",
    "firewall": "the firewall",
    "network": "the network",
}


def headline(document: Document, told: Sequence[Case]) -> str:
    """Return what this report says, in one sentence."""
    if document.rehearsal is not None:
        return _rehearsed(document.rehearsal)
    if document.surveys:
        return _surveyed(document.surveys)
    failed = [case for case in told if case.failed]
    if document.summary.connections == 0:
        return "This capture holds no TLS handshake over TCP."
    if not failed:
        return _healthy(document)
    subject = _subject(document, failed)
    if len({reason(case) for case in failed}) == 1:
        return f"{subject}: {reason(failed[0])}."
    counts = Counter[str]()
    for case in failed:
        counts[reason(case)] += len(case.numbers)
    (most, times), (_, next_times) = counts.most_common(2)
    often = f"Most often ({times:,})" if times > next_times else f"One of them ({times:,} times)"
    often = "One of them" if times == 1 else often
    return f"{subject}, for {len(counts)} reasons. {often}: {most}."


def _rehearsed(done: Rehearsal) -> str:
    would = "would be locked out" if done.locked_out else "would get through"
    count = done.locked_out or done.clients
    of = f"{count:,} of {done.clients:,}" if done.locked_out else f"All {count:,}"
    return f"{of} handshakes {would} with {done.policy}."


def _surveyed(done: Sequence[Survey]) -> str:
    if len(done) == 1:
        return f"{done[0].target}: {_low(done[0].summary)}"
    bad = sum(
        s.outcome != "surveyed" or any(w.severity in SEVERE for w in s.warnings) for s in done
    )
    taken = sum(s.outcome == "surveyed" for s in done)
    return f"{taken} of {len(done)} servers take TLS; {bad} need attention."


def _healthy(document: Document) -> str:
    summary = document.summary
    whole, part = summary.established, summary.incomplete
    untold = f"{part} cannot be told from this capture"
    if not whole:
        return f"No handshake is seen to fail, and none to complete: {untold}."
    done = "The TLS handshake completed" if whole == 1 else f"All {whole} TLS handshakes completed"
    if part:
        return f"{whole} of {whole + part} TLS handshakes completed; {untold}."
    return f"{done}."


def _subject(document: Document, failed: Sequence[Case]) -> str:
    count = sum(len(case.numbers) for case in failed)
    total = document.summary.connections
    names = {case.connection.server_name or case.connection.server for case in failed}
    to = f" to {names.pop()}" if len(names) == 1 else ""
    if total == 1:
        return f"The TLS connection{to} fails"
    if count == total:
        return f"{'Both' if total == 2 else f'All {total:,}'} TLS connections{to} fail"
    many = f"{count:,} of {total:,} TLS connections"
    return f"{many} fail{'s' if count == 1 else ''}{', all' * (count > 1) + to if to else ''}"


def reason(case: Case) -> str:
    """Return why a case failed as the end of a sentence, no surer than the verdict is."""
    cause = case.cause
    if cause is None:
        return _low(case.verdict.summary.rstrip(".")) or "no cause is named"
    if cause.confidence == "possible" and len(case.verdict.causes) > 1:
        return f"why cannot be told yet; {len(case.verdict.causes)} causes are left possible"
    return HEDGES[cause.confidence] + _low(cause_title(cause.id).rstrip("."))


def cause_title(cause_id: str) -> str:
    """Return the first line of a cause's page, its id where it has none."""
    from tlswire.causes import cause

    try:
        page = cause(cause_id).__doc__ or ""
    except TlswireError:
        page = ""
    return page.strip().partition("\n")[0] or cause_id


def _low(text: str) -> str:
    """Return text that goes on a sentence: `The server` as `the server`, `TLS 1.3` as it is."""
    return text[:1].lower() + text[1:] if text[1:2].islower() or text[1:2] == " " else text


def who_acts(told: Sequence[Case]) -> str:
    """Return who can change it, best first: `the client or the server`."""
    causes = [case.cause for case in told if case.failed and case.cause]
    who = list(dict.fromkeys(TEAMS[r.who] for cause in causes for r in cause.remedies))
    return who[0] if len(who) == 1 else ", ".join(who[:-1]) + f" or {who[-1]}" if who else ""
