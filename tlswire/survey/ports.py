"""Which ports of a host answer a SYN, who answers and how, and what speaks on those that are open.

A connection is made to each port that was named, and on an open one a few more to hear what it
is. Talks to the named host and to nobody else.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import struct
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final, NamedTuple

from tlswire.codes import VERSIONS
from tlswire.errors import TargetError
from tlswire.language import mark, say
from tlswire.preambles import name_bytes, signs
from tlswire.preambles.step import escape
from tlswire.sources.dialling import Address, resolve
from tlswire.sources.replies import Replies, Reply
from tlswire.survey.answer import Answer
from tlswire.survey.caller import Caller, Limits
from tlswire.survey.question import Shape, everything
from tlswire.surveyed import Port, Reach
from tlswire.variants.sending import REQUEST
from tlswire.way import Stage, Target

#: Where TLS is usually spoken: asked for when no port is named.
USUAL: Final[tuple[int, ...]] = (
    *(21, 22, 25, 80, 110, 143, 389, 443, 465, 563, 587, 636, 853, 989, 990, 992, 993, 995),
    *(1433, 1883, 2376, 3128, 3306, 3389, 4433, 5061, 5222, 5223, 5269, 5432, 5671, 5672, 6379),
    *(6443, 6514, 6697, 8000, 8080, 8140, 8443, 8883, 8888, 9000, 9200, 9443, 10443, 27017),
)
#: Seconds that a server may take to greet of its own accord, and bytes of it that are told.
GREETING: Final = 1.0
MOST_SHOWN: Final = 80
#: ICMP destination unreachable, by code (RFC 792, RFC 1812 section 5.2.7.1).
ICMP: Final[dict[int, str]] = {
    0: mark("ICMP network unreachable"),
    1: mark("ICMP host unreachable"),
    2: mark("ICMP protocol unreachable"),
    3: mark("ICMP port unreachable"),
    9: mark("ICMP network administratively prohibited"),
    10: mark("ICMP host administratively prohibited"),
    13: mark("ICMP communication administratively prohibited"),
}
ICMP_6: Final[dict[int, str]] = {
    0: mark("ICMPv6 no route to destination"),
    1: mark("ICMPv6 administratively prohibited"),
    3: mark("ICMPv6 address unreachable"),
    4: mark("ICMPv6 port unreachable"),
}
#: linux/in.h, linux/in6.h, linux/errqueue.h.
_RECVERR, _RECVERR_6 = 11, 25
_EXTENDED: Final = struct.Struct("=IBBBxII")
_ORIGIN_ICMP, _ORIGIN_ICMP_6 = 2, 3


class Knock(NamedTuple):
    """What one SYN came to."""

    port: int
    error: OSError | None
    own_port: int
    icmp: tuple[str, str] | None  # by whom, and what
    elapsed: float


async def reach(host: str, ports: Sequence[int], limits: Limits, *, speak: bool = True) -> Reach:
    """Try every port; a host that has no address is a result like any other."""
    loop = asyncio.get_running_loop()
    try:
        addresses = await loop.run_in_executor(None, resolve, host, 0)
    except TargetError as error:
        return Reach(host=host, address=None, notes=(f"{error}",))
    address = addresses[0]
    with Replies(address.endpoint.address) as replies:
        knocks = await _knock_all(address, ports, limits)
        heard = replies.heard()
    spoken = await _ask_all(
        host, address, [k.port for k in knocks if k.error is None], limits, speak
    )
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


# -- knocking ----------------------------------------------------------------------------


async def _knock_all(address: Address, ports: Sequence[int], limits: Limits) -> list[Knock]:
    gate = asyncio.Semaphore(limits.parallel)
    began = time.monotonic()

    async def one(place: int, port: int) -> Knock:
        async with gate:
            due = began + place / limits.rate - time.monotonic()
            if due > 0:
                await asyncio.sleep(due)
            return await _knock(address, port, limits.timeout)

    return list(await asyncio.gather(*(one(n, port) for n, port in enumerate(ports))))


async def _knock(address: Address, port: int, timeout: float) -> Knock:
    began = time.monotonic()
    with socket.socket(address.family, socket.SOCK_STREAM) as knocking:
        knocking.setblocking(False)
        _listen_for_icmp(knocking)
        failure: OSError | None = None
        own = 0
        try:
            with suppress(OSError):
                knocking.bind(("", 0))
                own = int(knocking.getsockname()[1])
            async with asyncio.timeout(timeout):
                where = (address.sockaddr[0], port, *address.sockaddr[2:])
                await asyncio.get_running_loop().sock_connect(knocking, where)
        except OSError as error:  # TimeoutError too
            failure = error
        icmp = _icmp(knocking)
    return Knock(port, failure, own, icmp, time.monotonic() - began)


def _listen_for_icmp(knocking: socket.socket) -> None:
    with suppress(OSError):
        if knocking.family == socket.AF_INET6:
            knocking.setsockopt(socket.IPPROTO_IPV6, _RECVERR_6, 1)
        else:
            knocking.setsockopt(socket.IPPROTO_IP, _RECVERR, 1)


def _icmp(knocking: socket.socket) -> tuple[str, str] | None:
    """Return who sent an ICMP error about this connection, and which (Linux only)."""
    queue = getattr(socket, "MSG_ERRQUEUE", 0x2000)
    try:
        _, extra, _, _ = knocking.recvmsg(256, 512, queue)
    except OSError:
        return None
    for _, kind, body in extra:
        if kind in (_RECVERR, _RECVERR_6) and len(body) >= _EXTENDED.size:
            _, origin, type_, code, _, _ = _EXTENDED.unpack_from(body)
            names = {_ORIGIN_ICMP: ICMP, _ORIGIN_ICMP_6: ICMP_6}.get(origin)
            if names is not None:
                told = names.get(code, f"ICMP type {type_} code {code}")
                return _offender(body[_EXTENDED.size :]), told
    return None


def _offender(address: bytes) -> str:
    """Read the sockaddr of whoever sent the ICMP message."""
    if len(address) < 8:
        return "unknown"
    family = struct.unpack_from("=H", address)[0]
    if family == socket.AF_INET6 and len(address) >= 24:
        return socket.inet_ntop(socket.AF_INET6, address[8:24])
    return socket.inet_ntop(socket.AF_INET, address[4:8]) if family == socket.AF_INET else "unknown"


# -- what speaks there -------------------------------------------------------------------


class Spoken(NamedTuple):
    """What was heard on an open port."""

    speaks: str | None = None
    preamble: str | None = None
    banner: str | None = None


async def _ask_all(
    host: str, address: Address, ports: Sequence[int], limits: Limits, speak: bool
) -> dict[int, Spoken]:
    if not speak:
        return {}
    gate = asyncio.Semaphore(limits.parallel)

    async def one(port: int) -> Spoken:
        async with gate:
            return await _ask(host, address, port, limits)

    found = await asyncio.gather(*(one(port) for port in ports))
    return dict(zip(ports, found, strict=True))


async def _ask(host: str, address: Address, port: int, limits: Limits) -> Spoken:
    """Try TLS, then wait for a greeting, then HTTP; a greeting may lead to TLS."""
    quick = limits._replace(timeout=min(limits.timeout, 3.0), budget=limits.timeout * 4)
    answer = await _hello(host, address, port, quick)
    if answer.spoke:
        return Spoken(_tls(answer))
    greeting = await _hear(address, port, b"", GREETING)
    named = name_bytes(greeting, "server") if greeting else None
    dialect = _dialect(port, named)
    if dialect is not None:
        secured = await _hello(host, address, port, quick, dialect)
        if secured.spoke:
            return Spoken(_tls(secured), dialect, _shown(greeting))
    if greeting:
        return Spoken(named or say("something that greets"), None, _shown(greeting))
    page = await _hear(address, port, REQUEST, GREETING)
    if page:
        return Spoken(name_bytes(page, "server") or "unknown", None, _shown(page))
    return Spoken(say("no TLS: {told}", told=answer.told))


def _dialect(port: int, named: str | None) -> str | None:
    """Return what to speak before TLS, by the name of the greeting, else by the port."""
    greeted = signs.greeted(named or "", (port,))
    return greeted[0] if greeted else signs.PORTS.get(port)


def _tls(answer: Answer) -> str:
    if answer.accepted:
        return VERSIONS.get(answer.version or 0, "TLS")
    return f"TLS, {answer.told}"


async def _hello(
    host: str, address: Address, port: int, limits: Limits, dialect: str | None = None
) -> Answer:
    """Ask with everything at once: whatever version is taken answers."""
    sockaddr = (address.sockaddr[0], port, *address.sockaddr[2:])
    there = address._replace(endpoint=address.endpoint._replace(port=port), sockaddr=sockaddr)
    name = host if host != address.endpoint.address else None
    stages = (Stage(dialect, Target(host, port)),) if dialect else ()
    caller = Caller([there], Shape(name=name), limits, stages)
    question = everything()
    return await caller.ask(question)


async def _hear(address: Address, port: int, said: bytes, patience: float) -> bytes:
    """Connect, say something or nothing, and return the first bytes that come."""
    loop = asyncio.get_running_loop()
    with socket.socket(address.family, socket.SOCK_STREAM) as dialled:
        dialled.setblocking(False)
        try:
            async with asyncio.timeout(patience + GREETING):
                where = (address.sockaddr[0], port, *address.sockaddr[2:])
                await loop.sock_connect(dialled, where)
                if said:
                    await loop.sock_sendall(dialled, said)
            async with asyncio.timeout(patience):
                return await loop.sock_recv(dialled, 4096)
        except OSError:
            return b""


def _shown(data: bytes) -> str:
    return escape(data.split(b"\n", 1)[0].rstrip(b"\r"), MOST_SHOWN)


# -- telling -----------------------------------------------------------------------------


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
