"""A survey finds what nmap, sslscan, sslyze and testssl find together, on several stacks.

`tools/bench_survey.py findings` does so on all of its configurations; here is a quick few. testssl
needs half a minute for each, so it is asked on one.
"""

from __future__ import annotations

import sys

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "tools"))

from benchmarks import survey_findings
from benchmarks.survey_servers import CONFIGURATIONS, Configuration, MissingError, serving
from benchmarks.survey_tools import BY_NAME, PEERS, Finding, installed, read_testssl

QUICK = ("openssl-order", "openssl-psk", "nginx-odd-order", "gnutls-order", "gnutls-ec", "nss-12")
#: Where the slow one is asked too.
SLOW = ("testssl-EP", "nginx-odd-order")


@pytest.mark.parametrize(
    "configuration", [c for c in CONFIGURATIONS if c.name in QUICK], ids=lambda c: c.name
)
def test_the_findings_are_the_union_of_the_peers(configuration: Configuration) -> None:
    wanted = [name for name in PEERS if name != SLOW[0] or configuration.name == SLOW[1]]
    peers = [BY_NAME[name] for name in wanted if installed(BY_NAME[name])]
    if not peers:
        pytest.skip("neither nmap, sslscan, sslyze nor testssl is installed")
    try:
        with serving(configuration) as port:
            own = survey_findings.find(BY_NAME["tlswire-suites"], port)
            told = {peer.name: survey_findings.find(peer, port) for peer in peers}
    except MissingError as error:
        pytest.skip(f"{configuration.name}: {error}")
    assert any(finding.suites for finding in told.values())
    lines = list(survey_findings.differences(own, told))
    assert [each for each in lines if survey_findings.explained(configuration.name, each)] == lines


TESTSSL = """
 Has server cipher order?     yes (OK) -- only for < TLS 1.3
 Cipher order
    TLSv1.2:   ECDHE-RSA-AES256-GCM-SHA384 AES128-SHA

Hexcode  Cipher Suite Name (OpenSSL)       KeyExch.   Encryption  Bits     Cipher Suite Name (IANA/RFC)
-----------------------------------------------------------------------------------------------------------------------------
SSLv2
TLS 1.2
 xc030   ECDHE-RSA-AES256-GCM-SHA384       ECDH 253   AESGCM      256      TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384
 x2f     AES128-SHA                        RSA        AES         128      TLS_RSA_WITH_AES_128_CBC_SHA
TLS 1.3
 x1302   TLS_AES_256_GCM_SHA384            ECDH 253   AESGCM      256      TLS_AES_256_GCM_SHA384
"""  # noqa: E501 (as it is printed)


def test_testssl_is_read_as_it_prints() -> None:
    assert read_testssl(TESTSSL) == Finding(
        {
            "TLS 1.2": ["TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_128_CBC_SHA"],
            "TLS 1.3": ["TLS_AES_256_GCM_SHA384"],
        },
        {"TLS 1.2": "server", "TLS 1.3": "client"},
    )


def test_a_difference_that_nobody_looked_into_is_not_explained() -> None:
    own = Finding({"TLS 1.2": ["A"]}, {"TLS 1.2": "client"})
    told = {"nmap": Finding({"TLS 1.2": ["A", "B"]}, {"TLS 1.2": "server"})}
    lines = list(survey_findings.differences(own, told))
    assert lines == ["TLS 1.2: only nmap found B", "TLS 1.2: nmap says server order, we client"]
    assert [survey_findings.explained("nginx-modern", line) for line in lines] == [None, None]


def test_there_are_as_many_configurations_as_promised() -> None:
    assert len(CONFIGURATIONS) >= 30
    stacks = {c.name.partition("-")[0] for c in CONFIGURATIONS}
    assert stacks == {
        *("openssl", "nginx", "haproxy", "gnutls", "java", "go", "node", "nss", "tlslite"),
        "wolfssl",
    }
