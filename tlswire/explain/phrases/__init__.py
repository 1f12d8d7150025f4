"""Errors as programs print them, a table a family: read from the most telling to the vaguest.

Says what an error means; the codes of the OpenSSL family are unpacked elsewhere.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from tlswire.explain.phrases import (
    apache,
    balancers,
    browsers,
    curl,
    firewalls,
    golang,
    haproxy,
    java,
    languages,
    nginx,
    nss,
    openssl_tools,
    services,
    small_stacks,
    sockets,
    windows,
)
from tlswire.explain.phrases.phrase import Phrase, Side
from tlswire.language import mark

__all__ = ["FAMILIES", "SIDES", "Phrase", "Side", "match"]

#: Each family by the name under which it is shown.
FAMILIES: dict[str, tuple[Phrase, ...]] = {
    "HAProxy": haproxy.PHRASES,
    "Apache httpd": apache.PHRASES,
    "nginx": nginx.PHRASES,
    "load balancer": balancers.PHRASES,
    "Java": java.PHRASES,
    "Windows": windows.PHRASES,
    "curl": curl.PHRASES,
    "browser": browsers.PHRASES,
    "Go": golang.PHRASES,
    "language": languages.PHRASES,
    "small stack": small_stacks.PHRASES,
    "firewall": firewalls.PHRASES,
    "openssl tool": openssl_tools.PHRASES,
    "service": services.PHRASES,
    "NSS": nss.PHRASES,
    "connection": sockets.PHRASES,
}
#: How a side is told.
SIDES: dict[Side, str] = {
    "peer": mark("the other side sent or did it"),
    "local": mark("the program that printed this objected"),
    "way": mark("the network, or a box on the way"),
}


class Match(NamedTuple):
    """A phrase that a line holds: whose it is, and the words that matched."""

    family: str
    phrase: Phrase
    words: str


def match(line: str) -> Match | None:
    """Return the first phrase that a line holds."""
    for family, phrases in FAMILIES.items():
        for phrase in phrases:
            if found := _compiled(phrase.pattern).search(line):
                return Match(family, phrase, found[0])
    return None


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)
