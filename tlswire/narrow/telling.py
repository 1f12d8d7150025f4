"""What a narrowing found, in words and in the contract's terms. Asks nothing and sends nothing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tlswire import causes
from tlswire.causes import story
from tlswire.codes import EXTENSIONS, ExtensionType, Suite
from tlswire.errors import SelectionError
from tlswire.experiments.changes import AMBIGUOUS, TINY
from tlswire.experiments.kinds import authentications, kinds_of
from tlswire.experiments.plain import Good
from tlswire.few import together
from tlswire.language import mark, say
from tlswire.narrow.bench import Bench
from tlswire.narrow.differences import Difference
from tlswire.narrow.mixing import SIZE
from tlswire.narrow.narrowing import Narrowing
from tlswire.narrow.refining import Made, changed
from tlswire.narrow.sizes import Limit
from tlswire.replay.plans import Plan
from tlswire.result import Cause, Change, Edit, Evidence, Remedy, Verdict
from tlswire.result import Narrowing as Result
from tlswire.variants import BINDING, is_hybrid
from tlswire.variants import Edit as Changed
from tlswire.variants.listings import numbers
from tlswire.variants.shape import Shape

UNLIKELY_CONTENT: Final = mark(
    "No hello passed, however plain: what stands in the way is not what this ClientHello offers."
)
PASSES_WITH: Final = mark("{ending}. It takes the same hello with one change: {needed}.")
PASSES_TOGETHER: Final = mark(
    "{ending}. It takes the same hello with these changes together: {needed}."
)
ELSEWHERE: Final = mark(
    "Replay it: the experiments of replay also try what comes before TLS. "
    "Then look at the server itself and at what stands before it."
)


# -- what was found ----------------------------------------------------------------------


def decided(planned: Plan, found: Narrowing, made: Sequence[Made], proved: bool) -> Result:
    """Return the two answers, and the causes that they prove."""
    passing = changed(found, made)
    changes = tuple(_changes(found, made))
    failing = tuple(_failing(found, made))
    return _result(
        planned,
        found.bench,
        good=found.good.told,
        smallest_change=changes,
        smallest_failing=failing,
        edits=_edits(found.bench.sending(passing).edits),
        proved=proved,
        verdict=_verdict(found, made, changes, proved),
    )


def _result(planned: Plan, bench: Bench, **told: object) -> Result:
    return Result(
        connections=planned.connections,
        target=str(planned.target),
        steps=tuple(bench.steps),
        allowed=bench.allowed,
        notes=planned.flight.notes,
        **told,  # type: ignore[arg-type]
    )


def _change(difference: Difference) -> Change:
    return Change(
        field=difference.field,
        member=difference.member,
        code=difference.code,
        text=difference.told,
    )


def _changes(found: Narrowing, made: Sequence[Made]) -> Iterator[Change]:
    """Name the size where it is the size: what was left out is only the means."""
    means = [m for m in made if found.is_means(m.difference)]
    if means and found.limit is not None:
        left = together(m.difference.told for m in means)
        told = say("{bound}: {left}", bound=_bound(found.limit), left=left)
        yield Change(field="size", text=told)
    yield from (_change(m.difference) for m in made if m not in means)


def _bound(limit: Limit) -> str:
    if limit.fails - limit.passes == 1:
        return say("keep the hello to {passes} bytes (one more fails)", passes=limit.passes)
    return say(
        "keep the hello to {passes} bytes ({fails} fail)", passes=limit.passes, fails=limit.fails
    )


def _failing(found: Narrowing, made: Sequence[Made]) -> Iterator[Change]:
    """What makes a good hello fail: the faults, by the smaller name where there is one."""
    smaller = {m.difference.toggles[0]: m.difference for m in made}
    for fault in found.faults:
        for difference in fault:
            told = next((smaller[t] for t in difference.toggles if t in smaller), difference)
            yield Change(
                field=told.field, member=told.member, code=told.code, text=_as_captured(found, told)
            )


def _as_captured(found: Narrowing, difference: Difference) -> str:
    if SIZE in difference.toggles:
        return say("{size} bytes of ClientHello", size=found.bad.size)
    what = difference.member or difference.field
    way = difference.toggles[0].way
    if way == "lacks":
        missing = difference.field == "extensions"
        return (
            say("no {what}", what=what)
            if missing
            else say("{field} as captured", field=difference.field)
        )
    return (
        say("{what} in {field}", what=what, field=difference.field) if difference.member else what
    )


def _edits(edits: Sequence[Changed]) -> tuple[Edit, ...]:
    return tuple(Edit(offset=e.offset, old=e.old.hex(), new=e.new.hex(), why=e.why) for e in edits)


# -- the verdict -------------------------------------------------------------------------


def _verdict(
    found: Narrowing, made: Sequence[Made], changes: Sequence[Change], proved: bool
) -> Verdict:
    seen = found.bench.first.seen
    ending = story.ending(seen.ending, seen.flow)
    needed = say("; and ").join(change.text for change in changes)
    told = PASSES_TOGETHER if len(changes) > 1 else PASSES_WITH
    return Verdict(
        summary=say(
            told,
            ending=ending,
            needed=needed,
        ),
        causes=tuple(_causes(found, made, proved)),
        next_step=None
        if proved
        else say(
            "The answers changed from one try to the next: narrow again, or look at the server."
        ),
    )


def _causes(found: Narrowing, made: Sequence[Made], proved: bool) -> Iterator[Cause]:
    named: set[str] = set()
    for change in made:
        cause = _cause(found, change.difference)
        if cause is None or cause in named:
            continue
        named.add(cause)
        yield Cause(
            id=cause,
            confidence="proved" if proved else "possible",
            evidence=tuple(_evidence(found, change)),
            remedies=tuple(_remedies(cause, change.difference)),
        )


def _evidence(found: Narrowing, change: Made) -> Iterator[Evidence]:
    first = found.bench.first.seen
    told = story.ending(first.ending, first.flow)
    yield Evidence(text=say("the hello as captured: {what}", what=told[:1].lower() + told[1:]))
    yield Evidence(text=say("it passes when this is changed: {told}", told=change.difference.told))
    if any(change.difference.toggles[0] in _toggles(fault) for fault in found.faults):
        yield Evidence(text=say("a good hello fails when only this is as captured"))


def _toggles(fault: Sequence[Difference]) -> set[object]:
    return {toggle for difference in fault for toggle in difference.toggles}


def _remedies(cause: str, difference: Difference) -> Iterator[Remedy]:
    told = difference.told
    yield Remedy(who="client", text=f"{told[:1].upper()}{told[1:]}.")
    try:
        known = causes.cause(cause).REMEDIES
    except SelectionError:
        return
    yield from (cited.remedy for cited in known)


def _cause(found: Narrowing, difference: Difference) -> str | None:
    """Return the cause of the catalogue that a change proves, where it has one."""
    toggle = difference.toggles[0]
    if found.is_means(difference):
        return "pq-client-hello-too-big" if _has_hybrid(found.bad) else None
    if toggle == SIZE:
        return "ch-length-256-511" if found.bad.size in AMBIGUOUS else None
    if difference.field == "segments":
        tiny = difference.member == "first segment" and found.bad.segments[:1] < (TINY,)
        return "ch-first-segment-tiny" if tiny else "pq-client-hello-too-big"
    if difference.field == "server_name" and toggle.way == "has":
        how = found.bench.first.seen.ending.how or ""
        return OF_NAMES.get(how, "sni-unknown")
    if difference.field == "cipher_suites" and toggle.way == "lacks":
        return _of_suite(found, difference)
    if difference.field == "signature_algorithms" and toggle.way == "lacks":
        return _of_scheme(found, difference)
    if difference.field == "supported_groups" and toggle.way == "has":
        return "pq-group-refused" if is_hybrid(difference.code or 0) else None
    return OF_EXTENSIONS.get((toggle.way, difference.code or 0)) or OF_FIELDS.get(
        (toggle.way, difference.field)
    )


def _has_hybrid(shape: Shape) -> bool:
    offered = numbers(ExtensionType.supported_groups, shape.body(ExtensionType.supported_groups))
    return any(map(is_hybrid, offered))


def _of_suite(found: Narrowing, difference: Difference) -> str:
    added = authentications([difference.code or 0])
    offered = authentications(found.bad.suites)
    other = bool(added and offered) and not added & offered
    return "ecdsa-cert-rsa-client" if other else "cipher-no-overlap"


def _of_scheme(found: Narrowing, difference: Difference) -> str:
    schemes = ExtensionType.signature_algorithms
    offered = kinds_of(numbers(schemes, found.bad.body(schemes)))
    other = offered == {"RSA"} and kinds_of([difference.code or 0]) == {"ECDSA"}
    return "ecdsa-cert-rsa-client" if other else "sigalgs-no-overlap"


OF_NAMES: Final[dict[str, str]] = {"rst": "sni-filter-rst-injected", "silence": "sni-filter-drop"}
OF_FIELDS: Final[dict[tuple[str, str], str]] = {
    ("value", "records"): "ch-record-fragmentation-unsupported",
    ("has", "grease"): "grease-intolerance",
    ("has", "supported_versions"): "version-intolerance",
    ("lacks", "supported_versions"): "version-client-too-old",
    ("lacks", "supported_groups"): "groups-no-overlap",
    ("has", "application_layer_protocol_negotiation"): "alpn-no-overlap",
}
OF_EXTENSIONS: Final[dict[tuple[str, int], str]] = {
    ("has", Suite.TLS_FALLBACK_SCSV): "fallback-scsv",
    ("has", ExtensionType.application_layer_protocol_negotiation): "alpn-no-overlap",
    ("has", ExtensionType.encrypted_client_hello): "ech-blocked",
    ("has", ExtensionType.session_ticket): "ticket-not-shared",
    ("lacks", ExtensionType.server_name): "sni-missing",
    ("lacks", ExtensionType.extended_master_secret): "ems-required",
    ("lacks", ExtensionType.supported_groups): "ec-extensions-missing",
    ("lacks", ExtensionType.ec_point_formats): "ec-extensions-missing",
}


# -- what was not found ------------------------------------------------------------------


def unsent(planned: Plan, allowed: int, why: str, *, unreached: bool = False) -> Result:
    """Nothing was sent, and why."""
    return Result(
        connections=planned.connections,
        target=str(planned.target),
        allowed=allowed,
        unreached=unreached,
        verdict=Verdict(summary=say("Nothing was sent: {why}.", why=why)),
        notes=tuple(note for note in planned.flight.notes if note != why),
    )


def passed(planned: Plan, bench: Bench) -> Result:
    """The hello as captured passes: there is nothing to narrow."""
    verdict = Verdict(
        summary=say("The server goes on with the hello as captured: from here nothing fails."),
        next_step=say(
            "Narrow from the client's own network, or replay several times: it may "
            "fail only sometimes."
        ),
    )
    return _result(planned, bench, verdict=verdict)


def unreached(planned: Plan, bench: Bench) -> Result:
    """No connection came about."""
    verdict = Verdict(summary=say("{target} could not be reached.", target=planned.target))
    return _result(planned, bench, unreached=True, verdict=verdict)


def resumption(planned: Plan, bench: Bench, captured: Shape, proved: bool) -> Result:
    """The hello passes once it does not ask for a session of before."""
    names = {e: EXTENSIONS[e] for e in captured.types if e in BINDING}
    changes = tuple(
        Change(field="extensions", member=name, code=code, text=say("leave {name} out", name=name))
        for code, name in names.items()
    )
    needed = say(" and ").join(names.values())
    cause = Cause(
        id="ticket-not-shared",
        confidence="likely" if proved else "possible",
        evidence=(Evidence(text=say("the hello passes without {needed}", needed=needed)),),
        remedies=tuple(cited.remedy for cited in causes.cause("ticket-not-shared").REMEDIES),
    )
    return _result(
        planned,
        bench,
        smallest_change=changes,
        smallest_failing=changes,
        proved=proved,
        verdict=Verdict(
            summary=say(
                "The server takes the hello when it asks for no session of before "
                "({needed} left out).",
                needed=needed,
            ),
            causes=(cause,),
        ),
    )


def nothing_passes(planned: Plan, bench: Bench, good: Good | None) -> Result:
    """None of the good hellos passed."""
    summary = (
        say(UNLIKELY_CONTENT)
        if good is None
        else say("The good hello ({told}) does not pass either.", told=good.told)
    )
    return _result(planned, bench, verdict=Verdict(summary=summary, next_step=say(ELSEWHERE)))


def spent(
    planned: Plan, bench: Bench, found: Narrowing | None, why: str, more: int | None = None
) -> Result:
    """It was not brought to an end: why, what is known so far, how many connections might do."""
    so_far = [d for fault in found.faults for d in fault] if found is not None else []
    told = say(" So far: {names}.", names=together(d.told for d in so_far)) if so_far else ""
    return _result(
        planned,
        bench,
        good=found.good.told if found is not None else None,
        smallest_failing=tuple(_change(d) for d in so_far),
        verdict=Verdict(
            summary=f"{why[:1].upper()}{why[1:]}.{told}",
            next_step=say("Allow more: --connections {number}.", number=more) if more else None,
        ),
    )
