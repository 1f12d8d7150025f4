"""One captured hello played as far as it goes: exact, as a twin, with a client certificate."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from msgspec import structs

from tlswire import revealed
from tlswire.comparison import shows_certificate
from tlswire.errors import BudgetError
from tlswire.language import say
from tlswire.player.play import Means
from tlswire.replay.attempts import Part, Tried, attempt, means_of
from tlswire.replay.identity import Shown, asked, show
from tlswire.replay.own import Own
from tlswire.replay.plans import Plan
from tlswire.replay.repeats import Repeats, repeat_everywhere
from tlswire.replay.twins import Twinned, play_twin, resumes, wants_twin
from tlswire.result import Attempt
from tlswire.seen import Seen
from tlswire.sources.dialling import Address
from tlswire.variants import edited, open_hello, ticketless


class Played(NamedTuple):
    """What came of it; the exact attempt is always there."""

    exact: Tried
    ticketless: Tried | None = None  # where the exact hello resumed a session
    second: Twinned = Twinned()
    shown: Shown = Shown()
    cut: str | None = None  # why no more connections were made where one was due

    @property
    def unnamed(self) -> Tried:
        """Return the try that went farthest without a client certificate."""
        return self.second.tried or self.exact

    @property
    def tries(self) -> tuple[Tried, ...]:
        """Return them all, in their order."""
        more = (self.ticketless, self.second.tried)
        return (self.exact, *(tried for tried in more if tried is not None), *self.shown.tries)


def play(planned: Plan, addresses: list[Address], own: Own) -> Played:
    """Play it; raises TargetError when not even the exact hello can leave.

    Where no more connections are allowed, it ends with those that were made.
    """
    means = means_of(planned, own, show=False)
    played = Played(attempt(planned, addresses, part=Part(means)))
    try:
        played = _without_its_session(planned, addresses, means, played)
        return played._replace(shown=show(planned, addresses, own, played.unnamed))
    except BudgetError as error:
        return played._replace(cut=str(error))


def _without_its_session(
    planned: Plan, addresses: list[Address], means: Means, played: Played
) -> Played:
    """Try it without its ticket, and with keys of our own, where that shows more."""
    if resumes(played.exact.seen):
        played = played._replace(ticketless=_without_ticket(planned, addresses, means))
    if wants_twin(played.exact.heard):
        played = played._replace(second=play_twin(planned, addresses, means))
    return played


def _without_ticket(planned: Plan, addresses: list[Address], means: Means) -> Tried | None:
    """Send the captured hello without the session that it asks for: a full handshake follows."""
    hello = open_hello(planned.flight)
    changed = edited(planned.flight, ticketless(hello)) if hello is not None else None
    if changed is None:
        return None
    return attempt(planned, addresses, "no-ticket", changed, Part(means))


def farthest(played: Played, planned: Plan) -> Tried:
    """Return the try to compare with the capture: with a certificate where the client had one."""
    named = played.shown.first
    if named is not None and (named.seen.failed or shows_certificate(planned.chosen)):
        return named
    return played.unnamed


def play_again(played: Played, planned: Plan, own: Own, times: int) -> Repeats:
    """Repeat the exact hello; its twin where that went all the way, which shows more."""
    if times <= 1 and not planned.others:
        return Repeats()
    twin = played.second.tried
    means = means_of(planned, own, show=False)

    def exact_again(to: Plan, address: Address) -> Seen:
        return attempt(to, [address], part=Part(means)).seen

    def twin_again(to: Plan, address: Address) -> Seen:
        again = play_twin(to, [address], means).tried
        return again.seen if again is not None else exact_again(to, address)

    if twin is not None and twin.seen.ending.outcome == "established":
        return repeat_everywhere(planned.everywhere, times, twin.seen, twin_again)
    return repeat_everywhere(planned.everywhere, times, played.exact.seen, exact_again)


def accounts(played: Played, planned: Plan, own: Own) -> Iterator[Attempt]:
    """Yield the contract's account of each try, with what it revealed."""
    for tried in played.tries:
        yield structs.replace(
            tried.attempt,
            agreed=revealed.agreed(tried.seen),
            chain=revealed.chain(tried.seen, planned.chosen, own.roots),
        )


def odd(played: Played, end: Tried) -> Iterator[str]:
    """Yield why our side stopped, and what was odd about the server's."""
    if resumes(played.exact.seen):
        yield (
            say(
                "the server resumes a session with the exact hello: that proves nothing "
                "about a full handshake, and its keys are the captured client's"
            )
        )
    yield from played.second.notes
    yield from dict.fromkeys(note for tried in (played.unnamed, end) for note in tried.heard.notes)
    if played.cut is not None:
        yield say("the handshake was not played further: {why}", why=played.cut)
    if end.heard.why is not None:
        yield say("the replay stops where it does because {why}", why=end.heard.why)
    if asked(played.unnamed.seen) and played.shown.first is None:
        yield say(
            "the server asks for a client certificate; none was shown (--cert and --key give one)"
        )
    yield from played.shown.notes
