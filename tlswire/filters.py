"""Capture filters in BPF syntax, applied to TCP conversations: which of them are wanted.

The part of pcap-filter(7) that speaks of addresses and ports: `host net port portrange src dst
tcp ip ip6 and or not ( )`. As there, `and` and `or` bind alike and from the left, and a value
without a word before it takes the words of the one before. A conversation has packets of both
directions, so `src` means its client and `dst` its server. Must never look a name up.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import NamedTuple

from tlswire.errors import SelectionError
from tlswire.flow import Endpoint, Flow
from tlswire.language import say

Filter = Callable[[Flow], bool]
EndTest = Callable[[Endpoint], bool]

TOKEN = re.compile(r"\s*(\(|\)|&&|\|\||!|[^\s()!&|]+)")
SPELLINGS = {"&&": "and", "||": "or", "!": "not"}
KINDS = frozenset({"host", "net", "port", "portrange"})
DIRECTIONS = frozenset({"src", "dst"})
#: Protocols that every TCP conversation has or has not; any other is refused by name.
PROTOCOLS = frozenset({"tcp", "ip", "ip6"})
OPERATORS = frozenset({"and", "or", "not", "(", ")"})
REFUSED = frozenset(
    {"udp", "sctp", "icmp", "icmp6", "arp", "rarp", "ether", "vlan", "mpls", "pppoes", "geneve"}
    | {"vxlan", "gateway", "broadcast", "multicast", "less", "greater", "proto", "protochain"}
    | {"inbound", "outbound", "wlan", "type", "subtype", "dir", "mask", "esp", "ah", "link"}
)
#: Deeper nesting than this is no filter that anybody wrote.
DEEPEST = 50
HIGHEST_PORT = 0xFFFF
VERSIONS = {"ip": 4, "ip6": 6}


class Words(NamedTuple):
    """What stands before a value: the protocol, whose end, and what kind of value it is."""

    protocol: str | None = None
    direction: str = "src or dst"
    kind: str = "host"


def parse(text: str) -> Filter:
    """Return the test that a filter means. Raises SelectionError that quotes what is wrong."""
    tokens = _split(text)
    if not tokens:
        return lambda flow: True
    return _Parser(text, tokens).parse()


def _split(text: str) -> list[str]:
    tokens, position = [], 0
    while text[position:].strip():
        found = TOKEN.match(text, position)
        if found is None:
            raise SelectionError(
                say(
                    "filter '{text}': cannot be read from '{rest}'",
                    text=text,
                    rest=text[position:].strip(),
                )
            )
        tokens.append(SPELLINGS.get(found[1], found[1]))
        position = found.end()
    return tokens


class _Parser:
    """Recursive descent over the tokens of one filter."""

    def __init__(self, text: str, tokens: list[str]) -> None:
        self._text = text
        self._tokens = tokens
        self._position = 0
        self._depth = 0
        self._words: Words | None = None

    def parse(self) -> Filter:
        whole = self._expression()
        if self._next is not None:
            raise self._refuse(say("'{next}' is not expected here", next=self._next))
        return whole

    @property
    def _next(self) -> str | None:
        return self._tokens[self._position] if self._position < len(self._tokens) else None

    def _take(self) -> str:
        token = self._next
        if token is None:
            raise self._refuse(say("it ends too early"))
        self._position += 1
        return token

    def _refuse(self, why: str) -> SelectionError:
        return SelectionError(say("filter '{text}': {why}", text=self._text, why=why))

    def _expression(self) -> Filter:
        tests = [self._term()]
        operators = []
        while self._next in ("and", "or"):
            operators.append(self._take())
            tests.append(self._term())
        return _fold(tests, operators)

    def _term(self) -> Filter:
        self._depth += 1
        if self._depth > DEEPEST:
            raise self._refuse(say("it is nested too deeply"))
        made = self._bare_term()
        self._depth -= 1
        return made

    def _bare_term(self) -> Filter:
        if self._next == "not":
            self._take()
            wrong = self._term()
            return lambda flow: not wrong(flow)
        if self._next == "(":
            self._take()
            inner = self._expression()
            if self._take() != ")":
                raise self._refuse(say("a ')' is missing"))
            return inner
        return self._primitive()

    def _primitive(self) -> Filter:
        protocol = self._take() if self._next in PROTOCOLS else None
        direction = self._direction()
        kind = self._take() if self._next in KINDS else None
        if protocol and not direction and not kind and not self._is_value(self._next):
            return _protocol(protocol)
        words = self._said(protocol, direction, kind)
        value = self._take()
        if not self._is_value(value):
            raise self._refuse(self._complain(value))
        self._words = words
        return self._test(words, value)

    def _direction(self) -> str | None:
        if self._next not in DIRECTIONS:
            return None
        first = self._take()
        follows = self._tokens[self._position : self._position + 2]
        if len(follows) == 2 and follows[0] in ("and", "or") and follows[1] in DIRECTIONS - {first}:
            self._position += 2
            return f"src {follows[0]} dst"
        return first

    def _said(self, protocol: str | None, direction: str | None, kind: str | None) -> Words:
        """A value without a word takes the words of the value before it (pcap-filter(7))."""
        if not (protocol or direction or kind) and self._words is not None:
            return self._words
        return Words(protocol, direction or "src or dst", kind or "host")

    def _is_value(self, token: str | None) -> bool:
        return (
            token is not None and token not in OPERATORS | KINDS | DIRECTIONS | REFUSED | PROTOCOLS
        )

    def _complain(self, token: str) -> str:
        if token in REFUSED:
            return say(
                "'{token}' is not supported: host, net, port and portrange are, of TCP", token=token
            )
        return say("a value is missing before '{token}'", token=token)

    def _test(self, words: Words, value: str) -> Filter:
        if "[" in value or value in ("=", "==", "<", ">", "<=", ">=", "!="):
            raise self._refuse(say("comparisons of bytes are not supported"))
        try:
            end = END_TESTS[words.kind](value)
        except ValueError as error:
            raise self._refuse(str(error)) from None
        test = _of_ends(words.direction, end)
        if words.protocol in VERSIONS:
            wanted = _protocol(words.protocol)
            return lambda flow: wanted(flow) and test(flow)
        return test


def _fold(tests: list[Filter], operators: list[str]) -> Filter:
    def whole(flow: Flow) -> bool:
        found = tests[0](flow)
        for operator, test in zip(operators, tests[1:], strict=True):
            found = (found and test(flow)) if operator == "and" else (found or test(flow))
        return found

    return whole


def _protocol(name: str) -> Filter:
    if name == "tcp":
        return lambda flow: True
    wanted = VERSIONS[name]
    return lambda flow: ip_address(flow.client.endpoint.address).version == wanted


def _of_ends(direction: str, test: EndTest) -> Filter:
    if direction == "src":
        return lambda flow: test(flow.client.endpoint)
    if direction == "dst":
        return lambda flow: test(flow.server.endpoint)
    joined = any if direction == "src or dst" else all
    return lambda flow: joined(map(test, (flow.client.endpoint, flow.server.endpoint)))


def _host(value: str) -> EndTest:
    try:
        wanted = str(ip_address(value))
    except ValueError:
        raise ValueError(
            say("'{value}' is no IP address; names are not looked up", value=value)
        ) from None
    return lambda end: end.address == wanted


def _net(value: str) -> EndTest:
    wanted = _read_net(value)
    return lambda end: ip_address(end.address) in wanted


def _read_net(value: str) -> IPv4Network | IPv6Network:
    """`10`, `10.1` and `10.1.2` are nets of 8, 16 and 24 bits, as in pcap-filter(7)."""
    address, slash, bits = value.partition("/")
    parts = address.split(".")
    if ":" not in address and len(parts) < 4:
        bits = bits if slash else str(8 * len(parts))
        address = ".".join([*parts, *["0"] * (4 - len(parts))])
        slash = "/"
    try:
        return ip_network(address + slash + bits)
    except ValueError as error:
        raise ValueError(
            say("'{value}' is no network: {error}", value=value, error=error)
        ) from None


def _port(value: str) -> EndTest:
    wanted = _read_port(value)
    return lambda end: end.port == wanted


def _port_range(value: str) -> EndTest:
    first, _, last = value.partition("-")
    lowest, highest = sorted((_read_port(first), _read_port(last)))
    return lambda end: lowest <= end.port <= highest


#: Ports by the names that people write in filters of TLS traffic.
PORT_NAMES = {"https": 443, "http": 80, "smtp": 25, "smtps": 465, "imaps": 993, "ldaps": 636}


def _read_port(value: str) -> int:
    if value in PORT_NAMES:
        return PORT_NAMES[value]
    if not (value.isascii() and value.isdigit()) or int(value[:6]) > HIGHEST_PORT:
        raise ValueError(say("'{value}' is no port", value=value))
    return int(value)


END_TESTS: dict[str, Callable[[str], EndTest]] = {
    "host": _host,
    "net": _net,
    "port": _port,
    "portrange": _port_range,
}
