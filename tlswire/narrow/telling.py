"""What a narrowing found, in words and in the contract's terms. Asks nothing and sends nothing.

`proving` says which cause a change proves, `fruitless` what is told where nothing was found.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from tlswire import causes
from tlswire.causes import story
from tlswire.codes import EXTENSIONS
from tlswire.errors import SelectionError
from tlswire.few import together
from tlswire.language import mark, say
from tlswire.narrow.bench import Bench
from tlswire.narrow.differences import Difference
from tlswire.narrow.mixing import SIZE
from tlswire.narrow.narrowing import Narrowing
from tlswire.narrow.proving import proved_by
from tlswire.narrow.refining import Made, changed
from tlswire.narrow.sizes import Limit
from tlswire.replay.plans import Plan
from tlswire.result import Cause, Change, Edit, Evidence, Remedy, Verdict
from tlswire.result import Narrowing as Result
from tlswire.variants import BINDING
from tlswire.variants import Edit as Changed
from tlswire.variants.shape import Shape

PASSES_WITH: Final = mark("{ending}. It takes the same hello with one change: {needed}.")
PASSES_TOGETHER: Final = mark(
    "{ending}. It takes the same hello with these changes together: {needed}."
)


# -- what was found ----------------------------------------------------------------------


def decided(planned: Plan, found: Narrowing, made: Sequence[Made], proved: bool) -> Result:
    """Return the two answers, and the causes that they prove."""
    passing = changed(found, made)
    changes = tuple(_changes(found, made))
    failing = tuple(_failing(found, made))
    return result(
        planned,
        found.bench,
        good=found.good.told,
        smallest_change=changes,
        smallest_failing=failing,
        edits=_edits(found.bench.sending(passing).edits),
        proved=proved,
        verdict=_verdict(found, made, changes, proved),
    )


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
    return result(
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


def result(planned: Plan, bench: Bench, **told: object) -> Result:
    """Return what is told of a narrowing, with what it cost."""
    return Result(
        connections=planned.connections,
        target=str(planned.target),
        steps=tuple(bench.steps),
        allowed=bench.allowed,
        notes=planned.flight.notes,
        **told,  # type: ignore[arg-type]
    )


def change(difference: Difference) -> Change:
    """Return a difference as a change to make."""
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
    yield from (change(m.difference) for m in made if m not in means)


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
    needed = say("; and ").join(each.text for each in changes)
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
    for each in made:
        cause = proved_by(found, each.difference)
        if cause is None or cause in named:
            continue
        named.add(cause)
        yield Cause(
            id=cause,
            confidence="proved" if proved else "possible",
            evidence=tuple(_evidence(found, each)),
            remedies=tuple(_remedies(cause, each.difference)),
        )


def _evidence(found: Narrowing, made: Made) -> Iterator[Evidence]:
    first = found.bench.first.seen
    told = story.ending(first.ending, first.flow)
    yield Evidence(text=say("the hello as captured: {what}", what=told[:1].lower() + told[1:]))
    yield Evidence(text=say("it passes when this is changed: {told}", told=made.difference.told))
    if any(made.difference.toggles[0] in _toggles(fault) for fault in found.faults):
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
