"""Who took part, by version, and the index of all captures."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterable
from pathlib import Path

from .scene import Scene

#: Program -> (how it tells its version, what to take of that, how it is called).
_VERSIONS = {
    "openssl": ("openssl version", r"OpenSSL ([\d.]+)", "OpenSSL"),
    "curl": ("curl --version", r"curl ([\d.]+)", "curl"),
    "gnutls": ("gnutls-cli --version", r"gnutls-cli ([\d.]+)", "GnuTLS"),
    "java": ("java -version", r'version "([\d.]+)', "OpenJDK"),
    "nginx": ("nginx -v", r"nginx/([\d.]+)", "nginx"),
    "exim": ("exim4 -bV", r"Exim version ([\d.]+)", "Exim"),
    "dropbear": ("dropbear -V", r"Dropbear v([\d.]+)", "Dropbear"),
    "chromium": ("chromium --version --no-sandbox", r"Chromium ([\d.]+)", "Chromium"),
    "haproxy": ("haproxy -v", r"HAProxy version ([\d.]+)", "HAProxy"),
    "firefox": ("firefox-esr --version", r"Firefox ([\d.]+)", "Firefox"),
    "go": ("go version", r"go version go([\d.]+)", "Go"),
    "node": ("node --version", r"v([\d.]+)", "Node.js"),
    "node24": ("node24 --version", r"v([\d.]+)", "Node.js"),
    "mono": ("mono --version", r"version ([\d.]+)", "Mono"),
    "python": ("python3 --version", r"Python ([\d.]+)", "Python"),
}

_HEAD = """\
# Captures

Small captures of handshakes, each an ailment or a healthy control, made by
`tools/make_captures.py` from real clients and servers on a private wire. Do not edit: run the
maker. Each `.pcapng` has a `.toml` beside it:

- `[made]`: when, by which commands, by whom, and what is worth knowing. Certificates are made
  anew for every run and `Peer.java` is the maker's; other files are given.
- `[[proof]]`: what the maker checked before it kept the capture, with tshark (a display filter
  and the number of frames, at least one where no number is given) or in the words that the
  client or the server wrote itself. Never with tlswire.
- `[[expect]]`: what must be said of a connection. A key that is left out is not judged. `causes`
  must be among those named; `healthy` means that nothing may be blamed. Certificates are judged
  at the time of the capture.

The client is 192.0.2.10 or 2001:db8:1::10, the server 198.51.100.20 or 2001:db8:2::20, and the
capture is taken at the client.
"""
_TITLES = ("Ailments", "Healthy or untellable", "Clients: hellos for `tlswire probe`")


def name_versions(text: str) -> str:
    """Put versions for `{program}` in a sentence."""
    return re.sub(r"\{(\w+)\}", lambda match: _version(match[1]), text)


def _version(program: str) -> str:
    command, pattern, name = _VERSIONS[program]
    run = subprocess.run(command.split(), capture_output=True, text=True, check=False)
    found = re.search(pattern, run.stdout + run.stderr)
    return f"{name} {found[1]}" if found else name


def write_index(folder: Path, scenes: Iterable[Scene]) -> None:
    """Write README.md: a row for every capture that is there, ailments and controls apart."""
    rows: dict[str, list[str]] = {title: [] for title in _TITLES}
    for scene in scenes:
        if (folder / f"{scene.stem}.toml").exists():
            rows[_title(scene)].append(_row(folder, scene))
    text = _HEAD + "".join(_table(title, rows[title]) for title in _TITLES)
    (folder / "README.md").write_text(text)


def _title(scene: Scene) -> str:
    if "/" in scene.stem:
        return _TITLES[2]
    return _TITLES[all(expect.healthy for expect in scene.expect)]


def _row(folder: Path, scene: Scene) -> str:
    made = tomllib.loads((folder / f"{scene.stem}.toml").read_text())["made"]
    name = f"[{scene.stem}]({scene.stem}.pcapng)"
    return f"| {name} | {scene.ailment} | {made['client']} | {made['server']} |"


def _table(title: str, rows: list[str]) -> str:
    head = ["| capture | what it shows | client | server |", "|---|---|---|---|"]
    return "\n".join(["", f"## {title}", "", *head, *rows, ""]) if rows else ""
