"""Run every command that the documentation shows, and write what it prints into the pages.

Usage: `python tools/make_docs.py [--site FOLDER]`; with `--site` the pages are built as well.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from documents.transcripts import ROOT, pages, renew


def main() -> None:
    """Renew the pages, and build them when asked to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--site", metavar="FOLDER", help="build the pages into this folder")
    site = parser.parse_args().site
    for page in pages():
        if renew(page):
            print(f"renewed {page.relative_to(ROOT)}")
    if site:
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", site]
        subprocess.run(command, cwd=ROOT, check=True)


if __name__ == "__main__":
    main()
