"""Speaks a preamble to a server, step by step along the same table that recognises it.

Knows no socket and no clock: give it the server's bytes, send what it says, until it is `ready`
or `refused`. A server that says neither yes nor no leaves it waiting: time is the caller's.
"""

from __future__ import annotations

from collections.abc import Iterator

from tlswire.errors import SelectionError
from tlswire.flow import Who
from tlswire.language import say
from tlswire.preambles.dialects import ALIASES, BY_PROTOCOL
from tlswire.preambles.step import HORIZON, Dialect, Exchanges, Step, escape
from tlswire.way import Target


def named(protocol: str) -> tuple[Dialect, ...]:
    """Return the dialects that a name joins with "+". Raises SelectionError for one unknown."""
    names = [ALIASES.get(name, name) for name in protocol.lower().split("+")]
    unknown = [name for name in names if name not in BY_PROTOCOL]
    if unknown:
        known = ", ".join(BY_PROTOCOL)
        raise SelectionError(
            say(
                "no preamble is called {unknown!r}; there are {known}",
                unknown=unknown[0],
                known=known,
            )
        )
    return tuple(BY_PROTOCOL[name] for name in names)


def script(dialect: Dialect, target: Target) -> Iterator[Step]:
    """Yield the steps to go through: an exchange only if we have something to ask."""
    for item in dialect.steps:
        if isinstance(item, Step):
            yield item
        else:
            yield from _asked(item, target)


def _asked(exchanges: Exchanges, target: Target) -> Iterator[Step]:
    for ask, answer in exchanges.pairs:
        if words(ask, target):
            yield from (ask, answer)


def words(step: Step, target: Target) -> bytes:
    """Return what we say at a step."""
    says = step.says if step.says is not None else b""
    return says(target) if callable(says) else says


class Speaker:
    """The client's side of a preamble, named as in `Preamble.protocol`: "proxy-v2+smtp".

    `steps` is what was said so far, in the manner of `Preamble.steps`; `refused` what the server
    answered when it said no. When `framed`, the caller must wrap the records of the handshake as
    the protocol wants. Raises `SelectionError` for a protocol that has no row in the table.
    """

    def __init__(self, protocol: str, target: Target) -> None:
        dialects = named(protocol)
        self.framed = any(dialect.framed for dialect in dialects)
        self.steps: list[str] = []
        self.refused: str | None = None
        self._script = [step for dialect in dialects for step in script(dialect, target)]
        self._target = target
        self._received = b""
        self._asked: Step | None = None  # what we said last
        self._heard = b""  # what the server said last

    @property
    def ready(self) -> bool:
        """Whether TLS may begin."""
        return not self._script and self.refused is None

    @property
    def awaits(self) -> str | None:
        """The name of the server's step that is due, or None."""
        return self._script[0].name if self._turn() == "server" else None

    @property
    def leftover(self) -> bytes:
        """The server's bytes that no step took yet: of TLS, once ready."""
        return self._received

    def send(self) -> bytes:
        """Return what to send now; nothing when it is the server's turn."""
        said = b""
        while self._turn() == "client":
            step = self._script.pop(0)
            if step.when is not None and not self._heard.startswith(step.when):
                del self._script[0]  # nor is there an answer to what is not asked
                continue
            said += self._say(step)
            self._hear_all()
        return said

    def receive(self, data: bytes) -> None:
        """Take the server's next bytes."""
        self._received = (self._received + data)[:HORIZON]
        self._hear_all()

    def _turn(self) -> Who | None:
        return self._script[0].who if self._script and self.refused is None else None

    def _hear_all(self) -> None:
        while self._turn() == "server" and self._hear(self._script[0]):
            del self._script[0]

    def _say(self, step: Step) -> bytes:
        said, self._asked = words(step, self._target), step
        whole = step.reads(said, 0)
        self.steps.append(f"client: {whole.words if whole else escape(said)}")
        return said

    def _hear(self, step: Step) -> bool:
        said = step.reads(self._received, 0)
        if said is None and step.refuses is not None:
            said = step.refuses(self._received, 0)
            self.refused = said.words if said else None
        if said is None:
            return False
        self.steps.append(f"server: {said.words}")
        self._heard, self._received = self._received[: said.end], self._received[said.end :]
        if self.refused is not None and self._asked is not None and self._asked.otherwise:
            again = self._asked._replace(says=self._asked.otherwise, otherwise=None)
            self._script.insert(0, again)
            self.refused = None
            return False
        return self.refused is None
