"""What to ask when a hello gets no answer: is it the size, the path, the name, or the server?

Five questions, each once: the same in small segments and in the smallest, and where that changes
nothing a smaller hello, a larger one, the same without its name. Together with what TCP
acknowledged they tell a path that drops large packets, a filter that drops a name, and a server
that stalls apart.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from tlswire import variants
from tlswire.experiments.changes import AMBIGUOUS, edit, way
from tlswire.experiments.experiment import Experiment
from tlswire.experiments.names import nameless
from tlswire.experiments.situations import mute, names_a_server, unacknowledged
from tlswire.seen import Seen
from tlswire.variants import Edit, Hello

SMALLER, LARGER, SPLIT, NAMELESS = "extension", "padding", "mss", "sni"
#: A hello of so many bytes fills more than one packet of every usual path.
LARGE: Final = 1800

silent: Final = mute("silence")


def questions(exact: Seen) -> tuple[Experiment, ...]:
    """Return what to ask after this silence; none where somebody spoke.

    Small segments come first: a server that has once sent a large flight knows the path's MTU and
    announces it, and a hello that was lost before then passes (measured).
    """
    if not silent(exact) or exact.flow.server.sent:
        return ()
    lost = unacknowledged(exact)
    path = "mtu-blackhole-client-hello" if lost else "mtu-blackhole-server-flight"
    size = path if lost else "pq-client-hello-too-big"
    rows = (
        Experiment(
            path,
            SPLIT,
            silent,
            way(variants.small_segments),
            "segments of {about} bytes at most, both ways",
            about=str(variants.SMALL_MSS),
        ),
        Experiment(
            path,
            SPLIT,
            silent,
            way(lambda flight: variants.small_segments(flight, variants.LEAST_MSS)),
            "segments of {about} bytes at most, both ways",
            about=str(variants.LEAST_MSS),
        ),
        Experiment(
            size, SMALLER, silent, edit(variants.essential), "only what a handshake needs offered"
        ),
        Experiment("ch-length-256-511", LARGER, silent, edit(larger), "the hello made larger"),
        Experiment(
            "sni-filter-drop",
            NAMELESS,
            names_a_server,
            nameless,
            "no server name",
        ),
    )
    return tuple(row for row in rows if row.applies(exact))


def larger(hello: Hello) -> tuple[Edit, ...]:
    """Fill more than one packet; a hello that does so already grows by as much."""
    return variants.padded(hello, LARGE if hello.size < LARGE else hello.size + LARGE)


def explains(exact: Seen, passed: Collection[str]) -> str | None:
    """Return the variant whose change explains the silence; None when no single one does.

    Small segments change nothing in the hello: what passes with them is not its content. A
    smaller hello still has the name: where it passes, the name is not it.
    """
    if SPLIT in passed:
        return SPLIT
    if SMALLER in passed:
        return SMALLER if LARGER not in passed and _filled(exact) else None
    if NAMELESS in passed:
        return NAMELESS
    ambiguous = exact.offer is not None and exact.offer.size in AMBIGUOUS
    return LARGER if LARGER in passed and ambiguous else None


def _filled(exact: Seen) -> bool:
    """Tell whether the hello needs more than one packet, or one that is nearly full."""
    return exact.flow.client.sent > variants.SMALL_MSS
