"""Which preamble two sides spoke, told from all cleartext they sent before TLS.

Looks at bytes only, never at how they were cut into segments. Must never raise on any bytes.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tlswire.flow import Who
from tlswire.preambles.dialects import DIALECTS
from tlswire.preambles.preamble import Preamble
from tlswire.preambles.step import HORIZON, Dialect, Exchanges, Said, Step, compiled

_MOST_STEPS = 64  # printed
_MOST_EXCHANGES = 128  # a client that wants TLS asks for it sooner
_DEEPEST = 3  # a PROXY header before a CONNECT before STARTTLS; more is a joke


_Steps = tuple[Step | Exchanges, ...]


@dataclass(slots=True)
class _Dialogue:
    """How far the two sides came along one dialect."""

    streams: dict[Who, bytes]
    at: dict[Who, int] = field(default_factory=lambda: {"client": 0, "server": 0})
    steps: list[str] = field(default_factory=list)
    details: dict[str, str] = field(default_factory=dict)
    told: bool = False
    refused: str | None = None
    awaits: str | None = None

    def hear(self, step: Step) -> bool:
        """Move on if the step is what its side says next."""
        return self._take(step, step.reads(self.streams[step.who], self.at[step.who])) is not None

    def hear_refusal(self, step: Step) -> bool:
        """Move on if the step's side says no at this place."""
        if step.refuses is None:
            return False
        said = self._take(step, step.refuses(self.streams[step.who], self.at[step.who]))
        self.refused = said.words if said else self.refused
        return said is not None

    def wait_for(self, step: Step) -> None:
        """Note the step that should have come."""
        self.awaits = f"{step.who}: {step.name}"

    def is_next(self, step: Step) -> bool:
        """Whether the step comes next, without moving on."""
        return step.reads(self.streams[step.who], self.at[step.who]) is not None

    def is_over(self, who: Who) -> bool:
        """Whether the side has nothing more to say."""
        return self.at[who] >= len(self.streams[who])

    def _take(self, step: Step, said: Said | None) -> Said | None:
        if said is None:
            return None
        spoken = self.streams[step.who][self.at[step.who] : said.end]
        self.told = self.told or _tells(step, spoken)
        self.at[step.who] = said.end
        if len(self.steps) < _MOST_STEPS:
            self.steps.append(f"{step.who}: {said.words}")
        self.details |= said.details
        return said


def recognise(client: bytes, server: bytes) -> Preamble | None:
    """Name the preamble in the cleartext of both sides; either may be empty or be cut."""
    return _recognise(client[:HORIZON], server[:HORIZON], _DEEPEST)


def _recognise(client: bytes, server: bytes, depth: int) -> Preamble | None:
    heard = [(dialect, follow(dialect, client, server)) for dialect in DIALECTS]
    told = [(dialect, dialogue) for dialect, dialogue in heard if dialogue.told]
    if not told:
        return None
    dialect, best = max(told, key=lambda pair: _rank(pair[1]))
    outer = _preamble(dialect, best)
    if not dialect.carrier or outer.awaits or outer.refused or depth <= 1:
        return outer
    inner = _recognise(client[outer.client_end :], server[outer.server_end :], depth - 1)
    return _joined(outer, inner) if inner else outer


def follow(dialect: Dialect, client: bytes, server: bytes) -> _Dialogue:
    """Follow the dialogue along the dialect's steps as far as it goes."""
    dialogue = _Dialogue({"client": client, "server": server})
    index: int | None = 0
    while index is not None and index < len(dialect.steps):
        index = _go_on(dialogue, dialect.steps, index)
    return dialogue


def _go_on(dialogue: _Dialogue, steps: _Steps, index: int) -> int | None:
    """Hear what stands at `index`; return where to go on, None when the dialogue stops."""
    step = steps[index]
    if isinstance(step, Exchanges):
        return index + 1 if _chat(dialogue, step, steps[index + 1]) else None
    if dialogue.hear(step):
        dialogue.refused = None
        return index + 1
    if dialogue.hear_refusal(step):
        return _asked_again(dialogue, steps[:index])
    if _unheard(dialogue, step, steps[index + 1 :]):
        return index + 1
    dialogue.wait_for(step)
    return None


def _chat(dialogue: _Dialogue, exchanges: Exchanges, after: Step | Exchanges) -> bool:
    """Hear exchanges until the step after them; False when the dialogue stops in one."""
    for _ in range(_MOST_EXCHANGES):
        if isinstance(after, Step) and dialogue.is_next(after):
            return True
        answer = next((answer for ask, answer in exchanges.pairs if dialogue.hear(ask)), None)
        if answer is None:
            return True
        if not _answered(dialogue, answer):
            return False
    return True


def _answered(dialogue: _Dialogue, answer: Step) -> bool:
    """Hear the answer, which may also be missing from the capture."""
    if dialogue.hear(answer):
        return True
    if dialogue.hear_refusal(answer):
        return False
    if dialogue.is_over(answer.who):
        return True
    dialogue.wait_for(answer)
    return False


def _asked_again(dialogue: _Dialogue, earlier: _Steps) -> int | None:
    """Where the client, refused, asks again: AUTH SSL after AUTH TLS, CONNECT after a 407."""
    for index in reversed(range(len(earlier))):
        step = earlier[index]
        if isinstance(step, Step) and step.who == "client":
            return index if dialogue.is_next(step) else None
    return None


def _unheard(dialogue: _Dialogue, step: Step, later: _Steps) -> bool:
    """Whether a server's step is missing from the capture: the client went on as if it was."""
    if step.who == "client" or not dialogue.is_over("server"):
        return False
    return any(dialogue.is_next(ask) for item in later for ask in _asks(item))


def _asks(item: Step | Exchanges) -> list[Step]:
    steps = [item] if isinstance(item, Step) else [ask for ask, _ in item.pairs]
    return [step for step in steps if step.who == "client"]


def _tells(step: Step, spoken: bytes) -> bool:
    return step.telling is not None and bool(compiled(step.telling).search(spoken))


def _rank(dialogue: _Dialogue) -> tuple[bool, bool, int]:
    complete = dialogue.awaits is None and dialogue.refused is None
    return complete, dialogue.refused is not None, sum(dialogue.at.values())


def _preamble(dialect: Dialect, dialogue: _Dialogue) -> Preamble:
    return Preamble(
        dialect.protocol,
        tuple(dialogue.steps),
        dialogue.refused,
        dialogue.details,
        dialogue.awaits,
        dialogue.at["client"],
        dialogue.at["server"],
    )


def _joined(outer: Preamble, inner: Preamble) -> Preamble:
    return Preamble(
        f"{outer.protocol}+{inner.protocol}",
        outer.steps + inner.steps,
        inner.refused,
        outer.details | inner.details,
        inner.awaits,
        outer.client_end + inner.client_end,
        outer.server_end + inner.server_end,
    )
