"""`tlswire survey HOST…`: what a server accepts, and what may be said of it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tlswire.cli import INTERRUPTED, limits
from tlswire.cli.outputs import STDOUT, html_option, junit_option, one_form, write_html, write_whole
from tlswire.language import counted, say

if TYPE_CHECKING:
    from tlswire.seen import Seen
    from tlswire.survey import Wanted
    from tlswire.survey.caller import Limits
    from tlswire.survey.question import Shape
    from tlswire.survey.wanted import Proxy
    from tlswire.surveyed import Survey

EXAMPLES = """\b
Examples:
  tlswire survey www.example.com                 everything, a screen or two
  tlswire survey 192.0.2.7:8443 --name www.example.com
  tlswire survey mail.example.com:25 --starttls smtp
  tlswire survey db.example.com --only suites    as nmap's ssl-enum-ciphers, sooner
  tlswire survey --targets hosts.txt --json | jq '.surveys[] | [.target, .grade]'
  tlswire survey --from failed.pcapng            as the captured client asks, and against it
  tlswire survey www.example.com --save server.json
  tlswire survey www.example.com --polite        one connection after the other, as few as can be

\b
Exit codes:
  0  every target takes TLS
  1  a target answers, and takes no TLS: refused, reset, closed, silent, not TLS
  2  wrong use, or input that cannot be read
  3  --from: no ClientHello in the capture
  4  no target could be reached
  130  interrupted with Ctrl-C: what was found so far was told
"""


@click.command(name="survey", epilog=EXAMPLES)
@click.argument("targets", nargs=-1, metavar="[HOST[:PORT]]...")
@click.option(
    "--from",
    "capture",
    metavar="CAPTURE",
    help="Ask as a captured client does (its name, ALPN, extensions), and compare with it. "
    "Default target: the captured server.",
)
@click.option(
    "-c",
    "--connection",
    "number",
    metavar="N",
    type=click.IntRange(min=0),
    help="With --from: this connection. Default: the first that failed, else the first.",
)
@click.option("--targets", "listed", metavar="FILE", help="Also those of a file, one a line.")
@click.option("--name", metavar="NAME", help="The server name to ask for (SNI).")
@click.option("--no-name", is_flag=True, help="Ask without a server name.")
@click.option("--alpn", metavar="NAMES", help="Protocols to offer, with commas between.")
@click.option("--starttls", metavar="PROTOCOL", help="Speak this before TLS: smtp, imap, ldap ...")
@click.option("--proxy", metavar="URL", help="Through http://, socks5:// or socks4://host:port.")
@click.option(
    "--proxy-protocol",
    "header",
    type=click.Choice(("v1", "v2")),
    help="Begin with a PROXY header, as behind a balancer.",
)
@click.option(
    "--only",
    metavar="PARTS",
    help="Of suites, groups, signatures, certificates, features, tolerance.",
)
@click.option(
    "--ca", metavar="FILE", help="Judge certificates by these roots. Default: this system's."
)
@click.option("--polite", is_flag=True, help="As few connections as can be, one at a time.")
@limits.options(
    parallel=16,
    most=100,
    rate=200.0,
    timeout=5.0,
    awaited="How long silence is waited for, once in all.",
)
@click.option(
    "--budget",
    metavar="SECONDS",
    type=click.FloatRange(0.1, 86400),
    default=120.0,
    show_default=True,
    help="For one target, whatever it does.",
)
@click.option(
    "--save",
    metavar="FILE",
    help="Write the JSON document there, for `replay --against` and `rehearse --policy`.",
)
@click.option("-v", "--verbose", "whole", is_flag=True, help="Name everything, count nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the document of schema tlswire/1.")
@junit_option
@html_option
@click.option("--color/--no-color", "colour", default=None, help="Default: on a terminal.")
def command(targets: tuple[str, ...], **options: Any) -> int:
    """Ask a server for everything it accepts, with few connections, and say what is weak.

    A hello is sent for each question and no handshake is finished unless a finding needs it.
    Nobody but the named targets is contacted.
    """
    from tlswire.reports import json

    for target in targets:
        _refuse_misspelt(target)
    client = _client(options["capture"], options["number"]) if options["capture"] else None
    everyone = _everyone(targets, options["listed"], client)
    wanted = _wanted(options, client)
    html, save = options["html"], options["save"]
    form = one_form(json=options["as_json"], junit=options["as_junit"], html=html == STDOUT)
    if save:
        Path(save).touch()  # a place that cannot be written is told before anything is asked
    done, interrupted = _perform(
        everyone, wanted, form, colour=options["colour"], whole=options["whole"]
    )
    document = json.of_surveys(done)
    if form != "text":
        write_whole(document, form, "", sys.stdout, sent=True)
    write_html(document, html, "", sent=True)
    if save:
        Path(save).write_bytes(json.render(document))
    return INTERRUPTED if interrupted else of_surveys(done)


def _perform(
    targets: Sequence[str],
    wanted: Wanted,
    form: str,
    *,
    colour: bool | None,
    whole: bool,
) -> tuple[list[Survey], bool]:
    """Return the surveys in the order of the targets, and whether Ctrl-C cut them short."""
    from tlswire.survey import survey_all

    heard: dict[int, Survey] = {}

    def told(place: int, done: Survey) -> None:
        heard[place] = done
        if form == "text":
            _show(done, colour, whole=whole, begun=len(heard) > 1)
        if len(targets) > 1 and sys.stderr.isatty():
            count = say(
                "{number} of {total} surveyed: {target}",
                number=len(heard),
                total=len(targets),
                target=ascii(done.target)[1:-1],
            )
            click.echo(count, err=True)

    try:
        return survey_all(targets, wanted, told), False
    except KeyboardInterrupt:
        begun = counted(
            "interrupted, {begun} of {number} target begun",
            "interrupted, {begun} of {number} targets begun",
            len(targets),
            begun=len(heard),
        )
        click.echo(f"tlswire: {begun}", err=True)
        return [heard[place] for place in sorted(heard)], True


def _show(done: Survey, colour: bool | None, *, whole: bool, begun: bool) -> None:
    from tlswire.reports import surveys, terminal
    from tlswire.reports.page import Page

    page = Page(terminal.width())
    if begun:
        page.line()
    surveys.render(done, page, whole=whole)
    terminal.show(page, colour=terminal.wants_colour(colour))
    sys.stdout.flush()


def of_surveys(done: Sequence[Survey]) -> int:
    """Return 4 when no target was reached, 1 when one takes no TLS, else 0."""
    outcomes = {survey.outcome for survey in done}
    if outcomes == {"unreached"}:
        return 4
    return 0 if outcomes == {"surveyed"} else 1


# -- what the options say ----------------------------------------------------------------


def _everyone(targets: Sequence[str], listed: str | None, client: Seen | None) -> list[str]:
    """Return whom to ask: the targets named and those of the file, else the client's server."""
    named = [*targets, *_read_targets(listed)]
    if not named and client is None:
        raise click.UsageError(say("name a target, --targets FILE, or --from CAPTURE"))
    return named if named or client is None else [client.server]


def _wanted(options: dict[str, Any], client: Seen | None) -> Wanted:
    from tlswire.sources import roots
    from tlswire.survey.wanted import Wanted

    header, ca = options["header"], options["ca"]
    return Wanted(
        parts=_parts(options["only"]),
        polite=options["polite"],
        limits=_limits(options),
        name=options["name"],
        no_name=options["no_name"],
        shape=_shape(client, options["alpn"]),
        client=client,
        preamble=_known(options["starttls"]) or _spoken(client),
        header=f"proxy-{header}" if header else None,
        proxy=_proxy(options["proxy"]),
        roots=roots.of_file(Path(ca)) if ca else None,
    )


def _limits(options: dict[str, Any]) -> Limits:
    from tlswire.survey.caller import Limits

    parallel = 1 if options["polite"] else options["parallel"]
    return Limits(parallel, options["rate"], options["timeout"], options["budget"])


def _client(capture: str, number: int | None) -> Seen:
    """Return the captured client to ask as: the one named, else the first that failed."""
    from tlswire.cli import selection

    found = selection.read(capture)
    chosen = selection.choose_hellos(found, () if number is None else (number,), every=True)
    readable = [seen for seen in chosen if seen.offer is not None]
    if not readable:
        raise click.UsageError(say("{capture}: no ClientHello that can be read", capture=capture))
    return next((seen for seen in readable if seen.failed), readable[0])


def _refuse_misspelt(target: str) -> None:
    """Refuse at once what can be no target; one in a file does not stop the others."""
    from tlswire.errors import SelectionError, TargetError
    from tlswire.survey.wanted import split

    try:
        split(target)
    except TargetError as error:
        raise SelectionError(str(error)) from None


def _shape(client: Seen | None, alpn: str | None) -> Shape:
    """Return the hello to ask with: the client's where there is one, with the protocols named."""
    from tlswire.survey.client import shape_of
    from tlswire.survey.question import Shape

    shape = shape_of(client) if client is not None else Shape()
    return shape._replace(alpn=tuple(n.encode() for n in alpn.split(","))) if alpn else shape


def _read_targets(path: str | None) -> list[str]:
    if path is None:
        return []
    text = sys.stdin.read() if path == "-" else Path(path).read_text(errors="backslashreplace")
    lines = (line.partition("#")[0].strip() for line in text.splitlines())
    return [line for line in lines if line]


def _parts(only: str | None) -> frozenset[str]:
    from tlswire.survey.wanted import PARTS

    if only is None:
        return frozenset(PARTS)
    named = [part.strip() for part in only.split(",")]
    for part in named:
        if part not in PARTS:
            raise click.UsageError(
                say(
                    "--only knows no {part!r}: there are {names}", part=part, names=", ".join(PARTS)
                )
            )
    return frozenset(named)


def _known(protocol: str | None) -> str | None:
    """Refuse at once a protocol that has no row in the table."""
    if protocol is not None:
        from tlswire.preambles.speaker import named

        named(protocol)
    return protocol


def _spoken(client: Seen | None) -> str | None:
    """Return the preamble that the captured client spoke to its server, proxies left out."""
    if client is None or client.preamble is None:
        return None
    from tlswire.preambles.dialects import BY_PROTOCOL

    words = client.preamble.protocol.split("+")
    own = [word for word in words if word in BY_PROTOCOL and not BY_PROTOCOL[word].carrier]
    return "+".join(word for word in own if not word.startswith("proxy-")) or None


def _proxy(url: str | None) -> Proxy | None:
    if url is None:
        return None
    from urllib.parse import unquote

    from tlswire.errors import SelectionError
    from tlswire.replay.routes import inside_tls, parse_proxy
    from tlswire.survey.wanted import Proxy

    protocol, at, parts = parse_proxy(url)
    if inside_tls(parts):
        raise SelectionError(
            say("a survey goes through no proxy inside TLS (https://); replay and probe do")
        )
    return Proxy(protocol, at, unquote(parts.username or ""), unquote(parts.password or ""))
