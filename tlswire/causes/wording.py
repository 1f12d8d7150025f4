"""Numbers and wire text as words of a sentence. Whatever came from the wire is escaped here.

The one place where text of the capture enters a sentence; never puts a control character into it.
"""

from __future__ import annotations

from collections.abc import Iterable

from tlswire import codes
from tlswire.language import say
from tlswire.transcript import version_name

#: Characters of a name that are shown before it is cut.
LONGEST = 120


def escape(text: str) -> str:
    """Return text of the wire with every unprintable character escaped, cut when very long."""
    shown = "".join(c if c.isprintable() else repr(c)[1:-1] for c in text[:LONGEST])
    return shown + ("…" if len(text) > LONGEST else "")


def quote(text: str) -> str:
    """Return text of the wire between quotation marks."""
    return f"'{escape(text)}'"


def listing(names: Iterable[str], most: int = 6) -> str:
    """Return "a, b and c", or the first ones "and 12 more"."""
    given = list(names)
    if len(given) > most:
        more = len(given) - most + 1
        return say("{names} and {more} more", names=", ".join(given[: most - 1]), more=more)
    if len(given) < 2:
        return given[0] if given else say("none")
    return say("{names} and {last}", names=", ".join(given[:-1]), last=given[-1])


def gap(begin: int, length: int) -> str:
    """Tell of a hole in the server's stream."""
    return say(
        "bytes {begin} to {end} of the server's stream never came, later ones did",
        begin=begin,
        end=begin + length,
    )


def alert(code: int) -> str:
    """Return an alert as "handshake_failure(40)"."""
    return f"{codes.ALERTS.get(code) or say('alert')}({code})"


def version(code: int | None) -> str:
    """Return the name of a protocol version."""
    return version_name(code) or say("no version")


def suite(code: int) -> str:
    """Return a cipher suite as configuration files spell it, else by its IANA name."""
    from tlswire.suites import SUITES

    facts = SUITES.get(code)
    return (facts.openssl or facts.name) if facts else f"0x{code:04x}"


def suites(numbers: Iterable[int], most: int = 6) -> str:
    """Return a list of cipher suites."""
    return listing([suite(n) for n in numbers], most)


def groups(numbers: Iterable[int], most: int = 6) -> str:
    """Return a list of named groups."""
    return listing([codes.GROUPS.get(n, f"0x{n:04x}") for n in numbers], most)


def schemes(numbers: Iterable[int], most: int = 6) -> str:
    """Return a list of signature schemes."""
    return listing([codes.SIGNATURE_SCHEMES.get(n, f"0x{n:04x}") for n in numbers], most)


def extension(number: int) -> str:
    """Return an extension's name."""
    return codes.EXTENSIONS.get(number, f"0x{number:04x}")


def seconds(duration: float) -> str:
    """Return a duration in the unit that suits it: "40 ms", "3.1 s", "5 min", "2 days"."""
    for limit, size, unit in _UNITS:
        if duration < limit:
            digits = 1 if unit == "s" or duration < 0.01 else 0
            return f"{duration / size:.{digits}f} {unit}"
    return say("{days:.0f} days", days=duration / 86400)


#: Up to which duration in seconds which unit is used, and its size.
_UNITS = (
    (0.01, 0.001, "ms"),
    (1, 0.001, "ms"),
    (120, 1, "s"),
    (7200, 60, "min"),
    (172800, 3600, "h"),
)


#: Words for things that can be counted, in the names of `preambles.openers`.
COUNTED = frozenset(
    {"banner", "command", "confirm", "error", "greeting", "header", "message", "notice", "packet"}
    | {"preface", "reply", "request", "response", "SSLRequest", "GSSENCRequest", "stream"}
)
#: Names that are spoken with a vowel first.
VOWELS = frozenset(
    {"AMQP", "FTP", "HTTP", "IMAP", "IRC", "LDAP", "MQTT", "NNTP", "RDP", "rsync", "RTSP", "SMTP"}
    | {"SSH", "XMPP"}
)


def indefinite(name: str) -> str:
    """Return a name with its article: "an SSH banner", "a MySQL greeting", "plain text"."""
    words = name.replace("/", " ").split()
    if COUNTED.isdisjoint(words):
        return name
    return f"an {name}" if words[0] in VOWELS else f"a {name}"
