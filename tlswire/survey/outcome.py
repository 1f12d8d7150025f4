"""What a server did that took no version at all: refused, reset, closed, kept silent, spoke other.

Four ways of failing are four answers. Says what was seen, and the next thing to try; sends nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Final, Literal, NamedTuple

from tlswire.codes import VERSIONS, Alert
from tlswire.language import counted, mark, say
from tlswire.preambles import signs
from tlswire.survey.answer import Answer, How, alert_name
from tlswire.survey.versions import Accepted
from tlswire.surveyed import Survey

Outcome = Literal[
    "surveyed", "refused", "reset", "closed", "silent", "not_tls", "unreached", "unfinished"
]

#: What was seen of one way of failing, the most telling first: the first that occurred is told.
ROWS: Final[tuple[tuple[How, Outcome, str, str], ...]] = (
    (
        "refused",
        "not_tls",
        mark("The server accepts the connection and does not go along with the preamble: {words}."),
        mark("Check the protocol given with --starttls, and that this port offers it."),
    ),
    (
        "alert",
        "refused",
        mark("The server speaks TLS and refuses every hello with {alert}{mixed}."),
        "",
    ),
    (
        "non_tls",
        "not_tls",
        mark(
            "The server does not speak TLS on this port: it answers the ClientHello with {words}."
        ),
        "",
    ),
    (
        "rst",
        "reset",
        mark("The connection is accepted, and reset {reset}{mixed}."),
        mark(
            "A reset at once comes from a service that does not speak TLS, one that "
            "wants a PROXY header first (--proxy-protocol), a load balancer without "
            "a member, or a filter on the way: `tlswire reach HOST PORT` shows the "
            "sender and its TTL."
        ),
    ),
    (
        "fin",
        "closed",
        mark("The connection is accepted, and closed {closed}{mixed}."),
        mark(
            "A close without an alert comes from a service that does not speak TLS, "
            "one that wants another greeting first (--starttls, --proxy-protocol), "
            "or one whose TLS is not configured."
        ),
    ),
    (
        "unfinished",
        "unfinished",
        mark(
            "The server answers the ClientHello with {size} in {patience:.1f} s, and "
            "no whole message of TLS is in them."
        ),
        mark(
            "It is overloaded, or something on the way holds its packets back: try a "
            "longer --timeout."
        ),
    ),
    (
        "silence",
        "silent",
        mark(
            "The connection is accepted, and nothing answers the ClientHello within "
            "{patience:.1f} s."
        ),
        mark(
            "Silence comes from a service that waits for something else (a PROXY "
            "header: --proxy-protocol; another protocol: --starttls), from a "
            "balancer without a member, or from a filter that drops hellos: try "
            "another --name, then --from a capture of a client that is answered."
        ),
    ),
)
#: What the next step is where more came than a flight has, or data before any handshake.
BABBLE: Final = mark(
    "No TLS server answers so: it is a service that streams, or a broken "
    "one. `tlswire reach HOST PORT` shows what it says by itself."
)
#: Bytes that are more than a first flight without a ServerHello can have.
TOO_MUCH: Final = 1 << 14
NO_WAY: Final = mark(
    "Nothing listens on this port, or something on the way refuses or drops "
    "the SYN: `tlswire reach HOST PORT` shows who answers, and its TTL."
)


class Told(NamedTuple):
    """What came of a survey, in a sentence, and what to try next."""

    outcome: Outcome
    summary: str
    next_step: str | None = None


def tell(answers: Mapping[int, Answer], name: str | None, *, interrupted: bool = False) -> Told:
    """Say what came of the first questions, one for each version."""
    taken = [VERSIONS[version] for version, answer in answers.items() if _took(version, answer)]
    if taken:
        return Told("surveyed", say("The server takes {listed}.", listed=_listed(taken[::-1])))
    given = [answer for answer in answers.values() if answer.how not in ("hello", "budget")]
    counts = Counter(answer.how for answer in given)
    if interrupted and not given:
        return Told("unfinished", say("Interrupted before the server had answered."))
    if counts["unreached"] or not given:
        return _unreached(given)
    for how, result, summary, step in ROWS:
        chosen = [answer for answer in given if answer.how == how]
        if chosen:
            told = say(summary, **_facts(chosen, counts, how))
            return Told(result, told, _next(chosen[0], step, name) or None)
    others = {v: a.version for v, a in answers.items() if a.accepted}
    seen = ", ".join(
        say("{asked} with {answered}", asked=VERSIONS[v], answered=VERSIONS.get(o or 0, o))
        for v, o in others.items()
    )
    return Told(
        "refused",
        say("The server answers {seen}: no version that was asked for is taken.", seen=seen),
    )


def _took(version: int, answer: Answer) -> bool:
    return answer.accepted and answer.version == version


def _unreached(given: list[Answer]) -> Told:
    words = next((a.words for a in given if a.how == "unreached" and a.words), None)
    waited = max((a.elapsed for a in given), default=0.0)
    silent = say("no answer to the SYN within {waited:.1f} s", waited=waited)
    return Told("unreached", say("No connection: {words}.", words=words or silent), say(NO_WAY))


def _facts(chosen: list[Answer], counts: Counter[How], how: How) -> dict[str, object]:
    others = sum(counts.values()) - counts[how]
    size = max(a.size for a in chosen)
    alerts = Counter(alert_name(a.alert) for a in chosen if a.alert is not None)
    said = counted(
        "after {number} byte that are no whole message of TLS",
        "after {number} bytes that are no whole message of TLS",
        size,
    )
    return {
        "words": next((a.words for a in chosen if a.words), say("bytes that are no TLS")),
        "alert": say(" or ").join(alerts) or say("an error of SSL 2.0"),
        "mixed": say(
            " ({number} of {total} hellos)", number=counts[how], total=others + counts[how]
        )
        if others
        else "",
        "size": counted("{number} byte", "{number} bytes", size),
        "patience": max(a.elapsed for a in chosen),
        "reset": said if size else say("as soon as the ClientHello has arrived"),
        "closed": said if size else say("without a word after the ClientHello"),
    }


def _next(answer: Answer, step: str, name: str | None) -> str:
    if answer.how == "alert":
        if answer.alert == Alert.no_application_protocol:
            return say(
                "It takes none of the application protocols offered: try others with --alpn."
            )
        if name is None:
            return say("No server name was sent: give one with --name, servers may insist on it.")
        return say(
            "The name sent was {name}: try another with --name, or a captured "
            "client's hello with --from.",
            name=name,
        )
    if answer.how == "non_tls":
        for protocol in signs.greeted(answer.words or ""):
            return say("Ask it for TLS first: --starttls {protocol}.", protocol=protocol)
        return say("Name the port where TLS is spoken; `tlswire reach HOST` looks for it.")
    babbles = answer.how == "unfinished" and answer.size > TOO_MUCH
    return say(BABBLE if babbles else step)


def refusal(found: Accepted) -> str:
    """Return how one version was refused, while others are taken."""
    answer = found.first
    if answer.accepted:
        return say(
            "answers with {version}", version=VERSIONS.get(answer.version or 0, answer.version)
        )
    return answer.told


def unreached(target: str, why: str, elapsed: float) -> Survey:
    """Return the result for a target that cannot be called at all."""
    return Survey(
        target=target,
        address=None,
        server_name=None,
        outcome="unreached",
        summary=why if why.endswith(".") else f"{why}.",
        connections_used=0,
        bytes_sent=0,
        bytes_received=0,
        elapsed_ms=round(1000 * elapsed, 3),
    )


def _listed(words: list[str]) -> str:
    return (
        words[0]
        if len(words) == 1
        else say("{some} and {last}", some=", ".join(words[:-1]), last=words[-1])
    )
