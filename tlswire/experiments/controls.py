"""What must not pass beside an experiment that did: then it was this change and nothing beside.

A change of the hello also moves bytes, makes it larger or smaller, and makes it another hello than
the one that a box may know. Nothing here sends.
"""

from __future__ import annotations

import os
from functools import partial
from typing import Final

from tlswire import variants
from tlswire.codes import ExtensionType
from tlswire.experiments.changes import AMBIGUOUS, Change, edit, listed
from tlswire.experiments.experiment import Control, Experiment
from tlswire.experiments.situations import unacknowledged
from tlswire.flight import Flight
from tlswire.language import mark, say
from tlswire.seen import Seen
from tlswire.variants import Hello, Sending
from tlswire.variants.edits import Draft, Edit
from tlswire.variants.shape import put_together, take_apart

#: What changes the hello, and with it its size.
OF_THE_HELLO: Final = frozenset(
    {"version", "sni", "suites", "groups", "signature_algorithms", "alpn", "extension", "no-ticket"}
    | {"padding"}
)
#: A suite that no implementation has: for private use (RFC 8446 section 11).
NOBODYS: Final = 0xFFFE
OFFER_NOBODYS: Final = mark("a control: offer a suite that nobody has (0xfffe)")
#: The least that a padding extension adds.
LEAST: Final = 4

MISPLACED: Final = mark(
    "the same extension at another place passes as well: the server minds the order of extensions"
)
REMEMBERED: Final = mark(
    "the same hello with a fresh random passes as well: the server, or a box before it, refuses "
    "bytes that it has seen before, and what a replay meets is not what the client met"
)
PADDED_TOO: Final = mark(
    "the hello padded to another size that should fail as well passes: it is not this size"
)


# -- order -------------------------------------------------------------------------------


def elsewhere(extension: int) -> tuple[Control, ...]:
    """Return the changes that only move an extension: to the front, to the end."""
    return tuple(Control(partial(_moved, extension, last), MISPLACED) for last in (False, True))


def _moved(extension: int, last: bool, flight: Flight, host: str) -> Sending | None:
    hello = variants.open_hello(flight)
    if hello is None or ExtensionType.pre_shared_key in hello.extensions:
        return None  # which must be the last (RFC 8446 section 4.2.11)
    shape = take_apart(hello, flight)
    moved = [e for e in shape.extensions if e.type == extension]
    others = [e for e in shape.extensions if e.type != extension]
    order = tuple([*others, *moved] if last else [*moved, *others])
    if not moved or order == shape.extensions:
        return None
    return put_together(shape._replace(extensions=order), hello)


def reordered() -> tuple[Control, ...]:
    """Return the change that puts the first extension second, and leaves the last one last."""
    return (Control(_first_two, MISPLACED),)


def _first_two(flight: Flight, host: str) -> Sending | None:
    hello = variants.open_hello(flight)
    if hello is None or len(hello.extensions) < 3:
        return None
    shape = take_apart(hello, flight)
    one, other, *rest = shape.extensions
    return put_together(shape._replace(extensions=(other, one, *rest)), hello)


# -- what a box may remember -------------------------------------------------------------


def unseen() -> tuple[Control, ...]:
    """Return the change that makes the bytes new and nothing else."""
    return (Control(fresh, REMEMBERED),)


def _fresh(hello: Hello) -> tuple[Edit, ...]:
    if not set(variants.BINDING).isdisjoint(hello.extensions):
        return ()  # every edit takes more out
    draft = Draft(hello)
    draft.replace("random", os.urandom(len(hello.fields["random"])), say("random: fresh"))
    session = hello.fields["session_id"]
    if session:
        draft.replace("session_id", os.urandom(len(session)), say("session id: fresh"))
    return draft.edits()


#: The same offer, never sent before.
fresh: Final[Change] = edit(_fresh)


# -- size --------------------------------------------------------------------------------


def still_ambiguous() -> tuple[Control, ...]:
    """Return the change that pads a hello and leaves it in the range of 256 to 511 bytes."""
    return (Control(edit(_within_the_ambiguous), PADDED_TOO),)


def _within_the_ambiguous(hello: Hello) -> tuple[Edit, ...]:
    most = AMBIGUOUS.stop - LEAST
    return variants.padded(hello, most) if hello.size + LEAST <= most else ()


def changes_bytes(row: Experiment) -> bool:
    """Tell whether a row changes the hello itself, and so by the way its fingerprint and size."""
    return row.variant in OF_THE_HELLO


def other_bytes(flight: Flight, row: Experiment, changed: Sending) -> Sending | None:
    """Add a suite that nobody has, and pad to the size of a larger changed hello.

    Where the size is the very change, the size stays.

    That must not pass: else the server minds the size, or knows the captured hello's fingerprint.
    """
    hello, other = variants.open_hello(flight), variants.open_hello(changed.flight)
    if hello is None or other is None or not set(variants.BINDING).isdisjoint(hello.extensions):
        return None
    with_needs = row.variant == "suites"  # then what suites need is a part of the change too
    edits = variants.suites(hello, [NOBODYS]) if with_needs else _nobodys_alone(hello)
    made = variants.apply(flight, edits)
    larger = variants.open_hello(made)
    if larger is not None and larger.size < other.size and not row.of_size:
        padding = variants.padded(larger, max(other.size, _least(larger, other.size)))
        made = variants.apply(made, padding)
    sending = listed(flight, made)
    return _naming_nobodys(sending) if sending is not None else None


def _nobodys_alone(hello: Hello) -> tuple[Edit, ...]:
    draft = Draft(hello)
    draft.append("cipher_suites", NOBODYS.to_bytes(2, "big"), say(OFFER_NOBODYS))
    return draft.edits()


def _naming_nobodys(sending: Sending) -> Sending:
    suite = NOBODYS.to_bytes(2, "big")
    told = (e._replace(why=say(OFFER_NOBODYS)) if e.new == suite else e for e in sending.edits)
    return sending._replace(edits=tuple(told))


def as_before(flight: Flight, changed: Sending, *, least: bool = False) -> Sending | None:
    """Pad a smaller changed hello to the captured size, or by the `least`: that must pass too."""
    hello, other = variants.open_hello(flight), variants.open_hello(changed.flight)
    if hello is None or other is None or other.size >= hello.size or not other.extensions:
        return None
    wanted = other.size + 2 * LEAST if least else hello.size
    if least and wanted >= hello.size:
        return None
    padding = variants.padded(other, max(wanted, _least(other, wanted)))
    return listed(flight, variants.apply(changed.flight, padding)) if padding else None


def smaller(row: Experiment, exact: Seen) -> Experiment:
    """Return the row of a change that passed for the size alone: padded again it was refused."""
    ambiguous = exact.offer is not None and exact.offer.size in AMBIGUOUS
    lost = "mtu-blackhole-client-hello" if unacknowledged(exact) else "pq-client-hello-too-big"
    return row._replace(
        cause="ch-length-256-511" if ambiguous else lost,
        variant="padding",
        told=mark("{about}, and the hello smaller by it (padded to the old size it is refused)"),
        about=row.changed,
        besides=(),
    )


def _least(hello: Hello, wanted: int) -> int:
    has = ExtensionType.padding in hello.extensions
    return wanted if has else hello.size + LEAST
