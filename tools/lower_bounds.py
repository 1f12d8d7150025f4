#!/usr/bin/env python3
"""Print the oldest version of each library that pyproject.toml allows, as pip's requirements.

Usage: `tools/lower_bounds.py | pip install -r /dev/stdin`; tox's environment `lowest` does that and
runs the tests: a lower bound that is not tested is a guess.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

PYPROJECT = Path(__file__).resolve().parents[1] / "pyproject.toml"
BOUND = re.compile(r"(?P<name>[\w.-]+)>=(?P<version>[\w.]+)")


def lowest() -> list[str]:
    """Return `name==version` for each dependency. Raises ValueError for one without a bound."""
    needed = tomllib.loads(PYPROJECT.read_text())["project"]["dependencies"]
    found = []
    for need in needed:
        bound = BOUND.match(need)
        if bound is None:
            raise ValueError(f"{need}: no lower bound")
        found.append(f"{bound['name']}=={bound['version']}")
    return found


def main() -> None:
    """Print them, or install them where `--install` is given."""
    if "--install" in sys.argv[1:]:
        subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", *lowest()], check=True)
    else:
        print("\n".join(lowest()))


if __name__ == "__main__":
    main()
