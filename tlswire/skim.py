"""A capture skimmed for a list: each conversation told when it is over, one for all that are alike.

What is told of a conversation is made in two steps: what all with the same story share is made of
the first of them (`make`), what is each one's own, its ends and its name, is put to it (`retell`).
Must never tell of one by its likeness what it would not have told by working it out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from tlswire.decode import Scan, tell_datagrams
from tlswire.flow import Flow, Sink
from tlswire.language import say
from tlswire.likeness import Remembered
from tlswire.seen import Seen, understand
from tlswire.session import Session
from tlswire.sources.capture import Capture, open_capture
from tlswire.sources.ends import key_of
from tlswire.sources.kept import Kept
from tlswire.sources.stream import Overlap
from tlswire.sources.tcp import Conversations
from tlswire.sources.watch import Watch


class UnfitError(Exception):
    """The capture cannot be skimmed so: it must be read once more."""


class KeyedError(UnfitError):
    """The capture holds secrets: it must be read with them."""


class Teller(NamedTuple):
    """How a conversation is told: of what all with its story share, its key, the server name.

    Without `retell` each is worked out, and `make` tells all.
    """

    make: Callable[[Seen], object]
    retell: Callable[[object, bytes, str | None], object] | None = None


class Told(NamedTuple):
    """What is told of one conversation, and what shows to whom it belongs."""

    number: int
    first_frame: int
    last_frame: int
    over_frame: int
    key: bytes  # the addresses and ports as the client's packets have them
    isn: int | None
    content: object


class Skim:
    """Conversations being read, each told when it is over."""

    def __init__(self, capture: Capture, teller: Teller, overlap: Overlap) -> None:
        self.capture = capture
        self._make, self._retell = teller
        self._sessions: dict[int, Session] = {}
        self._over: list[Flow | Told] = []
        self._remembered: Remembered[object] = Remembered()
        self.conversations = Conversations(
            self._opened,
            self._over.append,
            overlap=overlap,
            recognise=None if self._retell is None else self._recognise,
        )

    def _opened(self, flow: Flow) -> Sink:
        session = self._sessions[flow.number] = Session(midway=flow.midway)
        return session

    def _recognise(self, kept: Kept) -> bool:
        """Tell of a conversation by its likeness to another; False: it cannot be told so."""
        known = self._remembered.recall(kept)
        if known is None or self._retell is None:
            return False
        key, packets = kept.key, kept.packets
        content = self._retell(known[0], key, known[1])
        frames = packets[0][0], packets[-1][0], kept.over_frame
        self._over.append(Told(kept.number, *frames, key, kept.isn, content))
        return True

    def told(self) -> Iterator[Told]:
        """Yield what is told of the conversations that are over by now."""
        for over in self._over:
            yield over if isinstance(over, Told) else self._work_out(over)
        self._over.clear()

    def _work_out(self, flow: Flow) -> Told:
        seen = understand(flow, self._sessions.pop(flow.number), flow.until)
        key = key_of(flow.client.endpoint, flow.server.endpoint)
        content = self._make(seen)
        if self._retell is not None:
            self._remembered.learn(flow, content)
            content = self._retell(content, key, seen.offer.server_name if seen.offer else None)
        frames = flow.first_frame, flow.last_frame, flow.over_frame
        return Told(flow.number, *frames, key, flow.isn, content)


def follow(
    path: str, found: Scan, watch: Watch, teller: Teller, overlap: Overlap
) -> Iterator[Told]:
    """Yield what is told of every conversation, as each is over; `found` learns the rest.

    Raises CaptureError when it is no capture, KeyedError, after some may have been yielded, when
    there are secrets in it.
    """
    skim = Skim(open_capture(path, watch), teller, overlap)
    capture, conversations = skim.capture, skim.conversations
    for packets in capture.batches(conversations.unwanted):
        conversations.follow(packets)
        if capture.secrets:
            raise KeyedError
        yield from skim.told()
    conversations.finish()
    yield from skim.told()
    found.packets, found.last_at = conversations.packets, conversations.last_at
    found.conversations = conversations.count - conversations.skipped
    found.began = conversations.began
    found.notes += [*capture.notes, *conversations.notes]
    if watch.over:
        found.notes.append(
            say("stopped by the user after {number} bytes", number=capture.bytes_read)
        )
    found.datagrams = tell_datagrams(conversations.datagrams)
