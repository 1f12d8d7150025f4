"""The twin: the captured hello with keys of our own, played to the last message.

It follows an exact hello that the server took, where the exact one cannot be played on.
"""

from __future__ import annotations

from typing import NamedTuple

from tlswire.codes import ExtensionType
from tlswire.experiments.situations import answered
from tlswire.language import mark, say
from tlswire.player import twin
from tlswire.player.play import Means
from tlswire.player.stop import Stop
from tlswire.replay.attempts import Heard, Part, Tried, attempt
from tlswire.replay.plans import Plan
from tlswire.seen import Seen
from tlswire.sources.dialling import Address
from tlswire.states import CLIENT_FINISHED
from tlswire.variants import Sending, apply, open_hello

#: Why there is no twin, for the user.
UNREADABLE = mark("the hello cannot be opened for a twin with keys of our own")


class Twinned(NamedTuple):
    """What the twin came to, None where none could be made; and what the user should know."""

    tried: Tried | None = None
    notes: tuple[str, ...] = ()


def wants_twin(exact: Heard) -> bool:
    """Tell whether the server took the exact hello and our side cannot go on with it.

    In TLS 1.3 the captured client alone has the keys; before it, those of a session resumed.
    """
    transcript = exact.seen.transcript
    if not answered(exact.seen) or exact.seen.ending.outcome == "established":
        return False
    return transcript.tls13 or transcript.server_hello is None or resumes(exact.seen)


def resumes(seen: Seen) -> bool:
    """Tell whether the server took up a session of before (RFC 8446 2.2, RFC 5246 figure 2)."""
    transcript = seen.transcript
    answer = transcript.server_hello
    if answer is None or transcript.established_at is not None:
        return False
    if transcript.tls13:
        return answer.has_extension(ExtensionType.pre_shared_key)
    return transcript.state == CLIENT_FINISHED and not transcript.certificates("server")


def play_twin(
    planned: Plan, addresses: list[Address], means: Means, variant: str = "twin"
) -> Twinned:
    """Send the twin and play it to the last message."""
    hello = open_hello(planned.flight)
    if hello is None:
        return Twinned(notes=(say(UNREADABLE),))
    try:
        made = twin.twin(hello, means.psk.key if means.psk is not None else None)
    except Stop as stop:
        return Twinned(notes=(say("there is no twin: {stop}", stop=stop),))
    changed = Sending(apply(planned.flight, made.edits), made.edits)
    part = Part(means, made.shares)
    tried = attempt(planned, addresses, variant, changed, part)
    return Twinned(tried, made.notes)
