"""What a server accepts: versions, suites, groups and more, asked with few connections at once.

    registry.py     what there is to ask for, the likely first
    question.py     one hello: what it offers, as bytes
    answer.py       what the server says to it, and how it ends
    caller.py       the connections, within caps: the socket and the clock of the survey
    elimination.py  which of many things, in which order, with few questions
    versions.py     a version and its suites; groups.py and signatures.py, what goes with them
    handshakes.py   a handshake played on, for what only keys reveal
    identities.py   certificates; features.py and tolerance.py, what else the server can bear
    spots.py        where a weakness is found; weaknesses.py, which there are; grades.py, a letter
    wanted.py       what is asked of every target, and how gently
    course.py       one target from the first question to the last
    outcome.py      a server that takes no version at all: what it does instead
    sides.py        what a server takes, whoever says so; client.py, a captured client's shape
    meeting.py      a client against it; rehearsal.py, all clients of captures
    ports.py        which ports of a host answer (knocking.py), and what speaks there (speaking.py)

Sends nothing but to the target that was named, and keeps nothing of what it hears but facts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from tlswire.survey.course import survey_target
from tlswire.survey.wanted import PARTS, Wanted
from tlswire.surveyed import Survey

__all__ = ["PARTS", "Wanted", "survey", "survey_all"]

#: Targets surveyed at the same time.
TOGETHER: Final = 4


def survey(target: str, wanted: Wanted) -> Survey:
    """Survey one server. A target that cannot be reached is a result like any other."""
    return asyncio.run(survey_target(target, wanted))


def survey_all(
    targets: Sequence[str],
    wanted: Wanted,
    told: Callable[[int, Survey], None] | None = None,
) -> list[Survey]:
    """Survey several servers, a few at a time; `told` hears each, with its place, as it is done.

    Ctrl-C ends those that are under way: `told` hears what was found of them so far, before
    KeyboardInterrupt is raised.
    """
    return asyncio.run(_survey_all(targets, wanted, told))


async def _survey_all(
    targets: Sequence[str],
    wanted: Wanted,
    told: Callable[[int, Survey], None] | None,
) -> list[Survey]:
    gate = asyncio.Semaphore(TOGETHER)

    async def one(place: int, target: str) -> Survey:
        async with gate:
            done = await survey_target(target, wanted)
        if told is not None:
            told(place, done)
        return done

    return list(await asyncio.gather(*(one(n, target) for n, target in enumerate(targets))))
