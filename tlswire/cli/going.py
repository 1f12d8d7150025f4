"""The options of how to go to a server, shared by the commands that do, and what they mean.

@going.options
def command(..., **going: Any) -> int:
    asked, way = read(going)
"""

from __future__ import annotations

import shlex
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import click
from click.core import ParameterSource

from tlswire.cli import BROKEN_OFF
from tlswire.cli.outputs import masked
from tlswire.cli.pages import TICKER
from tlswire.cli.sections import option, together
from tlswire.language import say

if TYPE_CHECKING:
    from types import FrameType

    from tlswire.replay.routes import Asked
    from tlswire.way import Way

WHAT: Final = "What is sent, and to whom"
BEFORE: Final = "Before TLS"
PACKETS: Final = "On the wire"
CARE: Final = "Time and care"
KEPT: Final = "What is kept"
#: Options that say nothing of what is sent: left out of a command that does the same again.
SILENT: Final = frozenset(
    {"as_json", "as_markdown", "as_junit", "html", "colour", "write", "keylog"}
    | {"dry_run", "connections", "every"}
)
_SECONDS: Final = click.FloatRange(min=0.05, max=600)


class Sizes(click.ParamType):  # type: ignore[type-arg]
    """`captured`, `one`, or the sizes of segments in bytes: `5,100,1000`."""

    name = "sizes"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[int, ...] | None:
        """Return the sizes; () for one segment, None as captured."""
        if value is None or isinstance(value, tuple) or value == "captured":
            return value if isinstance(value, tuple) else None
        if value == "one":
            return ()
        parts = str(value).split(",")
        if not all(part.isdecimal() and 0 < int(part) < 1 << 16 for part in parts):
            self.fail(
                say("{value!r}: write one, captured, or sizes in bytes: 5,100,1000", value=value),
                param,
                ctx,
            )
        return tuple(map(int, parts))


options: Final = together(
    (
        option(
            BEFORE,
            "--starttls",
            metavar="PROTO",
            help="Speak this before TLS (smtp, lmtp, imap, pop3, ftp, xmpp, nntp, ldap, irc, "
            "sieve, postgres, mysql, tds, rdp ...); none: begin with TLS at once. "
            "Default: as captured.",
        ),
        option(
            BEFORE,
            "--proxy",
            metavar="URL",
            help="Go through this proxy: http://, https://, socks5:// or "
            "socks4://[USER:PASSWORD@]HOST:PORT.",
        ),
        option(
            BEFORE,
            "--proxy-protocol",
            type=click.Choice(("v1", "v2")),
            help="Begin with a PROXY header that names the captured addresses.",
        ),
        option(
            BEFORE,
            "--http-connect",
            is_flag=True,
            help="The target is a proxy: ask it for a tunnel (CONNECT) to the hello's server name.",
        ),
        option(
            PACKETS,
            "--segments",
            metavar="captured|one|N,N,…",
            type=Sizes(),
            default="captured",
            show_default=True,
            help="TCP segments of the ClientHello; the last size is repeated.",
        ),
        option(
            PACKETS,
            "--mss",
            metavar="BYTES",
            type=click.IntRange(min=88, max=65495),
            help="The largest segment, announced to the server too.",
        ),
        option(PACKETS, "--bind", metavar="ADDRESS", help="Come from this address of the machine."),
        option(
            PACKETS,
            "--source-port",
            metavar="PORT",
            type=click.IntRange(min=1, max=65535),
            help="Come from this port.",
        ),
        option(
            CARE,
            "--timeout",
            metavar="SECONDS",
            type=_SECONDS,
            default=5.0,
            show_default=True,
            help="To wait for a connection, and for each answer.",
        ),
        option(
            CARE,
            "--connect-timeout",
            metavar="SECONDS",
            type=_SECONDS,
            help="To wait for a connection, when not the same.",
        ),
        option(
            CARE,
            "--deadline",
            metavar="SECONDS",
            type=click.FloatRange(min=0.05, max=3600),
            default=60.0,
            show_default=True,
            help="For one connection in all.",
        ),
        option(
            CARE,
            "--rate",
            metavar="N",
            type=click.IntRange(min=1, max=1000),
            default=5,
            show_default=True,
            help="Connections in a second at most.",
        ),
        option(
            CARE,
            "--max-connections",
            metavar="N",
            type=click.IntRange(min=1),
            default=200,
            show_default=True,
            help="Connections in all.",
        ),
        option(
            KEPT,
            "--write",
            metavar="FILE",
            type=click.Path(dir_okay=False),
            help="Write our own packets to this pcapng, with the secrets that open them.",
        ),
        option(
            KEPT,
            "--keylog",
            metavar="FILE",
            type=click.Path(dir_okay=False),
            help="Add the secrets of our handshakes to this key log (SSLKEYLOGFILE).",
        ),
    )
)


def read(going: Mapping[str, Any], **more: Any) -> tuple[Asked, Way]:
    """Return what the options ask, and the way to go; `more` is what else is asked."""
    from tlswire.replay.routes import Asked
    from tlswire.sources.pace import Pace
    from tlswire.sources.record import Record
    from tlswire.way import Way

    asked = Asked(
        starttls=going["starttls"],
        proxy=going["proxy"],
        proxy_protocol=going["proxy_protocol"],
        http_connect=going["http_connect"],
        **more,
    )
    files = going["write"], going["keylog"]
    way = Way(
        connect_timeout=going["connect_timeout"] or going["timeout"],
        timeout=going["timeout"],
        deadline=going["deadline"],
        bind=going["bind"],
        source_port=going["source_port"],
        mss=going["mss"],
        segments=going["segments"],
        pace=Pace(going["rate"], going["max_connections"], TICKER.told),
        record=Record(*files) if any(files) else None,
    )
    return asked, way


@contextmanager
def kept(way: Way) -> Iterator[None]:
    """Write what is kept when all is done, or broken off: Ctrl-C ends a run with what it found."""
    try:
        with _broken_off(way):
            yield
    finally:
        TICKER.wipe()
        if way.record is not None:
            way.record.close()


def over(way: Way) -> bool:
    """Tell whether Ctrl-C ended the run: what was found is to be told, and nothing sent."""
    return way.pace is not None and way.pace.broken


@contextmanager
def _broken_off(way: Way) -> Iterator[None]:
    """Let the first Ctrl-C give up the connection in hand and make no more, the second all."""
    context, usual = click.get_current_context(), signal.getsignal(signal.SIGINT)

    def heard(number: int, frame: FrameType | None) -> None:
        signal.signal(signal.SIGINT, usual)
        if way.pace is not None:
            way.pace.break_off()
        context.meta[BROKEN_OFF] = True
        TICKER.wipe()
        click.echo(f"tlswire: {say('broken off; Ctrl-C once more leaves at once')}", err=True)

    if threading.current_thread() is not threading.main_thread():  # signals are not for it
        yield
        return
    signal.signal(signal.SIGINT, heard)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, usual)


def spelled(context: click.Context) -> str:
    """Return the command that was given, without what says nothing of what is sent.

    A proxy's password is not spelled out.
    """
    words = ["tlswire", *(context.info_name or "").split()]
    for parameter in context.command.params:
        name = parameter.name or ""
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name in context.params and name not in SILENT:
            words += _words(parameter, context.params[name])
    return shlex.join(words)


def _words(parameter: click.Parameter, value: Any) -> list[str]:
    if isinstance(parameter, click.Argument):
        return [str(value)]
    option = max(parameter.opts, key=len)
    if isinstance(value, bool):
        return [option] if value else []
    if option == "--segments":
        return [option, ",".join(map(str, value)) or "one"] if value is not None else []
    values = value if isinstance(value, tuple) else (value,)
    return [word for each in values for word in (option, masked(str(each)))]
