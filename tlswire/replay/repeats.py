"""The same bytes many times, on fresh connections: one server, or several that differ?

Goes round the addresses of the target's name, and of the other targets, and groups what answered
by what it showed. Sends nothing but the captured flight, and changes nothing in it.
"""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence, Set
from functools import reduce
from itertools import pairwise
from typing import Any, Final, NamedTuple

from msgspec import structs

from tlswire import causes, revealed
from tlswire.comparison import by_choice
from tlswire.conclusion import alone
from tlswire.errors import BudgetError, TargetError
from tlswire.findings import ended_by
from tlswire.fingerprints import ja3s
from tlswire.language import counted, mark, say
from tlswire.replay.plans import Plan
from tlswire.result import Agreed, Answer, Cause, Evidence, RuledOut, Verdict
from tlswire.seen import Seen
from tlswire.sources.dialling import Address, resolve

CAUSE: Final = "pool-member-differs"
#: So often an answer must come, and so often it must change, before chance is no explanation.
TWICE: Final = 2
#: Addresses besides the first of which a verdict speaks.
MOST: Final = 4
#: Words of a peer that spoke TLS; silence, resets and closes may also be a limit that was reached.
SAID: Final = ("alert", "encrypted_alert")

#: What tells servers apart, in the words of a report.
MARKS: Final[dict[str, str]] = {
    "server": mark("address"),
    "ttl": mark("the TTL of their packets"),
    "certificate": mark("certificate"),
    "issuers": mark("the certificates sent with it"),
    "stapled": mark("whether an OCSP response is stapled"),
    "version": mark("version"),
    "cipher_suite": mark("cipher suite"),
    "group": mark("group"),
    "signature": mark("signature scheme"),
    "alpn": mark("application protocol"),
    "client_certificate_asked": mark("whether a client certificate is asked for"),
    "client_authorities": mark("the authorities trusted for clients"),
    "session_tickets": mark("session tickets"),
    "server_hello": mark("the ServerHello's extensions"),
    "encrypted_extensions": mark("the EncryptedExtensions"),
    "outcome": mark("outcome"),
}


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
        return len({_passed(seen) for seen in self.tries}) > 1


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
    answers = tuple(_grouped(tries))
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
                names=", ".join(_apart(answers)),
            )
        )


def _apart(answers: Sequence[Answer]) -> Iterator[str]:
    for field, words in MARKS.items():
        if len({getattr(answer, field) for answer in answers}) > 1:
            yield say(words)


# -- who answered ------------------------------------------------------------------------


def _grouped(tries: Sequence[Seen]) -> Iterator[Answer]:
    """Yield one answer for all that are alike, the most frequent first."""
    counts = Counter(_known([_answer(seen) for seen in tries]))
    for answer, count in counts.most_common():
        yield structs.replace(answer, count=count, share=round(count / len(tries), 3))


def _known(answers: list[Answer]) -> list[Answer]:
    """Take what chance decides out of the answers: a packet not heard, a ticket that came late.

    What one try does not know is as the others have it; that there are tickets counts, not how
    many had come.
    """
    for field in ("ttl", "session_tickets"):
        told = {value for each in answers if (value := getattr(each, field)) is not None}
        few = {min(told), max(told)} if 0 in told else {max(told, default=None)}
        kinds = told if field == "ttl" else few
        answers = [_settle(each, field, kinds) for each in answers]
    return answers


def _settle(answer: Answer, field: str, kinds: Set[Any]) -> Answer:
    value = getattr(answer, field)
    if value is None:
        value = next(iter(kinds)) if len(kinds) == 1 and answer.passed else None
    elif field == "session_tickets" and value:
        value = max(kinds)
    return structs.replace(answer, **{field: value})


def _answer(seen: Seen) -> Answer:
    """Return what a try showed of who answered, and how it ended; counts are left open."""
    hello, agreed = seen.transcript.server_hello, revealed.agreed(seen)
    own, *issuers = revealed.fingerprints(seen) or (None,)
    return Answer(
        server=str(seen.flow.server.endpoint),
        ttl=seen.flow.server.ttl,
        certificate=own,
        issuers=tuple(filter(None, issuers)) if own is not None else None,
        stapled=revealed.stapled(seen) if own is not None else None,
        server_hello=ja3s(hello) if hello is not None else None,
        encrypted_extensions=revealed.encrypted_extensions(seen),
        **(_settled(agreed) if agreed is not None else {}),
        outcome=seen.ending.outcome,
        stopped_at=seen.ending.stopped_at,
        ended_by=ended_by(seen.ending),
        passed=_passed(seen),
    )


def _settled(agreed: Agreed) -> dict[str, Any]:
    """Return what tells one server's settings from another's, as far as it was seen."""
    return {
        "version": agreed.version,
        "cipher_suite": agreed.cipher_suite,
        "group": agreed.group,
        "signature": agreed.signature,
        "alpn": agreed.alpn,
        "client_certificate_asked": agreed.client_certificate_asked,
        "client_authorities": agreed.client_authorities,
        "session_tickets": agreed.session_tickets if agreed.application_data else None,
    }


def _passed(seen: Seen) -> bool:
    return seen.ending.outcome == "established" or by_choice(seen.ending)


# -- what it means -----------------------------------------------------------------------


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
    passed = sum(map(_passed, tries))
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
    if _passed(repeats.tries[0]):
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
        done.setdefault(str(seen.flow.server.endpoint), []).append(_passed(seen))
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
