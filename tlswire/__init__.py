"""tlswire: where a TLS handshake stops, who stopped it, why, and what to change.

    import tlswire

    for connection in tlswire.decode("capture.pcap"):
        print(connection.verdict.summary)

What is not used is not imported: `import tlswire` reads this file and nothing else.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tlswire.api import (
        Decoded,
        Replayed,
        Report,
        decode,
        decode_async,
        replay,
        replay_async,
    )
    from tlswire.errors import CaptureError, SelectionError, TargetError, TlswireError
    from tlswire.result import Connection, Document, Replay, Verdict

__version__ = "0.1.0"

__all__ = [
    "CaptureError",
    "Connection",
    "Decoded",
    "Document",
    "Replay",
    "Replayed",
    "Report",
    "SelectionError",
    "TargetError",
    "TlswireError",
    "Verdict",
    "__version__",
    "decode",
    "decode_async",
    "replay",
    "replay_async",
]
_HOMES = {
    "tlswire.api": ("Decoded", "Replayed", "Report", "decode_async", "replay_async"),
    "tlswire.errors": ("CaptureError", "SelectionError", "TargetError", "TlswireError"),
    "tlswire.result": ("Connection", "Document", "Replay", "Verdict"),
}
#: Verbs of the API that are modules of the package as well: calling such a module calls the verb.
_VERBS = ("decode", "replay")


class _Verb(ModuleType):
    """A module that can be called as the function of the API that has its name."""

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        verb = getattr(import_module("tlswire.api"), self.__name__.rpartition(".")[2])
        return verb(*arguments, **options)


class _Package(ModuleType):
    """This package: a module that becomes one of its attributes may be a verb."""

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _VERBS and isinstance(value, ModuleType):
            value.__class__ = _Verb
        super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name in _VERBS:
        return import_module(f"tlswire.{name}")
    for home, names in _HOMES.items():
        if name in names:
            return getattr(import_module(home), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
