"""A failing hello and a good one in, the differences that decide out: `narrow`.

Many replays of one hello, bounded in connections and the same each time. Where no good hello is
named, plain ones of `experiments.plain` are tried. It asks the target that was named or captured,
and nobody else.

    narrowing.py    the two searches between the hellos
    refining.py     a change made smaller: a member, a move, a cut
    sizes.py        how large a hello may be
    bench.py        where hellos are tried, and counted
    differences.py  what two hellos differ in
    mixing.py       two hellos mixed
    search.py       delta debugging
    telling.py      what was found, in words
    proving.py      which cause it proves
    fruitless.py    what is told where nothing was found
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from tlswire.codes import ExtensionType
from tlswire.errors import BrokenOffError, SelectionError, TargetError
from tlswire.experiments import went_on
from tlswire.experiments.names import is_name
from tlswire.experiments.plain import Good, plain_hellos
from tlswire.flight import Flight
from tlswire.language import mark, say
from tlswire.narrow import fruitless, telling
from tlswire.narrow.bench import Bench, SpentError, unbound
from tlswire.narrow.differences import differences
from tlswire.narrow.mixing import fitted
from tlswire.narrow.narrowing import Narrowing
from tlswire.narrow.refining import Made, changed, refine
from tlswire.replay.attempts import Tried
from tlswire.replay.plans import Plan
from tlswire.result import Narrowing as Result
from tlswire.result import Step
from tlswire.sources.dialling import resolve
from tlswire.states import TCP_CONNECT
from tlswire.variants import Hello, open_hello
from tlswire.variants.shape import Shape, take_apart

__all__ = ["ALLOWED", "Good", "ends", "good_from", "narrow"]

#: Connections that one narrowing may make.
ALLOWED = 60
UNREADABLE = mark("the fields of the ClientHello cannot all be found, so that none can be changed")


def narrow(
    planned: Plan,
    good: Good | None = None,
    *,
    allowed: int = ALLOWED,
    told: Callable[[Step], None] | None = None,
) -> Result:
    """Find the smallest change to a captured hello that passes, and what of it fails by itself.

    Without a good hello plain ones are tried in its place. `told` hears each connection as it is
    made. A target that cannot be reached is a result like any other.
    """
    hello = open_hello(planned.flight) if planned.flight else None
    if planned.why_not is not None or hello is None:
        return fruitless.unsent(planned, allowed, planned.why_not or say(UNREADABLE))
    try:
        addresses = resolve(*planned.dialled)
        bench = Bench(planned, hello, addresses, allowed, told)
        return _narrow(planned, bench, hello, good)
    except BrokenOffError as error:
        return fruitless.unsent(planned, allowed, str(error))
    except TargetError as error:
        return fruitless.unsent(planned, allowed, str(error), unreached=True)


def ends(planned: Plan, good: Good | None = None) -> str | list[tuple[str, int]]:
    """Return the hellos at the other end, each with its number of differences, or why none."""
    hello = open_hello(planned.flight) if planned.flight else None
    if planned.why_not is not None or hello is None:
        return planned.why_not or say(UNREADABLE)
    bad = unbound(take_apart(hello, planned.flight))
    found = _ends(bad, planned, good)
    return [(end.told, len(differences(bad, end.shape))) for end in found]


def _narrow(planned: Plan, bench: Bench, hello: Hello, good: Good | None) -> Result:
    captured = take_apart(hello, planned.flight)
    exact = bench.tried(captured, say("the hello as captured"))
    if exact.seen.ending.stopped_at == TCP_CONNECT:
        return fruitless.unreached(planned, bench)
    if went_on(exact.seen):
        return fruitless.passed(planned, bench)
    bad = unbound(captured)
    if bad != captured and bench.passes(
        bad, say("the failing hello, but: ask for no session of before")
    ):
        return telling.resumption(planned, bench, captured, _again(bench, bad, captured, exact))
    found: Narrowing | None = None
    try:
        usable = _usable(bench, bad, planned, good)
        if usable is None:
            return fruitless.nothing_passes(planned, bench, good)
        found = Narrowing(bench, bad, usable, exact)
        found.search()
        made = refine(found)
        proved = _confirmed(found, made, captured, exact)
        return telling.decided(planned, found, made, proved)
    except SpentError as error:
        return fruitless.spent(planned, bench, found, str(error), more=2 * bench.allowed)
    except TargetError as error:  # it went away, or no more connections may be made
        return fruitless.spent(
            planned, bench, found, say("it was broken off: {error}", error=error)
        )


def _usable(bench: Bench, bad: Shape, planned: Plan, good: Good | None) -> Good | None:
    """Return the first hello at the other end that passes."""
    found = _ends(bad, planned, good)
    return next((end for end in found if bench.passes(end.shape, end.told)), None)


def _ends(bad: Shape, planned: Plan, good: Good | None) -> Iterator[Good]:
    if good is not None:
        return iter((good._replace(shape=_fitted(good, bad)),))
    host = planned.target.address
    return plain_hellos(bad, host if is_name(host) else None)


def _fitted(good: Good, bad: Shape) -> Shape:
    shape = fitted(good.shape, bad)
    if good.named:
        return shape
    return shape.with_body(ExtensionType.server_name, bad.body(ExtensionType.server_name))


def _confirmed(found: Narrowing, made: Sequence[Made], captured: Shape, exact: Tried) -> bool:
    """Try the change once more, and the hello as captured: nothing is proved by chance."""
    return _again(found.bench, changed(found, made), captured, exact)


def _again(bench: Bench, passing: Shape, captured: Shape, exact: Tried) -> bool:
    final = bench.tried(passing, say("the smallest change once more"), again=True)
    control = bench.tried(captured, say("the hello as captured once more"), again=True)
    return went_on(final.seen) and bench.alike(control, exact)


def good_from(flight: Flight, told: str, *, named: bool = True) -> Good:
    """Return a captured hello as the good end; raises SelectionError when it cannot be read.

    One that is not `named` asks for the failing hello's server name.
    """
    hello = open_hello(flight) if flight else None
    if hello is None:
        raise SelectionError(say("{told}: no ClientHello whose fields can all be found", told=told))
    return Good(told, unbound(take_apart(hello, flight)), named)
