"""Asks a server many questions at once: one connection each, within caps, bounded in all.

The only module of the survey with a socket and a clock. It talks to one target and nobody else.
Silence is waited for once: after the first, or once answers show how fast the server is, patience
is short.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
import time
from collections.abc import Sequence
from typing import Final, NamedTuple

from tlswire.envelopes import Envelope
from tlswire.flow import Endpoint
from tlswire.language import say
from tlswire.preambles import tds
from tlswire.preambles.speaker import Speaker
from tlswire.sources.dialling import Address
from tlswire.survey.answer import Answer, Hearing, How
from tlswire.survey.question import Question, Shape, flight
from tlswire.way import Stage, Target

#: Bytes read at a time.
_READ: Final = 1 << 16
#: Once the server has answered, patience is this many of its slowest answers, in seconds at least.
PATIENT, LEAST = 8, 1.0

_REFUSALS: Final[dict[int, How]] = {
    errno.ECONNREFUSED: "rst",
    errno.ECONNRESET: "rst",
    errno.EPIPE: "rst",
    errno.ETIMEDOUT: "silence",
    errno.EHOSTUNREACH: "icmp",
    errno.ENETUNREACH: "icmp",
}


class Piece(NamedTuple):
    """Bytes for one write, `pause` seconds after the one before."""

    data: bytes
    pause: float = 0.0


class Limits(NamedTuple):
    """What a target is spared: connections at once and a second, seconds in silence and in all."""

    parallel: int = 16
    rate: float = 200.0
    timeout: float = 5.0
    budget: float = 120.0


class Caller:
    """Makes the connections of one survey and counts them."""

    def __init__(
        self,
        addresses: Sequence[Address],
        shape: Shape,
        limits: Limits,
        stages: Sequence[Stage] = (),
    ) -> None:
        self.shape = shape
        self.limits = limits
        self.connections = 0
        self.sent = self.received = 0
        self.half_close = False  # end our stream after the hello: set once the server bears it
        self.address = addresses[0]
        self._addresses = list(addresses)
        self._stages = stages
        self._gate = asyncio.Semaphore(limits.parallel)
        self._deadline = time.monotonic() + limits.budget
        self._next = 0.0
        self._slowest: float | None = None
        self._silent = False

    @property
    def exhausted(self) -> bool:
        """Tell whether the time for this target is used up."""
        return time.monotonic() >= self._deadline

    @property
    def patience(self) -> float:
        """Return for how long an answer is waited for, in seconds."""
        left = max(0.0, self._deadline - time.monotonic())
        if self._slowest is None:
            return min(self.limits.timeout, left)
        brisk = max(LEAST, PATIENT * self._slowest) if self._silent else self.limits.timeout
        return min(self.limits.timeout, brisk, left)

    async def ask(
        self, question: Question, *, whole: bool = False, half_close: bool | None = None
    ) -> Answer:
        """Ask; where a half-closed connection was ended without a word, ask again without."""
        half = self.half_close if half_close is None else half_close
        pieces = [Piece(flight(question, self.shape))]
        answer = await self.send(pieces, Hearing(whole=whole), half_close=half)
        if half and answer.how in ("rst", "fin") and not self.exhausted:
            answer = await self.send(pieces, Hearing(whole=whole))
        return answer

    async def send(
        self, pieces: Sequence[Piece], hearing: Hearing, *, half_close: bool = False
    ) -> Answer:
        """Make one connection, send the pieces, hear the answer."""
        async with self._gate:
            answer = hearing.answer
            if self.exhausted:
                answer.how = "budget"
                return answer
            await self._keep_pace()
            began = time.monotonic()
            answer.wary = half_close
            await self._converse(pieces, hearing, half_close)
            answer.elapsed = time.monotonic() - began
            self._learn(answer)
            return answer

    def _learn(self, answer: Answer) -> None:
        if answer.spoke:
            self._slowest = max(self._slowest or 0.0, answer.elapsed)
        elif answer.how in ("silence", "unreached"):
            self._silent = True

    async def _keep_pace(self) -> None:
        now = time.monotonic()
        due = max(now, self._next)
        self._next = due + 1 / self.limits.rate
        if due > now:
            await asyncio.sleep(due - now)

    async def _converse(self, pieces: Sequence[Piece], hearing: Hearing, half_close: bool) -> None:
        line = _Line(hearing, self)
        try:
            async with asyncio.timeout(self.patience):
                await self._connect(line)
                for stage in self._stages:
                    await line.introduce(stage)
                await line.say(pieces, half_close)
                await line.listen()
        except TimeoutError:
            line.timed_out()
        except OSError as error:
            line.failed(error)
        finally:
            line.close()

    async def _connect(self, line: _Line) -> None:
        """Connect to the first address that accepts; keep to it from then on."""
        self.connections += 1
        failure: OSError | None = None
        for number, address in enumerate(self._addresses):
            left = self.patience / (len(self._addresses) - number)
            try:
                async with asyncio.timeout(left):
                    await line.connect(address)
            except OSError as error:  # TimeoutError too
                failure = error
                continue
            self._addresses, self.address = [address], address
            return
        if failure is not None:
            raise failure


class _Line:
    """One connection while it lasts."""

    def __init__(self, hearing: Hearing, caller: Caller) -> None:
        self._hearing = hearing
        self._caller = caller
        self._socket: socket.socket | None = None
        self._connected = False
        self._early = b""  # heard, and not yet understood
        self._awaited: str | None = None  # of a preamble, while it is spoken
        self._envelope: Envelope | None = None
        self._loop = asyncio.get_running_loop()

    async def connect(self, address: Address) -> None:
        self.close()
        self._socket = socket.socket(address.family, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await self._loop.sock_connect(self._socket, address.sockaddr)
        self._connected = True

    async def introduce(self, stage: Stage) -> None:
        """Speak a preamble; what the server says beyond it belongs to what comes next."""
        if self._hearing.done:
            return
        speaker = Speaker(stage.protocol, self._placed(stage.target))
        speaker.receive(self._early)
        self._awaited = say(
            "{protocol}: its {awaits} did not come", protocol=stage.protocol, awaits=speaker.awaits
        )
        while not speaker.ready and speaker.refused is None:
            await self._write(speaker.send())
            if not speaker.ready:
                self._awaited = say(
                    "{protocol}: its {awaits} did not come",
                    protocol=stage.protocol,
                    awaits=speaker.awaits,
                )
                data = await self._read()
                if not data:
                    break
                speaker.receive(data)
        self._early, self._awaited = speaker.leftover, None
        self._envelope = Envelope() if speaker.framed else None
        if not speaker.ready:
            self._hearing.answer.how, self._hearing.done = "refused", True
            words = speaker.refused or say("closed before its {awaits}", awaits=speaker.awaits)
            self._hearing.answer.words = f"{stage.protocol}: {words}"

    def _placed(self, target: Target) -> Target:
        """Let a PROXY header name this very connection."""
        if self._socket is None or target.source is not None:
            return target
        own, other = self._socket.getsockname()[:2], self._socket.getpeername()[:2]
        return target._replace(source=Endpoint(*own), destination=Endpoint(*other))

    async def say(self, pieces: Sequence[Piece], half_close: bool) -> None:
        for data, pause in pieces:
            if self._hearing.done:
                return
            if pause:
                await asyncio.sleep(pause)
            await self._write(tds.packets(data) if self._envelope else data)
        if half_close and self._socket is not None:
            self._socket.shutdown(socket.SHUT_WR)

    async def listen(self) -> None:
        """Hear the answer out, and answer it where that is wanted."""
        hearing, closed = self._hearing, False
        self._hear(self._early)
        while not hearing.done:
            said = hearing.reply()
            if said:
                await self._write(tds.packets(said) if self._envelope else said)
            if hearing.half_close and not closed and self._socket is not None:
                self._socket.shutdown(socket.SHUT_WR)
                closed = True
            if hearing.done:
                return
            data = await self._read_for(hearing.patience)
            if not data:
                hearing.closed("fin")
                return
            self._hear(data)

    async def _read_for(self, seconds: float | None) -> bytes:
        """Read, or give up after so many seconds: then there is nothing more."""
        try:
            async with asyncio.timeout(seconds):
                return await self._read()
        except TimeoutError:
            if seconds is None:
                raise
            return b""

    def _hear(self, data: bytes) -> None:
        parts = ((0, data),) if self._envelope is None else self._envelope.feed(data)
        for _, payload in parts:
            if payload:
                self._hearing.feed(payload)

    async def _write(self, data: bytes) -> None:
        assert self._socket is not None
        self._caller.sent += len(data)
        await self._loop.sock_sendall(self._socket, data)

    async def _read(self) -> bytes:
        assert self._socket is not None
        data = await self._loop.sock_recv(self._socket, _READ)
        self._caller.received += len(data)
        return data

    def timed_out(self) -> None:
        """Take note of silence: of a server, in a preamble, or of who should answer the SYN."""
        answer = self._hearing.answer
        if not self._connected:
            answer.how, self._hearing.done = "unreached", True
            answer.words = say("nobody answers the SYN")
        elif self._awaited is not None:
            answer.how, self._hearing.done = "refused", True
            answer.words = self._awaited
        else:
            self._hearing.closed("silence")

    def failed(self, error: OSError) -> None:
        """Say how the system's word for a failure looks on the wire."""
        how = _REFUSALS.get(error.errno or 0, "rst")
        if not self._connected:
            self._hearing.answer.words = os.strerror(error.errno) if error.errno else str(error)
            self._hearing.answer.how, self._hearing.done = "unreached", True
            return
        self._hearing.closed(how)

    def close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None
