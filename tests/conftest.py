"""What holds for every test: where shared data is, no deadlines, and that Ctrl-C interrupts."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("TLSWIRE_SHARED", ROOT.parent / "shared"))

#: Timing is never asserted: a busy machine makes one example of hypothesis slow, not wrong.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session", autouse=True)
def _interruptible() -> Iterator[None]:
    """Let SIGINT interrupt, as it does in a terminal.

    A shell starts what it sends to the background with SIGINT ignored, and whoever is started by
    that inherits it: the commands under test would not stop at Ctrl-C.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of shared scenarios and captures; skips when it is not there."""
    if not SHARED.is_dir():
        pytest.skip("no shared data: set TLSWIRE_SHARED to its folder")
    return SHARED


@pytest.fixture(scope="session")
def captures() -> Path:
    """The project's own captures."""
    return ROOT / "captures"
