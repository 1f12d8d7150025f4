"""Writes tlswire/codes.py and tlswire/suites.py from the registries; nothing of it runs in tlswire.

    python tools/make_codes.py                    # needs: pip install cryptodatahub
    python tools/make_codes.py --iana ~/iana      # IANA's own CSV files win where present

Sources, as facts: `registries.toml` and `suites.toml` beside this file (by hand, from the RFCs),
CryptoDataHub (suite numbers, IANA and OpenSSL names), and, with `--iana DIR`, the CSV files that
IANA publishes (`tls-parameters-4.csv` and so on, under IANA's own file names). `--check` writes
nothing and fails when the written files differ from what would be written.
"""

from __future__ import annotations

import argparse
import datetime
import importlib.metadata
import sys
from pathlib import Path

from codes_source import write_codes, write_suites
from registry_tables import HERE, read_registries, read_suites

PACKAGE = HERE.parent / "tlswire"


def sources(iana: Path | None) -> str:
    """Name the sources and their versions."""
    hub = f"CryptoDataHub {importlib.metadata.version('cryptodatahub')}"
    return f"RFCs by hand, {hub}" + (", IANA CSV files" if iana else "")


def without_head(text: str) -> str:
    """Drop the module docstring, which holds the date."""
    return text.split('"""', 2)[2]


def main() -> int:
    """Write or check both files; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--iana", type=Path, help="folder with IANA's CSV files")
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    options = parser.parse_args()
    head = {"date": f"{datetime.date.today()}", "sources": sources(options.iana)}
    suites = read_suites(options.iana)
    texts = {
        PACKAGE / "codes.py": write_codes(read_registries(options.iana), suites, head),
        PACKAGE / "suites.py": write_suites(suites, head),
    }
    if options.check:
        return int(any(without_head(p.read_text()) != without_head(t) for p, t in texts.items()))
    for path, text in texts.items():
        path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
