"""The same handshake with the client certificate that the user gave, where the server asks."""

from __future__ import annotations

from typing import Final, NamedTuple

from tlswire.comparison import same_end, shows_certificate
from tlswire.errors import TargetError
from tlswire.experiments import Experiment
from tlswire.language import say
from tlswire.proof import Proof
from tlswire.replay.attempts import Part, Tried, attempt, means_of
from tlswire.replay.own import Own
from tlswire.replay.plans import Plan
from tlswire.replay.twins import play_twin
from tlswire.seen import Seen
from tlswire.sources.dialling import Address

VARIANT: Final = "client-certificate"
#: Why a server that refused takes a certificate: none was shown, or another one.
EMPTY: Final = "mtls-client-sends-empty"
REJECTED: Final = "mtls-cert-rejected"


class Shown(NamedTuple):
    """What came of showing it: the tries, and the proof where it cured a refusal."""

    tries: tuple[Tried, ...] = ()
    proof: Proof | None = None
    notes: tuple[str, ...] = ()

    @property
    def first(self) -> Tried | None:
        """Return the try that showed the certificate."""
        return self.tries[0] if self.tries else None


def show(planned: Plan, addresses: list[Address], own: Own, without: Tried) -> Shown:
    """Show our certificate to a server that asked, then do without once more if that cured it."""
    if own.credentials is None:
        return Shown()
    if not asked(without.seen):
        return Shown(notes=(say("the server asks for no client certificate: none was shown"),))
    try:
        found = _play(planned, addresses, own, without, variant=VARIANT)
        if found is None:
            return Shown()
        if not without.seen.failed or found.seen.ending.outcome != "established":
            return Shown((found,))
        control = _play(planned, addresses, own, without, variant=without.attempt.variant)
        again = _play(planned, addresses, own, without, variant=VARIANT)
    except TargetError as error:
        return Shown(notes=(say("no client certificate could be shown: {error}", error=error),))
    if control is None or not same_end(control.seen.ending, without.seen.ending):
        return Shown((found,))
    if again is None or not same_end(again.seen.ending, found.seen.ending):
        return Shown((found, control))
    proof = _proof(planned, own, found.seen, control.seen, again.seen)
    return Shown((found, control, again), proof)


def asked(seen: Seen) -> bool:
    """Tell whether the server asked for a client certificate."""
    return any(
        e.what == "certificate_request" and e.who == "server" for e in seen.transcript.entries
    )


def _play(
    planned: Plan, addresses: list[Address], own: Own, without: Tried, *, variant: str
) -> Tried | None:
    means = means_of(planned, own, show=variant == VARIANT)
    if without.attempt.variant == "twin":
        return play_twin(planned, addresses, means, variant).tried
    return attempt(planned, addresses, variant, part=Part(means))


def _proof(planned: Plan, own: Own, passed: Seen, control: Seen, again: Seen) -> Proof | None:
    captured = planned.chosen
    shown = captured.transcript.certificates("client")
    if own.credentials is not None and shown and shown[0] == own.credentials.chain[0]:
        return None  # the same certificate: the server has changed its mind
    cause = REJECTED if shows_certificate(captured) else EMPTY
    told = say("the client certificate given")
    row = Experiment(cause, VARIANT, lambda seen: True, lambda flight, host: None, told)
    return Proof(row, passed, control, again)
