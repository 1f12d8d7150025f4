"""Lines of logs: who objected, at which message, what it leaves possible, and what to do next.

Each reader yields nothing for a line that it does not understand. `READERS` has them in the order
in which a line is asked, from the surest to the vaguest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import Final

from msgspec import structs

from tlswire import codes
from tlswire.explain import alert_causes, phrases, said_alerts, stack_errors, verify_errors
from tlswire.explain.articles import Explanation, Part, explain_code
from tlswire.explain.objections import OBJECTIONS
from tlswire.explain.stack_errors import Place, StackError
from tlswire.language import mark, say

#: What to do next, by the stage at which it failed.
NEXT: Final[dict[str, str]] = {
    "tcp": mark("tlswire decode CAPTURE, of both sides of each firewall: where the packets stop"),
    "preamble": mark("tlswire decode CAPTURE: what was said in place of TLS, and by whom"),
    "client_hello": mark("tlswire replay CAPTURE: the same hello, then one change at a time"),
    "server_hello": mark("tlswire replay CAPTURE: the same hello, then one change at a time"),
    "certificate": mark(
        "tlswire decode CAPTURE: the chain, its dates and names; replay reads TLS 1.3"
    ),
    "client_certificate": mark(
        "tlswire decode CAPTURE: what the server asked for, what it was shown"
    ),
    "finished": "tlswire decode CAPTURE --keylog keys.log",
    "after": mark("tlswire decode CAPTURE --keylog keys.log: what came after the handshake"),
}
PEER, LOCAL = phrases.SIDES["peer"], phrases.SIDES["local"]
#: Stages that a server has not reached when it answers the ClientHello with an alert.
LATER: Final = frozenset({"certificate", "client_certificate", "finished", "after"})
#: What only clients object to: no alert that a client received.
BY_CLIENTS: Final = frozenset({"legacy-renegotiation-refused", "dh-too-small"})
MOST_SHOWN: Final = 80
#: A number of so many digits is an event of a log.
LONG_NUMBER: Final = 5


@cache
def stages() -> dict[str, str]:
    """Return the stage of every cause; imported here because the catalogue is long."""
    from tlswire.causes import CAUSES

    return {cause.ID: cause.STAGE for cause in CAUSES}


def told(side: str, causes: tuple[str, ...], stage: str | None = None) -> tuple[Part, ...]:
    """Return the side, the stage and the next command as parts."""
    at = stage or next((stages()[cause] for cause in causes), None)
    parts = [Part(label=mark("side"), text=say(side))]
    if at is not None:
        parts.append(Part(label=mark("stage"), text=at.replace("_", " ")))
    step = say(NEXT.get(at or "", "tlswire decode CAPTURE"))
    return (*parts, Part(label=mark("next"), text=step))


# -- codes and words of the OpenSSL family ------------------------------------------------------


def read_error_code(word: str) -> Iterator[Explanation]:
    """Unpack the error code of an OpenSSL, LibreSSL or BoringSSL log line."""
    error = stack_errors.unpack_text(word)
    if error is None:
        return
    place = stack_errors.place(word, error)
    yield _alert_received(error, place) if error.alert is not None else _objection(error, place)


def _objection(error: StackError, place: Place | None) -> Explanation:
    known = OBJECTIONS.get(error.name or "")
    causes = known.causes if known is not None else ()
    objected = mark("{library} itself objected, on the side that printed this")
    because = mark("{library} itself objected, on the side that printed this: {meaning}")
    return Explanation(
        kind="library error",
        name=error.text or say("reason {number}", number=error.reason),
        code=error.code,
        summary=say(
            objected if known is None else because,
            library=error.library,
            meaning=say(known.meaning) if known is not None else "",
        ),
        parts=(*_fields(error, place), *told(_side(LOCAL, place), causes)),
        causes=causes,
    )


def _alert_received(error: StackError, place: Place | None) -> Explanation:
    code = error.alert or 0
    name = codes.ALERTS.get(code, f"alert {code}")
    summary = say(
        "the peer sent alert {code} {name}; {library} only reports it",
        code=code,
        name=name,
        library=error.library,
    )
    if code in codes.ALERTS:
        meaning = explain_code("Alert", code).summary
        summary = say("{what}: {meaning}", what=summary, meaning=meaning)
    causes = _reached(alert_causes.CAUSES.get(code, ()), place)
    return Explanation(
        kind="library error",
        name=name,
        code=error.code,
        summary=summary,
        parts=(*_fields(error, place), *told(_side(PEER, place), causes)),
        causes=causes,
    )


def _reached(causes: tuple[str, ...], place: Place | None) -> tuple[str, ...]:
    """Leave out what cannot be, when a client still waited for the ServerHello."""
    if place is None or stack_errors.WAITING not in place.at:
        return causes
    left = (c for c in causes if stages()[c] not in LATER and c not in BY_CLIENTS)
    return tuple(left) or causes


def _side(side: str, place: Place | None) -> str:
    role = place.role if place is not None else None
    if role is None:
        return side
    printed = mark("{side}; printed by a client"), mark("{side}; printed by a server")
    return say(printed[role == "server"], side=say(side))


def _fields(error: StackError, place: Place | None) -> Iterator[Part]:
    whole = error.part == "SSL"
    by = say("{library}, its part for {part}", library=error.library, part=error.part)
    yield Part(label=mark("printed by"), text=error.library if whole else by)
    if error.reason is not None:
        base = stack_errors.ALERT_BASE
        alert = say("{base} + {alert}: an alert that was received", base=base, alert=error.alert)
        text = alert if error.alert is not None else error.text or say("not in the table")
        yield Part(label=mark("reason"), value=str(error.reason), text=text)
    if place is not None:
        yield Part(label=mark("at"), text=say(place.at))


def read_said_reason(word: str) -> Iterator[Explanation]:
    """Find what an OpenSSL-family library objects to, in a line that lacks the code."""
    if stack_errors.unpack_text(word) is not None:
        return
    error = stack_errors.find_reason(word)
    if error is not None and error.name in OBJECTIONS:
        yield _objection(error, stack_errors.place(word, error))


def read_verify_error(word: str) -> Iterator[Explanation]:
    """Find why a chain did not verify."""
    for error in verify_errors.find(word):
        yield Explanation(
            kind="verify error",
            name=error.name,
            code=error.number,
            summary=say(
                "the certificate of the peer did not verify: {why}", why=say(error.meaning)
            ),
            parts=told(LOCAL, error.causes, "certificate"),
            causes=error.causes,
        )


# -- alerts and phrases -------------------------------------------------------------------------


def read_said_alert(word: str) -> Iterator[Explanation]:
    """Find the alert that a log line names in words, or by its number."""
    if stack_errors.unpack_text(word) is not None:
        return
    said = said_alerts.find(word)
    if said is None:
        return
    article = explain_code("Alert", said.code)
    parts = told(PEER if said.sender == "peer" else LOCAL, article.causes)
    yield structs.replace(article, parts=(*article.parts, *parts))


def read_phrase(word: str) -> Iterator[Explanation]:
    """Find what a server, a client or a firewall prints, by the words or the number in it."""
    if len(word.split()) < 2 and word.isdecimal() and len(word) < LONG_NUMBER:
        return  # a short number alone is one of a registry
    found = phrases.match(word)
    if found is None:
        return
    phrase = found.phrase
    yield Explanation(
        kind=f"{found.family} error",
        name=found.words.strip()[:MOST_SHOWN].encode("unicode_escape").decode("ascii"),
        summary=say(phrase.meaning),
        parts=told(phrases.SIDES[phrase.side], phrase.causes, phrase.stage),
        causes=phrase.causes,
    )


READERS: Final[tuple[tuple[str, Callable[[str], Iterator[Explanation]]], ...]] = (
    ("error code of a library", read_error_code),
    ("reason why a chain did not verify", read_verify_error),
    ("alert as a log words it", read_said_alert),
    ("objection as a log words it", read_said_reason),
    ("error as a program words it", read_phrase),
)
