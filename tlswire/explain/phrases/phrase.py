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


def numbered(*numbers: int) -> str:
    """Return a pattern for the number of an event or an error: alone, or with a word before it.

    A number amid other text is anything: a port, a size, a part of a path.
    """
    listed = "|".join(map(str, numbers))
    word = r"(?:\bevent|schannel|\bid\b|error|\bcode|errno|wsa|winhttp|asa-\d|forti\w*|log_?id|msg)"
    return rf"(?:^\W*|{word}\w*\W{{1,12}}(?:\w{{1,8}}\W{{1,6}})?)(?:{listed})\b"
