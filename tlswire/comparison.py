"""What a replay told, beside what the capture shows: the same, another thing, or not to be told.

Compares and words; sends nothing. Where capture and replay part, the place from which the hello
was sent may be the reason, and the verdict says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final, NamedTuple

from msgspec import structs

from tlswire import causes
from tlswire.causes import story
from tlswire.causes.case import Case, Finding
from tlswire.ending import Ending
from tlswire.errors import SelectionError
from tlswire.experiments import Experiment
from tlswire.experiments.situations import answered
from tlswire.findings import suite_name
from tlswire.fixes import retried_group, smallest_fix
from tlswire.result import Cause, Evidence, Remedy, RuledOut, Verdict
from tlswire.seen import Seen
from tlswire.states import APPLICATION_DATA, TCP_CONNECT
from tlswire.transcript import (
    Difference,
    Entry,
    Transcript,
    alert_of,
    first_difference,
    version_name,
)

VANTAGE = (
    "The capture's client and this machine reach the server by different ways, perhaps through "
    "other firewalls or to another member of a pool: replay from the client's own network too."
)
ELSEWHERE = (
    "The replay went to {there}, the capture's client to {here}: two servers may well differ."
)
REFUSED = "In the capture:"
SHOWED = (
    "The captured client showed a certificate, which the replay had not: give it with --cert and "
    "--key. In the capture:"
)
BESIDE = (
    "tlswire narrow changes several things at once and finds which matter. Then replay from beside "
    "the server, without the firewalls between: if it fails there as well, the server itself "
    "refuses, and its log at that moment names the reason."
)
NOTHING_MORE = "nothing more"
UNENDED = "what it sent leads no handshake on, and the reading was broken off"


class Proof(NamedTuple):
    """An experiment that passed, and both hellos once more: each ended as before."""

    experiment: Experiment
    passed: Seen
    control: Seen
    again: Seen
    refused: tuple[Experiment, ...] = ()  # what was changed before without passing


class Comparison(NamedTuple):
    """Whether the capture's end was seen again; `same` is None where that cannot be told."""

    same: bool | None
    difference: Difference | None


def by_choice(ending: Ending) -> bool:
    """Tell whether a replay stopped because the next message would have been its own."""
    return ending.outcome == "incomplete" and ending.side is None


def same_end(one: Ending, other: Ending) -> bool:
    """Tell whether two handshakes stopped at the same place, by the same side, in one manner."""
    return _manner(one) == _manner(other)


def _manner(ending: Ending) -> tuple[object, ...]:
    alert = alert_of(ending.entry) if ending.entry is not None and ending.how == "alert" else None
    code = alert.code if alert is not None else None
    return ending.outcome, ending.stopped_at, ending.side, ending.how, code


# -- capture and replay ------------------------------------------------------------------


def compare(captured: Seen, replayed: Seen) -> Comparison:
    """Compare a replay, as far as it was played, with the connection that it repeats."""
    difference = first_difference(_until_end(captured), _until_end(replayed))
    if captured.ending.outcome == "incomplete" or _unjudged(replayed.ending):
        return Comparison(None, None)
    if by_choice(replayed.ending):
        return _as_far_as_it_goes(captured, difference)
    if refused_by_client(captured) or _showed_more(captured, replayed):
        return _beyond(captured, replayed)
    return Comparison(same_end(captured.ending, replayed.ending), difference)


def _unjudged(ending: Ending) -> bool:
    """Tell whether a replay was broken off: the answer had no end and led nowhere."""
    return ending.outcome == "incomplete" and not by_choice(ending)


def refused_by_client(seen: Seen) -> bool:
    """Tell whether it was the client that refused: a replay refuses nothing."""
    return seen.failed and seen.ending.side == "client" and seen.transcript.server_hello is not None


def _showed_more(captured: Seen, replayed: Seen) -> bool:
    """Tell whether the captured client showed a certificate, and the replay had to do without."""
    return shows_certificate(captured) and not shows_certificate(replayed)


def shows_certificate(seen: Seen) -> bool:
    """Tell whether the client showed a certificate of its own, by its size where it is hidden."""
    if seen.transcript.certificates("client"):
        return True
    return seen.transcript.client_authenticates and any(
        e.who == "client" and e.hidden and e.what == "encrypted" and e.guess is None
        for e in seen.transcript.entries
    )


def _beyond(captured: Seen, replayed: Seen) -> Comparison:
    """Up to where the captured client went its own way, all may have been the same."""
    before = _until_end(captured)
    if captured.failed:
        before = replace(before, entries=before.entries[:-1])
    difference = first_difference(before, _until_end(replayed))
    if difference is not None and difference.captured == NOTHING_MORE:
        difference = None
    return Comparison(None if difference is None else False, difference)


def _as_far_as_it_goes(captured: Seen, difference: Difference | None) -> Comparison:
    """The replay has no keys to go on with: what the capture shows beyond is no difference."""
    if difference is not None and difference.replayed == NOTHING_MORE:
        difference = None
    if captured.ending.outcome == "established" or difference is not None:
        return Comparison(difference is None, difference)
    return Comparison(None if answered(captured) else False, None)


def _until_end(seen: Seen) -> Transcript:
    """Return the transcript up to the event that ended it; what follows is noise."""
    entries, ending = seen.transcript.entries, seen.ending
    end = next((n for n, entry in enumerate(entries) if entry is ending.entry), len(entries))
    shown = entries[: end + (ending.how != "silence")]
    if ending.outcome == "established":
        shown = [entry for entry in shown if entry.state != APPLICATION_DATA]
    return replace(seen.transcript, entries=[_without_keys(entry) for entry in shown])


def _without_keys(entry: Entry) -> Entry:
    """Return an entry as one sees it who has no keys: a replay has none."""
    return replace(entry, what="encrypted", hidden=True) if entry.protected else entry


# -- the verdict -------------------------------------------------------------------------


def conclude(
    captured: Seen, replayed: Seen, comparison: Comparison, proof: Proof | None
) -> Verdict:
    """Return what the replay teaches, in a sentence or three, with the causes that are left."""
    verdict = _verdict(captured, replayed, comparison, proof)
    told = [verdict.summary, _repeated(captured, replayed, comparison)]
    next_step = None if proof is not None else _next_step(captured, replayed, comparison)
    return Verdict(
        summary=" ".join(sentence for sentence in told if sentence),
        causes=verdict.causes,
        ruled_out=verdict.ruled_out,
        next_step=next_step,
    )


def _verdict(
    captured: Seen, replayed: Seen, comparison: Comparison, proof: Proof | None
) -> Verdict:
    """Return the replay's own verdict, or the capture's where that shows more."""
    own = _own_verdict(replayed)
    if proof is not None:
        return _proved(own, replayed, proof)
    if comparison.same is not False and _went_own_way(captured, replayed):
        return _captured_one(own, captured, replayed)
    if captured.failed and _tells_nothing(captured, replayed):
        return structs.replace(_of_capture(captured, replayed), summary=own.summary)
    return own


def _tells_nothing(captured: Seen, replayed: Seen) -> bool:
    """Tell whether the replay says nothing of why the captured connection failed.

    The server went on where the replay could not or did not fail; or it has gone since.
    """
    if by_choice(replayed.ending):
        return True
    gone = replayed.ending.stopped_at == TCP_CONNECT != captured.ending.stopped_at
    passed = replayed.ending.outcome == "established"
    return captured.server == replayed.server and (gone or passed)


def _of_capture(captured: Seen, replayed: Seen) -> Verdict:
    """Return the capture's verdict, with what the replay saw of the server."""
    if captured.verdict is not None and not replayed.transcript.certificates("server"):
        return captured.verdict
    return _own_verdict(captured, replayed.transcript)


def _led_on(replayed: Seen) -> bool:
    """Tell whether the replay came as far as a client that judges the server's certificate."""
    return replayed.ending.outcome == "established" or answered(replayed)


def _went_own_way(captured: Seen, replayed: Seen) -> bool:
    """Tell whether the captured client did what a replay does not: refuse, or show who it is."""
    if captured.ending.outcome == "established":
        case = _case(captured)
        return _led_on(replayed) and case.dropped_at_once and bool(causes.diagnose(case).causes)
    showed = captured.failed and _showed_more(captured, replayed)
    return _led_on(replayed) and (refused_by_client(captured) or showed)


def _captured_one(own: Verdict, captured: Seen, replayed: Seen) -> Verdict:
    """Say why the captured handshake failed, judged by what the replay saw of the server."""
    found = _own_verdict(captured, replayed.transcript)
    apart = SHOWED if _showed_more(captured, replayed) else REFUSED
    told = f"{own.summary} {apart} {found.summary}"
    return structs.replace(found, summary=told)


def candidates(seen: Seen) -> tuple[str, ...]:
    """Return the ids of the causes that the exact attempt's own verdict leaves."""
    return tuple(cause.id for cause in _own_verdict(seen).causes)


def unsent(captured: Seen, why: str) -> Verdict:
    """Say why nothing was sent, and what the capture tells without it."""
    found = captured.verdict or causes.diagnose(_case(captured))
    told = f"Nothing was sent: {why}."
    if not found.causes:
        return Verdict(summary=told)
    return structs.replace(found, summary=f"{told} The capture: {_lower(found.summary)}")


def _own_verdict(seen: Seen, revealed: Transcript | None = None) -> Verdict:
    """Return what one conversation tells, with what another revealed of its server."""
    if _unjudged(seen.ending):
        return Verdict(summary=f"The server went on without end; {UNENDED}.")
    return (
        Verdict(summary=_went_on(seen))
        if by_choice(seen.ending)
        else _placed(causes.diagnose(_case(seen)._replace(revealed=revealed)), revealed)
    )


def _placed(verdict: Verdict, revealed: Transcript | None) -> Verdict:
    """Say of evidence that has no place in the capture that the replay saw it."""
    if revealed is None:
        return verdict
    found = (
        structs.replace(c, evidence=tuple(_seen_by_replay(e) for e in c.evidence))
        for c in verdict.causes
    )
    return structs.replace(verdict, causes=tuple(found))


def _seen_by_replay(evidence: Evidence) -> Evidence:
    if evidence.sender is not None or evidence.frame is not None:
        return evidence
    return structs.replace(evidence, text=f"the replay saw: {evidence.text}")


def _case(seen: Seen) -> Case:
    return Case(seen.transcript, seen.flow, seen.ending, seen.offer, seen.until, trust=seen.trust)


def _went_on(seen: Seen) -> str:
    """Say how far the server went along."""
    transcript = seen.transcript
    if transcript.server_hello is None:
        return "The server asks for a second ClientHello (HelloRetryRequest); a replay stops here."
    version, suite = version_name(transcript.version), transcript.suite
    agreed = f"{version} and {suite_name(suite)}" if suite is not None else version
    return (
        f"The server takes this ClientHello and answers with {agreed}; a replay stops here, where "
        "the client's keys are needed."
    )


def _repeated(captured: Seen, replayed: Seen, comparison: Comparison) -> str:
    if _went_own_way(captured, replayed) and comparison.same is not False:
        return ""
    if comparison.same:
        return "The capture shows the same."
    there = _lower(_end_in_words(captured))
    if comparison.same is False:
        return f"In the capture it was otherwise: {there}. {_vantage(captured, replayed)}"
    if captured.failed and by_choice(replayed.ending):
        return f"The capture goes further than a replay can: {there}."
    if captured.failed or not captured.flow.server.sent:  # a hello alone has no sequel
        return ""
    return "The capture does not show how it went on."


def _vantage(captured: Seen, replayed: Seen) -> str:
    if captured.server == replayed.server:
        return VANTAGE
    return ELSEWHERE.format(there=replayed.server, here=captured.server)


def _end_in_words(seen: Seen) -> str:
    if seen.ending.outcome == "established":
        return story.established(seen.transcript)
    if seen.ending.outcome == "incomplete":
        return story.incomplete(seen.ending, seen.transcript, seen.flow)
    return story.ending(seen.ending, seen.flow)


def _lower(clause: str) -> str:
    return clause[:1].lower() + clause[1:]


def _next_step(captured: Seen, replayed: Seen, comparison: Comparison) -> str | None:
    if comparison.same is False and captured.server == replayed.server:
        return "Replay once more from the client's own network, and from beside the server."
    if comparison.same is False:
        return f"Replay to the captured server, {captured.server}, too."
    if not replayed.failed:
        return None
    return BESIDE


# -- experiments in vain -----------------------------------------------------------------

#: Changes that were refused as well, before what is left is likely.
ENOUGH: Final = 3
AFTERWARDS: Final = "the next connection was not accepted: the server seems to have ended itself"


def weigh_refusals(
    verdict: Verdict, replayed: Seen, refused: Sequence[Experiment], *, gone: bool = False
) -> Verdict:
    """A server that leaves without a word, whatever is changed: what was changed is not why."""
    enough = gone or len(refused) >= ENOUGH
    if replayed.ending.how not in ("fin", "rst") or not enough or not verdict.causes:
        return verdict
    tried = {row.cause: row for row in refused}
    left = [cause for cause in verdict.causes if cause.id not in tried]
    out = tuple(
        RuledOut(id=cause.id, why=f"with {tried[cause.id].told} the server left as well")
        for cause in verdict.causes
        if cause.id in tried
    )
    if left and left[0].confidence == "possible":
        shown = (*left[0].evidence, Evidence(text=AFTERWARDS if gone else _as_well(refused)))
        left[0] = structs.replace(left[0], confidence="likely", evidence=shown)
    return structs.replace(verdict, causes=tuple(left), ruled_out=(*out, *verdict.ruled_out))


def _as_well(refused: Sequence[Experiment]) -> str:
    told = "; ".join(dict.fromkeys(row.told for row in refused))
    return f"the server left as well with {told}"


# -- proof by experiment -----------------------------------------------------------------


def _proved(verdict: Verdict, replayed: Seen, proof: Proof) -> Verdict:
    """Put the proved cause first and rule the others out: they held for the hello that passed."""
    experiment, result = proof.experiment, brought(proof.passed)
    found = [
        Cause(
            id=cause,
            confidence="likely" if experiment.besides else "proved",
            evidence=tuple(_evidence(replayed, proof)),
            remedies=_remedies(cause, proof),
        )
        for cause in (experiment.cause, *experiment.besides)
    ]
    named = {cause.id for cause in found}
    others = tuple(
        RuledOut(id=c.id, why=f"the server took the same hello with {experiment.told}")
        for c in verdict.causes
        if c.id not in named
    )
    ending = story.ending(replayed.ending, replayed.flow)
    why = _why(experiment.cause, replayed) or f"the cause is {experiment.cause}"
    return Verdict(
        summary=f"{ending}: {why}. With {experiment.told} {result}.",
        causes=tuple(found),
        ruled_out=(*others, *(r for r in verdict.ruled_out if r.id not in named)),
    )


def brought(passed: Seen) -> str:
    """Return what a change that passed brought about, as a clause."""
    retry = retried_group(passed)
    if passed.transcript.suite is not None and retry is None:
        return f"it went on, and the server chose {suite_name(passed.transcript.suite)}"
    if retry is not None:
        return f"the server asked for a share of {retry}"
    if not passed.flow.server.sent:
        return "TCP acknowledged all of it, which it did not before"
    if "server" in passed.transcript.spoke:
        return "the server answered in TLS"
    return "the server spoke"


def _evidence(replayed: Seen, proof: Proof) -> Sequence[Evidence]:
    experiment = proof.experiment
    told = [_lower(story.ending(s.ending, s.flow)) for s in (replayed, proof.control)]
    failed = (Evidence(text=f"as well tried, and refused: {also.told}") for also in proof.refused)
    return (
        Evidence(text=f"exact hello: {told[0]}"),
        *failed,
        Evidence(
            text=f"variant {experiment.variant}: with {experiment.told} {brought(proof.passed)}"
        ),
        Evidence(text=f"exact hello once more: {told[1]}"),
        Evidence(text=f"variant {experiment.variant} once more: {brought(proof.again)}"),
    )


def _why(cause: str, seen: Seen) -> str | None:
    """Return the cause's own words for this case, where the catalogue has it and it fits."""
    try:
        finding = causes.cause(cause).look(_case(seen))
    except SelectionError:
        return None
    return finding.why if isinstance(finding, Finding) else None


def _remedies(cause: str, proof: Proof) -> tuple[Remedy, ...]:
    smallest = smallest_fix(proof.experiment, proof.passed, proof.control)
    first = (Remedy(who="client", text=smallest),) if smallest else ()
    try:
        known = causes.remedies(cause, proof.control.offer)
    except SelectionError:
        return first
    return (*first, *known)
