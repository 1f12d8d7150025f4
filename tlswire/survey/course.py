"""One target from the first question to the last, and what was found as a result.

Nothing here opens a socket: the `Caller` does, and it keeps the caps. Whatever a server does, the
survey ends within its budget with a result.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from typing import Any, Final

from tlswire.codes import VERSIONS, Version
from tlswire.errors import TargetError
from tlswire.flow import Endpoint
from tlswire.language import say
from tlswire.policies import POLICIES, disagreements, judge
from tlswire.sources.dialling import Address, resolve
from tlswire.sources.roots import of_system
from tlswire.survey import grades, outcome, registry, weaknesses
from tlswire.survey.caller import Caller
from tlswire.survey.question import everything
from tlswire.survey.versions import Accepted, Prober
from tlswire.survey.wanted import Wanted, server_name, split, stages
from tlswire.surveyed import (
    Features,
    Meeting,
    PolicyVerdict,
    RefusedVersion,
    Survey,
    SurveyedCertificate,
    SurveyedVersion,
    Tolerance,
)

#: Seconds that a name server may take, however short patience is.
LEAST_FOR_NAMES: Final = 5.0


async def survey_target(target: str, wanted: Wanted) -> Survey:
    """Survey one server, and tell the truth about one that cannot be."""
    began = time.monotonic()
    try:
        host, port = split(target)
        dialled = wanted.proxy.at if wanted.proxy else Endpoint(host, port)
        addresses = await _resolve(*dialled, wanted.limits.timeout)
    except TargetError as error:
        return outcome.unreached(target, str(error), time.monotonic() - began)
    shape = wanted.shape._replace(name=server_name(host, wanted))
    caller = Caller(addresses, shape, wanted.limits, tuple(stages(host, port, wanted)))
    course = Course(target, caller, wanted)
    if len(addresses) > 1:
        course.notes.append(
            say("the name has {number} addresses; one of them was asked", number=len(addresses))
        )
    try:
        await course.run()
    except asyncio.CancelledError:  # Ctrl-C: what was found so far is a result like any other
        course.interrupted = True
    except Exception as error:  # a defect must not take the other targets along
        course.notes.append(
            say("the survey broke off: {name}: {error}", name=type(error).__name__, error=error)
        )
    return course.result(time.monotonic() - began)


async def _resolve(host: str, port: int, patience: float) -> list[Address]:
    """Resolve in a thread that nobody waits for at the end: a mute name server holds it long."""
    loop = asyncio.get_running_loop()
    asked: asyncio.Future[list[Address]] = loop.create_future()

    def hand(put: Callable[[Any], None], found: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is gone
            loop.call_soon_threadsafe(lambda: None if asked.done() else put(found))

    def look() -> None:
        try:
            hand(asked.set_result, resolve(host, port))
        except Exception as error:
            hand(asked.set_exception, error)

    threading.Thread(target=look, daemon=True).start()
    try:
        return await asyncio.wait_for(asked, max(patience, LEAST_FOR_NAMES))
    except TimeoutError:
        raise TargetError(say("{host}: no name server answers", host=host)) from None


class Course:
    """The course of one survey: versions first, then what each of them takes."""

    def __init__(self, target: str, caller: Caller, wanted: Wanted) -> None:
        self.target = target
        self.caller = caller
        self.wanted = wanted
        self.interrupted = False
        self.notes: list[str] = []
        self.tolerance: tuple[Tolerance, ...] | None = None
        self.certificates: tuple[SurveyedCertificate, ...] | None = None
        self.features: Features | None = None
        self.probers = [Prober(caller, v, polite=wanted.polite) for v in registry.VERSIONS]

    @property
    def accepted(self) -> list[Prober]:
        """Return the versions that the server takes, the newest first."""
        return [prober for prober in self.probers if prober.accepted]

    @property
    def found(self) -> list[Accepted]:
        """Return what is known of the versions that the server takes."""
        return [prober.found for prober in self.accepted]

    async def run(self) -> None:
        """Ask everything that is wanted."""
        await self._find_versions()
        if not self.accepted:
            return
        await _all(prober.find_suites() for prober in self.accepted)
        await _all([*self._more(), self._tolerance()])
        await _all([self._certificates(), self._features()])

    async def _find_versions(self) -> None:
        first, *others = self.probers
        if self.wanted.polite:  # a dead server is not called six times
            answer = await first.begin()
            if not answer.spoke and answer.how not in ("rst", "fin"):
                return
            await _all(prober.begin() for prober in others)
        else:
            await self._find_versions_at_once()
        await _all(prober.begin(modestly=True) for prober in self._that_mind_length())

    def _that_mind_length(self) -> list[Prober]:
        """Return the versions that a shorter list may be taken in.

        Where nothing is taken and nothing was silent, that is all of them.
        """
        asked = [p for p in self.probers if p.found.version > Version.ssl_3_0 and not p.accepted]
        how = {prober.found.first.how for prober in self.probers}
        if not self.accepted and how <= {"alert", "rst", "fin"} and not self.wanted.polite:
            return asked
        return [prober for prober in asked if self.accepted and prober.minds_length]

    async def _tolerance(self) -> None:
        if "tolerance" in self.wanted.parts:
            from tlswire.survey import tolerance

            self.tolerance = await tolerance.try_all(self.caller, self.found[0])

    async def _certificates(self) -> None:
        if "certificates" in self.wanted.parts:
            from tlswire.survey.identities import Judge, find_certificates
            from tlswire.trust import Roots

            judge = Judge(Roots(*(self.wanted.roots or of_system())), time.time())
            self.certificates, notes = await find_certificates(self.caller, self.found, judge)
            self.notes += notes

    async def _features(self) -> None:
        if "features" in self.wanted.parts:
            from tlswire.survey.features import Explorer

            self.features = await Explorer(self.caller, self.found).explore()

    async def _find_versions_at_once(self) -> None:
        """Close our end after each hello: who serves one client at a time is done sooner then.

        A hello for all versions whose end stays open tells whether the server bears that.
        """
        self.caller.half_close = True
        begun = _all(prober.begin() for prober in self.probers)
        answer, _ = await asyncio.gather(self.caller.ask(everything(), half_close=False), begun)
        borne = any(prober.found.first.wary for prober in self.accepted)
        self.caller.half_close = borne
        if answer.accepted and not self.accepted:
            await _all(prober.begin() for prober in self.probers)

    def _more(self) -> list[Coroutine[Any, Any, None]]:
        return [self._groups_and_schemes(prober) for prober in self.accepted]

    async def _groups_and_schemes(self, prober: Prober) -> None:
        if "groups" in self.wanted.parts:
            from tlswire.survey.groups import find_groups

            await find_groups(prober)
        if "signatures" in self.wanted.parts:
            from tlswire.survey.signatures import find_schemes

            await find_schemes(prober)

    # -- the result --------------------------------------------------------------------

    def result(self, elapsed: float) -> Survey:
        """Return what was found."""
        answers = {p.found.version: p.found.first for p in self.probers}
        told = outcome.tell(answers, self.caller.shape.name, interrupted=self.interrupted)
        versions = tuple(self._version(found) for found in self.found)
        weak = weaknesses.weigh(
            versions, self.certificates or (), self.features, self.tolerance or ()
        )
        graded = bool(versions) and not self._cut_short
        mark = grades.mark(weak, self._shown, asked=self.certificates is not None)
        return Survey(
            target=self.target,
            address=str(self.caller.address.endpoint),
            server_name=self.caller.shape.name,
            preamble=self.wanted.preamble,
            outcome=told.outcome,
            summary=told.summary,
            next_step=self._placed(told.next_step),
            grade=mark.letter if graded else None,
            grade_if_trusted=mark.if_trusted if graded else None,
            trust=mark.trust if versions else None,
            versions=versions,
            refused=tuple(
                RefusedVersion(version=VERSIONS[p.found.version], how=outcome.refusal(p.found))
                for p in self.probers
                if not p.accepted and self.accepted and p.found.first.how != "budget"
            ),
            certificates=self.certificates,
            features=self.features,
            tolerance=self.tolerance,
            warnings=weak,
            policies=self._judged(versions),
            disagreements=disagreements(POLICIES, versions),
            meetings=self._meetings(versions),
            connections_used=self.caller.connections,
            bytes_sent=self.caller.sent,
            bytes_received=self.caller.received,
            elapsed_ms=round(1000 * elapsed, 3),
            notes=tuple(self._notes()),
        )

    def _version(self, found: Accepted) -> SurveyedVersion:
        asked = found.version > Version.ssl_3_0 and "groups" in self.wanted.parts
        signed = found.version >= Version.tls_1_2 and "signatures" in self.wanted.parts
        return SurveyedVersion(
            version=VERSIONS[found.version],
            suites=tuple(registry.suite_name(suite) for suite in found.known),
            preference=found.preference,
            groups=tuple(map(registry.group_name, found.groups)) if asked else None,
            signature_algorithms=tuple(map(registry.scheme_name, found.schemes))
            if signed
            else None,
            dh_bits=tuple(sorted(found.dh_bits)),
            notes=tuple(_remarks(found)),
        )

    def _placed(self, step: str | None) -> str | None:
        """Name the target in a command that is to be run next."""
        proxy = self.wanted.proxy
        host, port = proxy.at if proxy is not None else split(self.target)
        return step and step.replace("reach HOST PORT", f"reach {host} {port}").replace(
            "reach HOST", f"reach {host}"
        )

    def _judged(self, versions: tuple[SurveyedVersion, ...]) -> tuple[PolicyVerdict, ...]:
        if not versions or self._cut_short:
            return ()
        return tuple(judge(policy, versions, self._shown, self.features) for policy in POLICIES)

    @property
    def _cut_short(self) -> bool:
        """Tell whether not all was asked: what was found may be the better half."""
        return self.interrupted or self.caller.exhausted

    @property
    def _shown(self) -> list[SurveyedCertificate]:
        """Return the certificates that are shown for the name asked for."""
        return [c for c in self.certificates or () if c.for_name == self.caller.shape.name]

    def _meetings(self, versions: tuple[SurveyedVersion, ...]) -> tuple[Meeting, ...] | None:
        client = self.wanted.client
        if client is None or client.offer is None or not versions:
            return None
        from tlswire.survey.meeting import meet
        from tlswire.survey.sides import ServerSide

        side = ServerSide(self.target, versions)
        return (meet(client.offer, side, (client.flow.number,)),)

    def _notes(self) -> Iterable[str]:
        yield from self.notes
        if self.interrupted:
            yield say("interrupted: what is missing was not asked for, and nothing was graded")
        if self.caller.exhausted:
            yield say(
                "the time for this target ({budget:g} s) was used up: "
                "what is missing was not asked for, and nothing was graded (--budget)",
                budget=self.caller.limits.budget,
            )


async def _all(jobs: Iterable[object]) -> None:
    await asyncio.gather(*jobs)  # type: ignore[call-overload]


def _remarks(found: Accepted) -> Iterable[str]:
    if not found.suites:
        yield say("its other suites were not asked for")
    if found.modest:
        yield say(
            "refuses the hello with every suite of the registry: it was asked with short lists"
        )
    if found.cut:
        yield say("does not read a long list to its end: it was asked with short lists too")
    own = found.curve_of_key
    if own is not None and found.groups_preference != "client" and found.groups[-1:] == (own,):
        name = registry.group_name(own)
        yield say(
            "what it ranks behind {name}, its key's curve, cannot be told in this version",
            name=name,
        )
    if found.finite_by_name:
        yield say(
            "takes DHE only of a client that names a group of RFC 7919; told last, in their order"
        )
    if found.weak_last:
        yield say(
            "follows the client's order, but takes 3DES and weaker only where nothing else is"
        )
    if found.chacha_first:
        yield say("chooses ChaCha20 for a client that puts it first, against its own order")
