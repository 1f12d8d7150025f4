"""What an experiment proves: it passed where the exact hello failed, each of them twice.

Words a proof, and sends nothing; `vain` has what experiments teach that proved nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

from tlswire import causes
from tlswire.causes import story
from tlswire.causes.case import Case, Finding
from tlswire.errors import SelectionError
from tlswire.experiments import Experiment
from tlswire.experiments.situations import (
    by_a_box,
)
from tlswire.findings import suite_name
from tlswire.fixes import retried_group, smallest_fix
from tlswire.language import mark, say
from tlswire.result import Cause, Evidence, Remedy, RuledOut, Verdict
from tlswire.seen import Seen

ANOTHER: Final = mark(
    "control: with a cipher suite that nobody has, at the same size, refused as well: "
    "neither the size nor the client's fingerprint is what is minded"
)


class Proof(NamedTuple):
    """An experiment that passed, and both hellos once more: each ended as before."""

    experiment: Experiment
    passed: Seen
    control: Seen
    again: Seen
    refused: tuple[Experiment, ...] = ()  # what was changed before without passing
    not_the_bytes: bool = False  # a change that says nothing, of the same size, failed too


def proved(verdict: Verdict, replayed: Seen, proof: Proof) -> Verdict:
    """Put the proved cause first and rule the others out: they held for the hello that passed."""
    experiment = _of_family(of_whom(proof.experiment, replayed), verdict)
    result = brought(proof.passed)
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
    why = say("the server took the same hello with {change}", change=experiment.changed)
    others = tuple(RuledOut(id=c.id, why=why) for c in verdict.causes if c.id not in named)
    ending = story.ending(replayed.ending, replayed.flow)
    why = because(experiment.cause, replayed)
    return Verdict(
        summary=say(
            "{ending}: {why}. With {change} {result}.",
            ending=ending,
            why=why,
            change=experiment.changed,
            result=result,
        ),
        causes=tuple(found),
        ruled_out=(*others, *(r for r in verdict.ruled_out if r.id not in named)),
    )


#: What a box minds is not what the server minds: of the same change another cause.
OF_A_BOX: Final = {
    "sni-unknown": "sni-filter-rst-injected",
    "version-intolerance": "tls13-middlebox-intolerance",
}


def of_whom(experiment: Experiment, replayed: Seen) -> Experiment:
    """Name the box first where one refused, by its TTL: then it is not proved of the server."""
    box = OF_A_BOX.get(experiment.cause)
    if box is None or not by_a_box(replayed):
        return experiment
    others = (each for each in experiment.besides if each != box)
    return experiment._replace(cause=box, besides=(experiment.cause, *others))


#: No suite in common is too little said where the client offers one closed family alone.
FAMILY: Final = "psk-or-national-profile"
NO_SUITE: Final = "cipher-no-overlap"


def _of_family(experiment: Experiment, verdict: Verdict) -> Experiment:
    """Name the closed family (PSK, GOST, SM2 ...) whose suites alone the hello offers."""
    first = verdict.causes[0].id if verdict.causes else None
    closed = first == FAMILY and experiment.cause == NO_SUITE
    return experiment._replace(cause=FAMILY) if closed else experiment


def brought(passed: Seen) -> str:
    """Return what a change that passed brought about, as a clause."""
    retry = retried_group(passed)
    if passed.transcript.suite is not None and retry is None:
        suite = suite_name(passed.transcript.suite)
        return say("it went on, and the server chose {suite}", suite=suite)
    if retry is not None:
        return say("the server asked for a share of {group}", group=retry)
    if not passed.flow.server.sent:
        return say("TCP acknowledged all of it, which it did not before")
    if "server" in passed.transcript.spoke:
        return say("the server answered in TLS")
    transcript = passed.transcript
    said = transcript.cleartext.get("server") or transcript.foreign.get("server", b"")
    told = story.cleartext(said, "server") if said else ""
    return say("the server sent {told}", told=told) if told else say("the server spoke")


def _evidence(replayed: Seen, proof: Proof) -> Sequence[Evidence]:
    variant, change = proof.experiment.variant, proof.experiment.changed
    first, again = (lower(story.ending(s.ending, s.flow)) for s in (replayed, proof.control))
    sentences = (
        say("exact hello: {told}", told=first),
        say(
            "variant {variant}: with {change} {result}",
            variant=variant,
            change=change,
            result=brought(proof.passed),
        ),
        say("exact hello once more: {told}", told=again),
        say("variant {variant} once more: {result}", variant=variant, result=brought(proof.again)),
        *((say(ANOTHER),) if proof.not_the_bytes else ()),
        *(say("as well tried, and refused: {change}", change=e.changed) for e in proof.refused),
    )
    return tuple(Evidence(text=sentence) for sentence in sentences)


def because(cause: str, seen: Seen) -> str:
    """Return a cause as a clause: in its own words for this case where it fits, else its title."""
    return _why(cause, seen) or _title(cause)


def _why(cause: str, seen: Seen) -> str | None:
    """Return the cause's own words for this case, where the catalogue has it and it fits."""
    try:
        finding = causes.cause(cause).look(case_of(seen))
    except SelectionError:
        return None
    return finding.why if isinstance(finding, Finding) else None


def _title(cause: str) -> str:
    """Return the first line of a cause's page as a clause."""
    page = causes.cause(cause).__doc__
    if page is None:
        return say("the cause is {cause}", cause=cause)
    title = say(page.strip().partition("\n")[0]).rstrip(".")
    return title if title[1:2].isupper() else lower(title)


def _remedies(cause: str, proof: Proof) -> tuple[Remedy, ...]:
    smallest = smallest_fix(proof.experiment, proof.passed, proof.control)
    first = (Remedy(who="client", text=smallest),) if smallest else ()
    try:
        known = causes.remedies(cause, proof.control.offer)
    except SelectionError:
        return first
    return (*first, *known)


def case_of(seen: Seen) -> Case:
    """Return a conversation as the causes look at it."""
    return Case(
        *(seen.transcript, seen.flow, seen.ending, seen.offer, seen.until), trust=seen.trust
    )


def lower(clause: str) -> str:
    """Begin a sentence in the middle of another."""
    return clause[:1].lower() + clause[1:]
