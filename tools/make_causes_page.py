"""Writes docs/causes.md, the catalogue of causes as one page, from the docstrings of the causes.

python tools/make_causes_page.py          # writes it
python tools/make_causes_page.py --check  # writes nothing, fails where it would differ
"""

from __future__ import annotations

import sys
from pathlib import Path

from tlswire.explain.index import markdown

PAGE = Path(__file__).resolve().parent.parent / "docs" / "causes.md"


def main(arguments: list[str]) -> int:
    """Write the page, or check it."""
    text = "\n".join(markdown())
    if arguments == ["--check"]:
        return int(not PAGE.exists() or PAGE.read_text() != text)
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
