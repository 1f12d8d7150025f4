"""Which ports of a host answer a SYN, who answers and how, and what speaks on those that are open.

A connection is made to each port that was named, and on an open one a few more to hear what it
is. Talks to the named host and to nobody else.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import Sequence
from typing import Final

from tlswire.errors import TargetError
from tlswire.language import say
from tlswire.sources.dialling import Address, resolve
from tlswire.sources.replies import Replies, Reply
from tlswire.survey.caller import Limits
from tlswire.survey.knocking import Knock, knock_all
from tlswire.survey.speaking import Spoken, ask_all
from tlswire.surveyed import Port, Reach

#: Where TLS is usually spoken: asked for when no port is named.
USUAL: Final[tuple[int, ...]] = (
    *(21, 22, 25, 80, 110, 143, 389, 443, 465, 563, 587, 636, 853, 989, 990, 992, 993, 995),
    *(1433, 1883, 2376, 3128, 3306, 3389, 4433, 5061, 5222, 5223, 5269, 5432, 5671, 5672, 6379),
    *(6443, 6514, 6697, 8000, 8080, 8140, 8443, 8883, 8888, 9000, 9200, 9443, 10443, 27017),
)


async def reach(host: str, ports: Sequence[int], limits: Limits, *, speak: bool = True) -> Reach:
    """Try every port; a host that has no address is a result like any other."""
    loop = asyncio.get_running_loop()
    try:
        addresses = await loop.run_in_executor(None, resolve, host, 0)
    except TargetError as error:
        return Reach(host=host, address=None, notes=(f"{error}",))
    address = addresses[0]
    with Replies(address.endpoint.address) as replies:
        knocks = await knock_all(address, ports, limits)
        heard = replies.heard()
    accepted = [k.port for k in knocks if k.error is None]
    spoken = await ask_all(host, address, accepted, limits) if speak else {}
    notes = [] if replies.able else [say("without the right to raw sockets nobody's TTL is known")]
    lives = sorted({r.ttl for r in heard if r.reset and r.ttl is not None})
    if len(lives) > 1 and _usual_ttl(heard) is None:
        notes.append(
            say(
                "resets come with TTL {names}: not all are of one hand",
                names=", ".join(map(str, lives)),
            )
        )
    if len(addresses) > 1:
        notes.append(
            say(
                "{host} has {number} addresses; {address} was tried",
                host=host,
                number=len(addresses),
                address=address.endpoint.address,
            )
        )
    return Reach(
        host=host,
        address=address.endpoint.address,
        ports=tuple(_told(knock, heard, address, spoken) for knock in knocks),
        notes=tuple(notes),
    )


def _told(
    knock: Knock, heard: Sequence[Reply], address: Address, spoken: dict[int, Spoken]
) -> Port:
    reply = next((r for r in heard if r.port == knock.port and r.to_port == knock.own_port), None)
    spoke = spoken.get(knock.port, Spoken())
    state, how, by = _state(knock, reply, address, _usual_ttl(heard))
    return Port(
        port=knock.port,
        state=state,  # type: ignore[arg-type]
        by=by,
        ttl=reply.ttl if reply is not None else None,
        how=how,
        speaks=spoke.speaks,
        preamble=spoke.preamble,
        banner=spoke.banner,
        elapsed_ms=round(1000 * knock.elapsed, 3),
    )


def _usual_ttl(heard: Sequence[Reply]) -> int | None:
    """Return the TTL of the host's own packets, where an open port showed it."""
    return next((reply.ttl for reply in heard if reply.syn), None)


def _state(
    knock: Knock, reply: Reply | None, address: Address, usual: int | None
) -> tuple[str, str | None, str | None]:
    """Return the state of a port, how it was told, and by whom."""
    host = address.endpoint.address
    if knock.error is None:
        return "open", None, None
    if knock.icmp is not None:
        by, told = knock.icmp
        state = "filtered" if "prohibited" in told else "unreachable"
        return state, say(told), by
    number = knock.error.errno
    if number == errno.ECONNREFUSED:
        if reply is not None and usual is not None and reply.ttl != usual:
            told = say("reset, TTL {ttl}; the host's own: {usual}", ttl=reply.ttl, usual=usual)
            return "closed", told, say("another, in the host's name")
        return "closed", say("reset"), host
    if isinstance(knock.error, TimeoutError):
        return "filtered", say("no answer to the SYN"), None
    return "unreachable", str(knock.error.strerror or knock.error), None
