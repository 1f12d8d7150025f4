"""What a row of the tables of error texts is. Holds no text of any product."""

from __future__ import annotations

from typing import Literal, NamedTuple

#: Who is behind an error: "peer": the other side sent or did it; "local": the program that
#: printed it objected; "way": the network or a box on it.
Side = Literal["peer", "local", "way"]


class Phrase(NamedTuple):
    """One error as programs print it: a regular expression, and what it says."""

    pattern: str
    side: Side
    stage: str  # as in the catalogue of causes
    meaning: str
    causes: tuple[str, ...] = ()
