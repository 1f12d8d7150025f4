"""What runs here, for a bug report: tlswire, Python, OpenSSL, and the libraries that are used."""

from __future__ import annotations

import platform
import ssl
from collections.abc import Iterator
from importlib import metadata

from tlswire import __version__


def lines() -> Iterator[str]:
    """Yield a line for each thing whose version may matter."""
    yield f"tlswire       {__version__}"
    yield f"Python        {platform.python_version()} ({platform.python_implementation()})"
    yield f"OpenSSL       {ssl.OPENSSL_VERSION.removeprefix('OpenSSL ')}"
    yield f"system        {platform.platform()}"
    for name in _required():
        yield f"{name:<13} {_version(name)}"


def _required() -> list[str]:
    try:
        needed = metadata.requires("tlswire") or []
    except metadata.PackageNotFoundError:
        return []
    plain = (need.partition(";") for need in needed)
    named = (need.split(">")[0].split("=")[0].strip() for need, _, extra in plain if not extra)
    return sorted(named)


def _version(name: str) -> str:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return "not installed"
