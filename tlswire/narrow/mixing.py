"""Two hellos mixed: of each thing in which they differ, one says it or the other.

A `Toggle` is the least thing that can be taken from the good hello; what a mix would break (a
share of a group that is no longer offered, a list without members) is mended. Sends nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Sequence
from typing import Final, NamedTuple, TypeVar

from tlswire.codes import ExtensionType, is_grease
from tlswire.experiments.changes import AMBIGUOUS
from tlswire.variants import BINDING
from tlswire.variants.listings import LISTINGS, numbers
from tlswire.variants.shape import Extension, Shape, padded

Member = TypeVar("Member", bound=Hashable)


class Listed(NamedTuple):
    """A member of a list by its bytes; of equal ones (Safari repeats a scheme) the nth."""

    data: bytes
    nth: int = 0


class Toggle(NamedTuple):
    """The least thing in which two hellos differ, seen from the failing one.

    `way` is `has` (a member that the good hello lacks), `lacks`, `order` or `value`; an extension
    that is a list is a part by its number.
    """

    part: str | int
    way: str
    member: int | Listed | None = None


SIZE: Final = Toggle("size", "value")
ORDER: Final = Toggle("extensions", "order")
#: What both hellos have one of, by the field of `Shape`.
VALUES: Final = ("version", "session_id", "compressions", "record_version", "records")
CUT: Final = Toggle("segments", "value")


def mix(bad: Shape, good: Shape, taken: Collection[Toggle], *, keep_size: bool = False) -> Shape:
    """Return the failing hello with what is `taken` from the good one.

    With `keep_size` it is padded to the failing hello's size unless SIZE is taken.
    """
    mixed = _values(bad, good, taken)
    mixed = mixed._replace(suites=_members("suites", bad.suites, good.suites, taken))
    mixed = mended(mixed._replace(extensions=_extensions(bad, good, taken)), bad)
    return _sized(mixed, bad, good, taken, keep_size)


def _values(bad: Shape, good: Shape, taken: Collection[Toggle]) -> Shape:
    chosen = {
        name: getattr(good if Toggle(name, "value") in taken else bad, name) for name in VALUES
    }
    cut = good if CUT in taken else bad
    chosen.update(segments=cut.segments, mss=cut.mss, pause=cut.pause)
    return bad._replace(**chosen)


def _members(
    part: str | int, bad: Sequence[Member], good: Sequence[Member], taken: Collection[Toggle]
) -> tuple[Member, ...]:
    """Return the members of a list; none only where the good one has none, else it is a fault."""
    kept = [m for m in bad if m in good or Toggle(part, "has", m) not in taken]  # type: ignore[arg-type]
    come = [m for m in good if m not in bad and Toggle(part, "lacks", m) in taken]  # type: ignore[arg-type]
    ordered = Toggle(part, "order") in taken
    made = _ordered([*kept, *come], bad, good, ordered)
    return made if made or not good else tuple(bad or good)


def _ordered(
    members: Collection[Member], bad: Sequence[Member], good: Sequence[Member], as_good: bool
) -> tuple[Member, ...]:
    """Order members as in one hello; the others stand behind what precedes them in theirs.

    What nothing precedes comes first of the good hello, last of the failing one: it must not
    stand in the way of an order that is good.
    """
    first, second = (good, bad) if as_good else (bad, good)
    made = [m for m in first if m in members]
    before: Member | None = None
    for member in second:
        if member not in members:
            continue
        if member not in made:
            begin = len(made) if as_good else 0
            made.insert(made.index(before) + 1 if before in made else begin, member)
        before = member
    return tuple(made)


def _extensions(bad: Shape, good: Shape, taken: Collection[Toggle]) -> tuple[Extension, ...]:
    if not good.extensions and not bad.extensions:
        return ()
    wanted = {
        *(t for t in bad.types if t in good.types or Toggle("extensions", "has", t) not in taken),
        *(t for t in good.types if t in bad.types or Toggle("extensions", "lacks", t) in taken),
    }
    order = _ordered(wanted, bad.types, good.types, ORDER in taken)
    return tuple(Extension(number, _body(number, bad, good, taken)) for number in order)


def _body(number: int, bad: Shape, good: Shape, taken: Collection[Toggle]) -> bytes:
    one, other = bad.body(number), good.body(number)
    if one is None or other is None or one == other:
        return one if one is not None else other or b""
    mine, its = members_of(number, one), members_of(number, other)
    if mine is None or its is None:
        return other if Toggle(number, "value") in taken else one
    return joined(number, _members(number, mine, its, taken))


def members_of(number: int, body: bytes) -> tuple[Listed, ...] | None:
    """Return the members of an extension that is a list, None for another one."""
    listing = LISTINGS.get(number)
    members = listing.split(body) if listing is not None else None
    if members is None:
        return None
    return tuple(Listed(data, members[:n].count(data)) for n, data in enumerate(members))


def joined(number: int, members: Iterable[Listed]) -> bytes:
    """Return the body of an extension that is a list."""
    return LISTINGS[number].join([member.data for member in members])


# -- mending -----------------------------------------------------------------------------


def mended(mixed: Shape, bad: Shape) -> Shape:
    """Take out what no client could mean: shares of groups not offered, binders of other bytes."""
    shares, groups = mixed.body(ExtensionType.key_share), mixed.body(ExtensionType.supported_groups)
    members = members_of(ExtensionType.key_share, shares) if shares is not None else None
    if members is not None and groups is not None:
        offered = numbers(ExtensionType.supported_groups, groups)
        kept = [m for m in members if int.from_bytes(m.data[:2], "big") in offered]
        mixed = mixed.with_body(ExtensionType.key_share, joined(ExtensionType.key_share, kept))
    if mixed.extensions != bad.extensions or mixed.suites != bad.suites:
        mixed = without_binders(mixed)
    return mixed


def without_binders(shape: Shape) -> Shape:
    """Leave out what vouches for the captured bytes (RFC 8446 section 4.2.11.2)."""
    for extension in BINDING:
        shape = shape.with_body(extension, None)
    return shape


def fitted(good: Shape, bad: Shape) -> Shape:
    """Return a captured good hello with what is no difference as in the failing one.

    Key material, the bytes of a session id, and which of the reserved values a client drew.
    """
    good = without_binders(good)
    if len(good.session_id) == len(bad.session_id):
        good = good._replace(session_id=bad.session_id)
    suites = _same_grease(good.suites, bad.suites)
    types = _same_grease(good.types, bad.types)
    extensions = tuple(
        Extension(number, _same_members(number, extension.body, bad))
        for number, extension in zip(types, good.extensions, strict=True)
    )
    return good._replace(suites=suites, extensions=extensions)


def _same_grease(numbers: Sequence[int], others: Sequence[int]) -> tuple[int, ...]:
    """Return numbers with the reserved ones as the other list has them, in turn."""
    drawn = [number for number in others if is_grease(number)]
    return tuple(drawn.pop(0) if is_grease(n) and drawn else n for n in numbers)


def _same_members(number: int, body: bytes, bad: Shape) -> bytes:
    other = bad.body(number)
    mine = members_of(number, body)
    its = members_of(number, other) if other is not None else None
    if mine is None or its is None:
        return body
    listing = LISTINGS[number]
    if number == ExtensionType.key_share:
        own = {listing.number(member.data): member for member in its}
        return joined(number, [own.get(listing.number(m.data), m) for m in mine])
    if listing.fixed != 2:  # only 16-bit numbers are reserved
        return body
    numbered = _same_grease(
        [listing.number(m.data) for m in mine], [listing.number(m.data) for m in its]
    )
    return joined(number, [Listed(n.to_bytes(2, "big")) for n in numbered])


# -- size --------------------------------------------------------------------------------


def _sized(
    mixed: Shape, bad: Shape, good: Shape, taken: Collection[Toggle], keep_size: bool
) -> Shape:
    size = mixed.size
    if SIZE not in taken:
        return padded(mixed, bad.size) if keep_size else mixed
    if size in AMBIGUOUS and bad.size in AMBIGUOUS and good.size not in AMBIGUOUS:
        return padded(mixed, AMBIGUOUS.stop)
    return padded(mixed, good.size) if bad.size < good.size else mixed
