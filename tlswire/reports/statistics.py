"""What was seen so far, in a few lines: for a signal, and for the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tlswire.few import and_more, together
from tlswire.language import counted, say
from tlswire.live.listen import Losses
from tlswire.live.tally import Tally
from tlswire.reports.counts import sentence
from tlswire.reports.text import without_tls

#: Rows of a kind of thing.
MOST = 5


def lines(tally: Tally, losses: Losses, packets: int, seconds: float) -> Iterator[str]:
    """Yield the statistics, a line each."""
    yield say(
        "{handshakes}; {packets} packets in {time}",
        handshakes=sentence(tally.outcomes),
        packets=packets,
        time=_took(seconds),
    )
    if tally.causes:
        named = Counter({say(cause): count for cause, count in tally.causes.items()})
        yield say("causes: {causes}", causes=_most(named))
    if tally.failing:
        yield say("failing servers: {servers}", servers=_most(tally.failing))
    yield together(_losses(losses))


def _losses(losses: Losses) -> Iterator[str]:
    yield counted(
        "{number} packet dropped by the kernel",
        "{number} packets dropped by the kernel",
        losses.dropped,
    )
    yield counted(
        "{number} connection made room for newer ones",
        "{number} connections made room for newer ones",
        losses.left,
    )
    yield counted(
        "{number} connection had begun before",
        "{number} connections had begun before",
        losses.midway,
    )
    yield without_tls(losses.without_tls)


def _most(counter: Counter[str]) -> str:
    told = ", ".join(f"{name} {count}" for name, count in counter.most_common(MOST))
    return and_more(told, len(counter) - MOST)


def _took(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
