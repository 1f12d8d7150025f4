"""To whom a replay goes and what it says before TLS: the capture's way, and what the user asks.

Works it out for one captured connection; resolves no name and sends nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Final, NamedTuple
from urllib.parse import SplitResult, unquote, urlsplit

from tlswire.errors import SelectionError
from tlswire.flow import Endpoint
from tlswire.language import say
from tlswire.preambles.speaker import named
from tlswire.seen import Seen
from tlswire.way import HTTPS, Stage, Target, Way

#: What a proxy's URL begins with, the preamble that it means, and its usual port.
PROXIES: Final[dict[str, tuple[str, int]]] = {
    "http": ("http-connect", 8080),
    "https": ("http-connect", 443),  # the same inside TLS
    "socks5": ("socks5", 1080),
    "socks5h": ("socks5", 1080),
    "socks4": ("socks4", 1080),
    "socks4a": ("socks4", 1080),
}
TUNNELS: Final = frozenset(protocol for protocol, _ in PROXIES.values())
PROXY_HEADERS: Final = {"v1": "proxy-v1", "v2": "proxy-v2"}
#: Asked for in place of a dialect: TLS at once, whatever the capture says before it.
AT_ONCE: Final = "none"
#: A name that a hello may put into a preamble's line: nothing that could end it.
_PLAIN: Final = re.compile(r"[\w.:-]{1,255}", re.ASCII)
_GREETED: Final = re.compile(r"client: (?:EHLO|HELO|LHLO) ([^\s\\]{1,255})", re.I)


class Asked(NamedTuple):
    """What the user asks of the way to the server; None is as captured."""

    target: str | None = None
    more_targets: tuple[str, ...] = ()
    mapped: Mapping[str, str] = MappingProxyType({})
    starttls: str | None = None
    proxy: str | None = None
    proxy_protocol: str | None = None
    http_connect: bool = False
    server_name: str | None = None  # to ask for in place of the captured one; "": for none
    own_addresses: bool = False  # a PROXY header names this connection, not the captured one


class Route(NamedTuple):
    """Where a replay goes, and how; `why_not` is a sentence when it cannot."""

    target: Endpoint
    way: Way
    why_not: str | None = None


def routes(captured: Seen, asked: Asked, way: Way) -> list[Route]:
    """Return the way to every target that the user named; without one, to the captured server."""
    targets = [asked.target] if asked.target or not asked.more_targets else []
    wanted = (asked._replace(target=target) for target in (*targets, *asked.more_targets))
    return [route(captured, each, way) for each in wanted]


def route(captured: Seen, asked: Asked, way: Way) -> Route:
    """Return where the hello of a captured connection goes, and how. Raises SelectionError."""
    server = captured.flow.server.endpoint
    target = parse_target(_named_for(server, asked) or asked.target, server)
    stages = [*_tunnel(target, asked), *_own(captured, target, asked)]
    way = replace(way, stages=tuple(stages))
    if asked.proxy:
        _, proxy, parts = parse_proxy(asked.proxy)
        way = replace(way, proxy=proxy, secured=inside_tls(parts))
    return Route(target, way, _unknown(captured, asked))


def told(stage: Stage) -> str:
    """Return a stage in words, with what it mentions."""
    protocol, target = stage
    if _is_header(protocol):
        return say(
            "{protocol}: {source} to {destination}",
            protocol=protocol,
            source=target.source,
            destination=target.destination,
        )
    return (
        say("{protocol} to {host}:{port}", protocol=protocol, host=target.host, port=target.port)
        if protocol in TUNNELS
        else protocol
    )


def parse_target(target: str | None, captured: Endpoint) -> Endpoint:
    """Read `host`, `host:port`, `[v6]:port`; what is not said is as captured.

    Raises SelectionError.
    """
    if target is None:
        return captured
    host, port = target, ""
    if target.startswith("["):
        host, _, port = target[1:].partition("]")
        port = port.removeprefix(":")
    elif target.count(":") == 1:
        host, _, port = target.partition(":")
    if not host or (port and not (port.isdecimal() and 0 < int(port) < 1 << 16)):
        raise SelectionError(
            say(
                "{target!r} is no target: write host:port, or [address]:port for IPv6",
                target=target,
            )
        )
    return Endpoint(host, int(port) if port else captured.port)


def parse_map(rows: tuple[str, ...]) -> dict[str, str]:
    """Read `CAPTURED=HOST[:PORT]` rows. Raises SelectionError for one that is none."""
    pairs = [row.partition("=") for row in rows]
    for row, (captured, _, host) in zip(rows, pairs, strict=True):
        if not captured or not host:
            raise SelectionError(say("{row!r} maps nothing: write CAPTURED=HOST[:PORT]", row=row))
    return {captured: host for captured, _, host in pairs}


def _named_for(server: Endpoint, asked: Asked) -> str | None:
    """Return what the user put in a captured address' place; one with a port goes first."""
    for written in (str(server), server.address, f"[{server.address}]"):
        if written in asked.mapped:
            return asked.mapped[written]
    return None


# -- a proxy on our side -----------------------------------------------------------------


def parse_proxy(url: str) -> tuple[str, Endpoint, SplitResult]:
    """Read a proxy's URL: its preamble, its address, and who we are to it.

    Raises SelectionError.
    """
    parts = urlsplit(url if "://" in url else f"http://{url}")
    if parts.scheme not in PROXIES or not parts.hostname:
        known = ", ".join(f"{scheme}://" for scheme in PROXIES)
        raise SelectionError(
            say(
                "{url!r} is no proxy; there are {known}host:port",
                url=_without_password(url),
                known=known,
            )
        )
    protocol, usual = PROXIES[parts.scheme]
    try:
        port = parts.port
    except ValueError:
        raise SelectionError(
            say(
                "{url!r} is no proxy: its port is none",
                url=_without_password(url),
            )
        ) from None
    return protocol, Endpoint(parts.hostname, port or usual), parts


def inside_tls(proxy: SplitResult) -> str | None:
    """Return the name of a proxy that is spoken to inside TLS."""
    return proxy.hostname if proxy.scheme == "https" else None


def _without_password(url: str) -> str:
    return re.sub(r"(://[^:/@]*):[^@/]*@", r"\1:***@", url)


def _tunnel(target: Endpoint, asked: Asked) -> Iterator[Stage]:
    if asked.proxy:
        protocol, _, parts = parse_proxy(asked.proxy)
        user, password = unquote(parts.username or ""), unquote(parts.password or "")
        yield Stage(protocol, Target(*target, user=user, password=password))


# -- the target's own preambles ----------------------------------------------------------


def _own(captured: Seen, target: Endpoint, asked: Asked) -> Iterator[Stage]:
    """Yield what is said to the target: headers first, then a tunnel, then STARTTLS."""
    spoken = protocols(captured)
    wanted = [*_headers(spoken, asked), *_inner(spoken, asked)]
    for protocol in wanted:
        named(protocol)
        yield Stage(protocol, _mention(captured, target, protocol, asked.own_addresses))


def stages(captured: Seen, target: Endpoint, protocol: str) -> tuple[Stage, ...]:
    """Return the stages of a preamble, as the capture would have mentioned things."""
    names = protocol.split("+") if protocol else []
    return tuple(Stage(name, _mention(captured, target, name)) for name in names)


def protocols(captured: Seen) -> list[str]:
    """Return the preambles that the capture speaks before its hello, outermost first."""
    preamble = captured.preamble
    if preamble is None:
        return []
    local = any(step.upper().startswith("CLIENT: LHLO") for step in preamble.steps)
    names = preamble.protocol.split("+")
    return ["lmtp" if local and name == "smtp" else name for name in names]


def _headers(spoken: list[str], asked: Asked) -> list[str]:
    if asked.proxy_protocol is not None:
        return [PROXY_HEADERS[asked.proxy_protocol]]
    return [p for p in spoken if _is_header(p)] if asked.starttls != AT_ONCE else []


def _inner(spoken: list[str], asked: Asked) -> list[str]:
    tunnel = ["http-connect"] if asked.http_connect else []
    if asked.starttls is not None:
        return tunnel + ([] if asked.starttls == AT_ONCE else asked.starttls.split("+"))
    kept = [p for p in spoken if not _is_header(p) and not (tunnel and p == "http-connect")]
    return tunnel + kept


def _is_header(protocol: str) -> bool:
    return protocol in PROXY_HEADERS.values()


def _mention(captured: Seen, target: Endpoint, protocol: str, own: bool = False) -> Target:
    """Return what a preamble mentions: as the capture's did, else by the hello's own name."""
    flow, preamble = captured.flow, captured.preamble
    source, destination = flow.client.endpoint, flow.server.endpoint
    host, port = _name(captured) or target.address, HTTPS
    if own:
        return Target(host, HTTPS if protocol in TUNNELS else target.port)
    if preamble is None or protocol not in protocols(captured):
        return Target(host, port, source=source, destination=destination)
    told = preamble.details
    if _is_header(protocol) and "source_port" in told:
        source = Endpoint(told["source"], int(told["source_port"]))
        destination = Endpoint(told["destination"], int(told["destination_port"]))
    if "target" in told and _PLAIN.fullmatch(told["target"].strip("[]").replace("]:", ":")):
        host, port = parse_target(told["target"], Endpoint(host, port))
    greeted = next(filter(None, map(_GREETED.match, preamble.steps)), None)
    name = {"name": greeted[1]} if greeted else {}
    return Target(host, port, source=source, destination=destination, **name)


def _name(captured: Seen) -> str | None:
    name = captured.offer.server_name if captured.offer is not None else None
    return name if name and _PLAIN.fullmatch(name) else None


def _unknown(captured: Seen, asked: Asked) -> str | None:
    """Say why nothing can be sent: cleartext that is no preamble we know."""
    clear = captured.transcript.cleartext.get("client")
    if not clear or captured.preamble is not None or asked.starttls is not None:
        return None
    return say(
        "the capture has cleartext before TLS that is no known preamble: "
        "--starttls names the one to speak, --starttls {at_once} sends the hello "
        "at once",
        at_once=AT_ONCE,
    )
