"""What was seen so far, in a few lines: for a signal, and for the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from tlswire.live.listen import Losses
from tlswire.live.tally import Tally
from tlswire.reports.counts import sentence
from tlswire.reports.text import plural

#: Rows of a kind of thing.
MOST = 5


def lines(tally: Tally, losses: Losses, packets: int, seconds: float) -> Iterator[str]:
    """Yield the statistics, a line each."""
    yield f"{sentence(tally.outcomes, 'handshake')}; {packets} packets in {_took(seconds)}"
    for heading, counter in (("causes", tally.causes), ("failing servers", tally.failing)):
        if counter:
            yield f"{heading}: {_most(counter)}"
    told = [
        f"{plural(losses.dropped, 'packet')} dropped by the kernel",
        f"{plural(losses.left, 'connection')} made room for newer ones",
        f"{plural(losses.midway, 'connection')} had begun before",
        f"{plural(losses.without_tls, 'TCP connection')} without TLS",
    ]
    yield "; ".join(told)


def _most(counter: Counter[str]) -> str:
    told = ", ".join(f"{name} {count}" for name, count in counter.most_common(MOST))
    return told + (f" and {len(counter) - MOST} more" if len(counter) > MOST else "")


def _took(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}"
