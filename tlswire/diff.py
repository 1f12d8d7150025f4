"""Two ClientHellos compared by meaning: what one offers and the other does not.

Reads two hellos, changes neither, and sends nothing. Random bytes, key material and the order that
browsers shuffle are no difference of meaning; where order is all that differs, it says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, NamedTuple

from msgspec import Struct

from tlswire.codes import (
    CIPHER_SUITES,
    COMPRESSION_METHODS,
    EXTENSIONS,
    GROUPS,
    SIGNATURE_SCHEMES,
    VERSIONS,
    ExtensionType,
    Suite,
    is_grease,
)
from tlswire.errors import SelectionError
from tlswire.experiments.changes import AMBIGUOUS
from tlswire.language import counted, mark, say
from tlswire.messages import MESSAGE_HEADER
from tlswire.seen import Seen
from tlswire.transcript import Entry
from tlswire.variants.listings import LISTINGS

#: A size, in bytes of the message, that not every server reads: more than one usual segment.
ONE_SEGMENT: Final = 1400


class Difference(Struct, frozen=True, kw_only=True):
    """One part in which two hellos differ; `matters` says how a server may take it, if it may."""

    part: str
    only_a: tuple[str, ...] = ()
    only_b: tuple[str, ...] = ()
    order: bool = False  # the same members, otherwise ordered
    matters: str | None = None


class HelloDiff(Struct, frozen=True, kw_only=True):
    """Two hellos, named as the user named them, and every part in which they differ."""

    a: str
    b: str
    differences: tuple[Difference, ...]
    same: tuple[str, ...]  # parts that are equal


def compare(a: Seen, b: Seen, names: tuple[str, str]) -> HelloDiff:
    """Compare the ClientHellos of two connections. Raises SelectionError when one has none."""
    one, other = _hello(a, names[0]), _hello(b, names[1])
    found = [(part, _apart(part, part.read(one, a), part.read(other, b))) for part in PARTS]
    differences = [difference for _, difference in found if difference is not None]
    return HelloDiff(
        a=names[0],
        b=names[1],
        differences=(*differences, *_other_extensions(one, other)),
        same=tuple(part.name for part, difference in found if difference is None),
    )


def _hello(seen: Seen, name: str) -> Entry:
    hello = seen.transcript.client_hello
    if hello is None or "cipher_suites" not in hello.fields:
        raise SelectionError(say("{name}: no ClientHello that can be read", name=name))
    return hello


class Part(NamedTuple):
    """A part of a hello: how to read it as names in wire order, and why it may matter."""

    name: str
    read: Callable[[Entry, Seen], tuple[str, ...]]
    weigh: Callable[[Sequence[str], Sequence[str]], str | None]


def _apart(part: Part, a: tuple[str, ...], b: tuple[str, ...]) -> Difference | None:
    if a == b:
        return None
    only_a = tuple(name for name in a if name not in b)
    only_b = tuple(name for name in b if name not in a)
    order = not only_a and not only_b
    matters = part.weigh(only_a, only_b)
    if order:
        matters = say(ORDERS[part.name]) if part.name in ORDERS else None
    return Difference(part=part.name, only_a=only_a, only_b=only_b, order=order, matters=matters)


def _other_extensions(one: Entry, other: Entry) -> Iterator[Difference]:
    """Yield the extensions that both have, and that say different things."""
    left, right = _raw(one), _raw(other)
    for number in left:
        if number in right and number not in READ_ELSEWHERE and left[number] != right[number]:
            a, b = _contents(number, left[number]), _contents(number, right[number])
            only_a = tuple(name for name in a if name not in b)
            only_b = tuple(name for name in b if name not in a)
            order = not only_a and not only_b
            name = _name(EXTENSIONS, number)
            yield Difference(part=name, only_a=only_a, only_b=only_b, order=order)


def _contents(number: int, raw: bytes) -> tuple[str, ...]:
    """Return what an extension says: its members where it is a list, else its bytes."""
    listing = LISTINGS.get(number)
    members = listing.split(raw) if listing is not None else None
    if listing is None or members is None:
        return (_brief(raw),)
    return tuple(map(listing.name, members))


def _raw(hello: Entry) -> dict[int, bytes]:
    extensions = hello.fields.get("extensions", ())
    return {e["type"]: bytes(e["raw"]) for e in extensions if not is_grease(e["type"])}


def _brief(raw: bytes, most: int = 16) -> str:
    more = say("... ({number} bytes)", number=len(raw)) if len(raw) > most else ""
    return raw[:most].hex() + more or say("empty")


# -- reading the parts -------------------------------------------------------------------


def _name(names: dict[int, str], number: int) -> str:
    return names.get(number, f"0x{number:04x}")


def _plain(names: dict[int, str], numbers: Sequence[int]) -> tuple[str, ...]:
    return tuple(_name(names, number) for number in numbers if not is_grease(number))


def _listed(extension: int, field: str, names: dict[int, str]) -> Callable[..., tuple[str, ...]]:
    def read(hello: Entry, seen: Seen) -> tuple[str, ...]:
        return _plain(names, (hello.extension(extension) or {}).get(field, ()))

    return read


def _legacy(hello: Entry, seen: Seen) -> tuple[str, ...]:
    return (_name(VERSIONS, int(hello.fields["legacy_version"])),)


def _suites(hello: Entry, seen: Seen) -> tuple[str, ...]:
    return _plain(CIPHER_SUITES, hello.fields["cipher_suites"])


def _compressions(hello: Entry, seen: Seen) -> tuple[str, ...]:
    return tuple(_name(COMPRESSION_METHODS, n) for n in hello.fields.get("compression_methods", ()))


def _extensions(hello: Entry, seen: Seen) -> tuple[str, ...]:
    return _plain(EXTENSIONS, [e["type"] for e in hello.fields.get("extensions", ())])


def _shares(hello: Entry, seen: Seen) -> tuple[str, ...]:
    shares = (hello.extension(ExtensionType.key_share) or {}).get("client_shares", ())
    return _plain(GROUPS, [share["group"] for share in shares])


def _protocols(hello: Entry, seen: Seen) -> tuple[str, ...]:
    body = hello.extension(ExtensionType.application_layer_protocol_negotiation) or {}
    return tuple(map(_text, body.get("protocol_name_list", ())))


def _text(name: Any) -> str:
    return name if isinstance(name, str) else bytes(name).decode("utf-8", "backslashreplace")


def _server_name(hello: Entry, seen: Seen) -> tuple[str, ...]:
    name = seen.offer.server_name if seen.offer is not None else None
    return (name,) if name is not None else ()


def _grease(hello: Entry, seen: Seen) -> tuple[str, ...]:
    return (say("GREASE values"),) if seen.offer is not None and seen.offer.grease else ()


def _session(hello: Entry, seen: Seen) -> tuple[str, ...]:
    return (say("session_id of {number} bytes", number=len(hello.fields.get("session_id", b""))),)


def _size(hello: Entry, seen: Seen) -> tuple[str, ...]:
    return (say("{number} bytes", number=MESSAGE_HEADER + hello.length),)


def _records(hello: Entry, seen: Seen) -> tuple[str, ...]:
    return (counted("{number} record", "{number} records", len(hello.spans)),)


# -- what may matter ---------------------------------------------------------------------


def _nothing(only_a: Sequence[str], only_b: Sequence[str]) -> str | None:
    return None


def _says(text: str) -> Callable[[Sequence[str], Sequence[str]], str | None]:
    return lambda only_a, only_b: say(text)


def _of_suites(only_a: Sequence[str], only_b: Sequence[str]) -> str | None:
    if CIPHER_SUITES[Suite.TLS_FALLBACK_SCSV] in (*only_a, *only_b):
        return say("TLS_FALLBACK_SCSV makes a server refuse what it could do better (RFC 7507)")
    return say("a server needs one suite of the list that fits its certificate")


def _of_groups(only_a: Sequence[str], only_b: Sequence[str]) -> str | None:
    if any("MLKEM" in name.upper() or "KYBER" in name.upper() for name in (*only_a, *only_b)):
        return say("a hybrid group makes a hello too large for some, and is refused by others")
    return say("a server needs one group of the list")


def _of_size(only_a: Sequence[str], only_b: Sequence[str]) -> str | None:
    a, b = (_number(names[0]) for names in (only_a, only_b))
    if (a > ONE_SEGMENT) != (b > ONE_SEGMENT):
        return say("one fits a single TCP segment, the other does not")
    if (a in AMBIGUOUS) != (b in AMBIGUOUS):
        return say("one has between 256 and 511 bytes, which some took for SSL 2.0")
    return None


def _number(told: str) -> int:
    """Return the one number that a name has, in whatever language."""
    return int("".join(filter(str.isdigit, told)))


#: Where the order of equal members says something (RFC 8446 sections 4.1.2, 4.2.3, 4.2.7).
PREFERENCE: Final = mark("the client's order of preference, which a server may follow")
ORDERS: Final = dict.fromkeys(
    ("cipher suites", "groups", "signature algorithms", "ALPN"), PREFERENCE
)

PARTS: Final[tuple[Part, ...]] = (
    Part(
        mark("legacy version"), _legacy, _says(mark("servers without supported_versions go by it"))
    ),
    Part(
        mark("versions"),
        _listed(ExtensionType.supported_versions, "versions", VERSIONS),
        _says(mark("a server needs one version of the list")),
    ),
    Part(mark("cipher suites"), _suites, _of_suites),
    Part(
        mark("groups"),
        _listed(ExtensionType.supported_groups, "named_group_list", GROUPS),
        _of_groups,
    ),
    Part(
        mark("key shares"),
        _shares,
        _says(mark("without a share that it takes a server asks for another")),
    ),
    Part(
        mark("signature algorithms"),
        _listed(
            ExtensionType.signature_algorithms, "supported_signature_algorithms", SIGNATURE_SCHEMES
        ),
        _says(mark("a server needs one that its key can make")),
    ),
    Part(mark("server name"), _server_name, _says(mark("servers and filters choose by it"))),
    Part("ALPN", _protocols, _says(mark("a server may insist on a protocol of the list"))),
    Part(
        mark("extensions"),
        _extensions,
        _says(mark("a server may need an extension, or not take it")),
    ),
    Part(mark("compression"), _compressions, _nothing),
    Part(
        mark("session"),
        _session,
        _says(mark("with 32 bytes TLS 1.3 looks like TLS 1.2 to boxes between")),
    ),
    Part(
        "GREASE", _grease, _says(mark("a faulty parser stumbles over reserved values (RFC 8701)"))
    ),
    Part(mark("size"), _size, _of_size),
    Part(mark("records"), _records, _says(mark("not every server joins the records of one hello"))),
)
#: Extensions whose content the parts above tell, or that are never alike.
READ_ELSEWHERE: Final = frozenset(
    {
        ExtensionType.supported_versions,
        ExtensionType.supported_groups,
        ExtensionType.key_share,
        ExtensionType.signature_algorithms,
        ExtensionType.server_name,
        ExtensionType.application_layer_protocol_negotiation,
        ExtensionType.padding,
    }
)
