"""`--write`: the packets of the chosen connections into a file of their own."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, cast

import click

from tlswire import findings
from tlswire.errors import SelectionError
from tlswire.language import counted, say
from tlswire.reports import listing
from tlswire.reports.escape import escape
from tlswire.reports.text import connections
from tlswire.seen import Seen
from tlswire.sources.capture import STDIN, Capture, open_capture
from tlswire.sources.excerpt import Excerpt
from tlswire.sources.merged import Merged


class Spool:
    """A pipe that is kept in a file while it is read, so that it can be read again."""

    name = "stdin"

    def __init__(self) -> None:
        self._source = getattr(sys.stdin.buffer, "raw", sys.stdin.buffer)
        self._kept = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes of the pipe, and keep them."""
        data: bytes = self._source.read(size) or b""
        self._kept.write(data)
        return data

    def again(self) -> BinaryIO:
        """Return all that was read, from its beginning."""
        self._kept.seek(0)
        return self._kept


class Writing:
    """One file being prepared: which connections it gets, and from where."""

    def __init__(self, path: str, names: tuple[str, ...], merged: bool) -> None:
        """Begin. Raises SelectionError where the file cannot be what is asked for."""
        if len(names) > 1 and not merged:
            raise SelectionError(say("--write takes one capture; --merge makes one of several"))
        if STDIN in names and len(names) > 1:
            raise SelectionError(say("--write cannot read a pipe and files as one"))
        if any(_same(path, name) for name in names):
            raise SelectionError(
                say("{path}: --write must not overwrite a capture that is read", path=path)
            )
        self.excerpt = Excerpt()
        self._path = path
        self._names = names
        self._merged = merged
        self._spool = Spool() if names == (STDIN,) else None

    @property
    def source(self) -> BinaryIO | None:
        """Return what is to be read in place of the standard input, if that is read."""
        return None if self._spool is None else cast(BinaryIO, self._spool)

    def take(self, seen: Seen) -> None:
        """Choose a connection."""
        hello = seen.transcript.client_hello
        remark = f"tlswire: connection {seen.flow.number}, {listing.ending(findings.brief(seen))}"
        random = hello.fields.get("random") if hello is not None else None
        self.excerpt.take(seen.flow, remark, random)

    def finish(self, secrets: Sequence[bytes]) -> None:
        """Read the capture once more and write the file; say on stderr what was written."""
        if self._merged:
            capture: Merged | Capture = Merged(self._names)
        else:
            capture = open_capture(self._spool.again() if self._spool else self._names[0])
        with open(self._path, "wb") as out:
            packets = self.excerpt.write(capture.packets(), secrets, out)
        told = counted(
            "{number} packet of {connections} written to {path}",
            "{number} packets of {connections} written to {path}",
            packets,
            connections=connections(len(self.excerpt.chosen)),
            path=self._path,
        )
        click.echo(escape(told), err=True)


def _same(one: str, other: str) -> bool:
    return Path(one).exists() and Path(other).exists() and os.path.samefile(one, other)
