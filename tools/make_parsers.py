"""Write tlswire/grammar/fast.py: a plain-Python parser of every form of the grammar.

Walks the construct tree, which stays the one source of truth, and emits for each form a function
that either returns what the interpreted grammar returns or gives up. Also emits which field holds
a number of which registry, for `show`; and to tlswire/grammar/trees.py the tree itself, for
layouts. Usage: `python tools/make_parsers.py` from anywhere.
"""

from __future__ import annotations

import subprocess
import sys

from parsers import ROOT
from parsers.source import generate
from parsers.trees import generate_trees

TARGET = ROOT / "tlswire/grammar/fast.py"
TREES = ROOT / "tlswire/grammar/trees.py"


def formatted(text: str) -> str:
    """Return the text as `ruff format` writes it."""
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", str(TARGET), "-"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout


if __name__ == "__main__":
    for path, text in ((TARGET, generate()), (TREES, generate_trees())):
        path.write_text(formatted(text))
        print(f"wrote {path.relative_to(ROOT)}")
