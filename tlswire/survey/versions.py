"""What a server takes, version by version: suites and their order, groups, signature schemes.

Asks through a `Caller`, and knows nothing of sockets. A version is probed with everything at once;
only where that is refused it is asked again with less, for some servers refuse long lists.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Final

from tlswire.codes import Alert, Version
from tlswire.suites import SUITES
from tlswire.survey import registry
from tlswire.survey.answer import Answer
from tlswire.survey.caller import Caller
from tlswire.survey.elimination import (
    LONGEST,
    Taken,
    plainly,
    side_by_side,
)
from tlswire.survey.question import Question, ordinary
from tlswire.surveyed import Preference

#: A list this long was too long for some servers: they are asked again with no more.
MODEST: Final = 60
#: Alerts of a server that could not read a hello, not of one that does not want it.
CONFUSED: Final = frozenset(
    (Alert.decode_error, Alert.illegal_parameter, Alert.unexpected_message, Alert.record_overflow)
)
#: Likely suites in one run of the expected order, and runs at most.
RUN, MOST_RUNS = 5, 12
#: What an unlikely suite weighs in a run, for a likely one's 1.
UNLIKELY: Final = 0.02
#: … one that nearly every server has, so that it is asked for alone …
MODERN: Final = 6.0
#: … and a likely one that needs another kind of key than the suite first seen.
OTHER_KEY: Final = 0.2


@dataclass(slots=True)
class Accepted:
    """One version, and what the server takes with it, by number."""

    version: int
    suites: tuple[int, ...] = ()
    preference: Preference | None = None
    groups: tuple[int, ...] = ()
    groups_preference: Preference | None = None
    schemes: tuple[int, ...] = ()
    dh_bits: set[int] = field(default_factory=set)
    first: Answer = field(default_factory=lambda: Answer(how="budget"))  # not asked yet
    modest: bool = False  # long lists are refused
    cut: bool = False  # of a long list not everything is read
    curve_of_key: int | None = None  # an ECDSA key's, where nothing but ECDSA could be asked
    finite_by_name: bool = False  # DHE only for clients that name its group
    weak_last: bool = False  # whatever the client's order
    chacha_first: bool = False  # ChaCha20 goes first for a client that puts it first

    @property
    def known(self) -> tuple[int, ...]:
        """Return the suites that were found, at the least the one first seen."""
        return self.suites or ((self.first.suite,) if self.first.suite is not None else ())


class Prober:
    """Asks about one version, and keeps what every answer told by the way."""

    def __init__(self, caller: Caller, version: int, *, polite: bool = False) -> None:
        self.caller = caller
        self.polite = polite
        self.found = Accepted(version)

    async def begin(self, *, modestly: bool = False) -> Answer:
        """Ask for the version with every suite there is, or with the likely ones only."""
        offered = self.likely if modestly else self.offered
        answer = await self.caller.ask(self.question(offered))
        self.found.modest = modestly and self.is_of_version(answer)
        if not modestly or self.found.modest:
            self.found.first = answer
        self.keep(answer)
        return answer

    @property
    def offered(self) -> tuple[int, ...]:
        """Return every suite of the version."""
        return registry.suites_of(self.found.version)

    @property
    def likely(self) -> tuple[int, ...]:
        """Return a short list: what servers are likely to take."""
        version = self.found.version
        return tuple(s for s in self.offered if registry.is_likely(s, version))[:MODEST]

    @property
    def minds_length(self) -> bool:
        """Tell whether the version may have been refused for the length of the list."""
        answer = self.found.first
        odd = answer.how == "alert" and answer.alert in CONFUSED
        return odd or answer.how in ("rst", "fin")

    @property
    def accepted(self) -> bool:
        """Tell whether the server took the version."""
        return self.is_of_version(self.found.first)

    def is_of_version(self, answer: Answer) -> bool:
        """Tell whether the server took the version."""
        return answer.accepted and answer.version == self.found.version

    def question(self, suites: Sequence[int]) -> Question:
        """Return the question for these suites of the version."""
        return ordinary(self.found.version, suites)

    def keep(self, answer: Answer) -> None:
        """Keep what an answer told by the way."""
        if answer.dh_bits:
            self.found.dh_bits.add(answer.dh_bits)

    # -- suites ------------------------------------------------------------------------

    async def find_suites(self) -> None:
        """Find every suite that is taken, and whose order decides."""
        if self.found.version == Version.ssl_2_0:  # the server lists them itself
            self.found.suites = self.found.first.extensions.get("ssl2", ())  # type: ignore[call-overload]
            return
        taken, chacha, finite = await asyncio.gather(
            self._taken(self.found.first.suite or 0), self._pick_chacha(), self._pick_finite()
        )
        self.found.suites, self.found.preference = taken.members, taken.preference
        if finite is not None and finite not in taken.members:
            await self._find_finite(finite)
        if chacha and taken.preference == "server":
            self.found.chacha_first, self.found.preference = True, "mixed"
        elif taken.preference == "mixed" and not self.polite:
            await self._weigh_without_weak()

    async def _taken(self, first: int) -> Taken:
        offered = self.offered
        weigh = _weight_beside(first, self.found.version)
        if self.polite and not self.found.modest:
            plain = await plainly(offered, first, self._pick)
            if not plain.contradicted:
                return plain
            more = await side_by_side(offered, first, 1, weigh, self._pick, self._most)
            found = set(more.members), more.preference
            self.found.cut = found != (set(plain.members), plain.preference)
            return more
        likely = sum(weigh(suite) for suite in offered)
        runs = max(1, min(MOST_RUNS, round(likely / RUN)))
        return await side_by_side(offered, first, runs, weigh, self._pick, self._most)

    @property
    def _most(self) -> int:
        return MODEST if self.found.modest else LONGEST

    async def _pick(self, suites: Sequence[int]) -> int | None:
        answer = await self.caller.ask(self.question(suites))
        self.keep(answer)
        return answer.suite if self.is_of_version(answer) else None

    async def _pick_finite(self, without: Collection[int] = ()) -> int | None:
        """Some choose DHE only for a client that names a group of RFC 7919 (as wolfSSL does)."""
        if self.polite or not Version.ssl_3_0 < self.found.version < Version.tls_1_3:
            return None
        finite = [s for s in self.offered if SUITES[s].key_exchange in FINITE and s not in without]
        question = self.question(finite[:LONGEST])
        question = question._replace(groups=(*registry.USUAL_CURVES[:5], *registry.FINITE_FIELDS))
        answer = await self.caller.ask(question)
        return answer.suite if self.is_of_version(answer) else None

    async def _find_finite(self, first: int) -> None:
        """Find the others of the kind: the server's order among them follows that of the rest."""
        shown = [first]
        while len(shown) < LONGEST:
            more = await self._pick_finite((*self.found.suites, *shown))
            if more is None or more in shown:
                break
            shown.append(more)
        self.found.suites += tuple(shown)
        self.found.finite_by_name = True

    async def _weigh_without_weak(self) -> None:
        """Some follow the client's order but for weak suites, which go last (as Java's 3DES)."""
        strong = [s for s in self.found.suites if SUITES[s].encryption.startswith(STRONG)]
        if not 1 < len(strong) < len(self.found.suites):
            return
        one, other = await asyncio.gather(self._pick(strong), self._pick(strong[::-1]))
        if (one, other) == (strong[0], strong[-1]):
            self.found.preference, self.found.weak_last = "client", True

    async def _pick_chacha(self) -> bool:
        """Tell whether ChaCha20 goes first for clients that put it first, and for them only.

        OpenSSL calls it PrioritizeChaCha: a phone without AES hardware is meant.
        """
        first = self.found.first.suite or 0
        chacha = [s for s in self.offered if _is_chacha(s)]
        if self.polite or self.found.version < Version.tls_1_2 or _is_chacha(first):
            return False
        others = [s for s in self.offered if s != first and s not in chacha]
        offered = (*chacha, first, *others)
        picked = await self._pick(offered[: self._most])
        return picked is not None and _is_chacha(picked)


def _is_chacha(suite: int) -> bool:
    return suite in SUITES and SUITES[suite].encryption == "CHACHA20-POLY1305"


def _weight_beside(first: int, version: int) -> Callable[[int], float]:
    """Weigh suites; a server that took one for one kind of key takes fewer for another."""
    kind = SUITES[first].authentication if first in SUITES else "any"

    def weight(suite: int) -> float:
        if not registry.is_likely(suite, version):
            return UNLIKELY
        if SUITES[suite].authentication not in (kind, "any"):
            return OTHER_KEY
        return MODERN if registry.is_modern(suite) else 1.0

    return weight


#: Key exchanges with a prime.
FINITE: Final = ("DHE", "DHE_PSK", "DH_anon")
#: What nobody calls weak.
STRONG: Final = ("AES", "CHACHA20", "CAMELLIA", "ARIA")
