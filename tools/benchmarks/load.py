"""Handshakes whose ends are known: 95 of a hundred complete, five fail in six ways, all counted.

Run as a program inside the client's namespace, in the folder of the certificates: `load N SECONDS
[PORT]`, 0 seconds being as fast as it can; the port is that of a relay, for all that completes.
Prints its own counts as JSON: what an observer must have seen.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from ssl import TLSVersion

from benchmarks.talkers import (
    ECDSA,
    ONE_SUITE,
    ONLY_13,
    REFUSED,
    RESETS,
    RSA,
    Ask,
    fetch,
)

#: Downloads beside them ask for another name.
NAME = "www.example.com"
#: A hundred connections are these, 95 of the first kinds; a thousand have every failure.
_12 = TLSVersion.TLSv1_2
GOOD = (Ask(0, ECDSA), Ask(0, RSA), Ask(0, RSA, _12), Ask(0, ECDSA, _12))
BAD: dict[str, Ask] = {
    "unknown authority": Ask(0, RSA, root="unknown-root.pem"),
    "no common suite": Ask(0, ONE_SUITE, suites="ECDHE+AESGCM"),
    "no common version": Ask(0, ONLY_13, _12),
    "reset after the hello": Ask(0, RESETS),
    "nothing listens": Ask(0, REFUSED),
    "HTTP to a TLS port": Ask(0, RSA, clear=True),
}
FAILING = 5  # of a hundred
THREADS = 8


def asked(number: int, port: int | None) -> tuple[str, Ask]:
    """Return the kind of one connection, and how it is made."""
    kinds, every = list(BAD), 100 // FAILING
    place = number * 7919 % 1_000_003  # spread, and the same in every run
    name = kinds[place // every % len(kinds)] if place % every == 0 else "good"
    ask = GOOD[place % len(GOOD)] if name == "good" else BAD[name]
    return name, ask._replace(name=NAME, port=port or ask.port) if name == "good" else ask._replace(
        name=NAME
    )


def main(count: int, seconds: float, port: int | None = None) -> None:
    """Make the connections, spread over the time, and print the counts."""
    counts: Counter[str] = Counter()
    lock, begun = threading.Lock(), time.monotonic()

    def one(number: int) -> None:
        name, ask = asked(number, port)
        time.sleep(max(0.0, begun + seconds * number / count - time.monotonic()))
        outcome = _outcome(lambda: fetch(ask, "/page", None))
        if name == "HTTP to a TLS port":
            outcome = "not_tls"
        with lock:
            counts[outcome] += 1
            counts[f"kind: {name}"] += 1

    numbers = iter(range(count))

    def work() -> None:
        while True:
            with lock:
                number = next(numbers, None)
            if number is None:
                return
            one(number)

    with ThreadPoolExecutor(THREADS) as threads:
        for _ in range(THREADS):
            threads.submit(work)
    print(json.dumps({"counts": counts, "seconds": time.monotonic() - begun}), flush=True)


def _outcome(work: Callable[[], object]) -> str:
    try:
        work()
    except OSError:
        return "failed"
    return "established"


if __name__ == "__main__":
    main(int(sys.argv[1]), float(sys.argv[2]), *map(int, sys.argv[3:]))
