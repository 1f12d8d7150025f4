"""What a failing hello and a good one differ in, as the things that can be taken from the good one.

A `Difference` is one thing a person would name; where it is made of several (every reserved
value, all that offers TLS 1.3) they go together. The order is that of preference: what changes
least stands first. Sends nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

from tlswire.codes import (
    CIPHER_SUITES,
    EXTENSIONS,
    GROUPS,
    VERSIONS,
    ExtensionType,
    Suite,
    Version,
    is_grease,
    is_hybrid,
)
from tlswire.experiments.changes import AMBIGUOUS
from tlswire.few import few
from tlswire.language import counted, mark, say
from tlswire.narrow.mixing import CUT, ORDER, SIZE, Listed, Toggle, members_of
from tlswire.variants.listings import LISTINGS, numbers
from tlswire.variants.shape import Shape

LEAVE_OUT, OFFER = mark("leave {name} out"), mark("offer {name}")
LEAVE_OUT_OF, OFFER_IN = mark("leave {name} out of {field}"), mark("offer {name} in {field}")


class Difference(NamedTuple):
    """One thing to take from the good hello, by the field it is in, in RFC words."""

    field: str
    told: str  # what is changed in the failing hello
    toggles: tuple[Toggle, ...]
    member: str | None = None  # which member of the field, where it has members
    code: int | None = None


def differences(bad: Shape, good: Shape) -> list[Difference]:
    """Return everything in which two hellos differ, each toggle once."""
    found: list[Difference] = []
    gone: set[Toggle] = set()
    for made in (*_whole(bad, good), *_composed(bad, good), *_parts(bad, good), *_last(bad, good)):
        left = tuple(t for t in made.toggles if t not in gone)
        gone.update(left)
        if left:
            found.append(made._replace(toggles=left))
    return found


def leaves(difference: Difference, bad: Shape, good: Shape) -> list[Difference]:
    """Return the parts of a difference as differences of their own, one toggle each."""
    named = {d.toggles[0]: d for d in (*_parts(bad, good, apart=True), *_last(bad, good))}
    return [
        named.get(toggle, difference)._replace(toggles=(toggle,)) for toggle in difference.toggles
    ]


def some(names: Sequence[str], most: int = 3) -> str:
    """Return names, the first few of a longer list."""
    return few(names, most)


# -- the hello as a whole ----------------------------------------------------------------


def _whole(bad: Shape, good: Shape) -> Iterator[Difference]:
    if (bad.segments, bad.mss) != (good.segments, good.mss):
        yield Difference("segments", _sent(len(good.segments) + 1 if good.segments else 1), (CUT,))
    if bad.records != good.records:
        told = counted(
            "put the hello in one record",
            "put the hello in {number} records",
            len(good.records) + 1 if good.records else 1,
        )
        yield Difference("records", told, (Toggle("records", "value"),))
    if bad.record_version != good.record_version:
        told = say("say {version} in the record's header", version=_version(good.record_version))
        yield Difference("record_version", told, (Toggle("record_version", "value"),))
    if bad.size != good.size:
        yield Difference("size", _sizes(bad, good), (SIZE,))
    common = [t for t in good.types if t in bad.types]
    if common != [t for t in bad.types if t in common]:
        yield Difference("extension_order", say("put the extensions in another order"), (ORDER,))


def _sent(number: int) -> str:
    return counted("send one segment", "send {number} segments", number)


def _sizes(bad: Shape, good: Shape) -> str:
    if bad.size in AMBIGUOUS and good.size not in AMBIGUOUS:
        return say("pad the hello from {size} to {stop} bytes", size=bad.size, stop=AMBIGUOUS.stop)
    if bad.size < good.size:
        return say("pad the hello from {size} to {size2} bytes", size=bad.size, size2=good.size)
    return say("make the hello smaller than its {size} bytes", size=bad.size)


def _version(number: int) -> str:
    return VERSIONS.get(number, f"0x{number:04x}")


# -- what goes together ------------------------------------------------------------------


def _composed(bad: Shape, good: Shape) -> Iterator[Difference]:
    every = [toggle for made in _parts(bad, good, apart=True) for toggle in made.toggles]
    reserved = tuple(t for t in every if t.way == "has" and _is_reserved(t))
    if reserved:
        yield Difference("grease", say("leave the GREASE values out"), reserved)
    hybrid = tuple(t for t in every if t.way == "has" and is_hybrid(_group(t)))
    for group in dict.fromkeys(_group(t) for t in hybrid):
        name = GROUPS[group]
        those = tuple(t for t in hybrid if _group(t) == group)
        yield Difference("supported_groups", say("leave {name} out", name=name), those, name, group)
    yield from _tls13(bad, good, every)
    yield from _elliptic(bad, good, every)


def _is_reserved(toggle: Toggle) -> bool:
    return toggle.way != "value" and is_grease(_number(toggle))


def _number(toggle: Toggle) -> int:
    member = toggle.member
    if isinstance(member, Listed):
        return int.from_bytes(member.data[:2], "big") if len(member.data) > 1 else 0
    return member or 0


def _group(toggle: Toggle) -> int:
    of_groups = toggle.part in (ExtensionType.supported_groups, ExtensionType.key_share)
    return _number(toggle) if of_groups and toggle.member is not None else 0


#: Extensions that offer TLS 1.3, or that only it needs (RFC 8446 section 4.2).
OF_TLS13: Final = (
    ExtensionType.supported_versions,
    ExtensionType.key_share,
    ExtensionType.psk_key_exchange_modes,
    ExtensionType.cookie,
    ExtensionType.early_data,
    ExtensionType.pre_shared_key,
    ExtensionType.post_handshake_auth,
)


#: Extensions that suites of elliptic curves need (RFC 8422 section 5.1).
OF_CURVES: Final = (ExtensionType.supported_groups, ExtensionType.ec_point_formats)


def _tls13(bad: Shape, good: Shape, every: Iterable[Toggle]) -> Iterator[Difference]:
    """What offers TLS 1.3 goes as a whole where only one of the two offers it."""
    offers = [Version.tls_1_3 in _offered(shape) for shape in (bad, good)]
    if offers[0] == offers[1]:
        return
    way = "lacks" if offers[1] else "has"
    those = tuple(t for t in every if _of_tls13(t, way))
    told = say("offer TLS 1.3") if offers[1] else say("offer TLS 1.2 at most")
    yield Difference("supported_versions", told, those, "TLS 1.3", Version.tls_1_3)


def _elliptic(bad: Shape, good: Shape, every: Iterable[Toggle]) -> Iterator[Difference]:
    """The first suites of elliptic curves come with what they need (RFC 8422 section 5.1)."""
    needed = ("ECDHE", "ECDH_")
    if any(CIPHER_SUITES.get(s, "").removeprefix("TLS_").startswith(needed) for s in bad.suites):
        return
    those = tuple(t for t in every if t.way == "lacks" and t.part == "suites")
    with_them = tuple(
        t for t in every if t.way == "lacks" and t.part == "extensions" and t.member in OF_CURVES
    )
    if those and with_them:
        names = some([CIPHER_SUITES.get(_number(t), "") for t in those])
        told = say("offer {names}, with the extensions that they need", names=names)
        yield Difference("cipher_suites", told, those + with_them)


def _offered(shape: Shape) -> tuple[int, ...]:
    body = shape.body(ExtensionType.supported_versions)
    return numbers(ExtensionType.supported_versions, body) if body else (shape.version,)


def _of_tls13(toggle: Toggle, way: str) -> bool:
    if toggle.way != way:
        return False
    if toggle.part == "extensions":
        return toggle.member in OF_TLS13
    if toggle.part == "suites":
        return _number(toggle) >> 8 == Suite.TLS_AES_128_GCM_SHA256 >> 8
    return toggle.part == ExtensionType.supported_versions and _number(toggle) == Version.tls_1_3


# -- part by part ------------------------------------------------------------------------


def _parts(bad: Shape, good: Shape, *, apart: bool = False) -> Iterator[Difference]:
    yield from _listed("suites", "cipher_suites", CIPHER_SUITES, bad.suites, good.suites, apart)
    yield from _extensions(bad, good, apart)
    for number in bad.types:
        one, other = bad.body(number), good.body(number)
        if one is not None and other is not None and one != other:
            yield from _bodies(number, one, other, apart)
    if bad.compressions != good.compressions:
        told = say("offer the compression method null alone")
        yield Difference("compression_methods", told, (Toggle("compressions", "value"),))
    if bad.session_id != good.session_id:
        told = say("send a session_id of {number} bytes", number=len(good.session_id))
        yield Difference("session_id", told, (Toggle("session_id", "value"),))


def _last(bad: Shape, good: Shape) -> Iterator[Difference]:
    if bad.version != good.version:
        told = say("say {version} in legacy_version", version=_version(good.version))
        yield Difference("legacy_version", told, (Toggle("version", "value"),))


def _extensions(bad: Shape, good: Shape, apart: bool) -> Iterator[Difference]:
    for way, one, other in (("has", bad, good), ("lacks", good, bad)):
        for number in dict.fromkeys(one.types):
            if number not in other.types:
                name = extension_name(number)
                told = (
                    say("leave {name} out", name=name)
                    if way == "has"
                    else say("say {name}", name=name)
                )
                toggle = Toggle("extensions", way, number)
                yield Difference("extensions", told, (toggle,), name, number)


def extension_name(number: int) -> str:
    """Return an extension's registered name, or its number."""
    return "GREASE" if is_grease(number) else EXTENSIONS.get(number, f"extension {number}")


def _bodies(number: int, one: bytes, other: bytes, apart: bool) -> Iterator[Difference]:
    mine, its = members_of(number, one), members_of(number, other)
    if mine is not None and its is not None:
        name = LISTINGS[number].name
        names = {member: name(member.data) for member in (*mine, *its)}
        yield from _listed(number, extension_name(number), names, mine, its, apart)
    else:
        field = extension_name(number)
        told = say("say in {field} what the good hello says", field=field)
        yield Difference(field, told, (Toggle(number, "value"),), code=number)


def _listed(
    part: str | int,
    field: str,
    names: Mapping[Any, str],
    bad: Sequence[int] | Sequence[Listed],
    good: Sequence[int] | Sequence[Listed],
    apart: bool,
) -> Iterator[Difference]:
    """The members that the good hello lacks one by one, those that it adds together."""
    gone: dict[object, list[Difference]] = {}
    for member in bad:
        if member not in good:
            made = _member(part, field, names, member, "has")
            gone.setdefault(member.data if isinstance(member, Listed) else member, []).append(made)
    for same in gone.values():
        yield same[0]._replace(toggles=tuple(t for made in same for t in made.toggles))
    more = [_member(part, field, names, member, "lacks") for member in good if member not in bad]
    if apart or len(more) == 1:
        yield from more
    elif more:
        told = say(OFFER, name=some([str(m.member) for m in more]))
        yield Difference(field, told, tuple(t for m in more for t in m.toggles))
    common = [m for m in good if m in bad]
    if common != [m for m in bad if m in common]:
        told = say("put {field} in another order", field=field)
        yield Difference(field, told, (Toggle(part, "order"),), "order")


def _member(
    part: str | int,
    field: str,
    names: Mapping[Any, str],
    member: int | Listed,
    way: str,
) -> Difference:
    toggle = Toggle(part, way, member)
    number = _number(toggle)
    name = "GREASE" if is_grease(number) else names.get(member, f"0x{number:04x}")
    what = say("the share of {name}", name=name) if part == ExtensionType.key_share else name
    where = (LEAVE_OUT_OF, OFFER_IN) if is_grease(number) else (LEAVE_OUT, OFFER)
    told = say(where[0] if way == "has" else where[1], name=what, field=field)
    return Difference(field, told, (toggle,), name, number)
