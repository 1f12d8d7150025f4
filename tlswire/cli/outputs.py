"""What a command writes besides text for a terminal: options, and who writes what they ask for."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING, TextIO

import click

from tlswire import __version__
from tlswire.cli import ARGUMENTS
from tlswire.cli.sections import option
from tlswire.language import say

if TYPE_CHECKING:
    from pathlib import Path

    from tlswire.findings import Show
    from tlswire.reports.measured import Measured
    from tlswire.result import Document

#: The section of a help that says what is written.
OUTPUT = "Output"
html_option = option(
    *(OUTPUT, "--html"), metavar="FILE", help="Write the report as one HTML page too; - for stdout."
)
markdown_option = option(
    *(OUTPUT, "--markdown", "as_markdown"), is_flag=True, help="Print Markdown, for a ticket."
)
junit_option = option(
    *(OUTPUT, "--junit", "as_junit"), is_flag=True, help="Print JUnit XML, for a build server."
)
csv_option = option(
    *(OUTPUT, "--csv", "as_csv"), is_flag=True, help="Print one connection a row, as CSV."
)
#: Forms in which a whole document is printed instead of text.
WHOLE = frozenset({"json", "markdown", "junit", "html"})
#: The name of the standard output: a page that goes there goes alone.
STDOUT = "-"
#: Bytes of a capture that are hashed at a time.
BLOCK = 1 << 20


def one_form(**asked: bool) -> str:
    """Return the form that is asked for, text where none is. Raises UsageError for two."""
    wanted = [name for name, wished in asked.items() if wished]
    if len(wanted) > 1:
        raise click.UsageError(say("choose one of --{forms}", forms=", --".join(wanted)))
    return wanted[0] if wanted else "text"


def nothing_but_text(form: str, html: str | None) -> None:
    """Refuse any form but text for --dry-run: no document tells what would be sent."""
    if form not in ("text", "quiet") or html is not None:
        raise click.UsageError(say("--dry-run prints text only: leave out the other form"))


def exhibitor(html: str | None) -> Show | None:
    """Return what makes messages with their bytes, where a page will show them."""
    if html is None:
        return None
    from tlswire.exhibits import Exhibitor

    return Exhibitor()


def write_html(
    document: Document, html: str | None, source: str | tuple[str, ...], *, sent: bool = False
) -> None:
    """Write the report as a page, where one is wanted; `sent` when something left this machine."""
    if html is None or html == STDOUT:
        return
    from pathlib import Path

    from tlswire.reports.html import render

    Path(html).write_bytes(render(document, measure(source, sent=sent)).encode())
    click.echo(f"tlswire: {say('wrote {path}', path=html)}", err=True)


def write_whole(
    document: Document,
    form: str,
    source: str | tuple[str, ...],
    out: TextIO,
    *,
    sent: bool = False,
) -> None:
    """Print a document in one of the forms `WHOLE`."""
    out.flush()
    if form == "markdown":
        from tlswire.reports import markdown

        out.buffer.write(markdown.render(document, measure(source, sent=sent)).encode())
    elif form == "html":
        from tlswire.reports.html import render

        out.buffer.write(render(document, measure(source, sent=sent)).encode())
    elif form == "junit":
        from tlswire.reports import junit

        out.buffer.write(junit.render(document))
    else:
        from tlswire.reports import json

        out.buffer.write(json.render(document))


def measure(source: str | tuple[str, ...], *, sent: bool = False) -> Measured:
    """Return how this run came about, for the end of a report."""
    import platform
    from pathlib import Path

    from tlswire.reports.measured import ASKED, READ_ONLY, SENT, Measured

    names = (source,) if isinstance(source, str) else source
    paths = [Path(name) for name in names if name not in ("", "-")]
    real = bool(paths) and len(paths) == len(names) and all(path.is_file() for path in paths)
    return Measured(
        command=command(),
        version=__version__,
        python=f"Python {platform.python_version()} on {platform.system()}",
        generated=time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime()),
        vantage=(SENT if paths else ASKED) if sent else READ_ONLY,
        capture=", ".join(map(str, paths)),
        size=sum(path.stat().st_size for path in paths) if real else None,
        sha256=" ".join(map(digest, paths)) if real else None,
    )


def command() -> str:
    """Return the command as it was given, ready to be run again; passwords are put in again."""
    import shlex

    context = click.get_current_context(silent=True)
    given = [] if context is None else context.find_root().meta.get(ARGUMENTS, [])
    return shlex.join(["tlswire", *map(masked, given)])


def masked(word: str) -> str:
    """Return a word of a command line without the password of a URL (RFC 3986 3.2.1)."""
    return re.sub(r"(://[^:/@]*:)[^@/]*@", r"\1***@", word)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    import hashlib

    found = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            found.update(block)
    return found.hexdigest()
