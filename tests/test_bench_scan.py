"""How long a scan takes, for `pytest --benchmark-enable`. Nothing timed is asserted.

In a usual run each body runs once, which shows that it works. `tools/bench_captures.py` prints
the ratios that matter, on captures that are large.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tlswire.decode import decode, scan

CAPTURES = (
    "ok-tls12-openssl.pcapng",
    "ok-hello-retry-request.pcapng",
    "cipher-no-overlap.pcapng",
    "http-to-tls-port.pcapng",
)


@pytest.mark.benchmark(group="scan")
@pytest.mark.parametrize("name", CAPTURES)
def test_scan(benchmark: Any, captures: Path, name: str) -> None:
    assert benchmark(scan, captures / name).listed()


@pytest.mark.benchmark(group="decode")
@pytest.mark.parametrize("name", CAPTURES)
def test_decode(benchmark: Any, captures: Path, name: str) -> None:
    assert benchmark(decode, captures / name).connections
