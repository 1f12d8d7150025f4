"""The transcripts of the documentation: found, run again, and told apart from what is shown.

A transcript is a fenced block `console` whose first line is `$ command`. What follows is what the
command prints, to the letter. Of a block `console volatile` the words are compared, and not what
changes from run to run: numbers (times, ports), the version of OpenSSL, names made up for a bundle.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
#: What a volatile transcript may print otherwise, and how wide a column is for it.
PASSING = re.compile(r"OpenSSL \d[^,]*|[a-z]{7}\.[a-z]{7}\.com|\d+|[ \n]+")
BLOCK = re.compile(
    r"^```console(?P<volatile> volatile)?\n\$ (?P<command>.*)\n(?P<shown>(?:.*\n)*?)```$", re.M
)
#: Seconds a shown command may take.
PATIENCE = 60
#: A process that ends by the exit codes of tlswire; anything else is not to be shown.
ENDS = (0, 1, 3, 4)


class Transcript(NamedTuple):
    """A command in a page, what the page says that it prints, and where that stands."""

    page: Path
    command: str
    shown: str
    volatile: bool
    span: tuple[int, int]  # of `shown`, in characters of the page

    def same(self, printed: str) -> bool:
        """Tell whether this is what is shown, as far as it is to be the same."""
        if not self.volatile:
            return printed == self.shown
        return PASSING.split(printed) == PASSING.split(self.shown)

    def run(self) -> str:
        """Return what the command prints today; raises RuntimeError when it does not work."""
        scripts = Path(sys.executable).parent
        environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "100", "LC_ALL": "C.UTF-8"}
        environment["PATH"] = f"{scripts}{os.pathsep}{environment['PATH']}"
        done = subprocess.run(
            ["sh", "-c", self.command],
            cwd=ROOT,
            env=environment,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        if done.returncode not in ENDS or done.stderr:
            raise RuntimeError(f"{self.command}: exit code {done.returncode}: {done.stderr}")
        return done.stdout


def pages() -> list[Path]:
    """Return every page that may hold transcripts."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def transcripts(page: Path) -> Iterator[Transcript]:
    """Yield the transcripts of one page."""
    for found in BLOCK.finditer(page.read_text()):
        volatile = found["volatile"] is not None
        yield Transcript(page, found["command"], found["shown"], volatile, found.span("shown"))


def renew(page: Path) -> bool:
    """Write what the commands of a page print today into it; tell whether anything changed."""
    text = before = page.read_text()
    for each in reversed(list(transcripts(page))):
        begin, end = each.span
        printed = each.run()
        text = text if each.same(printed) else text[:begin] + printed + text[end:]
    page.write_text(text)
    return text != before
