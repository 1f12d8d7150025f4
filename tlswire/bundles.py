"""What is handed to a vendor: one zip with the anonymous capture, the report, and how to redo it.

Makes and checks bundles in memory; opens no file. A bundle from elsewhere is hostile input: nothing
is unpacked to disk, names and sizes are bounded.
"""

from __future__ import annotations

import hashlib
import io
import platform
import ssl
import zipfile
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final

import msgspec
from msgspec import Struct, structs

import tlswire.decode as decode
from tlswire import __version__, findings
from tlswire.anonymous import LEFT, Pseudonyms, anonymise
from tlswire.errors import CaptureError
from tlswire.exhibits import Exhibitor
from tlswire.language import in_turn, mark, say
from tlswire.reports import json, markdown
from tlswire.reports.measured import Measured
from tlswire.result import Connection, Document
from tlswire.seen import Seen, explain
from tlswire.sources.capture import open_capture

SCHEMA: Final = "tlswire-bundle/1"
CAPTURE, RESULT, MANIFEST = "capture.pcapng", "result.json", "manifest.json"
COMMAND: Final = f"tlswire decode {CAPTURE}"
ALL_NAMES: Final = mark("all names")
#: Bytes that one file of a bundle may unpack to, and files that it may have.
LARGEST, MOST_FILES = 256 << 20, 16
#: Every file of the zip has this date: the same bundle is the same bytes.
DATE: Final = (1980, 1, 1, 0, 0, 0)


class Manifest(Struct, frozen=True, kw_only=True):
    """What a bundle holds and how it was made."""

    schema: str = SCHEMA
    tlswire: str
    python: str
    openssl: str
    system: str
    command: str
    connections: int
    packets: int
    names_replaced: bool
    not_replaced: tuple[str, ...]
    verdict_kept: bool
    files: dict[str, str]  # name -> SHA-256


class Bundle(Struct, frozen=True, kw_only=True):
    """A zip, and what is said of it."""

    data: bytes
    manifest: Manifest


def make(capture: str, every: Sequence[Seen], chosen: Sequence[Seen], keep_names: bool) -> Bundle:
    """Return the bundle of some connections of a capture, which is read once more."""
    out = io.BytesIO()
    packets = open_capture(capture).packets()
    count = anonymise(packets, every, chosen, out, Pseudonyms(), keep_names=keep_names)
    anonymous = out.getvalue()
    document = read(anonymous, show=True)
    before = [findings.connection(seen) for seen in explain(list(chosen))]
    kept = [alike(each) for each in before] == [alike(each) for each in document.connections]
    files = _files(anonymous, document)
    manifest = Manifest(
        tlswire=__version__,
        python=platform.python_version(),
        openssl=ssl.OPENSSL_VERSION,
        system=f"{platform.system()} {platform.machine()}",
        command=COMMAND,
        connections=len(chosen),
        packets=count,
        names_replaced=not keep_names,
        not_replaced=tuple(map(say, LEFT if not keep_names else (ALL_NAMES, *LEFT))),
        verdict_kept=kept,
        files={name: digest(data) for name, data in files.items()},
    )
    return Bundle(data=_zip(files, manifest), manifest=manifest)


def read(capture: bytes, *, show: bool = False) -> Document:
    """Return what the capture of a bundle shows."""
    found = decode.scan(io.BytesIO(capture))
    chosen = list(explain(found.listed(all_tcp=True)))
    document = decode.document(found, chosen, Exhibitor() if show else None)
    return structs.replace(document, capture=CAPTURE)


def alike(found: Connection) -> tuple[object, ...]:
    """Return what must not change when a connection loses its names."""
    causes = tuple((cause.id, cause.confidence) for cause in found.verdict.causes)
    return found.outcome, found.stopped_at, found.ended_by, causes


def _files(capture: bytes, document: Document) -> dict[str, bytes]:
    from tlswire.reports.html import render

    measured = Measured(
        command=COMMAND,
        version=__version__,
        python=f"Python {platform.python_version()} on {platform.system()}",
        capture=CAPTURE,
        size=len(capture),
        sha256=digest(capture),
    )
    plain = read(capture)
    return {
        CAPTURE: capture,
        RESULT: json.render(plain),
        "report.html": render(document, measured).encode(),
        "report.md": markdown.render(plain, measured).encode(),
    }


def digest(data: bytes) -> str:
    """Return the SHA-256 of some bytes."""
    return hashlib.sha256(data).hexdigest()


def _zip(files: dict[str, bytes], manifest: Manifest) -> bytes:
    out = io.BytesIO()
    told = msgspec.json.format(msgspec.json.encode(manifest), indent=1) + b"\n"
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in {**files, MANIFEST: told, "README.txt": _readme(manifest)}.items():
            archive.writestr(zipfile.ZipInfo(name, DATE), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _readme(manifest: Manifest) -> bytes:
    lines = [
        say(
            "A TLS handshake, told by tlswire {tlswire}. Begin with report.html.",
            tlswire=manifest.tlswire,
        ),
        "",
        say("To see it again, unpack this and run:  {command}", command=manifest.command),
        say("To check that nothing was changed:     tlswire verify THIS.zip"),
        "",
        say("Addresses are replaced, and what followed the handshake is cut."),
        say("Names are replaced, each by the same other one everywhere.")
        if manifest.names_replaced
        else say("Names are NOT replaced."),
        say("Not replaced:"),
        *(f"  - {each}" for each in manifest.not_replaced),
    ]
    return ("\n".join(lines) + "\n").encode()


# -- checking --------------------------------------------------------------------------


class Check(Struct, frozen=True, kw_only=True):
    """One thing that was looked at, and whether it is as it should be."""

    what: str
    good: bool
    told: str = ""


def check(source: BinaryIO) -> Iterator[Check]:
    """Yield what is found of a bundle. Raises CaptureError where it is none."""
    files = _unpack(source)
    manifest = _manifest(files)
    for name, expected in manifest.files.items():
        data = files.get(name)
        told = say("missing") if data is None else say("changed since it was made")
        good = data is not None and digest(data) == expected
        yield Check(what=name, good=good, told="" if good else told)
    extra = set(files) - set(manifest.files) - {MANIFEST, "README.txt"}
    for name in sorted(extra):
        yield Check(what=name, good=False, told=say("was not there when it was made"))
    if CAPTURE in files and RESULT in files:
        yield _again(files, manifest)


def _again(files: dict[str, bytes], manifest: Manifest) -> Check:
    """Decode the capture once more and compare with what the bundle says of it."""
    try:
        told = msgspec.json.decode(files[RESULT], type=Document)
    except msgspec.DecodeError as error:
        return Check(
            what="verdict",
            good=False,
            told=say("{result} cannot be read: {error}", result=RESULT, error=error),
        )
    now = read(files[CAPTURE])
    same = [alike(each) for each in told.connections] == [alike(each) for each in now.connections]
    summaries = in_turn([each.verdict.summary for each in now.connections] or [""])
    compared = _compared(same, manifest.tlswire, summaries)
    return Check(what="verdict", good=same, told=compared)


def _compared(same: bool, version: str, summaries: str) -> str:
    if version == __version__:
        sentence = THE_SAME if same else NOT_THE_SAME
    else:
        sentence = THE_SAME_AS_ANOTHER if same else NOT_THE_SAME_AS_ANOTHER
    return say(sentence, summaries=summaries, version=version)


THE_SAME = mark("the same again: {summaries}")
NOT_THE_SAME = mark("not the same; now: {summaries}")
THE_SAME_AS_ANOTHER = mark("the same again, made by tlswire {version}: {summaries}")
NOT_THE_SAME_AS_ANOTHER = mark("not the same, made by tlswire {version}; now: {summaries}")


def _manifest(files: dict[str, bytes]) -> Manifest:
    try:
        manifest = msgspec.json.decode(files.get(MANIFEST, b""), type=Manifest)
    except msgspec.DecodeError as error:
        raise CaptureError(
            say("no bundle of tlswire: {manifest}: {error}", manifest=MANIFEST, error=error)
        ) from error
    if manifest.schema != SCHEMA:
        raise CaptureError(say("a bundle of another kind: {schema}", schema=manifest.schema))
    return manifest


def _unpack(source: BinaryIO) -> dict[str, bytes]:
    try:
        with zipfile.ZipFile(source) as archive:
            members = archive.infolist()
            if len(members) > MOST_FILES:
                raise CaptureError(say("no bundle of tlswire: {number} files", number=len(members)))
            return {member.filename: _member(archive, member) for member in members}
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError) as error:
        raise CaptureError(say("no bundle of tlswire: {error}", error=error)) from error


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
    with archive.open(member) as file:
        data = file.read(LARGEST + 1)
    if len(data) > LARGEST:
        raise CaptureError(
            say("no bundle of tlswire: {filename} is too large", filename=member.filename)
        )
    return data
