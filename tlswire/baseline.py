"""What servers used to answer, kept in a file: tells when an answer to the same offer changes.

A server, a name and a client's shape (JA4) are one row; what counts is what the server did, not
what the client made of it. One odd answer is no change: it must come three times in a row. Sans
clock: times are those of the connections.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from functools import reduce
from hashlib import sha256
from pathlib import Path
from sys import intern
from typing import Final

import msgspec

from tlswire import codes, fingerprints
from tlswire.errors import SelectionError
from tlswire.findings import ended_by, suite_name
from tlswire.language import mark, reason, say
from tlswire.offer import Offer
from tlswire.seen import Seen
from tlswire.states import CLIENT_HELLO, PREAMBLE
from tlswire.transcript import Transcript, version_name

SCHEMA: Final = "tlswire-baseline/1"
#: Rows kept; the ones not seen for longest go.
MOST_ROWS: Final = 20_000
#: The same new answer so many times in a row is a change; kept up for so many seconds, usual.
CONFIRMED: Final = 3
ADOPTED_SECONDS: Final = 86_400.0
#: Seconds between two writes of the file.
SAVING: Final = 60.0


class Row(msgspec.Struct):
    """What one server answered to one shape of client, in one respect."""

    server: str
    name: str | None
    shape: str
    respect: str  # "answer" or "certificate"
    features: tuple[str, ...]
    usual: list[str] = []
    changed: str | None = None
    since: float = 0.0
    count: int = 0
    last: float = 0.0
    run: str = ""  # the latest answer, how many times in a row, and from when on
    run_count: int = 0
    run_since: float = 0.0

    @property
    def key(self) -> tuple[str, str | None, str, str]:
        """Return what tells rows apart."""
        return self.server, self.name, self.shape, self.respect


class File(msgspec.Struct):
    """What is written."""

    schema: str
    rows: list[Row]


class Baseline:
    """The rows of one file; `add` says in a sentence what changed."""

    def __init__(self, path: str | Path) -> None:
        """Read the file where it is there. Raises SelectionError for one that is none."""
        self._path = Path(path)
        self._rows: OrderedDict[tuple[str, str | None, str, str], Row] = OrderedDict()
        self._saved_at: float | None = None
        self.changes: list[str] = []
        for row in _read(self._path):
            self._rows[row.key] = row

    def add(self, seen: Seen) -> list[str]:
        """Take one connection; return what it shows to have changed."""
        said: list[str] = []
        hello, offer, at = seen.transcript.client_hello, seen.offer, seen.flow.started
        if hello is not None and offer is not None:
            shape = fingerprints.ja4(hello) or ""
            for respect, value in _values(seen):
                row = self._row(seen.server, offer, shape, respect)
                told = self._learn(row, value, at)
                said += [] if told is None else [told]
        self.changes += said
        return said

    def save_now_and_then(self, at: float) -> None:
        """Write the file when that was long ago. Raises SelectionError; it is tried again."""
        if self._saved_at is None or at - self._saved_at >= SAVING:
            self._saved_at = at
            self.save()

    def _row(self, server: str, offer: Offer, shape: str, respect: str) -> Row:
        name = offer.server_name.lower() if offer.server_name else None
        row = self._rows.get((server, name, shape, respect))
        if row is None:
            # Rows have most features in common: each text is kept once.
            row = Row(server, name, shape, respect, tuple(map(intern, features(offer))))
            self._rows[row.key] = row
        self._rows.move_to_end(row.key)
        if len(self._rows) > MOST_ROWS:
            self._rows.popitem(last=False)
        return row

    def _learn(self, row: Row, value: str, at: float) -> str | None:
        """Take one answer into a row; return what to say."""
        if value != row.run:
            row.run, row.run_count, row.run_since = value, 0, at
        row.run_count += 1
        row.count += 1
        row.last = max(row.last, at)
        if row.count <= CONFIRMED:
            row.usual += [value] if value not in row.usual else []
            return None
        if row.run_count == CONFIRMED and value in row.usual and row.changed is not None:
            row.changed = None
            return say(
                "since {time} {whom} answers as before: {value}",
                time=_time(row.run_since),
                whom=_whom(row),
                value=value,
            )
        if row.run_count == CONFIRMED and value not in (*row.usual, row.changed):
            row.changed, row.since = value, row.run_since
            return self._tell(row, value)
        if row.changed == value and at - row.since >= ADOPTED_SECONDS:
            row.usual, row.changed = [value], None
        return None

    # -- saying it ---------------------------------------------------------------------

    def _tell(self, row: Row, value: str) -> str:
        since, before = _time(row.since), reduce(_or, row.usual)
        if row.respect == "certificate":
            return say(
                "since {since} {whom} shows another certificate: {value}; before: {before}",
                since=since,
                whom=_whom(row),
                value=value,
                before=before,
            )
        common = self._common(row)
        if common:
            return say(
                REFUSES_SOME if value.startswith(_REFUSED) else ANSWERS_SOME,
                since=since,
                server=row.server,
                names=", ".join(common),
                value=value,
                before=before,
            )
        return say(
            "since {since} {whom} answers otherwise: {value}; before: {before}",
            since=since,
            whom=_whom(row),
            value=value,
            before=before,
        )

    def _common(self, row: Row) -> list[str]:
        """Return what the hellos share that are answered otherwise now, and no other has."""
        alike = [r for r in self._rows.values() if r.server == row.server and r.respect == "answer"]
        others = [r for r in alike if r.last >= row.since and r.run in r.usual]
        if not others:
            return []
        shared = set(row.features)
        for each in alike:
            if each.changed is not None and each.since >= row.since - ADOPTED_SECONDS:
                shared &= set(each.features)
        for each in others:
            shared -= set(each.features)
        return [feature for feature in row.features if feature in shared][:3]

    # -- the file ----------------------------------------------------------------------

    def save(self) -> None:
        """Write the file as a whole, or not at all. Raises SelectionError."""
        beside = self._path.with_name(self._path.name + ".new")
        made = msgspec.json.encode(File(SCHEMA, list(self._rows.values())))
        try:
            beside.write_bytes(msgspec.json.format(made, indent=1) + b"\n")
            os.replace(beside, self._path)
        except OSError as error:
            raise SelectionError(
                say("{path}: cannot be written: {error}", path=self._path, error=reason(error))
            ) from None


_REFUSED: Final = ("server:", "network:")
#: Of some hellos alone it is told what they have that the others have not.
REFUSES_SOME: Final = mark(
    "since {since} {server} no longer answers hellos with {names}: {value}; before: {before}. "
    "Hellos without are answered as before"
)
ANSWERS_SOME: Final = mark(
    "since {since} {server} answers otherwise hellos with {names}: {value}; before: {before}. "
    "Hellos without are answered as before"
)


def _or(before: str, last: str) -> str:
    return say("{before} or {last}", before=before, last=last)


def _read(path: Path) -> Iterator[Row]:
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return
    except OSError as error:
        raise SelectionError(
            say("{path}: cannot be read: {error}", path=path, error=reason(error))
        ) from None
    try:
        found = msgspec.json.decode(raw, type=File)
    except msgspec.MsgspecError:
        raise SelectionError(say("{path}: not a baseline of tlswire", path=path)) from None
    if found.schema != SCHEMA:
        raise SelectionError(
            say("{path}: a baseline of another kind: {schema}", path=path, schema=found.schema)
        )
    for row in found.rows:
        row.features = tuple(map(intern, row.features))
        yield row


def _values(seen: Seen) -> Iterator[tuple[str, str]]:
    """Yield what the server did: its answer, and the certificate where it was seen."""
    ending, transcript = seen.ending, seen.transcript
    refused = seen.failed and ending.side in ("server", "network")
    if refused and ending.stopped_at not in (CLIENT_HELLO, PREAMBLE):
        ended = ended_by(ending)
        how = ended.alert.name if ended and ended.alert and ended.alert.name else ending.how
        yield "answer", f"{ending.side}: {how} at {ending.stopped_at}"
    elif transcript.server_hello is not None:
        yield "answer", _chosen(transcript)
    shown = transcript.certificates("server")
    if shown:
        yield "certificate", f"SHA-256 {sha256(shown[0]).hexdigest()[:32]}"


def _chosen(transcript: Transcript) -> str:
    answer = transcript.server_hello
    share = answer.extension(codes.ExtensionType.key_share) if answer is not None else None
    group = (share or {}).get("server_share", {}).get("group")
    told = [version_name(transcript.version), suite_name(transcript.suite or 0)]
    told += [codes.GROUPS.get(group, hex(group))] if group is not None else []
    return ", ".join(part for part in told if part)


def features(offer: Offer) -> Iterator[str]:
    """Yield what a hello offers, each in a few words, that which servers mind most first."""
    yield from (f"group {codes.GROUPS.get(group, hex(group))}" for group in offer.groups or ())
    yield from (f"{version_name(version)}" for version in offer.versions)
    yield from (f"ALPN {name.decode('ascii', 'backslashreplace')}" for name in offer.alpn or ())
    if offer.server_name is None:
        yield "no server name"
    if offer.grease:
        yield "GREASE"
    for extension in offer.extensions:
        yield f"extension {codes.EXTENSIONS.get(extension, extension)}"
    for scheme in offer.signature_algorithms or ():
        yield f"signature scheme {codes.SIGNATURE_SCHEMES.get(scheme, hex(scheme))}"
    yield from (f"suite {suite_name(suite)}" for suite in offer.suites)


def _whom(row: Row) -> str:
    name = f" ({row.name})" if row.name else ""
    return say(
        "{server}{name} to hellos of shape {shape}", server=row.server, name=name, shape=row.shape
    )


def _time(at: float) -> str:
    return datetime.fromtimestamp(at).isoformat(" ", "seconds")
