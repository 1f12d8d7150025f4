"""What may be missing, or too much, before TLS: the preambles worth speaking after a failure.

A server that greets names its protocol; of a mute one the port tells what begins there in clear.
A PROXY header that was sent may be the one thing too much. Which experiments, and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from tlswire import preambles, variants
from tlswire.experiments.changes import Change, way
from tlswire.experiments.experiment import Control, Experiment
from tlswire.experiments.plain import PLAIN
from tlswire.experiments.situations import (
    answered,
    answered_in_http,
    answered_otherwise,
    either,
    mute,
    served_in_clear,
    spoke,
    spoke_http,
    spoke_tls,
    went_on,
)
from tlswire.flight import Flight
from tlswire.language import mark, say
from tlswire.opening import MISUNDERSTOOD
from tlswire.preambles import signs
from tlswire.seen import Seen
from tlswire.states import PREAMBLE, SERVER_HELLO
from tlswire.variants import Edit, Sending

TAKEN: Final = mark(
    "a plain hello of today is answered in TLS: something that this hello holds, or lacks, is in "
    "the way"
)
SPOKEN: Final = Control(PLAIN[0], TAKEN, spoke_tls, settles=False, variant="plain")
#: Whether TLS is spoken there at all: asked before what of a hello may be minded.
AT_ALL: Final[tuple[Experiment, ...]] = (
    Experiment(
        "server-speaks-first",
        "wait",
        mute("fin", "rst", "silence"),
        way(variants.nothing),
        "nothing sent",
        spoke,
    ),
    Experiment(
        "tls-to-http-port",
        "cleartext",
        either(mute("fin", "rst"), answered_in_http),
        way(variants.cleartext),
        "a request of HTTP in the hello's place",
        served_in_clear,
        controls=(SPOKEN,),
    ),
    Experiment(
        "tls-to-http-port",
        "cleartext",
        mute("silence"),
        way(variants.cleartext),
        "a request of HTTP in the hello's place",
        spoke_http,
        controls=(SPOKEN,),
    ),
    Experiment(
        "server-speaks-first",
        "cleartext",
        mute(),
        way(variants.line),
        "a line of text in the hello's place",
        answered_otherwise,
        controls=(SPOKEN,),
    ),
)
#: Not TLS, or not at once.
NOT_TLS: Final[tuple[Experiment, ...]] = (
    Experiment(
        "proxy-protocol-missing",
        "preamble",
        mute(),
        way(lambda f: variants.behind(f, variants.PROXY_V1, say("a PROXY header, version 1"))),
        "a PROXY header before the hello",
    ),
    Experiment(
        "proxy-protocol-missing",
        "preamble",
        mute(),
        way(lambda f: variants.behind(f, variants.PROXY_V2, say("a PROXY header, version 2"))),
        "a PROXY header (version 2) before the hello",
    ),
    *AT_ALL,
)
EXPECTED, UNEXPECTED = "starttls-expected", "proxy-protocol-unexpected"

_ended = mute("fin", "rst", "silence")


def rows(exact: Seen, port: int) -> tuple[Experiment, ...]:
    """Return the experiments of this kind that fit how the exact attempt ended.

    `port` is the captured server's: behind a translation it tells more than the one called.
    """
    return tuple(_rows(exact, port))


def _rows(exact: Seen, port: int) -> Iterator[Experiment]:
    spoken = exact.preamble.protocol.split("+") if exact.preamble is not None else []
    if spoken and spoken[0].startswith("proxy-") and _unread(exact):
        bare = _speaking(UNEXPECTED, "+".join(spoken[1:]), mark("no {about} header"), spoken[0])
        yield bare._replace(passed=went_on) if spoke_tls(exact) else bare
    elif not spoken:
        for protocol in _wanted(exact, port):
            yield _speaking(EXPECTED, protocol, mark("{about} spoken before TLS"), protocol)
    elif spoken and _unanswered_preamble(exact):
        yield _speaking(EXPECTED, "", mark("TLS begun at once, without a preamble"))


def _speaking(cause: str, preamble: str, told: str, about: str = "") -> Experiment:
    change = _instead(preamble, say(told, about=about))
    return Experiment(cause, "preamble", lambda exact: True, change, told, spoke_tls, about=about)


def _instead(preamble: str, told: str) -> Change:
    def change(flight: Flight, host: str) -> Sending:
        return Sending(flight, (Edit(0, b"", b"", told),), preamble=preamble)

    return change


def _wanted(exact: Seen, port: int) -> tuple[str, ...]:
    """Return the protocols that the server may greet in, or that its port begins with."""
    ending, transcript = exact.ending, exact.transcript
    called = exact.flow.server.endpoint.port
    ports = dict.fromkeys((called, port))
    by_port = tuple(signs.PORTS[each] for each in ports if each in signs.PORTS)
    if ending.stopped_at != SERVER_HELLO:
        return ()
    if ending.how != "non_tls":
        return by_port if _ended(exact) else ()
    said = transcript.cleartext.get("server") or transcript.foreign.get("server", b"")
    name = preambles.name_bytes(said, "server") or ""
    return signs.greeted(name, ports) or (by_port if name else ())


def _unread(exact: Seen) -> bool:
    """Tell whether the server never answered to what was sent as a hello, but by an alert."""
    return exact.ending.stopped_at == SERVER_HELLO and not answered(exact)


def _unanswered_preamble(exact: Seen) -> bool:
    """Tell whether the server did not answer in the preamble's own protocol, yes or no."""
    preamble = exact.preamble
    if preamble is None or exact.ending.stopped_at != PREAMBLE:
        return False
    return preamble.refused is None or preamble.steps[-1].endswith(MISUNDERSTOOD)
