"""What a server takes, version by version: suites and their order, groups, signature schemes.

Asks through a `Caller`, and knows nothing of sockets. A version is probed with everything at once;
only where that is refused it is asked again with less, for some servers refuse long lists.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from tlswire.codes import Alert, ExtensionType, Group, Version
from tlswire.suites import SUITES
from tlswire.survey import registry
from tlswire.survey.answer import Answer
from tlswire.survey.caller import Caller
from tlswire.survey.elimination import (
    LONGEST,
    Ask,
    Preference,
    Taken,
    deal,
    eliminate,
    plainly,
    side_by_side,
)
from tlswire.survey.question import Question, numbers16, ordinary

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
    first: Answer = field(default_factory=Answer)
    modest: bool = False  # long lists are refused
    weak_last: bool = False  # whatever the client's order
    chacha_first: bool = False  # ChaCha20 goes first for a client that puts it first


class Prober:
    """Asks about one version, and keeps what every answer told by the way."""

    def __init__(self, caller: Caller, version: int, *, polite: bool = False) -> None:
        self._caller = caller
        self._polite = polite
        self.found = Accepted(version)

    async def begin(self, *, modestly: bool = False) -> Answer:
        """Ask for the version with every suite there is, or with the likely ones only."""
        offered = self.likely if modestly else self.offered
        answer = await self._caller.ask(self.question(offered))
        self.found.modest = modestly and self._is_of_version(answer)
        if not modestly or self.found.modest:
            self.found.first = answer
        self._keep(answer)
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
        return self._is_of_version(self.found.first)

    def _is_of_version(self, answer: Answer) -> bool:
        return answer.accepted and answer.version == self.found.version

    def question(self, suites: Sequence[int]) -> Question:
        """Return the question for these suites of the version."""
        return ordinary(self.found.version, suites)

    def _keep(self, answer: Answer) -> None:
        if answer.dh_bits:
            self.found.dh_bits.add(answer.dh_bits)

    # -- suites ------------------------------------------------------------------------

    async def find_suites(self) -> None:
        """Find every suite that is taken, and whose order decides."""
        if self.found.version == Version.ssl_2_0:  # the server lists them itself
            self.found.suites = self.found.first.extensions.get("ssl2", ())  # type: ignore[call-overload]
            return
        taken, chacha = await asyncio.gather(
            self._taken(self.found.first.suite or 0), self._pick_chacha()
        )
        self.found.suites, self.found.preference = taken
        if chacha and taken.preference == "server":
            self.found.chacha_first, self.found.preference = True, "mixed"
        elif taken.preference == "mixed" and not self._polite:
            await self._weigh_without_weak()

    async def _taken(self, first: int) -> Taken:
        offered = self.offered
        if self._polite and not self.found.modest:
            return await plainly(offered, first, self._pick)
        weigh = _weight_beside(first, self.found.version)
        likely = sum(weigh(suite) for suite in offered)
        runs = max(1, min(MOST_RUNS, round(likely / RUN)))
        return await side_by_side(offered, first, runs, weigh, self._pick, self._most)

    @property
    def _most(self) -> int:
        return MODEST if self.found.modest else LONGEST

    async def _pick(self, suites: Sequence[int]) -> int | None:
        answer = await self._caller.ask(self.question(suites))
        self._keep(answer)
        return answer.suite if self._is_of_version(answer) else None

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
        if self._polite or self.found.version < Version.tls_1_2 or _is_chacha(first):
            return False
        others = [s for s in self.offered if s != first and s not in chacha]
        offered = (*chacha, first, *others)
        picked = await self._pick(offered[: self._most])
        return picked is not None and _is_chacha(picked)

    # -- groups ------------------------------------------------------------------------

    async def find_groups(self) -> None:
        """Find every group that is taken; which of DHE's, only where the server heeds them."""
        version = self.found.version
        if version >= Version.tls_1_3:
            await self._find_groups(
                registry.GROUPS_13, registry.USUAL_GROUPS_13, self._pick_group_13
            )
        elif version > Version.ssl_3_0:
            elliptic = [s for s in self.found.suites if SUITES[s].key_exchange.startswith("ECDHE")]
            if elliptic:
                await self._find_groups(
                    registry.CURVES, registry.USUAL_CURVES, self._pick_curve_with(elliptic)
                )
            finite = [s for s in self.found.suites if SUITES[s].key_exchange == "DHE"]
            if finite and not self._polite:
                await self._find_finite_fields(finite)

    async def _find_groups(
        self, offered: tuple[int, ...], usual: tuple[int, ...], ask: Ask
    ) -> None:
        first = await ask(usual)
        expected = (*usual, *(group for group in offered if group not in usual))
        if first is None:  # only groups that nobody expects, if any
            shown = await asyncio.gather(
                *(eliminate(run, ask) for run in deal(expected, 1, _group_weight, FEW))
            )
            self.found.groups = tuple(group for run in shown for group in run)
            return
        if self._polite:
            taken = await plainly(usual, first, ask)
        else:
            taken = await side_by_side(expected, first, 4, _group_weight, ask, FEW)
        self.found.groups, self.found.groups_preference = taken

    async def _pick_group_13(self, groups: Sequence[int]) -> int | None:
        """Without a share the server asks for the group that it wants (RFC 8446 4.2.8)."""
        question = self.question(self.found.suites)._replace(groups=tuple(groups), shares=())
        answer = await self._caller.ask(question)
        return answer.group if self._is_of_version(answer) else None

    def _pick_curve_with(self, suites: Sequence[int]) -> Ask:
        async def pick(groups: Sequence[int]) -> int | None:
            question = self.question(suites)._replace(groups=tuple(groups))
            answer = await self._caller.ask(question, whole=True)
            return answer.group if self._is_of_version(answer) else None

        return pick

    async def _find_finite_fields(self, suites: Sequence[int]) -> None:
        """Tell the groups of RFC 7919 by the size of the prime that each gets."""
        answers = await asyncio.gather(
            *(
                self._caller.ask(self.question(suites)._replace(groups=(group,)))
                for group in registry.FINITE_FIELDS
            )
        )
        for answer in answers:
            self._keep(answer)
        taken = [
            group
            for group, answer in zip(registry.FINITE_FIELDS, answers, strict=True)
            if self._is_of_version(answer) and answer.dh_bits == FINITE_SIZES[group]
        ]
        if len({answer.dh_bits for answer in answers}) > 1:  # it heeds what is offered
            self.found.groups += tuple(taken)

    # -- signature schemes -------------------------------------------------------------

    async def find_schemes(self) -> None:
        """Find with which schemes the server signs, by kind of key, dealt into short runs."""
        if self.found.version < Version.tls_1_2:
            return
        asks = [(kind, ask) for kind in SIGNING if (ask := self._pick_scheme(kind)) is not None]
        shown = await asyncio.gather(
            *(
                eliminate(run, ask)
                for kind, ask in asks
                for run in deal(self._schemes_of(kind), RUNS, lambda _: 1.0, FEW)
            )
        )
        found = dict.fromkeys(scheme for run in shown for scheme in run)
        self.found.schemes = tuple(sorted(found, key=registry.SCHEMES.index))

    def _schemes_of(self, kind: str) -> list[int]:
        """Return the schemes of one kind of key; what belongs to none goes with DSS."""
        tls13 = self.found.version >= Version.tls_1_3
        schemes = [n for n in registry.SCHEMES if not tls13 or registry.is_of_13(n)]
        others = tuple(word for words in SIGNING.values() for word in words)
        words = SIGNING[kind]
        names = {n: registry.scheme_name(n) for n in schemes}
        if not words:
            return [n for n, name in names.items() if not name.startswith(others)]
        return [n for n, name in names.items() if name.startswith(words)]

    def _pick_scheme(self, kind: str) -> Ask | None:
        """Return how to ask with schemes of one kind of key; None where no suite needs it."""
        tls13 = self.found.version >= Version.tls_1_3
        suites = [s for s in self.found.suites if tls13 or _signs(s, kind)]
        if not suites:
            return None
        usual = numbers16(registry.USUAL_SCHEMES)
        chain = (ExtensionType.signature_algorithms_cert, usual)  # it is not the question

        async def pick(schemes: Sequence[int]) -> int | None:
            question = self.question(suites)._replace(schemes=tuple(schemes), added=(chain,))
            if self.found.groups:
                question = question._replace(groups=self.found.groups[:8])
            if tls13:
                from tlswire.survey.handshakes import shake

                answer = (await shake(self._caller, question)).answer
            else:
                answer = await self._caller.ask(question, whole=True)
            return answer.scheme if self._is_of_version(answer) else None

        return pick


def _signs(suite: int, authentication: str) -> bool:
    facts = SUITES[suite]
    return facts.authentication == authentication and facts.key_exchange in ("ECDHE", "DHE")


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


def _group_weight(group: int) -> float:
    return 1.0 if group in registry.COMMON_GROUPS else UNLIKELY


#: Which schemes go with which kind of key; RFC 8422 section 5.10 puts EdDSA under ECDSA suites.
SIGNING: Final[dict[str, tuple[str, ...]]] = {
    "RSA": ("rsa_",),
    "ECDSA": ("ecdsa_", "ed25519", "ed448"),
    "DSS": (),
}
#: Groups or schemes in one list: more than so many some servers do not read.
FEW: Final = 16
#: Runs that the schemes of one kind are dealt into.
RUNS: Final = 3
#: What nobody calls weak.
STRONG: Final = ("AES", "CHACHA20", "CAMELLIA", "ARIA")
#: The prime of each group of RFC 7919, in bits.
FINITE_SIZES: Final[dict[int, int]] = {
    Group.ffdhe2048: 2048,
    Group.ffdhe3072: 3072,
    Group.ffdhe4096: 4096,
    Group.ffdhe6144: 6144,
    Group.ffdhe8192: 8192,
}
