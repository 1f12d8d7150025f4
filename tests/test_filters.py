"""Filters in BPF syntax: what they take of conversations, and what they refuse in words."""

from __future__ import annotations

import pytest

from tlswire.errors import SelectionError
from tlswire.filters import parse
from tlswire.flow import Endpoint, Flow, Side


def flow(client: str, server: str, port: int = 443) -> Flow:
    ends = Side(Endpoint(client, 40000)), Side(Endpoint(server, port))
    return Flow(0, *ends, "syn", 0.0, 1, 0.0, 1)


FOUR = flow("10.1.2.3", "192.0.2.1")
SIX = flow("2001:db8::1", "2001:db8:1::2", 8443)


@pytest.mark.parametrize(
    ("text", "four", "six"),
    [
        ("", True, True),
        ("tcp", True, True),
        ("ip6", False, True),
        ("not ip6", True, False),
        ("host 192.0.2.1", True, False),
        ("192.0.2.1", True, False),
        ("src host 192.0.2.1", False, False),
        ("dst 192.0.2.1", True, False),
        ("host 2001:0db8::1", False, True),
        ("net 10", True, False),
        ("net 10.1", True, False),
        ("net 10.2", False, False),
        ("net 2001:db8::/32", False, True),
        ("src and dst net 2001:db8::/48", False, False),
        ("tcp port 443", True, False),
        ("port https or 8443", True, True),
        ("dst portrange 8000-9000", False, True),
        ("ip host 192.0.2.1 and port 443", True, False),
        # equal precedence, from the left: (port 443 or port 8443) and ip6
        ("port 443 or port 8443 and ip6", False, True),
        ("port 443 or (port 8443 and ip6)", True, True),
        ("!(port 443 || port 8443)", False, False),
        ("not host 192.0.2.1 && tcp", False, True),
    ],
)
def test_takes(text: str, four: bool, six: bool) -> None:
    wanted = parse(text)
    assert (wanted(FOUR), wanted(SIX)) == (four, six)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("udp", "'udp' is not supported"),
        ("host example.com", "names are not looked up"),
        ("port 70000", "is no port"),
        ("port", "ends too early"),
        ("net 10.0.0.1/8", "is no network"),
        ("(port 443", "ends too early"),
        ("port 443 )", "is not expected here"),
        ("port 443 and or port 1", "a value is missing before 'or'"),
        ("tcp[13] = 2", "not supported"),
        ("not " * 5000 + "port 1", "nested too deeply"),
        ("port 443 &", "cannot be read"),
    ],
)
def test_refuses_in_words(text: str, why: str) -> None:
    with pytest.raises(SelectionError, match="filter") as refused:
        parse(text)
    assert why in str(refused.value)
