"""A connection up to where TLS may begin: dialled, and the preambles of the way spoken to it.

For everything that talks to a server; nothing is copied from a capture, every word is said anew.

    with opened(resolve(host, port), session, way) as opening:
        if opening.ready:
            opening.wire.send(flight.pieces)
            opening.wire.listen(lambda: answered(session))

The session hears all of it, and learns the preamble as it was spoken: a refusal or a silence
before TLS is judged as PREAMBLE. It never sends a byte of TLS itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tlswire.flow import Flow, How, Who
from tlswire.preambles import Preamble, name_bytes, tds
from tlswire.preambles.speaker import Speaker
from tlswire.preambles.step import escape
from tlswire.session import Session
from tlswire.sources.dialling import Address
from tlswire.sources.wire import Wire
from tlswire.way import Stage, Target, Way

#: How a step ends that tells of other words than were awaited.
MISUNDERSTOOD = " was due"
#: So many letters of a protocol's name tell it in the name of what was said.
_TELLING = 4


@contextmanager
def opened(addresses: list[Address], session: Session, way: Way) -> Iterator[Opening]:
    """Connect, speak every stage in turn, and hang up when it is over.

    `addresses` are the proxy's where the way has one. Raises TargetError when nothing can leave.
    """
    ear = _Ear(session)
    with Wire(addresses, ear, way) as wire:
        opening = Opening(wire)
        for stage in way.stages:
            if wire.over or not opening.speak(stage, ear):
                break
        session.spoken = opening.preamble
        yield opening


@dataclass
class Opening:
    """What was said before TLS, and the wire: TLS may begin there if it is `ready`."""

    wire: Wire
    protocols: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    refused: str | None = None
    awaits: str | None = None

    @property
    def ready(self) -> bool:
        """Tell whether the server waits for a ClientHello now."""
        return not self.wire.over and self.refused is None and self.awaits is None

    @property
    def preamble(self) -> Preamble | None:
        """Return what was spoken, as it would have been recognised; None when nothing was."""
        if not self.protocols:
            return None
        flow, protocol = self.wire.flow, "+".join(self.protocols)
        ends = flow.client.sent, flow.server.sent
        return Preamble(protocol, tuple(self.steps), self.refused, {}, self.awaits, *ends)

    def speak(self, stage: Stage, ear: _Ear) -> bool:
        """Speak one preamble to its end; False when the server did not go along."""
        speaker = Speaker(stage.protocol, _placed(stage.target, self.wire.flow))
        self.protocols.append(stage.protocol)
        ear.lend_to(speaker)
        while not (speaker.ready or speaker.refused or self.wire.over):
            said = speaker.send()
            self.wire.send([(said, 0.0)] if said else [])
            self.wire.hear(lambda: speaker.awaits is None)
        self._settle(speaker, stage.protocol)
        return speaker.ready

    def _settle(self, speaker: Speaker, protocol: str) -> None:
        self.steps += speaker.steps
        self.refused = speaker.refused
        self.awaits = f"server: {speaker.awaits}" if speaker.awaits else None
        if speaker.awaits and speaker.leftover:
            self._hear_out(speaker.leftover, protocol)
        if speaker.refused:
            self.wire.hang_up()
        elif speaker.ready and speaker.framed:
            self.wire.wrap = tds.packets

    def _hear_out(self, said: bytes, protocol: str) -> None:
        """Note what the server said in the awaited words' place; another protocol is a no."""
        name, due = name_bytes(said, "server"), (self.awaits or "").removeprefix("server: ")
        self.steps.append(f"server: {name or escape(said, 60)}, where {due}{MISUNDERSTOOD}")
        if name is not None and protocol[:_TELLING].upper() not in name.upper():
            self.refused, self.awaits = f"{name} ({escape(said, 60)})", None


class _Ear:
    """Tells a session everything, and whoever speaks what the server says."""

    def __init__(self, session: Session) -> None:
        self.done = False
        self._session = session
        self._speaker: Speaker | None = None

    def lend_to(self, speaker: Speaker) -> None:
        """Let another preamble hear from here on, and what the one before left unheard."""
        if self._speaker is not None and self._speaker.leftover:
            speaker.receive(self._speaker.leftover)
        self._speaker = speaker

    def receive(self, who: Who, data: bytes, at: float, frame: int) -> None:
        self._session.receive(who, data, at, frame)
        if self._speaker is not None and who == "server":
            self._speaker.receive(data)

    def lost(self, who: Who, length: int, at: float, frame: int) -> None:
        self._session.lost(who, length, at, frame)

    def closed(self, who: Who, how: How, at: float, frame: int) -> None:
        self._session.closed(who, how, at, frame)


def _placed(target: Target, flow: Flow) -> Target:
    """Let a PROXY header name this very connection where nobody named another."""
    if target.source is not None:
        return target
    return target._replace(source=flow.client.endpoint, destination=flow.server.endpoint)
