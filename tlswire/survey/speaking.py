"""What speaks on an open port: TLS at once, TLS after STARTTLS, HTTP, a greeting, or nothing.

A connection for each question, a few a port; the first answer that tells is enough.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from typing import Final, NamedTuple

from tlswire.codes import VERSIONS
from tlswire.language import say
from tlswire.preambles import name_bytes, signs
from tlswire.preambles.step import escape
from tlswire.sources.dialling import Address
from tlswire.survey.answer import Answer
from tlswire.survey.caller import Caller, Limits
from tlswire.survey.question import Shape, everything
from tlswire.variants.sending import REQUEST
from tlswire.way import Stage, Target

#: Seconds that a server may take to greet of its own accord, and bytes of it that are told.
GREETING: Final = 1.0
MOST_SHOWN: Final = 80


class Spoken(NamedTuple):
    """What was heard on an open port."""

    speaks: str | None = None
    preamble: str | None = None
    banner: str | None = None


async def ask_all(
    host: str, address: Address, ports: Sequence[int], limits: Limits
) -> dict[int, Spoken]:
    """Ask each of the ports what it speaks, side by side."""
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
