"""A pass-through TCP relay: bytes go on unchanged, and both directions are read as they pass.

Never terminates TLS, never changes a byte unless a fault asks for it, and connects to nobody but
its target. Each write of a side becomes one write to the other as long as that one takes it; a
half-close, a reset and a refused connection are passed on as they came.
"""

from __future__ import annotations

import asyncio
import errno
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from tlswire.flow import OTHER, Endpoint, Flow, How, Side, Who
from tlswire.language import mark, say
from tlswire.live.fault import Fault, Spoiler, Step
from tlswire.live.leg import Leg
from tlswire.live.station import Station, note_sent
from tlswire.live.watch import Watch
from tlswire.session import Session
from tlswire.sources.dialling import Address
from tlswire.sources.tcp_info import unacknowledged

#: Seconds to wait for the target to accept.
CONNECTING = 10.0
#: Why the place of a fault is not come to.
MISSED = mark("the stream never came there, or TLS 1.3 hides where the message begins")
#: How a failed connection attempt reads on the wire.
_REFUSALS: dict[int, How] = {
    errno.ECONNREFUSED: "rst",
    errno.ECONNRESET: "rst",
    errno.ETIMEDOUT: "timeout",
    errno.EHOSTUNREACH: "icmp",
    errno.ENETUNREACH: "icmp",
}


class Relay(Station):
    """Listens at one place and passes every connection on to one target."""

    def __init__(
        self,
        target: Sequence[Address],
        watch: Watch,
        *,
        faults: Sequence[Fault] = (),
        connecting: float = CONNECTING,
    ) -> None:
        super().__init__(watch)
        self.target = target
        self.faults = faults
        self.connecting = connecting
        self.passages: dict[int, Passage] = {}  # by the number of their flow
        self.notes: dict[str, int] = {}

    async def run(self, listener: socket.socket, ready: Callable[[], None] | None = None) -> None:
        """Relay until `stop`; raises what the watch's listener raised."""
        asyncio.get_running_loop().set_exception_handler(self._excepted)
        await super().run(listener, ready)

    def protocol(self) -> Leg:
        """Return the client's half of a new passage."""
        return Leg("client", lambda leg: Passage(self, leg))

    def last(self) -> Iterator[Flow]:
        """Reset what is still open."""
        for passage in list(self.passages.values()):
            passage.measure()
            yield passage.flow
            passage.abort()

    def settle(self, flow: Flow) -> None:
        """Let a flow be told, with what its sides have acknowledged by now."""
        if flow.number in self.passages:
            self.passages[flow.number].measure()
        super().settle(flow)

    def note(self, text: str) -> None:
        """Count something that went wrong and belongs to no connection."""
        self.notes[text] = self.notes.get(text, 0) + 1

    def _excepted(self, loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        error = context.get("exception")
        if isinstance(error, OSError):
            self.note(f"{error.strerror or error}")
        elif error is not None:
            self.fail(error)


class Passage:
    """One client's connection and the one made for it to the target."""

    def __init__(self, relay: Relay, client: Leg) -> None:
        self.relay = relay
        self.legs: dict[Who, Leg] = {"client": client, "server": Leg("server", lambda leg: self)}
        self.legs["server"].owner = self
        self.flow = self._begin(client)
        self.session: Session | None = relay.watch.open(self.flow)
        self._ended: set[Who] = set()
        scout = Session()
        self._spoilers: dict[Who, Spoiler] = {
            who: Spoiler(who, relay.faults, scout) for who in self.legs if relay.faults
        }
        self._waiting: dict[Who, asyncio.Queue[Step]] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        relay.passages[self.flow.number] = self
        # Soon, not now: up to Python 3.11.4 a transport that begins to read after this call does so
        # though it was told to pause, and what comes before the target accepts would be lost.
        asyncio.get_running_loop().call_soon(client.hold, True)
        self._spawn(self._connect())

    def _begin(self, client: Leg) -> Flow:
        relay, now = self.relay, self.relay.clock()
        assert client.transport is not None
        peer = client.transport.get_extra_info("peername") or ("0.0.0.0", 0)
        own = Side(Endpoint(*peer[:2]), syn_frames=[0], syn_at=now, packets=1)
        flow = Flow(
            relay.count,
            own,
            Side(relay.target[0].endpoint),
            "dialled",
            now,
            0,
            now,
            0,
            saw_syn=True,
        )
        relay.count += 1
        return flow

    def _spawn(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- the connection to the target --------------------------------------------------

    async def _connect(self) -> None:
        loop, server, how = asyncio.get_running_loop(), self.legs["server"], "timeout"
        for address in self.relay.target:
            self.flow.server.endpoint = address.endpoint
            try:
                async with asyncio.timeout(self.relay.connecting):
                    await loop.create_connection(lambda: server, *address.endpoint)
            except TimeoutError:
                how = "timeout"
            except OSError as error:
                how = _REFUSALS.get(error.errno or 0, "rst")
                self.flow.notes.append(f"{address.endpoint}: {error.strerror or error}")
                if error.errno in (errno.EMFILE, errno.ENFILE, errno.EADDRNOTAVAIL):
                    self.relay.note(
                        say("no connection to the target: {strerror}", strerror=error.strerror)
                    )
                    self.relay.watch.drop(self.flow)
            else:
                self._connected()
                return
        self._refused(how)  # type: ignore[arg-type]

    def _connected(self) -> None:
        flow, now = self.flow, self.relay.clock()
        flow.accepted_at = flow.opened_at = flow.server.syn_at = now
        flow.round_trip = now - flow.started
        flow.client.packets, flow.server.packets = 2, 1
        flow.notes.clear()
        if self.legs["client"].open:
            self.legs["client"].hold(False)
        else:  # the client has not waited
            self.legs["server"].reset()

    def _refused(self, how: How) -> None:
        """The target did not accept: so does the client learn it, as far as it can."""
        if self.session is not None:
            self.session.closed("server", how, self.relay.clock())
        self._over()
        self.legs["client"].reset()

    # -- what passes -------------------------------------------------------------------

    def other(self, leg: Leg) -> Leg:
        """Return the connection to the other side."""
        return self.legs[OTHER[leg.who]]

    def take(self, leg: Leg, data: bytes) -> None:
        """Pass on what a side sent."""
        spoiler = self._spoilers.get(leg.who)
        if spoiler is None:
            self._read(leg.who, data)
            self.other(leg).write(data)
            return
        told = len(spoiler.done)
        for step in spoiler.feed(data, self.relay.clock()):
            self._queue(leg.who, step)
        self.flow.notes += spoiler.done[told:]

    def _read(self, who: Who, data: bytes) -> None:
        """Let the session read; once its handshake was told, nothing is read any more."""
        session = self.session
        if session is None or session.done:
            self.session = None
            return
        now = self.relay.clock()
        note_sent(self.flow, who, data, now)
        session.receive(who, data, now)

    def half_close(self, leg: Leg) -> None:
        """Pass on that a side sends nothing more."""
        spoiler = self._spoilers.get(leg.who)
        if spoiler is None:
            self._end(leg.who)
            return
        for step in spoiler.finish():
            self._queue(leg.who, step)
        self._queue(leg.who, Step(b"", 0.0, "cut"))

    def _end(self, who: Who) -> None:
        if who in self._ended:
            return
        self._ended.add(who)
        self.flow.side(who).fin_at = self.relay.clock()
        self._closed(who, "fin")
        self.legs[OTHER[who]].write_eof()
        if len(self._ended) == len(self.legs):
            self._over()
            for leg in self.legs.values():
                leg.close()

    def lost(self, leg: Leg, error: Exception | None) -> None:
        """A connection is gone: reset by its side, or closed by this relay."""
        other = self.other(leg)
        if error is not None:
            self._closed(leg.who, "rst")
            self._over()
            if other.transport is not None:
                other.reset()
        elif not other.open:
            self._over()
        if not other.open and not leg.open:
            self._forget()

    def _closed(self, who: Who, how: How) -> None:
        if self.session is not None:
            self.flow.last_at = self.relay.clock()
            self.session.closed(who, how, self.flow.last_at)

    def _over(self) -> None:
        """Nothing more will be learnt."""
        self.session = None
        self.relay.tell(self.flow)

    def _tell_missed(self) -> None:
        """Count the faults that no side's stream gave occasion to."""
        done = " ".join(self.flow.notes)
        missed = {text for spoiler in self._spoilers.values() for text in spoiler.missed}
        for fault in sorted(
            text for text in missed if say("fault {fault}:", fault=text) not in done
        ):
            told = say("fault {fault} did not happen: {why}", fault=fault, why=say(MISSED))
            self.relay.note(told)

    def _forget(self) -> None:
        if self.relay.passages.pop(self.flow.number, None) is not None:
            self._tell_missed()
        for task in list(self._tasks):
            task.cancel()

    # -- faults ------------------------------------------------------------------------

    def _queue(self, who: Who, step: Step) -> None:
        """Let a step happen in its time; those of one side one after the other."""
        if who not in self._waiting:
            self._waiting[who] = asyncio.Queue()
            self._spawn(self._perform(who, self._waiting[who]))
        due = step._replace(delay=time.monotonic() + step.delay)
        self._waiting[who].put_nowait(due)

    async def _perform(self, who: Who, steps: asyncio.Queue[Step]) -> None:
        while True:
            step = await steps.get()
            await asyncio.sleep(max(0.0, step.delay - time.monotonic()))
            if step.data:
                self._read(who, step.data)
                self.legs[OTHER[who]].write(step.data)
                await asyncio.sleep(0)
            elif step.end == "cut":
                self._end(who)
            elif step.end == "reset":
                self._closed(who, "rst")
                self._over()
                self.abort()
            elif step.end == "stall":
                return

    # -- facts -------------------------------------------------------------------------

    def measure(self) -> None:
        """Ask the system what of the bytes passed on the sides have acknowledged."""
        for who, leg in self.legs.items():
            if leg.open and leg.transport is not None:
                waiting = unacknowledged(leg.transport.get_extra_info("socket"))
                waiting += leg.transport.get_write_buffer_size()
                side = self.flow.side(OTHER[who])
                side.acked = side.sent - min(waiting, side.sent)

    def abort(self) -> None:
        """Reset whatever is still open."""
        for leg in self.legs.values():
            leg.reset()
