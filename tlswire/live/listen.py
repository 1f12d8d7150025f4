"""Packets of an interface, understood as they come: every handshake is told as it ends.

Runs for weeks: what is in progress is bounded in number and in time, what was told is forgotten
and left to the kernel. What an attack would make a million lines of is counted and told in one.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple, TypeAlias

from tlswire.decode import TLS_PORTS, belongs
from tlswire.flow import Endpoint, Flow
from tlswire.language import say
from tlswire.live.alike import Alike
from tlswire.live.recording import Recording
from tlswire.live.watch import Watch
from tlswire.result import Connection
from tlswire.seen import Seen
from tlswire.sources.keeping import ETHERNET
from tlswire.sources.kept import Kept
from tlswire.sources.table import LEFT, MOST_CONVERSATIONS
from tlswire.sources.tap import Tap
from tlswire.sources.tcp import Conversations

#: Seconds between two looks for handshakes that are over; between two tellings of what was lost.
TICK = 0.25
TELL_LOSSES = 10.0
#: Servers known to speak TLS.
MOST_SPEAKERS = 10_000
#: Failures without a TLS byte of one kind, told one by one in a minute.
MOST_ALIKE = 1000
MINUTE = 60.0
#: So many connections at once may be a flood; fewer are not.
CROWD = 2000
#: Seconds by which the packets that are read may be old.
LATE = 1.0
#: Seconds for which a connection is only kept, before it is followed or after it is over.
KEPT = 1.0
#: Seconds that are taken, once it is stopped, for packets that wait.
LAST_READING = 20.0
#: Seconds without a loss after which packets without data are taken again.
FAIR = 10.0


#: Of failures: the server, where they stopped, who ended them and how.
_Kind: TypeAlias = tuple[str, str | None, str | None, str | None]


class Losses(NamedTuple):
    """What is not among the handshakes told."""

    dropped: int = 0  # packets, by the kernel
    left: int = 0  # conversations that had to make room
    midway: int = 0  # connections that were open before
    without_tls: int = 0


class Listener:
    """Reads a tap until it is stopped."""

    def __init__(
        self,
        tap: Tap,
        watch: Callable[[Callable[[Seen], None]], Watch],
        tell: Callable[[Seen, bool], Connection | None],
        say: Callable[[str], None],
        *,
        retell: Callable[[Connection, bool], bool] | None = None,
        flush: Callable[[], None] = lambda: None,
        most: int = MOST_CONVERSATIONS,
        most_alike: int = MOST_ALIKE,
        recording: Recording | None = None,
        only_failed: bool = False,
    ) -> None:
        """`tell` gets what was seen and whether it is told one by one; `say` gets notices.

        With `retell`, one that is like one before is not worked out, and told by that, if it is
        not False. `flush` is called when all that was read was told.
        """
        self.tap = tap
        self.watch = watch(self._told)
        self.watch.satisfied = tap.skip
        self._retell, self._flush = retell, flush
        self._alikes = Alike(self._told_alike, self.watch.company)
        self.conversations = Conversations(
            self.watch.open,
            self._ended,
            most=most,
            keep=recording.keep if recording else None,
            recognise=self._alikes.recognise if retell else None,
            is_noise=self._alikes.is_noise if retell else None,
        )
        self.losses = Losses()
        self.asked = False  # somebody wants to know the statistics
        self.stopping = self._hurried = False
        self._tell, self._say = tell, say
        self._recording, self._records_completed = recording, not only_failed
        self._speakers: dict[Endpoint, None] = {}
        self._alike: Counter[_Kind] = Counter()
        self._most_alike = most_alike
        self._at = time.time()
        self._minute = self._losses_due = 0.0
        self._behind = 0.0  # seconds
        self._crowd = min(CROWD, most // 2)
        self._fair_at: float | None = None  # until then only packets with data are taken
        self._dropped_before = self._left_before = 0

    def run(self, statistics: Callable[[], None]) -> None:
        """Listen until `stopping`; then everything still open is told as far as it came."""
        due = 0.0
        while not self.stopping:
            self._read(TICK)
            if time.monotonic() >= due:
                due = time.monotonic() + TICK
                self._look()
            if self.asked:
                self.asked = False
                self.tap.count()
                statistics()
        self._drain()
        self._look()
        self.conversations.finish()
        self._flush()
        self._tell_losses(last=True)

    def stop(self) -> None:
        """Read what has come and end; asked once more, end at once."""
        self._hurried, self.stopping = self.stopping, True

    def _drain(self) -> None:
        """Read what had come when it was stopped; somebody who asks twice does not wait."""
        self.tap.shut()
        until = time.monotonic() + LAST_READING
        while self._read(0.1):
            if self._hurried or time.monotonic() > until:
                self._say(say("not all that had come was read: the last handshakes may be missing"))
                return

    def _read(self, seconds: float) -> bool:
        """Read what has come, wait so long for it; tell whether anything came."""
        before = self.conversations.packets
        try:
            self.conversations.follow(self.tap.read(seconds, self.conversations.unwanted))
        except OSError as error:
            self._wait_for_interface(error)
        self._flush()
        busy = self.conversations.packets != before
        self._behind = time.time() - self.conversations.last_at if busy else 0.0
        # While packets wait to be read, now is when the last one came.
        self._at = self.conversations.last_at if busy else max(time.time(), self._at)
        return busy

    def _wait_for_interface(self, error: OSError) -> None:
        self._say(
            say(
                "{name}: {strerror}; waiting for it to come back",
                name=self.tap.name,
                strerror=error.strerror,
            )
        )
        while not self.stopping and not self.tap.revive():
            time.sleep(TICK)

    def _look(self) -> None:
        """Tell what is over, and leave to the kernel what such connections still carry."""
        at = self._at
        self.conversations.settle(at, KEPT, self.watch.patience.idle)
        for flow in self.watch.settled(at):
            self.conversations.leave(flow, at)
            if flow.client.fin_at is None or flow.server.fin_at is None:
                self.tap.skip(flow)
        self._flush()
        self._weather(at)
        if at - self._losses_due >= TELL_LOSSES:
            self._losses_due = at
            self._tell_losses()
        if at - self._minute >= MINUTE:
            self._minute = at
            self._tell_alike()

    # -- one conversation --------------------------------------------------------------

    def _ended(self, flow: Flow) -> None:
        if LEFT in flow.notes and not self.watch.spoke(flow):
            self._count(left=1)
            self._forget(flow)
        else:
            self.watch.close(flow, self._at)

    def _told(self, seen: Seen) -> None:
        flow = seen.flow
        if LEFT in flow.notes and not _is_known(seen):
            self._count(left=1)
        elif flow.midway and seen.transcript.client_hello is None:
            self._count(midway=1)
        elif not belongs(seen, self._speakers):
            self._count(without_tls=1)
        else:
            self._report(seen)
            return
        self._forget(flow)

    def _report(self, seen: Seen) -> None:
        flow = seen.flow
        if seen.spoke_tls:
            self._remember(flow.server.endpoint)
        listed = self._deserves(seen)
        told = self._tell(self.watch.explain(seen) if listed else seen, listed)
        self._alikes.learn(seen, told if listed else None)
        if self._recording is None:
            return
        if self._records_completed or seen.failed:
            self._recording.save(flow.number)
        else:
            self._recording.drop(flow.number)

    def _told_alike(self, kept: Kept, server: Endpoint, found: Connection, spoke_tls: bool) -> bool:
        """Tell of one that is like another; its packets are all there. False: work it out."""
        known = server in self._speakers
        if not (spoke_tls or known or server.port in TLS_PORTS):
            return False
        failed = found.outcome != "established"
        kind = None
        if failed and found.client_version is None:
            kind = self._counted_as(_kind_of(found))
        listed = kind is None or self._alike[kind] < self._most_alike
        if self._retell is None or not self._retell(found, listed):
            return False
        if kind is not None:
            self._alike[kind] += 1
        if spoke_tls and not known:
            self._remember(server)
        if self._recording is not None and (failed or self._records_completed):
            for number, at, data, length in kept.packets:
                packet = (number, at, ETHERNET, data, 0, len(data), length)
                self._recording.keep(kept.number, packet)
            self._recording.save(kept.number)
        return True

    def _forget(self, flow: Flow) -> None:
        self._alikes.forget(flow)
        self.watch.drop(flow)
        if self._recording is not None:
            self._recording.drop(flow.number)

    def _remember(self, server: Endpoint) -> None:
        self._speakers.pop(server, None)
        self._speakers[server] = None
        if len(self._speakers) > MOST_SPEAKERS:
            del self._speakers[next(iter(self._speakers))]

    def _count(self, left: int = 0, midway: int = 0, without_tls: int = 0) -> None:
        old = self.losses
        self.losses = old._replace(
            left=old.left + left,
            midway=old.midway + midway,
            without_tls=old.without_tls + without_tls,
        )

    # -- floods ------------------------------------------------------------------------

    def _deserves(self, seen: Seen) -> bool:
        """Tell whether it gets a line: of failures without TLS the first thousand of a minute."""
        if seen.transcript.client_hello is not None or not seen.failed:
            return True
        ending = seen.ending
        kind = self._counted_as((seen.server, ending.stopped_at, ending.side, ending.how))
        self._alike[kind] += 1
        return self._alike[kind] <= self._most_alike

    def _counted_as(self, kind: _Kind) -> _Kind:
        if kind in self._alike or len(self._alike) < MOST_SPEAKERS:
            return kind
        return (say("other servers"), *kind[1:])

    def _tell_alike(self) -> None:
        for (server, stopped_at, side, how), count in self._alike.items():
            if count > self._most_alike:
                more = count - self._most_alike
                self._say(
                    say(
                        "{server}: {more} more stopped at {stopped_at} ({side}: {how}), unlisted",
                        server=server,
                        more=more,
                        stopped_at=stopped_at,
                        side=side,
                        how=how,
                    )
                )
        self._alike.clear()

    def _weather(self, at: float) -> None:
        """When it cannot keep up take packets with data only: a flood of SYNs has none."""
        lost = self.tap.dropped
        self.tap.count()
        crowded = len(self.watch) > self._crowd
        if crowded and (self.tap.dropped > lost or self._behind > LATE):
            if self._fair_at is None and self.tap.only_data(True):
                self._say(
                    say(
                        "more packets come than can be read: those without data stay in the "
                        "kernel for a while, and connections are told from their first data on"
                    )
                )
            self._fair_at = at + FAIR
        elif self._fair_at is not None and at >= self._fair_at:
            self._fair_at = None
            self.tap.only_data(False)

    def _tell_losses(self, *, last: bool = False) -> None:
        self.tap.count()
        dropped = self.tap.dropped - self._dropped_before
        left = self.losses.left - self._left_before
        self._dropped_before, self._left_before = self.tap.dropped, self.losses.left
        self.losses = self.losses._replace(dropped=self.tap.dropped)
        if dropped:
            self._say(
                say(
                    "{dropped} packets were dropped by the kernel: handshakes may be missing "
                    "or cut; take a larger --buffer or a narrower FILTER",
                    dropped=dropped,
                )
            )
        if left:
            self._say(
                say(
                    "{left} connections made room for newer ones and are not told (--most)",
                    left=left,
                )
            )
        if last:
            self._tell_alike()


def _kind_of(found: Connection) -> _Kind:
    ended = found.ended_by
    side, how = (ended.side, ended.how) if ended is not None else (None, None)
    return found.server, found.stopped_at, side, how


def _is_known(seen: Seen) -> bool:
    """Tell whether how a conversation ended was known before it had to make room."""
    told = seen.ending.outcome == "established" or seen.ending.entry is not None
    return told and seen.ending.outcome != "incomplete"
