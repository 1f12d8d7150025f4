"""Which change of a hello proves which cause: one row an experiment, in the order of trying.

An experiment differs from the captured hello in one thing. When it passes, and the exact hello
then fails again as before, its cause is proved. Nothing here sends: `replay` does.

    situations.py   when a row is worth a connection, and what passing is
    changes.py      what it changes: the lists offered, sizes and cuts
    kinds.py        what it changes: suites and signatures, by the kind of certificate
    names.py        what it changes: the server name
    offers.py       what servers usually take
    controls.py     what must not pass, so that it was this and nothing beside
    plain.py        hellos of today, to try in the captured one's place
    experiment.py   a row
    negotiation.py  rows: what is offered to choose from
    tolerance.py    rows: what should be passed over, and how the hello is cut
    wishes.py       rows: what is asked for
    clear.py        rows: what may be missing, or too much, before TLS
    silence.py      what to ask when nobody answers
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tlswire.codes import ExtensionType
from tlswire.experiments.clear import AT_ALL, NOT_TLS
from tlswire.experiments.experiment import Control, Experiment
from tlswire.experiments.negotiation import NAMED, RARER, UNNAMED
from tlswire.experiments.situations import went_on
from tlswire.experiments.tolerance import CUTS, TOLERANCE
from tlswire.experiments.wishes import NAMES_ASKED, WISHES
from tlswire.seen import Seen

__all__ = ["EXPERIMENTS", "MOST", "MOST_SILENT", "Control", "Experiment", "ordered", "went_on"]

#: Experiments of one replay at most: a server is asked politely, one that is silent more so.
MOST, MOST_SILENT = 24, 16
TICKET: Final = "no-ticket"

#: What the alert or the hello itself names comes first, what changes more comes later.
EXPERIMENTS: Final[tuple[Experiment, ...]] = (
    *NAMED,
    *NAMES_ASKED,
    *UNNAMED,
    *TOLERANCE,
    *CUTS,
    *WISHES,
    *NOT_TLS,
)


def ordered(table: Sequence[Experiment], exact: Seen, left: Sequence[str]) -> list[Experiment]:
    """Return the rows that apply: is it TLS at all, then those of the causes `left`.

    Where the hello offers a pre-shared key, to ask for no session comes before all else: every
    edit takes the key out, for its binder vouches for the unchanged hello.
    """
    bound = exact.offer is not None and exact.offer.has(ExtensionType.pre_shared_key)
    fitting = [row for row in table if row.applies(exact)]

    def later(row: Experiment) -> tuple[bool, bool, bool]:
        suspected = not {row.cause, *row.instead_of}.isdisjoint(left)
        likely = suspected and row not in RARER
        return bound and row.variant != TICKET, row not in AT_ALL, not likely

    return sorted(fitting, key=later)
