"""A log, line by line: what it tells of handshakes, equal things counted together.

Memory is bounded, however long the log is: of each kind one example is kept, and what a line
means is remembered by the line without its times, addresses and numbers of processes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from msgspec import Struct, structs

from tlswire.explain import log_lines
from tlswire.explain.articles import SCHEMA, Explanation

#: What is read of a line, and kinds that are told apart at most.
LONGEST_LINE: Final = 2000
MOST_KINDS: Final = 1000
#: A line as short as a code alone is always read.
SHORT: Final = 40
#: Every line that a reader knows holds one of these; a test sees to it. Most lines hold none.
HINTS: Final = (
    "ssl",
    "tls",
    "cert",
    "handshake",
    "alert",
    "x509",
    "err",
    "fatal",
    "refus",
    "reset",
    "timed",
    "timeout",
    "eof",
    "denied",
    "deny",
    "close",
    "proxy",
    "spoken",
    "request",
    "response",
    "header",
    "schannel",
    "ah0",
    "ah1",
    "event",
    "asa-",
    "policy",
    "decrypt",
    "aged",
    "rst",
    "syn",
    "verif",
    "host",
    "cipher",
    "sigalg",
    "econn",
    "pull",
    "peer",
    "reject",
    "trust",
    "nss",
    "gnutls",
    "curl",
    "pg_hba",
    "starttls",
    "220",
    "ssh-",
    "-0x",
    "0x80",
    "ora-",
    "ping",
    "session",
    "incomplete",
    "decoder",
    "threat",
    "conntrack",
    "invalid",
    "socket",
    "route",
    "unreachable",
    "broken",
    "pipe",
    "renegotiation",
    "no",
    "available",
    "upstream",
    "pool",
    "layer6",
    "l6",
    "protocol",
    "algorithm",
    "parameter",
    "key",
    "termination",
    "state",
    "packet",
    "data",
    "fin-",
    "exempt",
    "anomal",
    "inspection",
    "0126",
    "4801",
    "6210",
    "1700",
    "pkix",
    "version",
    "plaintext",
    "diffie",
    "prime",
    "subject",
    "resource",
    "tcp",
    "duplicate",
    "time-wait",
    "application",
    "decryption",
    "client",
)
#: What differs from line to line and means nothing.
_PASSING: Final = re.compile(
    r"\d{4}[-/]\d\d[-/]\d\d[T ]?|\d\d:\d\d:\d\d[.,\d]*|(?<![\w.])\d+\.\d{3,}"
    r"|(?<=\w)\[\d+\]|\bpid[ =]\d+|#\d+|\*\d+"
    r"|(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?|\[?[0-9a-f]{0,4}(?::[0-9a-f]{0,4}){3,}\]?(?::\d+)?"
)


class Told(Struct, frozen=True, kw_only=True):
    """One kind of thing that a log tells: how often, where first, and what it means."""

    count: int
    first_line: int
    example: str
    explanation: Explanation


class Tally(Struct, frozen=True, kw_only=True):
    """What a log tells of handshakes, the most frequent first; the other lines tell nothing."""

    schema: str = SCHEMA
    lines: int
    understood: int
    told: tuple[Told, ...]


def tally(lines: Iterable[str]) -> Tally:
    """Read a log to its end and count what it tells."""
    kinds: dict[tuple[str, str], Told] = {}
    number = understood = 0
    for number, line in enumerate(lines, 1):
        shown = line.strip()[:LONGEST_LINE]
        found = _understand(_PASSING.sub(" ", shown)) if _may_tell(shown) else ()
        understood += bool(found)
        for explanation in found:
            _count(kinds, explanation, number, shown)
    ordered = sorted(kinds.values(), key=lambda kind: (-kind.count, kind.first_line))
    return Tally(lines=number, understood=understood, told=tuple(ordered))


def _may_tell(line: str) -> bool:
    """Tell whether a line is short, or holds one of the words without which none is understood."""
    lowered = line.lower()
    return len(line) < SHORT or any(word in lowered for word in HINTS)


def _count(
    kinds: dict[tuple[str, str], Told], explanation: Explanation, number: int, line: str
) -> None:
    key = (explanation.kind, explanation.summary)
    known = kinds.get(key)
    if known is not None:
        kinds[key] = structs.replace(known, count=known.count + 1)
    elif len(kinds) < MOST_KINDS:
        example = line.encode("unicode_escape").decode("ascii")
        kinds[key] = Told(count=1, first_line=number, example=example, explanation=explanation)


@lru_cache(maxsize=4096)
def _understand(line: str) -> tuple[Explanation, ...]:
    """Return what the first reader that knows a line says of it, and the reason of a chain too."""
    for _, read in log_lines.READERS:
        found = tuple(read(line))
        if found:
            reasons = log_lines.read_verify_error(line)
            return found if read is log_lines.read_verify_error else (*found, *reasons)
    return ()
