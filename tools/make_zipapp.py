#!/usr/bin/env python3
"""Make one file of tlswire and all it needs, for a host without internet: dist/tlswire.pyz.

Usage: `tools/make_zipapp.py [--output FILE]`. Needs pip and what pip needs to install tlswire here;
the file runs on the same system with the same Python. Compiled libraries cannot be loaded from
within a zip: the file unpacks itself once into the user's cache, under the name of its own hash.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import tempfile
import zipapp
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
#: The program that unpacks and goes on; `built_for` is the Python that the libraries are for.
MAIN = '''\
"""Unpacks what this file carries, once, and runs it."""

import hashlib
import os
import sys
import tempfile
import zipfile
from pathlib import Path

BUILT_FOR = {built_for!r}


def home(archive):
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    digest = hashlib.sha256(Path(archive).read_bytes()).hexdigest()[:16]
    return cache / "tlswire" / digest


def unpack(archive, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(dir=target.parent, prefix="unpacking-"))
    with zipfile.ZipFile(archive) as file:
        file.extractall(made)
    try:
        made.rename(target)
    except OSError:  # another process was first
        import shutil

        shutil.rmtree(made, ignore_errors=True)


def main():
    running = "%d.%d-%s" % (*sys.version_info[:2], sys.platform)
    if running != BUILT_FOR:
        sys.exit("tlswire.pyz was made for Python %s, this is %s" % (BUILT_FOR, running))
    archive = Path(sys.argv[0]).resolve()
    target = home(archive)
    if not target.is_dir():
        unpack(archive, target)
    sys.path[0] = str(target / "site")
    from tlswire.cli import main as run

    run(prog_name="tlswire")


main()
'''


def make(output: Path) -> None:
    """Install into a folder, and zip it."""
    with tempfile.TemporaryDirectory() as folder:
        site = Path(folder) / "site"
        install(site)
        built_for = f"{sys.version_info[0]}.{sys.version_info[1]}-{sys.platform}"
        (Path(folder) / "__main__.py").write_text(MAIN.replace("{built_for!r}", repr(built_for)))
        output.parent.mkdir(parents=True, exist_ok=True)
        zipapp.create_archive(folder, output, "/usr/bin/env python3", compressed=True)
    output.chmod(0o755)


def install(site: Path) -> None:
    """Install tlswire and its libraries; what only builders and testers need is left out."""
    quiet = ("--quiet", "--disable-pip-version-check", "--no-compile")
    pip = [sys.executable, "-m", "pip", "install", *quiet, "--target", str(site), str(ROOT)]
    subprocess.run(pip, check=True)
    shutil.rmtree(site / "bin", ignore_errors=True)
    for unwanted in [*site.rglob("__pycache__"), *site.rglob("tests")]:
        shutil.rmtree(unwanted, ignore_errors=True)


def main() -> None:
    """Read the options and make the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--output", type=Path, default=ROOT / "dist" / "tlswire.pyz")
    output = parser.parse_args().output
    make(output)
    print(f"{output}: {output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
