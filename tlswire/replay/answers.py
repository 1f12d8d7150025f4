"""Who answered, by what they showed: tries that are alike are one answer, and how answers differ.

What chance decides (a packet not heard, a ticket that came late) tells no servers apart. Sends
nothing, and judges nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence, Set
from typing import Any, Final

from msgspec import structs

from tlswire import revealed
from tlswire.comparison import by_choice
from tlswire.findings import ended_by
from tlswire.fingerprints import ja3s
from tlswire.language import mark, say
from tlswire.result import Agreed, Answer
from tlswire.seen import Seen

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


def grouped(tries: Sequence[Seen]) -> Iterator[Answer]:
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
        passed=took_it(seen),
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


def took_it(seen: Seen) -> bool:
    """Tell whether a try was taken: to its end, or as far as it was to go."""
    return seen.ending.outcome == "established" or by_choice(seen.ending)


def apart(answers: Sequence[Answer]) -> Iterator[str]:
    """Yield, in words, what the answers differ in."""
    for field, words in MARKS.items():
        if len({getattr(answer, field) for answer in answers}) > 1:
            yield say(words)
