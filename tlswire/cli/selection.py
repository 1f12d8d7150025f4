"""Which connections of a capture a command is about."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from tlswire import decode
from tlswire.choice import EVERYTHING, Choice
from tlswire.cli.progress import Progress
from tlswire.decode import Scan
from tlswire.errors import SelectionError
from tlswire.result import Document
from tlswire.seen import Seen, explain


def read(capture: str, *, keylog: str | None = None, rsa_keys: Sequence[str] = ()) -> Scan:
    """Read a capture, `-` for standard input, and tell a terminal how far it is."""
    with Progress(capture) as progress:
        return decode.scan(capture, progress.told, keylog=keylog, rsa_keys=rsa_keys)


def decode_chosen(
    capture: str,
    numbers: Collection[int],
    *,
    all_tcp: bool = False,
    keylog: str | None = None,
    rsa_keys: Sequence[str] = (),
    choice: Choice = EVERYTHING,
) -> Document:
    """Decode a capture, and keep the connections asked for: by number, else by choice.

    Raises CaptureError when it cannot be read, SelectionError for a number it does not hold.
    """
    found = read(capture, keylog=keylog, rsa_keys=rsa_keys)
    listed = list(explain(found.listed(all_tcp=all_tcp or bool(numbers))))
    began = min((seen.flow.started for seen in found.seen), default=0.0)
    asked = _numbered(found, listed, numbers) if numbers else listed
    chosen = [seen for seen in asked if choice.takes(seen, began)]
    return decode.document(found, chosen, len(listed) - len(chosen))


def choose_hellos(found: Scan, numbers: Collection[int], *, every: bool = False) -> list[Seen]:
    """Return the connections whose ClientHello is to be sent again: the failed ones, unless asked.

    A capture with one ClientHello needs no choice. Raises SelectionError when nothing is left.
    """
    if numbers:
        return _numbered(found, found.seen, numbers)
    hellos = [seen for seen in found.seen if seen.transcript.client_hello is not None]
    if not hellos:
        raise SelectionError(f"{found.name}: no ClientHello that could be sent again")
    failed = [seen for seen in hellos if seen.failed]
    if every or len(hellos) == 1:
        return hellos
    if not failed:
        raise SelectionError(
            f"{found.name}: no handshake failed; --all sends all {len(hellos)}, -c N one of them"
        )
    return failed


def _numbered(found: Scan, among: list[Seen], numbers: Collection[int]) -> list[Seen]:
    chosen = [seen for seen in among if seen.flow.number in numbers]
    missing = sorted(set(numbers) - {seen.flow.number for seen in chosen})
    if missing:
        count = len(found.seen)
        has = f"they go from 0 to {count - 1}" if count else "it has no TCP connection"
        raise SelectionError(f"{found.name} has no connection {missing[0]}: {has}")
    return chosen
