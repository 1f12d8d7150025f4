"""With which schemes a server signs its handshake, by kind of key (TLS 1.2 and 1.3).

In TLS 1.3 the signature is hidden: our own keys open it. Asks through a `Prober`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from tlswire.codes import ExtensionType, Version
from tlswire.suites import SUITES
from tlswire.survey import registry
from tlswire.survey.elimination import Ask, deal, eliminate
from tlswire.survey.handshakes import shake
from tlswire.survey.question import numbers16
from tlswire.survey.versions import Prober


async def find_schemes(prober: Prober) -> None:
    """Find with which schemes the server signs, by kind of key, dealt into short runs."""
    if prober.found.version < Version.tls_1_2:
        return
    asks = [(kind, ask) for kind in SIGNING if (ask := _picks_with(prober, kind)) is not None]
    shown = await asyncio.gather(
        *(
            eliminate(run, ask)
            for kind, ask in asks
            for run in deal(_schemes_of(prober, kind), RUNS, lambda _: 1.0, FEW)
        )
    )
    found = dict.fromkeys(scheme for run in shown for scheme in run)
    prober.found.schemes = tuple(sorted(found, key=registry.SCHEMES.index))


def _schemes_of(prober: Prober, kind: str) -> list[int]:
    """Return the schemes of one kind of key; what belongs to none goes with DSS."""
    tls13 = prober.found.version >= Version.tls_1_3
    schemes = [n for n in registry.SCHEMES if not tls13 or registry.is_of_13(n)]
    others = tuple(word for words in SIGNING.values() for word in words)
    words = SIGNING[kind]
    names = {n: registry.scheme_name(n) for n in schemes}
    if not words:
        return [n for n, name in names.items() if not name.startswith(others)]
    return [n for n, name in names.items() if name.startswith(words)]


def _picks_with(prober: Prober, kind: str) -> Ask | None:
    """Return how to ask with schemes of one kind of key; None where no suite needs it."""
    tls13 = prober.found.version >= Version.tls_1_3
    suites = [s for s in prober.found.suites if tls13 or _signs(s, kind)]
    if not suites:
        return None
    usual = numbers16(registry.USUAL_SCHEMES)
    chain = (ExtensionType.signature_algorithms_cert, usual)  # it is not the question

    async def pick(schemes: Sequence[int]) -> int | None:
        question = prober.question(suites)._replace(schemes=tuple(schemes), added=(chain,))
        if prober.found.groups and tls13:
            question = question._replace(groups=prober.found.groups[:8])
        if tls13:
            answer = (await shake(prober.caller, question)).answer
        else:
            answer = await prober.caller.ask(question, whole=True)
        return answer.scheme if prober.is_of_version(answer) else None

    return pick


def _signs(suite: int, authentication: str) -> bool:
    facts = SUITES[suite]
    return facts.authentication == authentication and facts.key_exchange in ("ECDHE", "DHE")


#: Which schemes go with which kind of key; RFC 8422 section 5.10 puts EdDSA under ECDSA suites.
SIGNING: Final[dict[str, tuple[str, ...]]] = {
    "RSA": ("rsa_",),
    "ECDSA": ("ecdsa_", "ed25519", "ed448"),
    "DSS": (),
}
#: Schemes in one list: more than so many some servers do not read.
FEW: Final = 16
#: Runs that the schemes of one kind are dealt into.
RUNS: Final = 3
