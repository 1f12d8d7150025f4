"""The server name of a hello, and its changes: left out, another one, mended, cut in two.

Asks for no name but the target's own, and letters that mean nothing. Sends nothing.
"""

from __future__ import annotations

from string import ascii_lowercase
from typing import Final

from tlswire import variants
from tlswire.codes import ExtensionType
from tlswire.experiments.changes import Change, edit
from tlswire.flight import Flight
from tlswire.messages import MESSAGE_HEADER
from tlswire.variants import Edit, Hello, Sending

_NEXT: Final = str.maketrans(ascii_lowercase, ascii_lowercase[1:] + ascii_lowercase[0])
#: No name asked for.
nameless: Final[Change] = edit(lambda hello: variants.sni(hello, None))


def named(flight: Flight, host: str) -> Sending | None:
    """Ask for the target's own name, where it was given by name and the hello asks for none."""
    hello = variants.open_hello(flight)
    if (
        hello is None
        or not host
        or not is_name(host)
        or ExtensionType.server_name in hello.extensions
    ):
        return None
    return variants.edited(flight, variants.sni(hello, host))


def renamed(flight: Flight, host: str) -> Sending | None:
    """Ask for the target's own name, where the hello asks for another one."""
    hello = variants.open_hello(flight)
    if hello is None or not host or not is_name(host) or host == _asked(hello):
        return None
    if ExtensionType.server_name not in hello.extensions:
        return None
    return variants.edited(flight, variants.sni(hello, host))


def another_name(hello: Hello) -> tuple[Edit, ...]:
    """Ask for another name of the same length: every letter is the next one."""
    name = _asked(hello)
    other = name.lower().translate(_NEXT) if name is not None else ""
    return variants.sni(hello, other) if name and is_name(other) else ()


def name_in_two(flight: Flight) -> Sending | None:
    """Let a segment end inside the server name: a filter that joins none does not see it."""
    hello = variants.open_hello(flight)
    middle = _middle_of_name(hello) if hello is not None else None
    if hello is None or middle is None or len(hello.message.spans) > 1:
        return None
    return variants.segments(flight, [hello.message.spans[0][0] + middle])


def name_in_two_records(hello: Hello) -> tuple[Edit, ...]:
    """Let a record end inside the server name: a filter that joins none does not see it."""
    middle = _middle_of_name(hello)
    return variants.records_at(hello, [middle]) if middle is not None else ()


def _middle_of_name(hello: Hello) -> int | None:
    """Return an offset of the message inside the name."""
    place = hello.places.get(_name_place(hello))
    return MESSAGE_HEADER + place[0] + place[1] // 2 if place is not None else None


def _name_place(hello: Hello) -> str:
    at = hello.index(ExtensionType.server_name)
    return f"extensions[{at}].body.server_name_list[0].host_name"


def _asked(hello: Hello) -> str | None:
    place = hello.places.get(_name_place(hello))
    return None if place is None else hello.body[place[0] : sum(place)].decode("ascii", "ignore")


def is_name(host: str) -> bool:
    """Tell whether a target is a name, not an address: its last label has a letter."""
    return ":" not in host and any(c.isalpha() for c in host.rpartition(".")[2])


def cleaned_name(hello: Hello) -> tuple[Edit, ...]:
    """Ask for the same name as RFC 6066 section 3 wants it: no dot at the end, no port."""
    name = _asked(hello)
    if name is None:
        return ()
    clean = name.partition(":")[0].rstrip(".").lower()
    if clean == name:
        return ()
    return variants.sni(hello, clean if is_name(clean) else None)
