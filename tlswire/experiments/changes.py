"""The changes that experiments make: what is common among servers of today, put into a hello.

A change takes the captured flight and the target's host name, and returns what is to leave, or
None when it makes no sense for this hello. Nothing here sends.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from string import ascii_lowercase
from typing import Final

from tlswire import variants
from tlswire.codes import (
    CIPHER_SUITES,
    SIGNATURE_SCHEMES,
    ExtensionType,
    Version,
)
from tlswire.experiments.offers import (
    COMMON,
    COMMON_GROUPS,
    COMMON_SCHEMES,
    COMMON_TLS13,
    MORE_GROUPS,
    MORE_SCHEMES,
    MORE_SUITES,
    SCHEMES,
    SUITES,
)
from tlswire.flight import Flight
from tlswire.language import say
from tlswire.messages import MESSAGE_HEADER
from tlswire.player import shares
from tlswire.records import HEADER
from tlswire.variants import Edit, Hello, Sending
from tlswire.variants.shape import put_together, take_apart

#: The captured flight and the host of the target -> what is to leave.
Change = Callable[[Flight, str], Sending | None]


_NEXT: Final = str.maketrans(ascii_lowercase, ascii_lowercase[1:] + ascii_lowercase[0])
#: A record payload of these sizes was taken for an SSL 2.0 hello; the first size beyond.
AMBIGUOUS, BEYOND = range(256, 512), 512
#: A first segment of fewer bytes than this was met with a reset.
TINY: Final = 8
NOT_TINY: Final = 64


def edit(make: Callable[[Hello], tuple[Edit, ...]]) -> Change:
    """Return the change that edits a hello's fields."""

    def change(flight: Flight, host: str) -> Sending | None:
        hello = variants.open_hello(flight)
        return variants.edited(flight, make(hello)) if hello is not None else None

    return change


#: No name asked for.
nameless: Final[Change] = edit(lambda hello: variants.sni(hello, None))


def way(make: Callable[[Flight], Sending | None]) -> Change:
    """Return the change of how the flight is sent."""
    return lambda flight, host: make(flight)


def listed(flight: Flight, made: Flight) -> Sending | None:
    """Return a flight that was changed in several steps, with all of them listed as edits."""
    hello, other = variants.open_hello(flight), variants.open_hello(made)
    if hello is None or other is None or made.data == flight.data:
        return None
    return put_together(take_apart(other, made), hello)


def filled_last(flight: Flight, host: str) -> Sending | None:
    """Put an extension that is not empty behind one that is, where that one is the last."""
    hello = variants.open_hello(flight)
    if hello is None or not hello.extensions:
        return None
    shape = take_apart(hello, flight)
    *others, last = shape.extensions
    filled = next((e for e in reversed(others) if e.body), None)
    if last.body or filled is None:
        return None
    others.remove(filled)
    return put_together(shape._replace(extensions=(*others, last, filled)), hello)


def everything(flight: Flight, host: str) -> Sending | None:
    """Offer all that servers of today take, and those of yesterday, beside what is offered."""
    made = flight
    for make in _EVERYTHING:
        hello = variants.open_hello(made)
        if hello is None:
            return None
        made = variants.apply(made, make(hello))
    return listed(flight, made)


def tls12_as_well(flight: Flight, host: str) -> Sending | None:
    """Offer TLS 1.2, and what it needs, beside a TLS 1.3 that is offered alone."""
    made = flight
    for make in _OF_TLS12:
        hello = variants.open_hello(made)
        edits = make(hello) if hello is not None else ()
        if not edits and made is flight:
            return None
        made = variants.apply(made, edits)
    return listed(flight, made)


# -- suites ------------------------------------------------------------------------------


def authentications(suites: Sequence[int]) -> frozenset[str]:
    """Return the kinds of certificate that suites up to TLS 1.2 can be used with."""
    exchanges = {CIPHER_SUITES.get(suite, "").partition("_WITH_") for suite in suites}
    names = {before for before, found, _ in exchanges if found}
    return frozenset(kind for kind in COMMON for name in names if name.rpartition("_")[2] == kind)


def one_suite(hello: Hello) -> tuple[Edit, ...]:
    """Add the one suite that most servers take, for a certificate that the client takes."""
    kinds = authentications(hello.suites) or frozenset(COMMON)
    first = next(COMMON[kind][0] for kind in COMMON if kind in kinds)
    return () if first in hello.suites else variants.suites(hello, [first])


def same_authentication(hello: Hello) -> tuple[Edit, ...]:
    """Add common suites for the certificates that the client already takes; for all if none."""
    kinds = authentications(hello.suites) or frozenset(COMMON)
    return _adding(hello, kinds, COMMON_TLS13 if _offers_tls13(hello) else ())


def rarer_suites(hello: Hello) -> tuple[Edit, ...]:
    """Add what few servers insist on, for the certificates that the client already takes."""
    kinds = authentications(hello.suites) or frozenset(COMMON)
    fit = (suite for suite in SUITES + MORE_SUITES if authentications((suite,)) & kinds)
    return variants.suites(hello, [suite for suite in fit if suite not in hello.suites])


def other_authentication(hello: Hello) -> tuple[Edit, ...]:
    """Add common suites for the kind of certificate that the client does not take yet."""
    return () if _lacks_scheme(hello) else _other_kind(hello)


def other_kind_and_schemes(hello: Hello) -> tuple[Edit, ...]:
    """The same where the client accepts no signature of that kind either: two changes."""
    return _other_kind(hello) if _lacks_scheme(hello) else ()


def _other_kind(hello: Hello) -> tuple[Edit, ...]:
    offered = authentications(hello.suites)
    return _adding(hello, frozenset(COMMON) - offered) if offered else ()


def schemes_of_its_kind(hello: Hello) -> tuple[Edit, ...]:
    """Accept more signatures of the kinds of key that the client accepts already."""
    kinds = kinds_of(hello.listed(ExtensionType.signature_algorithms)) or frozenset(COMMON)
    return variants.schemes(hello, [s for s in COMMON_SCHEMES if _kind(s) in kinds])


def schemes_of_ecdsa(hello: Hello) -> tuple[Edit, ...]:
    """Accept signatures of ECDSA, where the client accepts those of RSA alone."""
    if kinds_of(hello.listed(ExtensionType.signature_algorithms)) != {"RSA"}:
        return ()
    return variants.schemes(hello, [s for s in COMMON_SCHEMES if _kind(s) == "ECDSA"])


def schemes_of_rsa(hello: Hello) -> tuple[Edit, ...]:
    """Accept signatures of RSA, where the client accepts others only."""
    if "RSA" in kinds_of(hello.listed(ExtensionType.signature_algorithms)):
        return ()
    return variants.schemes(hello, [s for s in COMMON_SCHEMES if _kind(s) == "RSA"])


def kinds_of(schemes: Iterable[int]) -> frozenset[str]:
    """Return the kinds of key whose signatures these schemes are."""
    return frozenset(kind for kind in map(_kind, schemes) if kind in COMMON)


def _kind(scheme: int) -> str:
    """Return the kind of key that makes a signature; rsa_pss_pss needs a key of its own."""
    name = SIGNATURE_SCHEMES.get(scheme, "")
    return "" if name.startswith("rsa_pss_pss") else name.partition("_")[0].upper()


def _lacks_scheme(hello: Hello) -> bool:
    """Tell whether a client of ECDSA alone accepts no signature of RSA either.

    Then two things are in the way, and OpenSSL drops the suites for want of the signatures. A
    client of RSA alone is one thing: it was made so.
    """
    if "RSA" in authentications(hello.suites):
        return False
    kinds = kinds_of(hello.listed(ExtensionType.signature_algorithms))
    return bool(kinds) and "RSA" not in kinds


def _adding(hello: Hello, kinds: frozenset[str], more: Sequence[int] = ()) -> tuple[Edit, ...]:
    added = [suite for kind in COMMON if kind in kinds for suite in COMMON[kind]]
    missing = [suite for suite in (*added, *more) if suite not in hello.suites]
    return variants.suites(hello, missing) if missing else ()


def _offers_tls13(hello: Hello) -> bool:
    return Version.tls_1_3 in hello.listed(ExtensionType.supported_versions)


def suites_of_its_versions(hello: Hello) -> tuple[Edit, ...]:
    """Add suites of a version that the hello offers, where those it has belong to none."""
    if not _offers_tls13(hello):
        return same_authentication(hello)
    return variants.suites(hello, [suite for suite in COMMON_TLS13 if suite not in hello.suites])


def only_common_suites(hello: Hello) -> tuple[Edit, ...]:
    """Leave out what not every server knows; never the last suite."""
    common = {*COMMON_TLS13, *(suite for suites in COMMON.values() for suite in suites)}
    return variants.without_suites(hello, [s for s in hello.suites if s not in common])


def without_ecdsa(hello: Hello) -> tuple[Edit, ...]:
    """Leave the suites for a certificate of ECDSA out."""
    return _without_kind(hello, "ECDSA")


def without_rsa(hello: Hello) -> tuple[Edit, ...]:
    """Leave the suites for a certificate of RSA out."""
    return _without_kind(hello, "RSA")


def _without_kind(hello: Hello, kind: str) -> tuple[Edit, ...]:
    return variants.without_suites(
        hello, [suite for suite in hello.suites if kind in authentications((suite,))]
    )


# -- shares ------------------------------------------------------------------------------


def share_of_each_group(hello: Hello) -> tuple[Edit, ...]:
    """Send a share of each usual group listed: a server need not ask for another one then."""
    usual = (group for group in variants.lacking(hello) if group in COMMON_GROUPS)
    return variants.with_shares(hello, _points(usual))


def groups_of_its_shares(hello: Hello) -> tuple[Edit, ...]:
    """List the groups whose shares the hello has, as it must (RFC 8446 section 4.2.8)."""
    stray = set(hello.listed(ExtensionType.key_share))
    stray -= set(hello.listed(ExtensionType.supported_groups))
    return variants.groups(hello, sorted(stray))


def shares_of_our_own(hello: Hello) -> tuple[Edit, ...]:
    """Put our own shares in the captured ones' place, which no server can take if they are bad."""
    return variants.other_shares(hello, _points(hello.listed(ExtensionType.key_share)))


def _points(groups: Iterable[int]) -> dict[int, bytes]:
    made = {group: shares.make(group) for group in groups}
    return {group: share.public for group, share in made.items() if share is not None}


# -- names -------------------------------------------------------------------------------


def named(flight: Flight, host: str) -> Sending | None:
    """Ask for the target's own name, where it was given by name and the hello asks for none."""
    hello = variants.open_hello(flight)
    if (
        hello is None
        or not host
        or not is_name(host)
        or ExtensionType.server_name in hello.extensions
    ):
        return None
    return variants.edited(flight, variants.sni(hello, host))


def renamed(flight: Flight, host: str) -> Sending | None:
    """Ask for the target's own name, where the hello asks for another one."""
    hello = variants.open_hello(flight)
    if hello is None or not host or not is_name(host) or host == _asked(hello):
        return None
    if ExtensionType.server_name not in hello.extensions:
        return None
    return variants.edited(flight, variants.sni(hello, host))


def another_name(hello: Hello) -> tuple[Edit, ...]:
    """Ask for another name of the same length: every letter is the next one."""
    name = _asked(hello)
    other = name.lower().translate(_NEXT) if name is not None else ""
    return variants.sni(hello, other) if name and is_name(other) else ()


def name_in_two(flight: Flight) -> Sending | None:
    """Let a segment end inside the server name: a filter that joins none does not see it."""
    hello = variants.open_hello(flight)
    middle = _middle_of_name(hello) if hello is not None else None
    if hello is None or middle is None or len(hello.message.spans) > 1:
        return None
    return variants.segments(flight, [hello.message.spans[0][0] + middle])


def name_in_two_records(hello: Hello) -> tuple[Edit, ...]:
    """Let a record end inside the server name: a filter that joins none does not see it."""
    middle = _middle_of_name(hello)
    return variants.records_at(hello, [middle]) if middle is not None else ()


def _middle_of_name(hello: Hello) -> int | None:
    """Return an offset of the message inside the name."""
    place = hello.places.get(_name_place(hello))
    return MESSAGE_HEADER + place[0] + place[1] // 2 if place is not None else None


def _name_place(hello: Hello) -> str:
    at = hello.index(ExtensionType.server_name)
    return f"extensions[{at}].body.server_name_list[0].host_name"


def _asked(hello: Hello) -> str | None:
    place = hello.places.get(_name_place(hello))
    return None if place is None else hello.body[place[0] : sum(place)].decode("ascii", "ignore")


def is_name(host: str) -> bool:
    """Tell whether a target is a name, not an address: its last label has a letter."""
    return ":" not in host and any(c.isalpha() for c in host.rpartition(".")[2])


def cleaned_name(hello: Hello) -> tuple[Edit, ...]:
    """Ask for the same name as RFC 6066 section 3 wants it: no dot at the end, no port."""
    name = _asked(hello)
    if name is None:
        return ()
    clean = name.partition(":")[0].rstrip(".").lower()
    if clean == name:
        return ()
    return variants.sni(hello, clean if is_name(clean) else None)


# -- size and cuts -----------------------------------------------------------------------


def out_of_the_ambiguous(hello: Hello) -> tuple[Edit, ...]:
    """Pad a hello of 256 to 511 bytes to 512 (RFC 7685 section 1)."""
    body = len(hello.body)
    return variants.padded(hello, BEYOND + MESSAGE_HEADER) if body in _AMBIGUOUS_BODY else ()


def larger_start(flight: Flight) -> Sending | None:
    """Let a tiny first segment be larger: who reads once only is not helped by that."""
    if not flight.pieces or len(flight.pieces[0].data) >= TINY:
        return None
    made = variants.segments(flight, [min(NOT_TINY, len(flight.data) // 2)])
    gone = Edit(len(flight.pieces[0].data), b"", b"", say("no segment ends here"))
    return made._replace(edits=(gone, *made.edits)) if made is not None else None


_OF_TLS12: Final[tuple[Callable[[Hello], tuple[Edit, ...]], ...]] = (
    variants.tls12,
    lambda hello: variants.suites(hello, SUITES),
    variants.elliptic_extensions,
    variants.extended_master_secret,
    variants.renegotiation_info,
)
_AMBIGUOUS_BODY: Final = range(AMBIGUOUS.start - HEADER, AMBIGUOUS.stop)
_EVERYTHING: Final[tuple[Callable[[Hello], tuple[Edit, ...]], ...]] = (
    variants.newer,
    lambda hello: variants.suites(hello, SUITES + MORE_SUITES),
    variants.elliptic_extensions,
    lambda hello: variants.groups(hello, COMMON_GROUPS + MORE_GROUPS),
    lambda hello: variants.schemes(hello, SCHEMES + MORE_SCHEMES),
    variants.extended_master_secret,
    variants.renegotiation_info,
    variants.tls13,
)
