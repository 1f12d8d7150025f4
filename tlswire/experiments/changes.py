"""The changes that experiments make: what is common among servers of today, put into a hello.

A change takes the captured flight and the target's host name, and returns what is to leave, or
None when it makes no sense for this hello. Those of the certificate's kind are in `kinds`, those of
the server name in `names`. Nothing here sends.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import Final

from tlswire import variants
from tlswire.causes import traits
from tlswire.codes import ExtensionType
from tlswire.experiments.offers import (
    COMMON_GROUPS,
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
from tlswire.variants.edits import Draft
from tlswire.variants.shape import put_together, take_apart

#: The captured flight and the host of the target -> what is to leave.
Change = Callable[[Flight, str], Sending | None]

#: A record payload of these sizes was taken for an SSL 2.0 hello; the first size beyond.
AMBIGUOUS, BEYOND = traits.DANGEROUS, traits.DANGEROUS.stop
#: A session id of TLS 1.2 has so many bytes at most.
SESSION: Final = 32
#: A first segment of fewer bytes than this was met with a reset.
TINY: Final = 8
NOT_TINY: Final = 64


def edit(make: Callable[[Hello], tuple[Edit, ...]]) -> Change:
    """Return the change that edits a hello's fields."""

    def change(flight: Flight, host: str) -> Sending | None:
        hello = variants.open_hello(flight)
        return variants.edited(flight, make(hello)) if hello is not None else None

    return change


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


# -- the disguise ------------------------------------------------------------------------


def disguised(hello: Hello) -> tuple[Edit, ...]:
    """Name a session of 32 bytes that was never had, as TLS 1.3 does (RFC 8446 appendix D.4)."""
    if hello.fields["session_id"]:
        return ()
    draft = Draft(hello)
    draft.replace("session_id", os.urandom(SESSION), say("name a session, as in TLS 1.2"))
    return draft.edits()


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
