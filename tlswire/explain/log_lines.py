"""Lines of logs: what a library's error code, or its words, say about who stopped a handshake.

Each reader yields nothing for a line that it does not understand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from tlswire import codes
from tlswire.explain import phrases, stack_errors
from tlswire.explain.articles import Explanation, Part, explain_code
from tlswire.explain.spellings import plain, spelled


def read_error_code(word: str) -> Iterator[Explanation]:
    """Unpack the error code of an OpenSSL, LibreSSL or BoringSSL log line."""
    error = stack_errors.unpack_text(word)
    if error is None:
        return
    parts = tuple(error_parts(error))
    if error.alert is None:
        yield Explanation(
            kind="library error",
            name=error.text or f"reason {error.reason}",
            code=error.code,
            summary=f"{error.library} itself objected, on the side that printed this",
            parts=parts,
            causes=error.causes,
        )
        return
    name = codes.ALERTS.get(error.alert, f"alert {error.alert}")
    summary = f"the peer sent alert {error.alert} {name}; {error.library} only reports it"
    yield Explanation(
        kind="library error", name=name, code=error.code, summary=summary, parts=parts
    )
    if error.alert in codes.ALERTS:
        yield explain_code("Alert", error.alert)


def error_parts(error: stack_errors.StackError) -> Iterator[Part]:
    """Yield the fields of an error code."""
    yield Part(label="printed by", text=error.library)
    yield Part(label="reason", value=str(error.reason), text=error.text or reason_text(error))
    if error.where is not None:
        yield Part(label="function", text=error.where)


def reason_text(error: stack_errors.StackError) -> str:
    """Say what a reason without a text of its own is."""
    if error.alert is None:
        return "not in the table"
    return f"{stack_errors.ALERT_BASE} + {error.alert}: an alert that was received"


#: How programs report a received alert, by name or number.
SAID_ALERT: tuple[re.Pattern[str], ...] = (
    re.compile(r"fatal alert: (\w+)", re.IGNORECASE),  # Java
    re.compile(r"remote error: tls: ([\w ]+)", re.IGNORECASE),  # Go
    re.compile(r"(?:sslv3|tlsv1|tlsv13)[ _](?:alert[ _])?([\w ]+)", re.IGNORECASE),  # OpenSSL
    re.compile(r"\bcode is (\d{1,3})\b", re.IGNORECASE),  # Schannel 36887
)
MOST_WORDS = 6


def read_said_alert(word: str) -> Iterator[Explanation]:
    """Find the alert that a log line names in words."""
    if stack_errors.unpack_text(word) is not None:
        return
    matches = filter(None, (pattern.search(word) for pattern in SAID_ALERT))
    named = (alert_named(match[1]) for match in matches)
    for code in dict.fromkeys(code for code in named if code is not None):
        yield explain_code("Alert", code)


def alert_named(said: str) -> int | None:
    """Return the alert that words begin with, the longest name first."""
    words = re.split(r"[ _]+", said.strip())[:MOST_WORDS]
    if words[0].isdecimal() and int(words[0]) in codes.ALERTS:
        return int(words[0])
    for end in range(len(words), 0, -1):
        for spelling in spelled().get("".join(words[:end]).lower(), ()):
            if spelling.registry == "Alert":
                return spelling.code
    return None


def read_said_reason(word: str) -> Iterator[Explanation]:
    """Find what an OpenSSL-family library objects to, in a line that lacks the code."""
    if stack_errors.unpack_text(word) is not None:
        return
    for reason in stack_errors.REASONS.values():
        said = re.split("[:,]", reason.text)[0]
        if plain(said) in plain(word):
            summary = "an OpenSSL-family library objected, on the side that printed this"
            yield Explanation(
                kind="library error", name=reason.text, summary=summary, causes=reason.causes
            )


def read_phrase(word: str) -> Iterator[Explanation]:
    """Find what a server, a client or a firewall prints, by the words or the number in it."""
    if len(word.split()) < 2 and word.isdecimal() and len(word) < LONG_NUMBER:
        return  # a short number alone is one of a registry
    found = phrases.match(word)
    if found is None:
        return
    family, phrase = found
    yield Explanation(
        kind=f"{family} error",
        name=word[:MOST_SHOWN].encode("unicode_escape").decode("ascii"),
        summary=phrase.meaning,
        parts=(
            Part(label="side", text=phrases.SIDES[phrase.side]),
            Part(label="stage", text=phrase.stage),
            Part(label="next", text="tlswire decode CAPTURE: see where the handshake stopped"),
        ),
        causes=phrase.causes,
    )


#: A number of so many digits is an event of a log.
LONG_NUMBER = 5
MOST_SHOWN = 80
