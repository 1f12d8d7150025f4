"""Unusual hellos that a sound server takes: big, padded, cut, greased, of a version yet to come.

Each differs from a hello that the server took in one thing. A row is a test; nothing is judged
here but whether the server goes on.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Final, NamedTuple

from tlswire.codes import ExtensionType, Version
from tlswire.language import mark, say
from tlswire.survey.answer import Answer, Hearing
from tlswire.survey.caller import Caller, Piece
from tlswire.survey.question import Question, Share, flight, hello, ordinary, record
from tlswire.survey.versions import Accepted
from tlswire.surveyed import Tolerance

#: A number that no registry has given away, for an extension nobody knows.
UNKNOWN: Final = 0xFABC
#: A version that does not exist yet: 1.4 as it would be numbered.
FUTURE: Final = 0x0305
#: Seconds between parts that must not arrive together.
APART: Final = 0.1
#: Bytes: a hello of several segments, one in the range some took for SSL 2.0, one beyond it.
BIG, AMBIGUOUS, PADDED = 8000, 384, 1024
UNKNOWN_NAME: Final = "tlswire.example"
LONGEST_NAME: Final = ".".join(("a" * 63, "b" * 63, "c" * 63, "d" * 47, "example"))


class Plain(NamedTuple):
    """The hello that was taken, and what it is asked with."""

    question: Question
    caller: Caller

    @property
    def size(self) -> int:
        """Return the bytes of the plain hello's message."""
        return len(hello(self.question, self.caller.shape))


class Trial(NamedTuple):
    """A trial: its name, what is unusual, and the pieces to send; None where it makes no sense."""

    name: str
    text: str
    pieces: Callable[[Plain], Sequence[Piece] | None]


async def try_all(caller: Caller, found: Accepted) -> tuple[Tolerance, ...]:
    """Carry every test out; () where the server does not even take the plain hello twice."""
    plain = Plain(usual(found), caller)
    if not (await _try(caller, [Piece(flight(plain.question, caller.shape))])).accepted:
        return ()
    asked = [(test, pieces) for test in TRIALS if (pieces := test.pieces(plain)) is not None]
    answers = await asyncio.gather(*(_try(caller, pieces) for _, pieces in asked))
    told = {test: answer for (test, _), answer in zip(asked, answers, strict=True)}
    if not told[LONG_NAME].accepted and await _knows_its_names(plain, told[LONG_NAME]):
        del told[LONG_NAME]
    return tuple(
        Tolerance(test=test.name, result=answer.told, text=say(test.text, **SIZES))
        for test, answer in told.items()
    )


async def _knows_its_names(plain: Plain, refused: Answer) -> bool:
    """Tell whether a short name that it cannot have is refused alike: length is no matter then."""
    shape = plain.caller.shape._replace(name=UNKNOWN_NAME)
    short = await _try(plain.caller, [Piece(flight(plain.question, shape))])
    return short.told == refused.told


def usual(found: Accepted) -> Question:
    """Return an ordinary hello for what the server takes: its best suites, groups it knows."""
    question = ordinary(found.version, found.suites[:16])
    if found.groups and found.version >= Version.tls_1_3:
        return question._replace(groups=found.groups[:8])
    return question


async def _try(caller: Caller, pieces: Sequence[Piece]) -> Answer:
    """A reset or a close may have been chance: it is asked again before it is told."""
    answer = await caller.send(pieces, Hearing())
    if answer.how in ("rst", "fin"):
        answer = await caller.send(pieces, Hearing())
    return answer


# -- the hellos --------------------------------------------------------------------------


def _whole(plain: Plain, question: Question) -> list[Piece]:
    return [Piece(flight(question, plain.caller.shape))]


def _padded_to(size: int) -> Callable[[Plain], list[Piece] | None]:
    """Pad to a size of the message in bytes; None where the hello is larger without it."""

    def pieces(plain: Plain) -> list[Piece] | None:
        bare = plain.question._replace(dropped=frozenset((ExtensionType.padding,)))
        room = size - _size(bare, plain) - 4
        if room < 0:
            return None
        return _whole(plain, _with(bare, (ExtensionType.padding, bytes(room))))

    return pieces


def _size(question: Question, plain: Plain) -> int:
    """Return the size without the padding that would be put in of its own accord."""
    padded = _with(question, (ExtensionType.padding, b""))
    return len(hello(padded, plain.caller.shape)) - 4


def _with(question: Question, *extensions: tuple[int, bytes]) -> Question:
    return question._replace(added=(*question.added, *extensions))


def _greased(plain: Plain) -> list[Piece]:
    """Reserved values wherever one may stand (RFC 8701 section 3.1)."""
    question = plain.question
    changed = question._replace(
        suites=(0x0A0A, *question.suites),
        groups=(0x1A1A, *question.groups) if question.groups else None,
        schemes=(*(question.schemes or ()), 0x3A3A),
        added=(*question.added, (0x4A4A, b""), (0x5A5A, b"\0")),
    )
    if question.version >= Version.tls_1_3:
        changed = changed._replace(versions=(0x6A6A, question.version))
    return _whole(plain, changed)


def _unknown_extension(plain: Plain) -> list[Piece]:
    return _whole(plain, _with(plain.question, (UNKNOWN, b"tlswire")))


def _future(plain: Plain) -> list[Piece]:
    """The next version offered beside what is taken: by list, or up to TLS 1.2 by number."""
    question = plain.question
    if question.version >= Version.tls_1_3:
        return _whole(plain, question._replace(versions=(FUTURE, question.version)))
    message = bytearray(hello(question, plain.caller.shape))
    message[4:6] = FUTURE.to_bytes(2, "big")
    return [Piece(record(bytes(message), question.version))]


def _long_name(plain: Plain) -> list[Piece]:
    shape = plain.caller.shape._replace(name=LONGEST_NAME)
    return [Piece(flight(plain.question, shape))]


def _cut(*places: int) -> Callable[[Plain], list[Piece]]:
    """Cut into TCP segments at these offsets."""

    def pieces(plain: Plain) -> list[Piece]:
        data = flight(plain.question, plain.caller.shape)
        edges = [0, *places, len(data)]
        parts = [data[a:b] for a, b in pairwise(edges)]
        return [Piece(part, APART if n else 0.0) for n, part in enumerate(parts)]

    return pieces


def _in_records(plain: Plain) -> list[Piece]:
    """Cut into two records, the first ending inside the random (RFC 8446 section 5.1)."""
    message = hello(plain.question, plain.caller.shape)
    version = plain.question.version
    return [Piece(record(message[:20], version) + record(message[20:], version))]


def _hybrid(plain: Plain) -> list[Piece] | None:
    """A key share as large as a post-quantum one, of a group nobody has, beside a real one."""
    question = plain.question
    if question.version < Version.tls_1_3 or not question.groups:
        return None
    shares = (Share(0x2A2A, bytes(1216)),)
    return _whole(plain, question._replace(groups=(0x2A2A, *question.groups), shares=shares))


def _no_extensions(plain: Plain) -> list[Piece] | None:
    """A hello of before RFC 4366; in TLS 1.2 it would mean SHA-1, which is refused for good."""
    if plain.question.version >= Version.tls_1_2:
        return None
    bare = plain.question._replace(version=Version.ssl_3_0)
    message = bytearray(hello(bare, plain.caller.shape))
    message[4:6] = plain.question.version.to_bytes(2, "big")
    return [Piece(record(bytes(message), plain.question.version))]


def _empty_session(plain: Plain) -> list[Piece] | None:
    if plain.question.version < Version.tls_1_3:
        return None
    return _whole(plain, plain.question._replace(session_id=b""))


#: Numbers in what is said of the tests.
SIZES: Final[dict[str, object]] = {
    "long": len(LONGEST_NAME),
    "big": BIG,
    "padded": PADDED,
    "ambiguous": AMBIGUOUS,
}
LONG_NAME: Final = Trial("long name", mark("a server name of {long} characters"), _long_name)
TRIALS: Final[tuple[Trial, ...]] = (
    Trial("big", mark("a hello of {big} bytes, several segments"), _padded_to(BIG)),
    Trial("padded", mark("a hello padded to {padded} bytes (RFC 7685)"), _padded_to(PADDED)),
    Trial(
        "256-511",
        mark("a hello of {ambiguous} bytes, which some took for SSL 2.0"),
        _padded_to(384),
    ),
    Trial("post-quantum", mark("a key share of 1216 bytes, as large as X25519MLKEM768's"), _hybrid),
    Trial("grease", mark("reserved values in every list (RFC 8701)"), _greased),
    Trial("unknown extension", mark("an extension that nobody knows"), _unknown_extension),
    Trial("version 1.4", mark("a version yet to come, offered beside one that is taken"), _future),
    LONG_NAME,
    Trial("two segments", mark("the hello in two TCP segments"), _cut(100)),
    Trial("one byte first", mark("the first byte in a segment of its own"), _cut(1)),
    Trial("two records", mark("the hello in two TLS records (RFC 8446 5.1)"), _in_records),
    Trial("empty session id", mark("no compatibility mode (RFC 8446 D.4)"), _empty_session),
    Trial("no extensions", mark("a hello without extensions"), _no_extensions),
)
