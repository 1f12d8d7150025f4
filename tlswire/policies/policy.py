"""A policy as data: what it says of versions, suites, groups, signature schemes, keys and features.

Names are those of the registries; braces stand for each of their words. What a policy does not
list is judged by `unlisted`. Nothing here judges.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Final, Literal, NamedTuple

from tlswire.surveyed import Level

Kind = Literal["version", "suite", "group", "signature_algorithm", "certificate"]


class Row(NamedTuple):
    """Names on one level: `TLS_RSA_WITH_AES_{128,256}_CBC_SHA` are two; where it says so."""

    level: Level
    names: str  # several, with blanks between
    reference: str
    note: str | None = None
    versions: tuple[str, ...] = ()  # only in these; () in all


class KeySize(NamedTuple):
    """A kind of key of at least so many bits; the first row that fits counts."""

    level: Level
    key: str  # of a certificate: "RSA" "EC" "EdDSA" "DSA"; of DHE's prime: "DH"
    bits: int
    reference: str
    note: str | None = None
    curves: str = ""  # only on these; "" on all


class Trait(NamedTuple):
    """Something of the whole configuration, by its name in `configuration.TRAITS`.

    It is at one level where it is so, at another where it is not; None: the policy does not say.
    Where it is `MISSING`, the policy demands it.
    """

    name: str
    there: Level | None
    absent: Level | Literal["missing"] | None
    reference: str
    note: str | None = None


class Longest(NamedTuple):
    """A certificate that is valid for more days than these is at the level."""

    level: Level
    days: int
    reference: str


MISSING: Final = "missing"


class Unlisted(NamedTuple):
    """What becomes of a thing of a kind that no row names."""

    level: Level
    reference: str
    note: str | None = None


class Policy(NamedTuple):
    """One edition of one authority's rules. A kind without rows is none of its business."""

    id: str
    title: str
    source: str
    rows: Mapping[Kind, tuple[Row, ...]]
    keys: tuple[KeySize, ...] = ()
    unlisted: Mapping[Kind, Unlisted] = {}
    required: tuple[Required, ...] = ()
    traits: tuple[Trait, ...] = ()
    hashes: tuple[Row, ...] = ()  # what a certificate may be signed with
    longest: Longest | None = None


class Required(NamedTuple):
    """At least one of these must be taken."""

    kind: Kind
    names: str
    reference: str


@lru_cache(maxsize=512)
def expand(words: str) -> tuple[str, ...]:
    """Return the names that braces and blanks stand for, in order."""
    return tuple(name for word in words.split() for name in _expand(word))


def _expand(word: str) -> Iterator[str]:
    found = re.search(r"\{([^{}]*)\}", word)
    if found is None:
        yield word
        return
    for choice in found[1].split(","):
        yield from _expand(word[: found.start()] + choice + word[found.end() :])
