"""Where a captured server is played to real clients: sockets, pauses and ends, by the script.

Listens where it is told and answers whoever comes; dials nobody. What each client does is told as
a relay would tell it.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from typing import Any

from tlswire.flow import Endpoint, Flow, How, Side, Who
from tlswire.live.actor import Actor, Cue, Repeater
from tlswire.live.script import End
from tlswire.live.station import Station, note_sent, reset
from tlswire.live.watch import Watch

#: Clients played to at once, and bytes that one of them may say.
MOST_CLIENTS = 1000
MOST_HEARD = 16 << 20
_MOST_WAITING = 64  # pieces that were not looked at yet


class Stage(Station):
    """Plays to every client that comes; `cast` makes its actor."""

    def __init__(
        self, cast: Callable[[], Actor], watch: Watch, *, timing: bool = True, once: bool = False
    ) -> None:
        super().__init__(watch)
        self.timing = timing  # captured pauses are kept
        self._cast, self._once = cast, once
        self._flows: dict[int, Flow] = {}

    def protocol(self) -> _Line:
        """Return the line to a new client."""
        return _Line(self._meet)

    def last(self) -> tuple[Flow, ...]:
        """Return the clients that are still played to."""
        return tuple(self._flows.values())

    def tell(self, flow: Flow) -> None:
        """Let a flow be told, once."""
        self._flows.pop(flow.number, None)
        super().tell(flow)

    async def _meet(self, line: _Line) -> None:
        if len(self._flows) >= MOST_CLIENTS:
            line.transport.abort()
            return
        flow = self._begin(line)
        actor = self._cast()
        self.watch.open(flow, actor.session)
        self._flows[flow.number] = flow
        with contextlib.suppress(OSError):
            await _Play(self, flow, actor, line).perform()
        line.transport.abort()
        flow.notes += [note for note in actor.notes if note not in flow.notes]
        self.tell(flow)
        if self._once:
            self.stop()

    def _begin(self, line: _Line) -> Flow:
        now, about = self.clock(), line.transport.get_extra_info
        peer, own = about("peername") or ("0.0.0.0", 0), about("sockname")
        client = Side(Endpoint(*peer[:2]), syn_frames=[0], syn_at=now, packets=2)
        server = Side(Endpoint(*own[:2]), syn_at=now, packets=1)
        flow = Flow(self.count, client, server, "syn", now, 0, now, 0, saw_syn=True)
        flow.accepted_at = flow.opened_at = now
        self.count += 1
        return flow


class _Line(asyncio.Protocol):
    """The connection to one client: what came, in order, and how it ended."""

    def __init__(self, met: Callable[[_Line], Coroutine[Any, Any, None]]) -> None:
        self._met = met
        self._heard: asyncio.Queue[bytes | How] = asyncio.Queue()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self._task = asyncio.ensure_future(self._met(self))

    def data_received(self, data: bytes) -> None:
        self._heard.put_nowait(data)
        if self._heard.qsize() >= _MOST_WAITING:
            self.transport.pause_reading()

    def eof_received(self) -> bool:
        self._heard.put_nowait("fin")
        return True

    def connection_lost(self, error: Exception | None) -> None:
        self._heard.put_nowait("fin" if error is None else "rst")

    async def read(self) -> bytes | How:
        """Return the next bytes, or how the client left; what came before that is not lost."""
        heard = await self._heard.get()
        if not self.transport.is_closing() and not self.transport.is_reading():
            self.transport.resume_reading()
        return heard


class _Play:
    """One client's performance."""

    def __init__(self, stage: Stage, flow: Flow, actor: Actor, line: _Line) -> None:
        self._stage, self._flow, self._actor, self._line = stage, flow, actor, line
        self._spoke_last: Who = "server"
        self._left = False  # the client has

    async def perform(self) -> None:
        """Say, hear, and end as the script does."""
        if await self._answer():
            return
        heard = 0
        while not self._left and heard < MOST_HEARD:
            heard += await self._hear()
            if await self._answer():
                return

    async def _hear(self) -> int:
        heard, now = await self._line.read(), self._stage.clock()
        if not isinstance(heard, bytes):
            self._left = True
            self._flow.client.fin_at = now
            self._actor.session.closed("client", heard, now)
            return 0
        note_sent(self._flow, "client", heard, now)
        if isinstance(self._actor, Repeater):
            self._actor.runs += self._spoke_last != "client"
        self._spoke_last = "client"
        self._actor.session.receive("client", heard, now)
        return len(heard)

    async def _answer(self) -> bool:
        """Say what is due; tell whether it is over."""
        for cue in self._actor.next(self._stage.clock()):
            await self._say(cue)
        end = self._actor.end()
        if end is None:
            return False
        if end.how is None or (end.after_client and not self._left):
            return False
        await self._end(end)
        return True

    async def _say(self, cue: Cue) -> None:
        if cue.pause and self._stage.timing:
            await asyncio.sleep(cue.pause)
        note_sent(self._flow, "server", cue.data, self._stage.clock())
        self._spoke_last = "server"
        self._line.transport.write(cue.data)
        await asyncio.sleep(0)

    async def _end(self, end: End) -> None:
        if end.pause and self._stage.timing and not self._left:
            with contextlib.suppress(TimeoutError):  # what the client says now changes nothing
                await asyncio.wait_for(self._listen(), end.pause)
        now = self._stage.clock()
        if end.how == "rst":
            self._actor.session.closed("server", "rst", now)
            reset(self._line.transport)
            return
        self._flow.server.fin_at = now
        self._actor.session.closed("server", "fin", now)
        if not self._line.transport.is_closing():
            self._line.transport.write_eof()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._listen(), 2.0)

    async def _listen(self) -> None:
        while not self._left:
            await self._hear()
