"""A survey finds what nmap and sslscan find together, on servers of several stacks.

`tools/bench_survey.py findings` does so on all of its configurations; here is a quick few.
"""

from __future__ import annotations

import shutil
import sys

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "tools"))

import bench_survey
from benchmarks.survey_servers import CONFIGURATIONS, Configuration, MissingError, serving

QUICK = ("openssl-order", "openssl-psk", "nginx-odd-order", "gnutls-order", "gnutls-ec", "nss-12")
TOOLS = {tool.name: tool for tool in bench_survey.TOOLS}


@pytest.fixture(scope="module")
def peers() -> list[bench_survey.Tool]:
    found = [TOOLS[name] for name in ("nmap", "sslscan-c") if bench_survey.installed(TOOLS[name])]
    if not found:
        pytest.skip("neither nmap nor sslscan is installed")
    return found


@pytest.mark.parametrize(
    "configuration", [c for c in CONFIGURATIONS if c.name in QUICK], ids=lambda c: c.name
)
def test_the_findings_are_the_union_of_the_peers(
    configuration: Configuration, peers: list[bench_survey.Tool]
) -> None:
    try:
        with serving(configuration) as port:
            own = bench_survey.find(TOOLS["tlswire-suites"], port)
            told = [bench_survey.find(peer, port) for peer in peers]
    except MissingError as error:
        pytest.skip(f"{configuration.name}: {error}")
    union: dict[str, set[str]] = {}
    for each in told:
        for version, suites in each.suites.items():
            union.setdefault(version, set()).update(suites)
    assert {v: set(suites) for v, suites in own.suites.items()} == union
    if shutil.which("nmap"):
        for version, whose in told[0].preference.items():
            if whose in ("server", "client") and own.preference.get(version) != "none":
                assert own.preference.get(version) == whose
        for version, suites in own.suites.items():
            if own.preference[version] == "server":
                assert suites == [s for s in told[0].suites[version] if s in suites]


def test_there_are_as_many_configurations_as_promised() -> None:
    assert len(CONFIGURATIONS) >= 30
    stacks = {c.name.partition("-")[0] for c in CONFIGURATIONS}
    assert stacks == {
        *("openssl", "nginx", "haproxy", "gnutls", "java", "go", "node", "nss", "tlslite"),
        "wolfssl",
    }
