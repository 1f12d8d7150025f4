"""Where shared data is, and how a test asks for it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
SHARED = Path(os.environ.get("TLSWIRE_SHARED", ROOT.parent / "shared"))


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
