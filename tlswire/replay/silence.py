"""A hello that got no answer: the questions asked, each once, and what they rule out.

`experiments.silence` has the questions; this asks them and weighs what came back. What TCP
acknowledged is the system's word (TCP_INFO), not a guess.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from msgspec import structs

from tlswire.experiments import Experiment
from tlswire.experiments.silence import LARGER, NAMELESS, SMALLER, SPLIT, explains, questions
from tlswire.experiments.situations import spoke_tls, unacknowledged
from tlswire.language import in_turn, say
from tlswire.replay.attempts import Tried, attempt
from tlswire.replay.plans import Plan
from tlswire.result import Cause, Evidence, RuledOut, Verdict
from tlswire.seen import Seen
from tlswire.sources.dialling import Address
from tlswire.variants import Sending

#: What an answer that did not come either rules out, by what was changed.
RULES_OUT: Final[dict[str, tuple[str, ...]]] = {
    SMALLER: ("pq-client-hello-too-big", "pq-group-refused", "grease-intolerance", "ech-blocked"),
    LARGER: ("ch-length-256-511",),
    SPLIT: ("mtu-blackhole-client-hello", "mtu-blackhole-server-flight"),
    NAMELESS: ("sni-filter-drop", "sni-unknown"),
}
STALL: Final = "server-stall"
#: What lets TCP open and no data through, whatever it is.
DROPPING: Final = ("app-id-policy-drop", "tcp-asymmetric-routing")


class Asked(NamedTuple):
    """One question asked: what was changed, what was sent, what came of it."""

    row: Experiment
    sent: Sending
    tried: Tried
    lost: bool = False  # the exact hello was never acknowledged whole

    @property
    def passed(self) -> bool:
        """Tell whether the server answered, or its TCP at least had what it never had before.

        An alert is an answer too: something else is wrong then, but the silence is broken.
        """
        seen = self.tried.seen
        return spoke_tls(seen) or (
            self.lost and seen.flow.accepted_at is not None and not unacknowledged(seen)
        )

    @property
    def settles(self) -> bool:
        """Tell whether nothing more needs to be asked: segments are no part of the content."""
        return self.passed and self.row.variant == SPLIT


class Silence(NamedTuple):
    """What came of all questions; none where the exact hello was answered."""

    exact: Seen
    asked: tuple[Asked, ...] = ()

    @property
    def explained_by(self) -> Asked | None:
        """Return the question whose change explains the silence, where one does."""
        variant = explains(self.exact, {each.row.variant for each in self.asked if each.passed})
        return next((each for each in self.asked if each.row.variant == variant), None)

    @property
    def drops_all(self) -> bool:
        """Tell whether TCP acknowledged no byte of anything: nothing of the content is minded."""
        everything = [self.exact, *(each.tried.seen for each in self.asked)]
        return bool(self.asked) and all(s.flow.client.acked == 0 for s in everything)


def ask(planned: Plan, addresses: list[Address], exact: Seen) -> Iterator[Asked]:
    """Ask every question once; nothing after an answer. Raises TargetError."""
    for row in questions(exact):
        sent = row.change(planned.flight, planned.target.address)
        if sent is not None:
            tried = attempt(planned, addresses, row.variant, sent)
            yield Asked(row, sent, tried, unacknowledged(exact))


def weigh(verdict: Verdict, silence: Silence) -> Verdict:
    """Say what the silence is not, with what was asked as evidence for what is left."""
    unanswered = [each for each in silence.asked if not each.passed]
    if not silence.asked or len(unanswered) < len(silence.asked):
        return verdict
    out = {cause: each for each in unanswered for cause in RULES_OUT[each.row.variant]}
    ruled = tuple(RuledOut(id=c, why=_why(each)) for c, each in out.items())
    kept = (c for c in verdict.causes if c.id not in out)
    causes = tuple(_weighed(c, silence) for c in kept)
    others = tuple(r for r in verdict.ruled_out if r.id not in out)
    return structs.replace(verdict, causes=causes, ruled_out=(*ruled, *others))


def _weighed(cause: Cause, silence: Silence) -> Cause:
    """Show what was asked; of what drops all data nothing else than that can be known from here."""
    if cause.id not in (STALL, *DROPPING):
        return cause
    shown = (*cause.evidence, *_evidence(silence))
    sure = cause.id in DROPPING and silence.drops_all
    confidence = "likely" if sure and cause.confidence == "possible" else cause.confidence
    return structs.replace(cause, confidence=confidence, evidence=shown)


def _why(each: Asked) -> str:
    return say(
        "with {change} the hello was left without an answer as well", change=each.row.changed
    )


def _evidence(silence: Silence) -> Iterator[Evidence]:
    side = silence.exact.flow.client
    yield Evidence(
        text=say("TCP acknowledged {acked} of {sent} bytes", acked=side.acked, sent=side.sent)
    )
    told = (
        say("{told} ({number} bytes)", told=each.row.changed, number=len(each.sent.flight.data))
        for each in silence.asked
    )
    yield Evidence(text=say("no answer either with {changes}", changes=in_turn(told)))
