"""Signals to a command that runs on: which of them ask it to end, which for its counts."""

from __future__ import annotations

import signal

#: Asks for the counts so far; Windows does not have it.
COUNTS = getattr(signal, "SIGUSR1", None)


def endings() -> list[int]:
    """Return the signals that ask it to end; a closed terminal does, but not under nohup."""
    asked = [signal.SIGINT, signal.SIGTERM]
    hang_up = getattr(signal, "SIGHUP", None)
    if hang_up is not None and signal.getsignal(hang_up) != signal.SIG_IGN:
        asked.append(hang_up)
    return [int(number) for number in asked]
