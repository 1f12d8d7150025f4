"""A change that passes made smaller: one member for a list, one move for an order, one cut.

Each question is asked of the failing hello with the other changes made.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise
from typing import Final, NamedTuple

from tlswire.codes import CIPHER_SUITES, ExtensionType
from tlswire.experiments.changes import TINY
from tlswire.experiments.plain import server_name
from tlswire.few import together
from tlswire.fixes import agreed_group, signed_with
from tlswire.language import mark, say
from tlswire.narrow.differences import Difference, extension_name, leaves
from tlswire.narrow.mixing import CUT, ORDER, Listed, Toggle, joined, members_of
from tlswire.narrow.narrowing import Narrowing, listed
from tlswire.narrow.search import first, single
from tlswire.variants.listings import LISTINGS
from tlswire.variants.shape import Shape

#: A name that nobody has (RFC 2606 section 2).
OTHER_NAME: Final = "name.invalid"
#: Members of a list that are left out one by one, not by halves.
FEW: Final = 4
RECORDS: Final = Toggle("records", "value")
NAMED: Final = Toggle("extensions", "has", ExtensionType.server_name)
OFFERED_VERSIONS: Final = Toggle("extensions", "has", ExtensionType.supported_versions)


TO_FRONT: Final = mark("move {name} to the front")
TO_END: Final = mark("move {name} to the end")
BEHIND: Final = mark("move {name} behind {other}")
HALVED: Final = {
    "segment": mark("cut it into two segments of half its size"),
    "record": mark("cut it into two records of half its size"),
}
TINY_FIRST: Final = mark("do not send a tiny first segment of {first} bytes")
FIRST: Final = {
    "segment": mark("do not send a first segment of {first} bytes"),
    "record": mark("do not send a first record of {first} bytes"),
}


class Made(NamedTuple):
    """A change, and how it is made where it is smaller than its toggles."""

    difference: Difference
    make: Callable[[Shape], Shape] | None = None


def refine(search: Narrowing) -> list[Made]:
    """Return the changes that pass together, each as small as it could be made."""
    made = [Made(fix) for fix in search.fixes]
    for n, whole in enumerate(made):
        if search.is_means(whole.difference):
            continue
        others = [*made[:n], *made[n + 1 :]]
        made[n] = _Refinement(search, whole.difference, others).smallest()
    return made


def changed(search: Narrowing, made: Sequence[Made]) -> Shape:
    """Return the failing hello with these changes."""
    shape = search.changed([m.difference for m in made if m.make is None])
    for change in made:
        shape = change.make(shape) if change.make is not None else shape
    return shape


class _Refinement:
    """One change made smaller, while the others stay made."""

    def __init__(self, search: Narrowing, fix: Difference, others: Sequence[Made]) -> None:
        self.search, self.fix, self.others = search, fix, others
        self.base = changed(search, others)

    def smallest(self) -> Made:
        """Return the smallest form of the change that still passes."""
        toggle = self.fix.toggles[0]
        if len(self.fix.toggles) > 1:
            return self._fewer()
        if toggle == ORDER:
            return self._one_move()
        if toggle in (CUT, RECORDS):
            return self._cut()
        if toggle == NAMED:
            return self._name()
        if toggle.part == "extensions" and toggle.way == "has":
            return self._there(toggle.member)
        return Made(self.fix)

    def passes(self, shape: Shape, told: str) -> bool:
        """Tell whether the failing hello passes so, the other changes made."""
        also = [told, *(m.difference.told for m in self.others)]
        return self.search.bench.passes(
            shape, say("the failing hello, but: {names}", names=together(also))
        )

    # -- fewer members -------------------------------------------------------------------

    def _fewer(self) -> Made:
        """Take the one member that is enough, else all; what the server chose comes first."""
        chosen = set(_chosen(self.search))
        parts = leaves(self.fix, self.search.bad, self.search.good.shape)
        first = [part for part in parts if part.member in chosen]
        rest = [part for part in parts if part not in first]
        for part in first:
            if self._passes_with([part]):
                return self._further(part)
            needed = [part for part in rest if part.field == "extensions"]
            if needed and self._passes_with([part, *needed]):
                return Made(_together(part, needed))
        found = single(rest, self._passes_with)
        return self._further(found[0]) if found else self._unwelcome(rest)

    def _unwelcome(self, parts: Sequence[Difference]) -> Made:
        """Take the one part that makes the good hello fail: leave it out, or move it."""
        there = [part for part in parts if part.toggles[0].way == "has"]
        # a good hello may fail with it because more is needed: what does no harm comes first
        there.sort(key=lambda part: part.toggles[0] == OFFERED_VERSIONS)
        found = single(there, self.search.unwelcome)
        if not found:
            return Made(self.fix)
        if self._passes_with(found):
            return self._further(found[0])
        if not _is_extension(found[0]):
            return Made(self.fix)
        return self._moved_elsewhere(found[0]) or self._needed(found[0])

    def _needed(self, part: Difference) -> Made:
        """An extension that fails by itself, and that others of the change cannot do without."""
        if part.toggles[0] == OFFERED_VERSIONS or not self.search.fails_as_one([part]):
            return Made(self.fix)
        told = say("{told}, and what needs it: {whole}", told=part.told, whole=self.fix.told)
        return Made(part._replace(told=told, toggles=self.fix.toggles))

    def _further(self, part: Difference) -> Made:
        return _Refinement(self.search, part, self.others).smallest()

    def _passes_with(self, parts: Sequence[Difference]) -> bool:
        made = [*self.others, *(Made(part) for part in parts)]
        return self.passes(changed(self.search, made), listed(parts))

    def _there(self, number: object) -> Made:
        """An extension that must go: perhaps one of its members only, or from its place only."""
        body = self.base.body(number) if isinstance(number, int) else None
        if not isinstance(number, int) or body is None:
            return Made(self.fix)
        found = self._member(number, members_of(number, body) or ())
        return found or self._moved_elsewhere(self.fix) or Made(self.fix)

    def _member(self, number: int, members: Sequence[Listed]) -> Made | None:
        """Return the one member whose absence passes, where an extension has several."""
        if len(members) < 2:
            return None
        name, listing = extension_name(number), LISTINGS[number]

        def passes(gone: Sequence[Listed]) -> bool:
            names = ", ".join(listing.name(member.data) for member in gone)
            return self.passes(
                _thinned(self.base, number, gone),
                say("leave {names} out of {name}", names=names, name=name),
            )

        # without the newest two of four versions a server may refuse for that: halves mislead
        few = len(members) <= FEW
        found = first(members, passes) if few else single(members, passes)
        if not found:
            return None
        member = listing.name(found[0].data)
        told = say("leave {member} out of {name}", member=member, name=name)
        smaller = self.fix._replace(field=name, told=told, member=member)
        return Made(smaller, partial(_thinned, number=number, gone=found))

    def _moved_elsewhere(self, there: Difference) -> Made | None:
        """An extension that passes at another place is not unwelcome: it stands wrongly."""
        number = there.code or 0
        others = [t for t in self.base.types if t != number]
        places = {TO_FRONT: None, TO_END: others[-1] if others else None}
        for where, behind in places.items():
            if self._passes_moved([(number, behind)]):
                told = say(where, name=extension_name(number))
                smaller = there._replace(field="extension_order", told=told)
                return Made(smaller, partial(_moved, moves=[(number, behind)]))
        return None

    def _name(self) -> Made:
        """Tell a name that is not welcome from a server that takes no name at all."""
        name = _asked(self.base)
        body = server_name(OTHER_NAME)
        nameless = self.fix._replace(field="server_name", told=say("ask for no name"), member=None)
        if not self.passes(
            self.base.with_body(ExtensionType.server_name, body),
            say("ask for {other_name}", other_name=OTHER_NAME),
        ):
            return self._moved_elsewhere(self.fix) or Made(nameless)
        told = say("ask for another name than {name}, or for none", name=name)
        return Made(nameless._replace(told=told, member=name))

    # -- order ---------------------------------------------------------------------------

    def _one_move(self) -> Made:
        """Go to the good order move by move; the move that passes first is the one."""
        wanted = changed(self.search, [*self.others, Made(self.fix)]).types
        moves = list(_moves(self.base.types, wanted))
        low, high = 0, len(moves)
        while high - low > 1:
            middle = (low + high) // 2
            if self._passes_moved(moves[:middle]):
                high = middle
            else:
                low = middle
        if moves and self._passes_moved([moves[high - 1]]):
            number, behind = moves[high - 1]
            where = TO_FRONT if behind is None else BEHIND
            other = extension_name(behind or 0)
            name = extension_name(number)
            smaller = self.fix._replace(
                told=say(where, name=name, other=other), member=name, code=number
            )
            return Made(smaller, lambda shape: _moved(shape, [(number, behind)]))
        return Made(self.fix)

    def _passes_moved(self, moves: Sequence[tuple[int, int | None]]) -> bool:
        names = ", ".join(extension_name(number) for number, _ in moves)
        return self.passes(_moved(self.base, moves), say("move {names}", names=names))

    # -- cuts ----------------------------------------------------------------------------

    def _cut(self) -> Made:
        """Tell a beginning that is too short from a server that cannot take a second part."""
        what = "segment" if self.fix.toggles[0] == CUT else "record"
        first = _first(self.base, what)
        half = self.base.size // 2
        if not 0 < first < half:
            return Made(self.fix)
        if not self.passes(_halved(self.base, what), say(HALVED[what])):
            return Made(self.fix)
        tiny = what == "segment" and first < TINY
        told = say(TINY_FIRST if tiny else FIRST[what], first=first)
        smaller = self.fix._replace(told=told, member=f"first {what}")
        return Made(smaller, lambda shape: _halved(shape, what))


def _is_extension(part: Difference) -> bool:
    toggle = part.toggles[0]
    return toggle.part == "extensions" and isinstance(toggle.member, int)


def _together(part: Difference, needed: Sequence[Difference]) -> Difference:
    """Return a member with the extensions that it needs."""
    names = say(" and ").join(str(need.member) for need in needed)
    toggles = (*part.toggles, *(t for need in needed for t in need.toggles))
    return part._replace(
        told=say("{told}, with {names}, which it needs", told=part.told, names=names),
        toggles=toggles,
    )


def _chosen(search: Narrowing) -> Iterator[str | None]:
    """What the server agreed to when a hello last passed."""
    passed = search.bench.last
    if passed is not None:
        suite = passed.seen.transcript.suite
        yield CIPHER_SUITES.get(suite) if suite is not None else None
        yield agreed_group(passed.seen)
        yield signed_with(passed.seen)


def _thinned(shape: Shape, number: int, gone: Sequence[Listed]) -> Shape:
    """Leave members out of an extension, and the extension where none is left."""
    members = members_of(number, shape.body(number) or b"") or ()
    kept = [member for member in members if member not in gone]
    return shape.with_body(number, joined(number, kept) if kept else None)


def _asked(shape: Shape) -> str:
    body = shape.body(ExtensionType.server_name) or b""
    return body[5:].decode("ascii", "backslashreplace")


def _moves(order: Sequence[int], wanted: Sequence[int]) -> Iterator[tuple[int, int | None]]:
    """Yield what moves behind what (None: to the front), until the wanted order is there."""
    now = list(order)
    for place, (behind, number) in enumerate(pairwise([None, *wanted])):
        if number is not None and now[place] != number:
            now.remove(number)
            now.insert(place, number)
            yield number, behind


def _moved(shape: Shape, moves: Sequence[tuple[int, int | None]]) -> Shape:
    order = list(shape.extensions)
    for number, behind in moves:
        moved = next(e for e in order if e.type == number)
        order.remove(moved)
        types = [e.type for e in order]
        order.insert(0 if behind is None else types.index(behind) + 1, moved)
    return shape._replace(extensions=tuple(order))


def _first(shape: Shape, what: str) -> int:
    if what == "record":
        return shape.records[0] if shape.records else 0
    return shape.segments[0] if shape.segments else shape.mss or 0


def _halved(shape: Shape, what: str) -> Shape:
    half = (shape.size // 2,)
    if what == "record":
        return shape._replace(records=half)
    return shape._replace(segments=half, mss=None)
