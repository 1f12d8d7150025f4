"""A ClientHello that a user names: FILE, FILE#N, or a client of the library."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from tlswire.errors import SelectionError
from tlswire.language import say

if TYPE_CHECKING:
    from tlswire.decode import Scan
    from tlswire.flight import Tape
    from tlswire.seen import Seen

PLACES = "a capture, FILE#N for connection N of one, or a client of tlswire probe --list"


class Named(NamedTuple):
    """A hello with the capture that holds it; `client` when it is one of the library."""

    seen: Seen
    scan: Scan
    name: str
    client: bool = False
    tapes: Mapping[int, Tape] | None = None  # its bytes, where they are read already


def hello_of(place: str, number: int | None = None, *, working: bool = False) -> Named:
    """Return the hello that a user names; of a capture the first one, or the first that worked.

    Raises SelectionError when there is none.
    """
    path, number = split(place, number)
    if not Path(path).exists() and path != "-":
        return _client(place)
    return _captured(path, number, working)


def split(place: str, number: int | None) -> tuple[str, int | None]:
    """Return the file of FILE#N and its number; a file of that very name is taken as it is."""
    path, found, digits = place.rpartition("#")
    if not found or not digits.isdecimal() or Path(place).exists():
        return place, number
    return path, int(digits) if number is None else number


def _client(name: str) -> Named:
    from tlswire import clients

    try:
        found = clients.chosen([name])
    except SelectionError as error:
        raise SelectionError(
            say("{name}: there is no such file, and {error}", name=name, error=error)
        ) from None
    if len(found) > 1:
        names = ", ".join(one.name for one in found)
        raise SelectionError(
            say("{name} may be one of {names}: write which", name=name, names=names)
        )
    scan, tapes = clients.read(found)
    return Named(scan.seen[0], scan, found[0].name, client=True, tapes=tapes)


def _captured(path: str, number: int | None, working: bool) -> Named:
    from tlswire.cli import selection

    found = selection.read(path)
    hellos = [s for s in found.seen if s.transcript.client_hello is not None]
    chosen = hellos if number is None else selection.choose_hellos(found, (number,))
    if not chosen:
        raise SelectionError(say("{path}: no ClientHello", path=path))
    if working:
        chosen = sorted(chosen, key=lambda seen: seen.ending.outcome != "established")
    alone = number is not None or len(hellos) == 1
    more = "" if alone else "  " + say("(of {number})", number=len(hellos))
    return Named(chosen[0], found, f"{path}#{chosen[0].flow.number}{more}")
