"""`tlswire relay`: stand between clients and a server, pass everything on, and say what is seen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from tlswire.cli import telling
from tlswire.language import say

if TYPE_CHECKING:
    from tlswire.cli.notices import Form
    from tlswire.live.relay import Relay

EXAMPLES = """\b
Examples:
  tlswire relay --listen 127.0.0.1:8443 --to partner.example.com:443
  tlswire relay --listen :8443 --to 198.51.100.20:443 --jsonl | jq .outcome
  tlswire relay --listen :8443 --to db:5432 --fault client:split=1
  tlswire relay --listen :8443 --to web:443 --fault server:cut@certificate+100

\b
Faults, to try a client or a server against misbehaviour; repeatable:
  [client:|server:]delay=200ms   every piece of that side's bytes this much later
  [...]split=N                   pieces of N bytes, each in a write of its own
  [...]cut@PLACE                 that side's stream ends there, with a FIN
  [...]stall@PLACE               nothing passes from there on
  [...]reset@PLACE               both connections are reset there
  [...]corrupt@PLACE             the bits of one byte are flipped
PLACE is a byte's number in the stream (from 0), a message (client_hello, server_hello,
certificate, finished ...) or a message and a byte of it: certificate+100.

A client that checks the server's name must still ask for it: curl --connect-to, openssl
s_client -servername, or a line in /etc/hosts.

Exit codes, after SIGINT or SIGTERM: 0 every handshake completed, 1 some failed or were not TLS,
2 wrong use, 3 no handshake seen, 4 the target's name does not resolve.
"""


@click.command(name="relay", epilog=EXAMPLES)
@click.option("--listen", "where", metavar="ADDR:PORT", required=True, help="Where clients come.")
@click.option("--to", "target", metavar="HOST:PORT", required=True, help="Where they are led.")
@click.option("--fault", "faults", metavar="SPEC", multiple=True, help="See below. Repeatable.")
@click.option("--failed", is_flag=True, help="Tell only what failed or was not TLS.")
@telling.options
def command(
    where: str,
    target: str,
    faults: tuple[str, ...],
    failed: bool,
    as_lines: bool,
    idle: float,
    form: Form,
    metrics: str | None,
    colour: bool | None,
    quiet: bool,
    verbose: bool,
) -> int:
    """Pass TCP connections on, unchanged, and say what their TLS handshakes come to.

    For those who may not capture: TLS is never terminated, the certificate stays the server's.
    """
    from tlswire.cli.measuring import Measured
    from tlswire.cli.notices import notices
    from tlswire.cli.telling import Teller
    from tlswire.flow import Endpoint
    from tlswire.live.fault import parse
    from tlswire.live.relay import Relay
    from tlswire.live.watch import Patience, Watch
    from tlswire.replay import parse_target
    from tlswire.reports.counts import sentence
    from tlswire.sources.dialling import resolve
    from tlswire.way import HTTPS

    measured = Measured(metrics)
    teller = Teller(
        as_lines=as_lines,
        failed=failed,
        quiet=quiet,
        verbose=verbose,
        colour=colour,
        heard=measured.heard,
    )
    watch = Watch(teller.tell, Patience(idle=idle))
    addresses = resolve(*parse_target(target, Endpoint("", HTTPS)))
    relay = Relay(addresses, watch, faults=[parse(text) for text in faults])
    measured.watch("tlswire_connections_open", "Connections passed on now.", relay.passages.__len__)
    measured.serve()
    notice = notices(form)

    def counts() -> None:
        notice(sentence(teller.tally.outcomes))
        for note in _notes(relay):
            notice(say("note: ") + note)

    run(relay, where, _led(target, faults), notice, counts)
    if as_lines:
        teller.summarise(0, tuple(_notes(relay)))
    counts()
    return teller.exit_code


def run(
    relay: Relay, where: str, what: str, notice: Callable[[str], None], counts: Callable[[], None]
) -> None:
    """Relay until a signal ends it; another asks for the counts."""
    from tlswire.cli.listening import keep, open_listener, place_of, raise_file_limit

    most = raise_file_limit() // 2 - 16
    listener = open_listener(where)
    begun = say(
        "listening on {place}, {what}; {most} connections at once",
        place=place_of(listener),
        what=what,
        most=most,
    )
    keep(relay, listener, lambda: notice(begun), counts)


def _led(target: str, faults: Sequence[str]) -> str:
    if not faults:
        return say("to {target}", target=target)
    return say("to {target} with {faults}", target=target, faults=", ".join(faults))


def _notes(relay: Relay) -> list[str]:
    return [
        say("{text} ({count} times)", text=text, count=count) for text, count in relay.notes.items()
    ]
