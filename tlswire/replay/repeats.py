"""The same bytes many times, on fresh connections: one server, or several that differ?

Goes round the addresses of the target's name, and of the other targets. Sends nothing but the
captured flight, and changes nothing in it; `answers` tells who answered, `pool` what it means.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from tlswire.errors import BudgetError, TargetError
from tlswire.language import say
from tlswire.replay.answers import apart, grouped, took_it
from tlswire.replay.plans import Plan
from tlswire.result import Answer
from tlswire.seen import Seen
from tlswire.sources.dialling import Address, resolve


class Place(NamedTuple):
    """One address to send to, and the plan that goes there."""

    planned: Plan
    address: Address


class Repeats(NamedTuple):
    """What came of all tries, in their order, and what to say about them."""

    tries: tuple[Seen, ...] = ()
    answers: tuple[Answer, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def differ(self) -> bool:
        """Tell whether the same bytes were both taken and refused."""
        return len({took_it(seen) for seen in self.tries}) > 1


def repeat_everywhere(
    plans: Sequence[Plan], times: int, first: Seen, send: Callable[[Plan, Address], Seen]
) -> Repeats:
    """Send the same so many times, round all addresses, and group the answers.

    With fewer times than addresses each address is asked once; `first` was the first time. An
    address that nothing can be sent to from here is left out.
    """
    notes: list[str] = []
    places = deque(_places(plans, notes))
    tries, wanted = [first], max(times, len(places))
    places.rotate(-1)
    while places and len(tries) < wanted:
        planned, address = places[0]
        try:
            tries.append(send(planned, address))
            places.rotate(-1)
        except BudgetError as error:
            notes.append(
                say(
                    "the repeats were broken off after {number}: {error}",
                    number=len(tries),
                    error=error,
                )
            )
            break
        except TargetError as error:
            notes.append(say("left out: {error}", error=error))
            places.popleft()
    answers = tuple(grouped(tries))
    return Repeats(tuple(tries), answers, (*notes, *_several(answers)))


def _places(plans: Sequence[Plan], notes: list[str]) -> Iterator[Place]:
    """Yield every address of every target, in turn; note the names that have none."""
    for planned in plans:
        try:
            yield from (Place(planned, address) for address in resolve(*planned.dialled))
        except TargetError as error:
            notes.append(say("left out: {error}", error=error))


def _several(answers: Sequence[Answer]) -> Iterator[str]:
    """Say that more than one server answers, where no handshake suffers from it, and wherein."""
    if len(answers) > 1 and all(answer.passed for answer in answers):
        yield (
            say(
                "the same hello was answered in {number} ways, which differ in {names}: "
                "more than one server answers, and they are not set up alike",
                number=len(answers),
                names=", ".join(apart(answers)),
            )
        )
