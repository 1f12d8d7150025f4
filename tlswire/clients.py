"""The bundled hellos of real clients: which there are, and each as if it had been captured here.

Reads the captures of `captures/clients/`, made from the real programs. Sends nothing, and changes
nothing: what a probe asks for is a listed edit of the replay.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NamedTuple

from tlswire.decode import Scan, scan
from tlswire.errors import CaptureError, SelectionError
from tlswire.flight import LONGEST, Tape
from tlswire.flow import Flow, Sink
from tlswire.language import say
from tlswire.seen import Seen
from tlswire.sources.capture import open_capture
from tlswire.sources.tcp import Conversations

#: The captures of a checkout, and where a wheel has them.
FOLDERS: Final = (
    Path(__file__).parents[1] / "captures" / "clients",
    Path(__file__).parent / "captures" / "clients",
)
EVERY: Final = "all"


class Client(NamedTuple):
    """One client of the library: its name here, what it is, the program it was made from."""

    name: str
    what: str
    program: str
    note: str = ""


def folder() -> Path:
    """Return where the library is. Raises CaptureError when it was not installed."""
    found = next((path for path in FOLDERS if path.is_dir()), None)
    if found is None:
        raise CaptureError(say("the hellos of clients were not installed with tlswire"))
    return found


def library() -> list[Client]:
    """Return every client, by name."""
    return [client(path.stem) for path in sorted(folder().glob("*.toml"))]


def client(name: str) -> Client:
    """Return one client of the library."""
    text = (folder() / f"{name}.toml").read_text(encoding="utf-8")
    made = tomllib.loads(text)["made"]
    what = text.partition("\n")[0].removeprefix("# ")
    return Client(name, what, made["client"], made.get("note", ""))


def chosen(asked: Iterable[str]) -> list[Client]:
    """Return the clients asked for; a name stands for all that begin with it, `all` for all.

    Raises SelectionError for one that is not there.
    """
    known, wanted = library(), []
    for name in asked:
        exact = [one for one in known if one.name == name]
        like = exact or [one for one in known if name == EVERY or one.name.startswith(name)]
        if not like:
            names = ", ".join(one.name for one in known)
            raise SelectionError(
                say(
                    "no client is called {name!r}; there are {names}, or all",
                    name=name,
                    names=names,
                )
            )
        wanted += [one for one in like if one not in wanted]
    return wanted


def read(clients: Iterable[Client]) -> tuple[Scan, dict[int, Tape]]:
    """Return the clients' connections as one capture, numbered as they come, with their bytes."""
    found, tapes = Scan("captures/clients"), {}
    for number, one in enumerate(clients):
        path = folder() / f"{one.name}.pcapng"
        (seen,) = (each for each in scan(path).seen if each.transcript.client_hello is not None)
        seen.flow.number = number
        found.seen.append(seen)
        tapes[number] = _tape(path, seen)
    found.conversations = len(found.seen)
    return found, tapes


def _tape(path: Path, seen: Seen) -> Tape:
    """Read the bytes of the client's first flight."""
    tape, other = Tape(LONGEST), Tape(0)
    port = seen.flow.client.endpoint

    def opened(flow: Flow) -> Sink:
        return tape if flow.client.endpoint == port else other

    conversations = Conversations(opened)
    conversations.follow(open_capture(path).packets())
    conversations.finish()
    return tape
