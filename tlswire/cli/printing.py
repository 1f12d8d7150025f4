"""Captures told one after the other: as a report, a list, or JSON.

A list and JSON lines are written as each connection ends and keep none of them, so that a capture
of any length, or a pipe without an end, can be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Literal, TextIO

import click

import tlswire.decode as decode
from tlswire import findings
from tlswire.cli import INTERRUPTED, exits
from tlswire.cli.outputs import WHOLE, write_html, write_whole
from tlswire.cli.progress import Progress
from tlswire.cli.selection import Asked, decode_chosen, stream_chosen
from tlswire.errors import CaptureError, SelectionError
from tlswire.language import say
from tlswire.observed import Summary
from tlswire.reports.escape import escape
from tlswire.tally import Digest, Tally

if TYPE_CHECKING:
    from tlswire.reports.text import Detail
    from tlswire.result import Document

Form = Literal["text", "list", "json", "jsonl", "csv", "markdown", "junit", "html"]
#: Forms that are written as each connection ends, and keep none of them.
STREAMED = frozenset({"list", "jsonl", "csv"})
#: Reports that show some connections of many, and how many later ones their causes are told of.
DIGESTED = frozenset({"quiet", "usual"})
LATE = 500


def tell(
    sources: Sequence[str | tuple[str, ...]],
    asked: Asked,
    form: Form,
    detail: Detail,
    colour: bool | None,
    out: TextIO,
    html: str | None = None,
    jobs: int | None = 1,
) -> int:
    """Tell each capture; one that cannot be read leaves the others alone.

    A page `html` is written besides: of one capture, or of several merged.
    """
    codes = []
    if html is not None and (len(sources) > 1 or form in STREAMED):
        raise SelectionError(
            say("--html tells one capture, whole: --merge several, and stream none")
        )
    for place, source in enumerate(sources):
        if place and form in ("text", "list"):
            click.echo()
        names = source if isinstance(source, tuple) else (source,)
        with Progress(*names, streaming=form in STREAMED or form == "list") as watch:
            try:
                codes.append(_tell_one(source, asked, form, detail, colour, watch, out, html, jobs))
            except CaptureError as error:
                if len(sources) == 1:
                    raise
                click.echo(f"tlswire: {escape(str(error))}", err=True)
                codes.append(error.exit_code)
        if watch.over:
            return INTERRUPTED
    return exits.worst(codes)


def _tell_one(
    source: str | tuple[str, ...],
    asked: Asked,
    form: Form,
    detail: Detail,
    colour: bool | None,
    watch: Progress,
    out: TextIO,
    html: str | None,
    jobs: int | None,
) -> int:
    if form == "list":
        return exits.of_decode(_write_list(source, asked, watch, colour, out, jobs))
    if form == "jsonl":
        return exits.of_decode(_write_lines(source, asked, watch, out))
    if form == "csv":
        return exits.of_decode(_write_rows(source, asked, watch, out))
    if form == "text" and html is None and detail in DIGESTED:
        document = _digest(source, asked, watch)
    else:
        document = decode_chosen(source, asked, watch)
    watch.wipe()
    write_html(document, html, source)
    if form in WHOLE:
        write_whole(document, form, source, out)
        return exits.of_decode(document.summary)

    from tlswire.reports import terminal, text
    from tlswire.reports.page import Page

    page = Page(terminal.width())
    text.render(document, page, detail)
    terminal.show(page, colour=terminal.wants_colour(colour), stream=out)
    return exits.of_decode(document.summary)


def _digest(source: str | tuple[str, ...], asked: Asked, watch: Progress) -> Document:
    """Return a document with no more connections than a report shows: it needs constant memory."""
    from tlswire.reports.text import MOST_ROWS
    from tlswire.result import Document

    found, digest = decode.Scan(decode.name_of(source)), Digest(MOST_ROWS)
    for seen in stream_chosen(source, found, asked, watch, late=LATE):
        digest.keep(findings.connection(seen, brief=True), partial(findings.connection, seen))
    summary = decode.summarise(found, digest)
    return Document(capture=found.name, connections=digest.kept(), summary=summary)


def _write_lines(
    source: str | tuple[str, ...], asked: Asked, watch: Progress, out: TextIO
) -> Summary:
    from tlswire.reports import json

    found, tally, write = decode.Scan(decode.name_of(source)), Tally(), out.buffer.write
    for seen in stream_chosen(source, found, asked, watch, late=0):
        write(json.render_line(tally.count(findings.connection(seen))))
    summary = decode.summarise(found, tally)
    write(json.render_last(found.name, summary))
    return summary


def _write_rows(
    source: str | tuple[str, ...], asked: Asked, watch: Progress, out: TextIO
) -> Summary:
    from tlswire.reports import csv

    found, tally = decode.Scan(decode.name_of(source)), Tally()
    out.flush()
    out.buffer.write(csv.head("capture").encode())
    for seen in stream_chosen(source, found, asked, watch, late=0):
        row = csv.row(tally.count(findings.connection(seen)), found.name)
        out.buffer.write(row.encode())
    return decode.summarise(found, tally)


def _write_list(
    source: str | tuple[str, ...],
    asked: Asked,
    watch: Progress,
    colour: bool | None,
    out: TextIO,
    jobs: int | None,
) -> Summary:
    from tlswire.cli import lists
    from tlswire.reports import listing, terminal, text
    from tlswire.reports.page import Page

    found, tally = decode.Scan(decode.name_of(source)), Tally()
    for line in lists.lines(source, found, asked, watch, jobs):
        tally.count_outcome(line.outcome)
        out.write(listing.numbered(line.number, line.text))
    summary = decode.summarise(found, tally)
    page = Page(terminal.width())
    text.summarise(page, text.called(found.name), summary)
    terminal.show(page, colour=terminal.wants_colour(colour), stream=out)
    return summary
