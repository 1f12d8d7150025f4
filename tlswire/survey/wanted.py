"""What is asked of every target, how gently, and by which way: a survey's own terms."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final, NamedTuple

from tlswire.errors import TargetError
from tlswire.flow import Endpoint
from tlswire.language import say
from tlswire.survey.caller import Limits
from tlswire.survey.question import Shape
from tlswire.way import HTTPS, Stage, Target

if TYPE_CHECKING:
    from tlswire.seen import Seen
    from tlswire.sources.roots import Bundle

#: What may be asked for; suites are the ground of all the rest.
PARTS: Final = ("suites", "groups", "signatures", "certificates", "features", "tolerance")


class Proxy(NamedTuple):
    """A proxy on our side: how it is spoken to, where it is, and who we are to it."""

    protocol: str
    at: Endpoint
    user: str = ""
    password: str = ""


class Wanted(NamedTuple):
    """What is asked of every target, and how gently."""

    parts: frozenset[str] = frozenset(PARTS)
    polite: bool = False
    limits: Limits = Limits()
    name: str | None = None  # the server name; None: the target's own, if it is one
    no_name: bool = False
    shape: Shape = Shape()
    preamble: str | None = None  # "smtp"
    header: str | None = None  # "proxy-v1" or "proxy-v2": a PROXY header goes first
    proxy: Proxy | None = None
    client: Seen | None = None  # a captured client to compare with
    roots: Bundle | None = None  # whom the client trusts; None: whom this system does


def split(target: str) -> tuple[str, int]:
    """Read `host`, `host:port`, `[v6]:port`, `https://host/`; raises TargetError."""
    text = target.strip().removeprefix("https://").split("/")[0]
    host, port = text, ""
    if text.startswith("["):
        host, _, port = text[1:].partition("]")
        port = port.removeprefix(":")
    elif text.count(":") == 1:
        host, _, port = text.partition(":")
    wrong = not host or any(c.isspace() or not c.isprintable() for c in host)
    if wrong or (port and not (port.isdecimal() and 0 < int(port) < 1 << 16)):
        raise TargetError(
            say("{target!r} is no target: write host, host:port or [address]:port", target=target)
        )
    return host, int(port) if port else HTTPS


def server_name(host: str, wanted: Wanted) -> str | None:
    """Return the name to ask for: the one wanted, else the target's unless it is an address."""
    if wanted.no_name:
        return None
    if wanted.name is not None or wanted.shape.name is not None:
        return wanted.name or wanted.shape.name
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host.rstrip(".")
    return None


def stages(host: str, port: int, wanted: Wanted) -> Iterator[Stage]:
    """Yield what is spoken before TLS: to the proxy first, then to the target."""
    if wanted.proxy is not None:
        target = Target(host, port, user=wanted.proxy.user, password=wanted.proxy.password)
        yield Stage(wanted.proxy.protocol, target)
    if wanted.header is not None:
        yield Stage(wanted.header, Target(host, port))
    if wanted.preamble is not None:
        yield Stage(wanted.preamble, Target(host, port))
