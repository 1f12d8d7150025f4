"""The vocabulary of a preamble: who says what, how it reads, what counts as a refusal.

A `Dialect` is a table of steps. The same table is followed in a capture (`recognition`) and
spoken to a server (`speaker`). Readers take the bytes of one side and a place in them, and must
never raise, whatever the bytes, nor take more than linear time.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from tlswire.flow import Who

if TYPE_CHECKING:
    from tlswire.way import Target

#: How much of each side's cleartext is looked at, in bytes.
HORIZON: Final = 64 * 1024
#: The longest text quoted from the wire, in characters.
LONGEST_QUOTE: Final = 120
#: OpenVPN over TCP: a 16-bit length, a hard reset of either side, its session id.
OPENVPN: Final = rb"\x00[\x0e-\x80][\x38\x40\x50].{8}"
#: For `Step.telling`: whoever says this speaks this protocol.
ALWAYS: Final = b""

#: Commands whose arguments must not get into a report.
_SECRET: Final = (
    rb"(?i)^((?:\S+[ ])?(?:PASS|LOGIN|AUTHENTICATE|AUTHINFO|AUTH[ ](?!TLS|SSL)\S+))[ ].*"
)
_NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


class Said(NamedTuple):
    """One utterance: where it ends in its side's bytes, how it prints, what it tells."""

    end: int
    words: str
    details: Mapping[str, str] = _NOTHING


#: Reads one utterance at a place; None when it is not there, or not there whole.
Reader = Callable[[bytes, int], Said | None]
#: What to say: fixed bytes, or bytes that depend on the target.
Says: TypeAlias = "bytes | Callable[[Target], bytes]"


class Step(NamedTuple):
    """One thing that one side says.

    `telling` is a pattern of bytes which, found in what was said, proves the protocol; `refuses`
    reads what the server says instead when it will not go on. For who speaks: `otherwise` is asked
    where the first question was refused, and a question with `when` only after these bytes.
    """

    who: Who
    name: str
    reads: Reader
    says: Says | None = None
    refuses: Reader | None = None
    telling: bytes | None = None
    otherwise: bytes | None = None
    when: bytes | None = None


class Exchanges(NamedTuple):
    """Questions and answers that may come any number of times, or not at all.

    When speaking, only a question that has `says` is asked, once.
    """

    pairs: tuple[tuple[Step, Step], ...]


class Dialect(NamedTuple):
    """How one protocol gets to TLS.

    A carrier may be followed by another preamble; where TLS is `framed`, the records of the
    handshake travel inside packets of the protocol.
    """

    protocol: str
    steps: tuple[Step | Exchanges, ...]
    carrier: bool = False
    framed: bool = False


def escape(data: bytes, limit: int = LONGEST_QUOTE) -> str:
    """Show bytes from the wire as one harmless line of at most `limit` characters."""
    shown = "".join(map(_harmless, data[: 4 * limit].decode("utf-8", "surrogateescape")))
    return shown if len(shown) <= limit else shown[: limit - 3] + "..."


def _harmless(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # a byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    if character.isprintable() and character != "\\":
        return character
    return character.encode("unicode_escape").decode("ascii")


@cache
def compiled(pattern: bytes) -> re.Pattern[bytes]:
    """Compile at first use: most runs never need most patterns.

    A repeated group that keeps what it took is written `(?>(?:...)*)`, not `(?:...)*+`: up to
    3.11.4, which Debian 12 has, Python forgets to keep it where the group can itself go back.
    """
    return re.compile(pattern)


def text(pattern: bytes) -> Reader:
    """Read what the pattern matches; group `words` is quoted, other named groups are details."""

    def read(data: bytes, at: int) -> Said | None:
        found = compiled(pattern).match(data, at, HORIZON)
        return _said(found) if found and found.end() > at else None

    return read


def _said(found: re.Match[bytes]) -> Said:
    groups: dict[str, Any] = found.groupdict()
    words = groups.pop("words", None) or found[0].strip().split(b"\n", 1)[0].rstrip()
    words = compiled(_SECRET).sub(rb"\1 ***", words)
    return Said(found.end(), escape(words), {k: escape(v) for k, v in groups.items() if v})


def line(command: bytes) -> Reader:
    """Read one line that begins with the command (letter case ignored) and ends in LF."""
    return text(rb"(?i:" + command + rb")[^\n]*+\n")


def exact(data: bytes, words: str) -> Reader:
    """Read exactly these bytes."""
    return lambda stream, at: Said(at + len(data), words) if stream.startswith(data, at) else None


def reply(codes: bytes) -> Reader:
    """Read a three-digit reply of one or more lines (RFC 959 section 4.2, RFC 5321 4.2.1).

    Lines between the first and the last need not repeat the code: FTP allows that.
    """
    middle = rb"(?>(?:-[^\n]*+\n(?>(?:(?!(?P=code)[ \r\n])[^\n]*+\n)*)(?P=code))?)"
    said = text(rb"(?P<code>" + codes + rb")" + middle + rb"(?:[ ][^\n]*+|\r)?\n")
    return lambda data, at: _without(said(data, at), "code")


def _without(said: Said | None, detail: str) -> Said | None:
    if said is None:
        return None
    return said._replace(details={k: v for k, v in said.details.items() if k != detail})
