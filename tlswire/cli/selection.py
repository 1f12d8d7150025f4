"""Which connections of a capture a command is about."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Sequence
from glob import glob, has_magic
from typing import TYPE_CHECKING, NamedTuple

import tlswire.decode as decode
from tlswire.choice import EVERYTHING, Choice
from tlswire.cli.progress import Progress
from tlswire.decode import Scan
from tlswire.errors import NothingError, SelectionError
from tlswire.findings import Show
from tlswire.language import say
from tlswire.seen import Company, Seen, explain, explain_one
from tlswire.sources.stream import Overlap
from tlswire.sources.watch import Watch

if TYPE_CHECKING:
    from tlswire.baseline import Baseline
    from tlswire.cli.writing import Writing
    from tlswire.result import Document
    from tlswire.trust import Roots


class Asked(NamedTuple):
    """What is asked of a capture: which connections, and read how."""

    numbers: Collection[int] = ()
    all_tcp: bool = False
    choice: Choice = EVERYTHING
    keylog: str | None = None
    rsa_keys: Sequence[str] = ()
    overlap: Overlap = "first"
    show: Show | None = None  # makes the messages, where they are to be more than the contract's
    writing: Writing | None = None
    store: Roots | None = None  # the client's own authorities
    baseline: Baseline | None = None  # what servers used to answer

    @property
    def is_plain(self) -> bool:
        """Tell whether all are asked for, or all that failed, as the capture has them."""
        besides = self.keylog or self.rsa_keys or self.writing or self.store or self.baseline
        return not (self.numbers or besides) and self.choice._replace(failed=False) == EVERYTHING

    def watch(self, conversations: Iterable[Seen]) -> Iterator[Seen]:
        """Judge chains, and let who writes packets know of every conversation, listed or not."""
        for seen in conversations:
            if self.baseline is not None:
                self.baseline.add(seen)
            if self.writing is not None:
                self.writing.excerpt.saw(seen.flow)
            if self.store is not None:
                seen.judge_chain(self.store)
            yield seen

    def source(self, source: decode.Source) -> decode.Source:
        """Return what to read: a pipe that is read twice is kept."""
        return (self.writing and self.writing.source) or source

    def finish(self, found: Scan) -> None:
        """Write the packets that are asked for, and tell what servers answer otherwise now."""
        if self.baseline is not None:
            found.notes += self.baseline.changes
            self.baseline.save()
        if self.writing is not None:
            self.writing.finish(found.secrets)

    def takes(self, seen: Seen, began: float) -> bool:
        """Tell whether a connection is asked for, and let who writes packets know."""
        wanted = not self.numbers or seen.flow.number in self.numbers
        taken = wanted and self.choice.takes(seen, began)
        if taken and self.writing is not None:
            self.writing.take(seen)
        return taken


def expand(names: Sequence[str]) -> list[str]:
    """Return the files that are meant; a pattern that the shell left alone stands for many.

    Raises SelectionError where no file is named so.
    """
    found: list[str] = []
    for name in names:
        is_pattern = has_magic(name) and not os.path.exists(name)
        matching = sorted(glob(name)) if is_pattern else [name]
        if not matching:
            raise SelectionError(say("{name}: no file is named so", name=name))
        found += matching
    return found


def store_of(path: str | None) -> Roots | None:
    """Return the authorities of a file, if one is named. Raises SelectionError."""
    if path is None:
        return None
    from pathlib import Path

    from tlswire.sources import roots
    from tlswire.trust import Roots

    return Roots(Path(path).name, roots.of_file(Path(path)).ders)


def read(capture: str, *, keylog: str | None = None, rsa_keys: Sequence[str] = ()) -> Scan:
    """Read a capture, `-` for standard input, and tell a terminal how far it is."""
    with Progress(capture) as progress:
        return decode.scan(capture, progress, keylog=keylog, rsa_keys=rsa_keys)


def decode_chosen(source: decode.Source, asked: Asked, watch: Watch | None = None) -> Document:
    """Decode a capture, and keep the connections asked for: by number, else by choice.

    Raises CaptureError when it cannot be read, SelectionError for a number it does not hold.
    """
    found = decode.scan(
        *(asked.source(source), watch),
        keylog=asked.keylog,
        rsa_keys=asked.rsa_keys,
        overlap=asked.overlap,
    )
    deque(asked.watch(found.seen), maxlen=0)
    listed = list(explain(found.listed(all_tcp=asked.all_tcp or bool(asked.numbers))))
    if asked.numbers:
        _numbered(found, listed, asked.numbers)
    chosen = [seen for seen in listed if asked.takes(seen, found.began)]
    found.left_out = len(listed) - len(chosen)
    asked.finish(found)
    return decode.document(found, chosen, asked.show)


def stream_chosen(
    source: decode.Source, found: Scan, asked: Asked, watch: Watch, *, late: int | None
) -> Iterator[Seen]:
    """Yield the connections asked for as each ends, and keep none; `found` learns the rest.

    Each has a verdict, of which the causes are told of those that ended before, and of so many
    (`late`) that ended after; with None it has none.
    """
    conversations = decode.follow(
        *(asked.source(source), found, watch),
        keylog=asked.keylog,
        rsa_keys=asked.rsa_keys,
        overlap=asked.overlap,
    )
    company, held, missing = Company(), deque[Seen](), set(asked.numbers)
    every = asked.all_tcp or bool(missing)
    for seen in decode.listed(asked.watch(conversations), all_tcp=every):
        watch.connections += 1
        watch.failed += seen.failed
        missing.discard(seen.flow.number)
        taken = asked.takes(seen, found.began)
        found.left_out += not taken
        if late is None:
            if taken:
                yield seen
            continue
        company.add(seen)
        if taken:
            held.append(seen)
        if len(held) > late:
            yield explain_one(held.popleft(), company)
    yield from (explain_one(seen, company) for seen in held)
    if missing:
        raise _absent(found, missing, found.conversations)
    asked.finish(found)


def choose_hellos(found: Scan, numbers: Collection[int], *, every: bool = False) -> list[Seen]:
    """Return the connections whose ClientHello is to be sent again: the failed ones, unless asked.

    A capture with one ClientHello needs no choice. Raises NothingError when nothing is left.
    """
    if numbers:
        return _numbered(found, found.seen, numbers)
    hellos = [seen for seen in found.seen if seen.transcript.client_hello is not None]
    if not hellos:
        raise NothingError(say("{name}: no ClientHello that could be sent again", name=found.name))
    failed = [seen for seen in hellos if seen.failed]
    if every or len(hellos) == 1:
        return hellos
    if not failed:
        raise NothingError(
            say(
                "{name}: no handshake failed; --all sends all {number}, -c N one of them",
                name=found.name,
                number=len(hellos),
            )
        )
    return failed


def choose_to_replay(found: Scan, numbers: Collection[int], *, every: bool = False) -> list[Seen]:
    """Return what a replay is for: as above, and the failed ones whose client sent no hello."""
    from tlswire.replay.unsaid import due

    silent = due(found) if not numbers else []
    hellos = [seen for seen in found.seen if seen.transcript.client_hello is not None]
    if silent and not any(every or seen.failed for seen in hellos):
        return silent
    chosen = [*choose_hellos(found, numbers, every=every), *silent]
    return sorted(chosen, key=lambda seen: seen.flow.number)


def choose_for_bundle(found: Scan, numbers: Collection[int]) -> list[Seen]:
    """Return the connections to hand on: those named, else the only one that failed.

    Raises SelectionError where there is none, or no one to choose.
    """
    if numbers:
        return _numbered(found, found.seen, numbers)
    failed = [seen for seen in found.listed() if seen.failed]
    if len(failed) == 1:
        return failed
    told = (
        say("{number} handshakes failed", number=len(failed))
        if failed
        else say("no handshake failed")
    )
    raise SelectionError(
        say("{name}: {told}; say which connection with -c N", name=found.name, told=told)
    )


def _numbered(found: Scan, among: list[Seen], numbers: Collection[int]) -> list[Seen]:
    chosen = [seen for seen in among if seen.flow.number in numbers]
    missing = set(numbers) - {seen.flow.number for seen in chosen}
    if missing:
        raise _absent(found, missing, len(found.seen))
    return chosen


def _absent(found: Scan, missing: Collection[int], count: int) -> SelectionError:
    has = (
        say("they go from 0 to {number}", number=count - 1)
        if count
        else say("it has no TCP connection")
    )
    return SelectionError(
        say(
            "{name} has no connection {number}: {has}",
            name=found.name,
            number=min(missing),
            has=has,
        )
    )
