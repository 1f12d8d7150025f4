"""`tlswire listen`: an interface in, a line for every TLS handshake as it ends."""

from __future__ import annotations

import gc
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tlswire.cli import telling
from tlswire.language import say

if TYPE_CHECKING:
    from tlswire.baseline import Baseline
    from tlswire.cli.measuring import Measured
    from tlswire.cli.telling import Teller
    from tlswire.live.listen import Listener
    from tlswire.live.recording import Recording
    from tlswire.result import Connection
    from tlswire.seen import Seen

EXAMPLES = """\b
Examples:
  sudo tlswire listen                            the interface of the default route
  sudo tlswire listen -i any 'host 198.51.100.20 and port 443'
  sudo tlswire listen --failed --write failures.pcapng
  sudo tlswire listen -i eth1 --jsonl | jq -c 'select(.outcome == "failed") | .verdict'
  kill -USR1 PID                                 statistics so far, on stderr

FILTER is tcpdump's (pcap-filter(7)), applied in the kernel; what a connection carries after its
handshake stays there too. The interface is opened as root, or with CAP_NET_RAW; then tlswire
becomes the user that called sudo.

Exit codes, after SIGINT or SIGTERM: 0 every handshake completed, 1 some failed or were not TLS,
2 wrong use or no right to capture, 3 nothing TLS seen.
"""


@click.command(name="listen", epilog=EXAMPLES)
@click.argument("expression", metavar="[FILTER]...", nargs=-1)
@click.option("-i", "--interface", metavar="IFACE", help="Default: the default route's; or any.")
@click.option("--failed", is_flag=True, help="Tell and write only what failed or was not TLS.")
@click.option("--write", "path", metavar="FILE", help="Keep the handshakes' packets as pcapng.")
@click.option(
    "--rotate-size", metavar="MIB", type=click.IntRange(min=1), default=100, show_default=True
)
@click.option(
    "--rotate-time",
    metavar="SECONDS",
    type=click.FloatRange(min=1),
    default=86_400,
    show_default=True,
)
@click.option(
    "--files",
    metavar="N",
    type=click.IntRange(min=0),
    default=10,
    show_default=True,
    help="Files kept besides the one that is written.",
)
@click.option(
    "--most",
    metavar="N",
    type=click.IntRange(min=100),
    default=20_000,
    show_default=True,
    help="Connections followed at once; some 12 KiB each.",
)
@click.option(
    "--buffer",
    "megabytes",
    metavar="MIB",
    type=click.IntRange(min=2, max=4095),
    default=64,
    show_default=True,
    help="Packets that wait in the kernel.",
)
@click.option("--no-promiscuous", is_flag=True, help="Only what is for this machine.")
@click.option("--user", metavar="NAME", help="Whom to become once the interface is open.")
@click.option(
    "--baseline", metavar="FILE", help="Tell when a server answers otherwise than before; learn it."
)
@telling.options
def command(expression: tuple[str, ...], **options: Any) -> int:
    """Say what the TLS handshakes on an interface come to, each as it ends."""
    from tlswire.cli.measuring import Measured
    from tlswire.cli.notices import notices
    from tlswire.cli.privileges import drop_to_invoker
    from tlswire.cli.telling import Teller
    from tlswire.sources.tap import open_tap

    notice = notices(options["form"])
    wanted = " ".join(expression)
    tap = open_tap(
        options["interface"],
        wanted or None,
        options["megabytes"],
        promiscuous=not options["no_promiscuous"],
    )
    became = drop_to_invoker(options["user"])
    recording = _record(options, notice)
    measured = Measured(options["metrics"])
    baseline = _baseline(options["baseline"])
    teller = Teller(
        as_lines=options["as_lines"],
        failed=options["failed"],
        quiet=options["quiet"],
        verbose=options["verbose"],
        colour=options["colour"],
        capture=options["path"] or "",
        heard=_hearing(measured, baseline, notice),
        at_once=False,
    )
    listener = _listener(tap, teller, notice, recording, options)
    _measure(measured, listener)
    told = say("listening on {name}", name=tap.name) + (f", {wanted}" if wanted else "")
    notice(say("{told}, as {user}", told=told, user=became) if became else told)
    for note in tap.notes:
        notice(note)
    _run(listener, teller, notice, options["as_lines"])
    if recording is not None:
        recording.close()
    tap.close()
    if baseline is not None:
        baseline.save()
    return teller.exit_code


def _baseline(path: str | None) -> Baseline | None:
    if path is None:
        return None
    from tlswire.baseline import Baseline

    baseline = Baseline(path)
    baseline.save()  # what cannot be written should be known at once
    return baseline


def _hearing(
    measured: Measured, baseline: Baseline | None, notice: Callable[[str], None]
) -> Callable[[Seen, Connection], None] | None:
    """Return what is told of every connection besides what is printed, None where nothing is."""
    from tlswire.errors import SelectionError

    if measured.heard is None and baseline is None:
        return None

    def hear(seen: Seen, connection: Connection) -> None:
        if measured.heard is not None:
            measured.heard(seen, connection)
        if baseline is None:
            return
        for change in baseline.add(seen):
            notice(say("changed: {what}", what=change))
        try:
            baseline.save_now_and_then(seen.flow.started)
        except SelectionError as error:  # a full disk ends no listening
            notice(str(error))

    return hear


def _measure(measured: Measured, listener: Listener) -> None:
    """Let Prometheus ask for what is not a handshake."""
    lost = "Packets that the kernel dropped for want of room."
    measured.watch("tlswire_packets_dropped_total", lost, lambda: listener.tap.dropped)
    left = "Connections that made room for newer ones and were not told."
    measured.watch("tlswire_connections_left_total", left, lambda: listener.losses.left)
    under_way = "Connections that are followed now."
    measured.watch("tlswire_connections_open", under_way, lambda: len(listener.watch))
    measured.serve()


def _record(options: dict[str, Any], notice: Callable[[str], None]) -> Recording | None:
    if options["path"] is None:
        return None
    from tlswire.cli.privileges import user_name
    from tlswire.errors import SelectionError
    from tlswire.live.recording import Limits, Recording

    limits = Limits(options["rotate_size"] << 20, options["rotate_time"], options["files"])
    try:
        return Recording(Path(options["path"]), limits, notice)
    except OSError as error:
        raise SelectionError(
            say(
                "{path}: cannot be written: {error} (as {user}; --user says as whom)",
                path=options["path"],
                error=error.strerror,
                user=user_name(),
            )
        ) from None


def _listener(
    tap: Any,
    teller: Teller,
    notice: Callable[[str], None],
    recording: Recording | None,
    options: dict[str, Any],
) -> Listener:
    from tlswire.live.listen import Listener
    from tlswire.live.watch import Patience, Watch

    return Listener(
        tap,
        lambda told: Watch(told, Patience(idle=options["idle"]), explains=False),
        teller.tell,
        notice,
        most=options["most"],
        recording=recording,
        only_failed=options["failed"],
        retell=None if teller.needs_all else teller.retell,
        flush=teller.flush,
    )


def _run(listener: Listener, teller: Teller, notice: Callable[[str], None], as_lines: bool) -> None:
    """Listen until a signal ends it; then say the counts."""
    from tlswire.cli import signals
    from tlswire.reports.statistics import lines

    begun = time.monotonic()
    # What is followed is no garbage, and there is much of it.
    gc.set_threshold(50_000, 50, 1000)

    def stop(number: int, frame: object) -> None:
        listener.stop()

    def ask(number: int, frame: object) -> None:
        listener.asked = True

    def statistics() -> None:
        seen = listener.conversations.packets
        for line in lines(teller.tally, listener.losses, seen, time.monotonic() - begun):
            notice(line)

    for number in signals.endings():
        signal.signal(number, stop)
    if signals.COUNTS is not None:
        signal.signal(signals.COUNTS, ask)
    listener.run(statistics)
    if as_lines:
        teller.summarise(
            listener.conversations.packets,
            tuple(listener.conversations.notes),
            listener.losses.without_tls,
        )
    statistics()
