"""The catalogue of causes as a list, by stage; and as a page of Markdown for the documentation."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from tlswire.explain.articles import SCHEMA
from tlswire.language import mark

#: The stages in the order of a handshake, as headings.
TITLES: Final[dict[str, str]] = {
    "tcp": mark("TCP and the way"),
    "preamble": mark("What is not TLS on one side"),
    "client_hello": mark("The ClientHello refused, or not answered"),
    "server_hello": mark("The ServerHello refused"),
    "certificate": mark("The server's certificate"),
    "client_certificate": mark("The client's certificate"),
    "finished": mark("Keys and sessions"),
    "after": mark("After the handshake"),
}


class Line(Struct, frozen=True, kw_only=True):
    """One cause in a list."""

    id: str
    summary: str


class Chapter(Struct, frozen=True, kw_only=True):
    """The causes of one stage."""

    stage: str
    title: str
    causes: tuple[Line, ...]


class Catalogue(Struct, frozen=True, kw_only=True):
    """Every cause; the document of `--causes --json`."""

    schema: str = SCHEMA
    stages: tuple[Chapter, ...]


def index() -> tuple[Chapter, ...]:
    """Return every cause by stage, in the order of the catalogue."""
    from tlswire.causes import CAUSES

    return tuple(
        Chapter(
            stage=stage,
            title=title,
            causes=tuple(
                Line(id=cause.ID, summary=(cause.__doc__ or "").strip().partition("\n")[0])
                for cause in CAUSES
                if stage == cause.STAGE
            ),
        )
        for stage, title in TITLES.items()
    )


def markdown() -> Iterator[str]:
    """Yield the whole catalogue as Markdown: the list, then the page of each cause."""
    yield "# The catalogue of causes\n"
    yield "Written by `tools/make_causes_page.py` from the docstrings; do not edit.\n"
    chapters = index()
    for chapter in chapters:
        yield f"## {chapter.title}\n"
        yield from (f"- [{line.id}](#{line.id}): {line.summary}" for line in chapter.causes)
        yield ""
    for chapter in chapters:
        for line in chapter.causes:
            yield from _page(line.id)


def _page(cause_id: str) -> Iterator[str]:
    from tlswire.causes import cause, remedies

    yield f"## {cause_id}\n"
    yield (cause(cause_id).__doc__ or "").strip() + "\n"
    told = remedies(cause_id)
    yield from (f"- {r.who.replace('_', ' ')}: {r.text}" for r in told if r.setting is None)
    yield ""
    settings = [r for r in told if r.setting is not None]
    if settings:
        yield "| product | setting |\n|---|---|"
        yield from (
            f"| {r.product} | `{(r.setting or '').replace('|', chr(92) + '|')}` |" for r in settings
        )
        yield ""
