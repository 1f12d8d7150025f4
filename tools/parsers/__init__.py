"""The fast parsers and the trees of the grammar, as text: made from its constructs.

    constructs.py  what is known of a construct without reading
    function.py    one parser, while it is being written
    source.py      fast.py: all parsers, and their tables
    trees.py       trees.py: the constructs as data

The grammar stays the one source of truth; nothing here reads a message. It can be imported while
fast.py is not written yet, or is of other words.
"""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

try:
    import tlswire.grammar.fast  # noqa: F401
except ImportError:
    sys.modules["tlswire.grammar.fast"] = SimpleNamespace(PARSERS={}, LISTED=(), SHAPES={})  # type: ignore[assignment]
