"""Surveys through what comes before TLS: every dialect, every proxy, and TLS inside TDS."""

from __future__ import annotations

import pytest
from clear_servers import SCRIPTS, http_proxy, socks_proxy, speaking, sql_server
from peers import openssl_server, scripted, silent

from tlswire.flow import Endpoint
from tlswire.survey import Wanted, survey
from tlswire.survey.caller import Limits
from tlswire.survey.wanted import Proxy
from tlswire.surveyed import Survey

SUITES = frozenset({"suites"})


def look(at: Endpoint, **wanted: object) -> Survey:
    return survey(str(at), Wanted(parts=SUITES, limits=Limits(timeout=5), **wanted))  # type: ignore[arg-type]


#: Proxies lead to a target of their own: below.
DIALECTS = [name for name in SCRIPTS if not name.startswith("socks")]


@pytest.mark.parametrize("protocol", DIALECTS)
def test_every_dialect_leads_to_the_same_server(protocol: str) -> None:
    with speaking(SCRIPTS[protocol]) as (at, _):
        found = look(at, preamble=protocol)
    assert found.outcome == "surveyed", found.summary
    assert [each.version for each in found.versions] == ["TLS 1.3", "TLS 1.2"]


def test_tls_inside_tds_packets() -> None:
    with sql_server() as at:
        found = look(at, preamble="tds")
    assert found.outcome == "surveyed", found.summary
    assert len(found.versions) == 2


@pytest.mark.parametrize(
    ("protocol", "serve"),
    [
        ("http-connect", http_proxy()),
        ("socks5", socks_proxy()),
    ],
)
def test_every_proxy_leads_to_the_target(protocol: str, serve: object) -> None:
    with openssl_server() as at, scripted(serve) as proxy:  # type: ignore[arg-type]
        found = look(at, proxy=Proxy(protocol, proxy))
    assert found.outcome == "surveyed", found.summary


@pytest.mark.parametrize("password", ["secret", "wrong"])
def test_a_proxy_that_asks_who_we_are(password: str) -> None:
    serve = socks_proxy(b"me", b"secret")
    with openssl_server() as at, scripted(serve) as proxy:
        found = look(at, proxy=Proxy("socks5", proxy, "me", password))
    assert found.outcome == ("surveyed" if password == "secret" else "not_tls")
    if password == "wrong":
        assert "does not go along with the preamble" in found.summary


def test_a_greeting_that_does_not_come_is_told() -> None:
    with scripted(silent) as at:
        found = survey(str(at), Wanted(preamble="smtp", limits=Limits(timeout=0.4)))
    assert found.outcome == "not_tls"
    assert "smtp: its greeting did not come" in found.summary
    assert found.elapsed_ms < 3000
