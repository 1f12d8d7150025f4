"""The Python API: `tlswire.decode`, `tlswire.replay`, and what they return.

    import tlswire

    for connection in tlswire.decode("capture.pcap"):
        print(connection.server, connection.outcome, connection.verdict.summary)

Everything is found before a call returns; nothing is printed. What is returned is frozen, typed and
the same as the JSON has (`tlswire schema`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TypeVar, overload

from msgspec import structs

from tlswire import __version__
from tlswire.language import say
from tlswire.result import Connection, Document, Replay, Summary
from tlswire.seen import Seen, explain

if TYPE_CHECKING:
    from tlswire.decode import Scan
    from tlswire.reports.measured import Measured

#: Seconds to wait for a connection, and for each answer.
PATIENCE: Final = 5.0
#: Rows that a notebook shows.
MOST_ROWS: Final = 50


class Report:
    """What a run found. `document` is all of it, as `--json` prints it."""

    def __init__(self, document: Document) -> None:
        """Hold a document; it is not changed."""
        self.document = document

    @property
    def connections(self) -> tuple[Connection, ...]:
        """Return the connections of the capture."""
        return self.document.connections

    @property
    def summary(self) -> Summary:
        """Return what the whole capture holds."""
        return self.document.summary

    def json(self) -> bytes:
        """Return the document as JSON."""
        from tlswire.reports import json

        return json.render(self.document)

    def markdown(self) -> str:
        """Return the report for a ticket."""
        from tlswire.reports import markdown

        return markdown.render(self.document, self._measured())

    def html(self) -> str:
        """Return the report as one self-contained page."""
        from tlswire.reports.html import render

        return render(self.document, self._measured())

    def _measured(self) -> Measured:
        from tlswire.reports import measured

        sent = self.document.replays is not None
        name = "replay" if sent else "decode"
        capture = self.document.capture or ""
        command = f"tlswire.{name}({capture!r})"
        vantage = measured.SENT if sent else measured.READ_ONLY
        return measured.Measured(command, __version__, capture=capture, vantage=vantage)

    def _repr_html_(self) -> str:
        """Return the report as a table, for a notebook."""
        from tlswire.reports.html.notebook import table

        return table(self.document, MOST_ROWS)


_Each = TypeVar("_Each")


class _Listing(Report, Sequence[_Each]):
    """A report that is gone through, one thing after the other."""

    @property
    def _listed(self) -> Sequence[_Each]:
        raise NotImplementedError

    def __iter__(self) -> Iterator[_Each]:
        return iter(self._listed)

    def __len__(self) -> int:
        return len(self._listed)

    @overload
    def __getitem__(self, place: int) -> _Each: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[_Each]: ...
    def __getitem__(self, place: int | slice) -> _Each | Sequence[_Each]:
        return self._listed[place]


class Decoded(_Listing[Connection]):
    """The connections of a capture, in the order of their numbers."""

    @property
    def _listed(self) -> Sequence[Connection]:
        return self.connections

    def __repr__(self) -> str:
        found = self.summary
        return f"<Decoded {self.document.capture}: {found.connections}, {found.failed} failed>"

    @property
    def failed(self) -> tuple[Connection, ...]:
        """Return those that failed or were not TLS."""
        return tuple(c for c in self.connections if c.outcome in ("failed", "not_tls"))


class Replayed(_Listing[Replay]):
    """What targets answered to captured hellos, one replay for equal hellos to one server."""

    @property
    def replays(self) -> tuple[Replay, ...]:
        """Return the replays."""
        return self.document.replays or ()

    @property
    def _listed(self) -> Sequence[Replay]:
        return self.replays

    def __repr__(self) -> str:
        return f"<Replayed {self.document.capture}: {len(self)} replays>"


def decode(
    source: str | Path | BinaryIO,
    *,
    all_tcp: bool = False,
    keylog: str | Path | None = None,
    rsa_keys: Sequence[str | Path] = (),
) -> Decoded:
    """Read a capture, and say of each connection how it ended and why.

    `source` is a path or an open binary file (pcap, pcapng, compressed). `all_tcp` lists TCP
    connections without TLS as well; `keylog` is an SSLKEYLOGFILE, `rsa_keys` are PEM files.
    Raises CaptureError where it cannot be read.
    """
    from tlswire.decode import document, scan
    from tlswire.exhibits import Exhibitor

    found = scan(source, keylog=keylog, rsa_keys=rsa_keys)
    return Decoded(document(found, list(explain(found.listed(all_tcp=all_tcp))), Exhibitor()))


def replay(
    capture: str | Path,
    *,
    target: str | None = None,
    connections: Collection[int] = (),
    every: bool = False,
    timeout: float = PATIENCE,
    experiments: bool = True,
) -> Replayed:
    """Send the failed ClientHellos of a capture again, compare, and prove a cause by experiment.

    They go to the captured servers, or to `target` (`host:port`), and to nobody else. Chosen are
    `connections` by number, else those that failed, or `every` one with a ClientHello. Raises
    CaptureError and SelectionError; a target that cannot be reached is a result like any other.
    """
    from tlswire.decode import document, scan
    from tlswire.exhibits import Exhibitor
    from tlswire.replay import Asked
    from tlswire.replay import replay as perform
    from tlswire.way import Way

    found = scan(str(capture))
    chosen = _chosen(found, connections, every)
    told = document(found, list(explain(chosen)), Exhibitor())
    way = Way(connect_timeout=timeout, timeout=timeout)
    done = perform(found, chosen, Asked(target=target), way, experiments=experiments)
    return Replayed(structs.replace(told, replays=tuple(done)))


def _chosen(found: Scan, numbers: Collection[int], every: bool) -> list[Seen]:
    from tlswire.errors import SelectionError
    from tlswire.replay.unsaid import due

    if not numbers:
        hellos = [one for one in found.seen if one.transcript.client_hello is not None]
        return [*(one for one in hellos if every or one.failed), *due(found)]
    chosen = [one for one in found.seen if one.flow.number in numbers]
    missing = set(numbers) - {one.flow.number for one in chosen}
    if missing:
        raise SelectionError(say("there is no connection {number}", number=min(missing)))
    return chosen


async def decode_async(
    source: str | Path | BinaryIO,
    *,
    all_tcp: bool = False,
    keylog: str | Path | None = None,
    rsa_keys: Sequence[str | Path] = (),
) -> Decoded:
    """Do as `decode` in a thread, so that a loop can go on."""
    return await asyncio.to_thread(
        decode, source, all_tcp=all_tcp, keylog=keylog, rsa_keys=rsa_keys
    )


async def replay_async(
    capture: str | Path,
    *,
    target: str | None = None,
    connections: Collection[int] = (),
    every: bool = False,
    timeout: float = PATIENCE,
    experiments: bool = True,
) -> Replayed:
    """Do as `replay` in a thread, so that a loop can go on."""
    return await asyncio.to_thread(
        replay,
        capture,
        target=target,
        connections=connections,
        every=every,
        timeout=timeout,
        experiments=experiments,
    )
