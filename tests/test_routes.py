"""Where a replay goes, and what it says before TLS: as captured, overruled by what is asked."""

from __future__ import annotations

from types import MappingProxyType

import peers
import pytest
from test_flight import HELLO

from tlswire.errors import SelectionError
from tlswire.flow import Endpoint
from tlswire.replay.routes import Asked, parse_map, parse_proxy, route, routes, told
from tlswire.seen import Seen
from tlswire.way import Way

SERVER = Endpoint("198.51.100.20", 443)
PROXIED = (
    ("client", b"PROXY TCP4 192.0.2.7 192.0.2.8 5000 443\r\n"),
    ("server", b"220 mail.example ESMTP\r\n"),
    ("client", b"EHLO the.client.example\r\n"),
    ("server", b"250 STARTTLS\r\n"),
    ("client", b"STARTTLS\r\n"),
    ("server", b"220 go\r\n"),
)
TUNNELLED = (
    ("client", b"CONNECT inner.example:8443 HTTP/1.1\r\nProxy-Authorization: Basic eA==\r\n\r\n"),
    ("server", b"HTTP/1.1 200 OK\r\n\r\n"),
)


def captured(*before: tuple[peers.Who, bytes], server: Endpoint = SERVER) -> Seen:
    return peers.recorded(*before, ("client", HELLO), server=server).seen()


def spoken(seen: Seen, **asked: object) -> list[str]:
    return [told(stage) for stage in route(seen, Asked(**asked), Way()).way.stages]  # type: ignore[arg-type]


def test_what_the_capture_speaks_is_spoken_as_the_captured_client_did() -> None:
    gone = route(captured(*PROXIED), Asked(), Way())  # type: ignore[arg-type]
    assert gone.target == SERVER
    header, mail = gone.way.stages
    assert told(header) == "proxy-v1: 192.0.2.7:5000 to 192.0.2.8:443"
    assert (mail.protocol, mail.target.name) == ("smtp", "the.client.example")
    assert spoken(captured(*TUNNELLED)) == ["http-connect to inner.example:8443"]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "stages"),
    [
        ({"starttls": "none"}, []),
        ({"starttls": "imap"}, ["proxy-v1: 192.0.2.7:5000 to 192.0.2.8:443", "imap"]),
        ({"proxy_protocol": "v2"}, ["proxy-v2: 127.0.0.1:40000 to 198.51.100.20:443", "smtp"]),
        (
            {"proxy": "socks5://10.0.0.1", "starttls": "none", "target": "b.example"},
            ["socks5 to b.example:443"],
        ),
        (
            {"http_connect": True, "starttls": "none"},
            [f"http-connect to {peers.NAME}:443"],
        ),
    ],
)
def test_what_is_asked_overrules(asked: dict[str, object], stages: list[str]) -> None:
    assert spoken(captured(*PROXIED), **asked) == stages  # type: ignore[arg-type]


def test_the_proxy_is_called_and_the_target_is_asked_for() -> None:
    gone = route(captured(), Asked(proxy="http://me:wo%40rd@10.0.0.1:3128"), Way())
    assert (gone.target, gone.way.proxy) == (SERVER, Endpoint("10.0.0.1", 3128))
    (stage,) = gone.way.stages
    assert stage.target[:2] == SERVER
    assert (stage.target.user, stage.target.password) == ("me", "wo@rd")


def test_credentials_of_the_capture_are_not_copied() -> None:
    (stage,) = route(captured(*TUNNELLED), Asked(), Way()).way.stages  # type: ignore[arg-type]
    assert (stage.target.user, stage.target.password) == ("", "")


@pytest.mark.parametrize(
    ("row", "where"),
    [
        ("198.51.100.20=real.example", Endpoint("real.example", 443)),
        ("198.51.100.20:443=10.0.0.5:8443", Endpoint("10.0.0.5", 8443)),
        ("198.51.100.99=10.0.0.5", SERVER),
    ],
)
def test_a_map_turns_captured_addresses(row: str, where: Endpoint) -> None:
    mapped = MappingProxyType(parse_map((row,)))
    assert route(captured(), Asked(mapped=mapped), Way()).target == where


def test_a_map_of_ipv6() -> None:
    seen = captured(server=Endpoint("2001:db8::1", 443))
    for row in ("2001:db8::1=h", "[2001:db8::1]=h", "[2001:db8::1]:443=h"):
        mapped = parse_map((row,))
        assert route(seen, Asked(mapped=mapped), Way()).target == Endpoint("h", 443)


def test_several_targets_are_several_routes() -> None:
    gone = routes(captured(), Asked(target="a", more_targets=("b:1", "c")), Way())
    assert [str(each.target) for each in gone] == ["a:443", "b:1", "c:443"]
    gone = routes(captured(), Asked(more_targets=("b",)), Way())
    assert [str(each.target) for each in gone] == ["b:443"]


def test_words_that_are_no_preamble_want_a_decision() -> None:
    seen = captured(("client", b"\x99\x98 unheard of\n"))
    assert "no known preamble" in (route(seen, Asked(), Way()).why_not or "")
    assert route(seen, Asked(starttls="none"), Way()).why_not is None


def test_a_hostile_name_ends_no_line() -> None:
    seen = captured()
    assert seen.offer is not None
    seen.offer = seen.offer._replace(server_name="x\r\nEvil: yes")
    assert spoken(seen, http_connect=True) == ["http-connect to 198.51.100.20:443"]


@pytest.mark.parametrize(
    ("url", "where"),
    [
        ("10.0.0.1:3128", ("http-connect", Endpoint("10.0.0.1", 3128))),
        ("http://p.example", ("http-connect", Endpoint("p.example", 8080))),
        ("socks5h://[2001:db8::1]:99", ("socks5", Endpoint("2001:db8::1", 99))),
        ("socks4a://p.example", ("socks4", Endpoint("p.example", 1080))),
    ],
)
def test_proxies(url: str, where: tuple[str, Endpoint]) -> None:
    assert parse_proxy(url)[:2] == where


@pytest.mark.parametrize("url", ["ftp://p", "http://", "http://me:secret@:1", "p:x"])
def test_what_is_no_proxy_is_said_without_its_password(url: str) -> None:
    with pytest.raises(SelectionError, match="is no proxy") as caught:
        parse_proxy(url)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("row", ["", "a", "=b", "a="])
def test_a_map_of_nothing(row: str) -> None:
    with pytest.raises(SelectionError, match="maps nothing"):
        parse_map((row,))
