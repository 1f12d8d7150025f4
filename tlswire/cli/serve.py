"""`tlswire serve`: the captured server, played to real clients."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tlswire.language import mark, say

if TYPE_CHECKING:
    from tlswire.decode import Scan
    from tlswire.live.actor import Actor
    from tlswire.live.script import Script
    from tlswire.live.stage import Stage
    from tlswire.player.credentials import Credentials
    from tlswire.seen import Seen

EXAMPLES = """\b
Examples:
  tlswire serve failing.pcapng                        the captured server, byte for byte
  tlswire serve failing.pcapng -c 12 --listen :8443
  tlswire serve good.pcapng --certificate server.pem --key server.key
                                                      whole handshakes, re-keyed
  curl --connect-to ::127.0.0.1:8443 https://partner.example.com/

Without --certificate the captured bytes are sent, so a client gets as far as what only the
captured server could prove. With it, what the captured server chose (version, suite, group,
extensions, client certificate, tickets) is played with keys of our own, and a client that comes
back is resumed where the captured server would have. Either way it ends as in the capture: the
same alert, close, reset or silence, after the same time.

Exit codes, after SIGINT or SIGTERM: 0 every handshake completed, 1 some failed or were not TLS,
2 wrong use, or input that cannot be read, 3 no client came.
"""


@click.command(name="serve", epilog=EXAMPLES)
@click.argument("capture")
@click.option(
    "-c", "--connection", "number", metavar="N", type=click.IntRange(min=0), help="Which one."
)
@click.option("--listen", "where", metavar="ADDR:PORT", default="127.0.0.1:8443", show_default=True)
@click.option("--certificate", metavar="FILE", help="Play whole handshakes with this chain (PEM).")
@click.option("--key", metavar="FILE", help="Its private key, where it is another file.")
@click.option("--staple", metavar="FILE", help="An OCSP response for it (DER), for who asks.")
@click.option("--keylog", metavar="FILE", help="Read what the capture hides with this.")
@click.option("--no-timing", is_flag=True, help="Leave the captured pauses out.")
@click.option("--once", is_flag=True, help="End after one client.")
@click.option("--jsonl", "as_lines", is_flag=True, help="One connection of the contract a line.")
@click.option("--color/--no-color", "colour", default=None, help="Default: on a terminal.")
@click.option("-q", "--quiet", is_flag=True, help="A line each, and no ladder of failures.")
@click.option("-v", "--verbose", is_flag=True, help="The ladder of every failure, not of one kind.")
def command(capture: str, **options: Any) -> int:
    """Answer real clients as the server of a capture did, so that its partner is not needed."""
    from tlswire.cli.notices import notices
    from tlswire.cli.selection import read
    from tlswire.cli.telling import Teller
    from tlswire.live.script import read_script
    from tlswire.live.stage import Stage
    from tlswire.live.watch import Watch

    notice = notices("text")
    credentials = _credentials(options["certificate"], options["key"])
    chosen = _choose(capture, read(capture, keylog=options["keylog"]), options["number"])
    staple = _staple(options["staple"], credentials)
    cast, how = _cast(read_script(capture, chosen), credentials, staple)
    teller = Teller(
        as_lines=options["as_lines"],
        quiet=options["quiet"],
        verbose=options["verbose"],
        colour=options["colour"],
        heard=lambda seen, _: _tell(chosen, seen, notice),
    )
    stage = Stage(cast, Watch(teller.tell), timing=not options["no_timing"], once=options["once"])
    _run(
        stage,
        options["where"],
        notice,
        say(
            "connection {number} of {capture}, {how}",
            number=chosen.flow.number,
            capture=capture,
            how=how,
        ),
    )
    return teller.exit_code


BYTES = mark("byte for byte")
NO_HELLO = mark("byte for byte (the captured server sent no ServerHello to play on)")


def _credentials(certificate: str | None, key: str | None) -> Credentials | None:
    if certificate is None:
        return None
    from tlswire.player.credentials import load

    return load(Path(certificate).read_bytes(), Path(key).read_bytes() if key else None)


def _choose(capture: str, found: Scan, number: int | None) -> Seen:
    """Return the connection to play: the one asked for, else the first that failed."""
    from tlswire.cli.selection import choose_hellos
    from tlswire.errors import SelectionError

    if number is not None:
        return choose_hellos(found, (number,))[0]
    listed = [seen for seen in found.listed() if seen.flow.server.sent or seen.failed]
    if not listed:
        raise SelectionError(
            say("{capture}: no server in it that could be played", capture=capture)
        )
    return next((seen for seen in listed if seen.failed), listed[0])


def _staple(path: str | None, credentials: Credentials | None) -> bytes | None:
    """Read an OCSP response. Raises SelectionError for what is none, or is for nobody."""
    from tlswire.errors import SelectionError

    if path is None:
        return None
    if credentials is None:
        raise SelectionError(say("--staple is for the certificate of --certificate: give both"))
    from tlswire import staple
    from tlswire.certificates import read_chain

    data = Path(path).read_bytes()
    found = staple.read(data, read_chain(credentials.chain))
    if found.status not in ("good", "revoked", "unknown"):
        raise SelectionError(
            say("{path} is no OCSP response: {status}", path=path, status=found.status)
        )
    if not found.fits:
        raise SelectionError(say("{path} is about another certificate", path=path))
    return data


def _cast(
    script: Script, credentials: Credentials | None, staple: bytes | None = None
) -> tuple[Callable[[], Actor], str]:
    """Return what makes an actor, and how it plays in a few words."""
    from tlswire.live.actor import Rekeyed, Repeater
    from tlswire.player.part import read_part
    from tlswire.player.sessions import Sessions

    part = None if credentials is None else read_part(script.seen.transcript)
    if part is None or credentials is None:
        told = BYTES if credentials is None else NO_HELLO
        return lambda: Repeater(script), say(told)
    known = Sessions()
    return lambda: Rekeyed(script, part, credentials, known=known, staple=staple), say("re-keyed")


def _tell(captured: Seen, now: Seen, notice: Callable[[str], None]) -> None:
    """Say how a client fared, and what was other than in the capture where no ladder says it."""
    notice(compare(captured, now))
    for note in () if now.failed else now.flow.notes:
        notice(note)
    if not now.failed and _identified(captured) and not _identified(now):
        notice(
            say(
                "it showed no certificate, the captured client did: whether the captured server "
                "would have gone on is not known"
            )
        )


def _identified(seen: Seen) -> bool:
    """Tell whether a client's certificate was seen; in TLS 1.3 keys show it."""
    return bool(seen.transcript.certificates("client"))


def compare(captured: Seen, now: Seen) -> str:
    """Say whether a client ended as the captured one did."""
    who = now.flow.client.endpoint
    if _is_alike(captured, now):
        return say("client {endpoint}: as in the capture", endpoint=who)
    return say(
        "client {endpoint}: {now}; captured: {then}",
        endpoint=who,
        now=_in_short(now),
        then=_in_short(captured),
    )


def _is_alike(captured: Seen, now: Seen) -> bool:
    """Tell whether two ended alike; an alert that the capture hides is like any other."""
    from tlswire.transcript import alert_of

    one, other = captured.ending, now.ending
    if one[:4] != other[:4]:
        return False
    if one.entry is None or other.entry is None or not one.entry.is_alert:
        return True
    hidden = one.how == "encrypted_alert" and alert_of(one.entry) is None
    return hidden or alert_of(one.entry) == alert_of(other.entry)


def _in_short(seen: Seen) -> str:
    from tlswire import findings
    from tlswire.reports.attempts import outcome
    from tlswire.reports.endings import in_short

    ended = in_short(findings.ended_by(seen.ending))
    return f"{outcome(seen.ending.outcome)} {seen.ending.stopped_at or ''} {ended}".rstrip()


def _run(stage: Stage, where: str, notice: Callable[[str], None], what: str) -> None:
    """Play until a signal ends it."""
    from tlswire.cli.listening import keep, open_listener, place_of, raise_file_limit

    raise_file_limit()
    listener = open_listener(where)
    begun = say("listening on {place}: {what}", place=place_of(listener), what=what)
    keep(stage, listener, lambda: notice(begun))
