"""What it means when the same bytes, sent many times, were taken and refused: members that differ.

Proved only where chance is no explanation, nor a limit that was reached. Sends nothing.
"""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from typing import Final

from msgspec import structs

from tlswire import causes
from tlswire.conclusion import alone
from tlswire.language import counted, mark, say
from tlswire.replay.answers import took_it
from tlswire.replay.repeats import Repeats
from tlswire.result import Answer, Cause, Evidence, RuledOut, Verdict

CAUSE: Final = "pool-member-differs"
#: So often an answer must come, and so often it must change, before chance is no explanation.
TWICE: Final = 2
#: Addresses besides the first of which a verdict speaks.
MOST: Final = 4
#: Words of a peer that spoke TLS; silence, resets and closes may also be a limit that was reached.
SAID: Final = ("alert", "encrypted_alert")


def weigh(verdict: Verdict, repeats: Repeats) -> Verdict:
    """Name the pool whose members differ, or say that this was looked for in vain."""
    tries = repeats.tries
    if len(tries) < TWICE:
        return verdict
    verdict = _of_each(verdict, repeats)
    if not repeats.differ:
        return _all_alike(verdict, repeats)
    found = Cause(
        id=CAUSE,
        confidence="proved" if _beyond_chance(repeats) else "likely",
        evidence=tuple(Evidence(text=told(answer)) for answer in repeats.answers),
        remedies=tuple(cited.remedy for cited in causes.cause(CAUSE).REMEDIES),
    )
    passed = sum(map(took_it, tries))
    others = tuple(structs.replace(c, confidence="possible") for c in verdict.causes)
    return structs.replace(
        verdict,
        summary=say(
            "The same hello was taken {passed} of {number} times: {which}. {summary}",
            summary=verdict.summary,
            passed=passed,
            number=len(tries),
            which=_which(repeats),
        ),
        causes=(found, *(c for c in others if c.id != CAUSE)),
        ruled_out=tuple(r for r in verdict.ruled_out if r.id != CAUSE),
    )


def _of_each(verdict: Verdict, repeats: Repeats) -> Verdict:
    """Let the verdict speak of every address, where they did not all answer as the first did."""
    firsts: dict[str, str] = {}
    for seen in repeats.tries:
        address = str(seen.flow.server.endpoint)
        firsts[address] = firsts.get(address) or alone(seen)
    first, *others = firsts
    if len(set(firsts.values())) == 1:
        return verdict
    told = [_of(first, verdict.summary), *(_of(each, firsts[each]) for each in others[:MOST])]
    if len(others) > MOST:
        told.append(say("The others are in the table."))
    return structs.replace(verdict, summary=" ".join(told))


def _of(address: str, summary: str) -> str:
    return say("{address}: {summary}", address=address, summary=summary)


def _all_alike(verdict: Verdict, repeats: Repeats) -> Verdict:
    if took_it(repeats.tries[0]):
        return verdict
    why = say("{number} of {number} tries were refused", number=len(repeats.tries))
    kept = tuple(c for c in verdict.causes if c.id != CAUSE)
    ruled = tuple(r for r in verdict.ruled_out if r.id != CAUSE)
    return structs.replace(verdict, causes=kept, ruled_out=(*ruled, RuledOut(id=CAUSE, why=why)))


def _beyond_chance(repeats: Repeats) -> bool:
    """Tell whether it is the members, not a limit that was reached or a server that came back.

    Each address always did the same, or one address did both by turns; and whoever refused spoke.
    """
    spoke = all(a.passed or (a.ended_by and a.ended_by.how in SAID) for a in repeats.answers)
    return bool(spoke) and (_by_address(repeats) or (_by_turns(repeats) and _look_apart(repeats)))


def _look_apart(repeats: Repeats) -> bool:
    """Tell whether who took it and who refused it can be told apart by more than that."""
    hellos = {a.server_hello for a in repeats.answers if a.passed and a.server_hello is not None}
    took, refused = (
        {a.ttl for a in repeats.answers if a.passed is passed and a.ttl is not None}
        for passed in (True, False)
    )
    farther = bool(took) and bool(refused) and took.isdisjoint(refused)
    return farther or len(hellos) > 1


def _by_address(repeats: Repeats) -> bool:
    """Tell whether each address did one thing only, and more than once."""
    return all(len(set(done)) == 1 and len(done) >= TWICE for done in _by(repeats).values())


def _by_turns(repeats: Repeats) -> bool:
    """Tell whether at one address both came, and one came back after the other."""
    return any(
        sum(a != b for a, b in pairwise(done)) >= TWICE
        and min(done.count(True), done.count(False)) >= TWICE
        for done in _by(repeats).values()
    )


def _by(repeats: Repeats) -> dict[str, list[bool]]:
    """Return what came of each try, by address."""
    done: dict[str, list[bool]] = {}
    for seen in repeats.tries:
        done.setdefault(str(seen.flow.server.endpoint), []).append(took_it(seen))
    return done


def _which(repeats: Repeats) -> str:
    by = _by(repeats)
    if len(by) > 1 and all(len(set(done)) == 1 for done in by.values()):
        wrong = [address for address, done in by.items() if not done[0]]
        return counted(
            "{names} refused always, the other never",
            "{names} refused always, the others never",
            len(by) - len(wrong),
            names=reduce(_and, wrong),
        )
    if _look_apart(repeats):
        return say("more than one server answers there, and they are not set up alike")
    return say("more than one server answers there, or one that fails now and then")


def _and(names: str, last: str) -> str:
    return say("{names} and {last}", names=names, last=last)


def told(answer: Answer) -> str:
    """Return an answer as a sentence of evidence."""
    often = counted("once", "{number} times", answer.count)
    told = say(
        _did(answer), often=often, server=answer.server, at=answer.stopped_at, how=_how(answer)
    )
    return f"{told}{_marks(answer)}"


def _did(answer: Answer) -> str:
    if answer.passed:
        return TOOK
    return STOPPED if answer.ended_by is None else REFUSED


TOOK: Final = mark("{often} {server} took it")
STOPPED: Final = mark("{often} {server} did not get beyond {at}")
REFUSED: Final = mark("{often} {server} refused it ({how}, at {at})")


def _how(answer: Answer) -> str | None:
    ended = answer.ended_by
    if ended is None:
        return None
    return ended.alert.name if ended.alert is not None and ended.alert.name else ended.how


def _marks(answer: Answer) -> str:
    marks = [
        f"TTL {answer.ttl}" if answer.ttl is not None else "",
        " ".join(filter(None, (answer.version, answer.cipher_suite))),
        say("certificate {hash}", hash=answer.certificate[:16]) if answer.certificate else "",
    ]
    shown = ", ".join(filter(None, marks))
    return say(": {marks}", marks=shown) if shown else ""
