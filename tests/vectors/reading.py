"""Reads the vectors of this folder: who sent it, its content type, the message in hex."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parent


class Vector(NamedTuple):
    """One message as a real program sent it; a handshake message without its 4-byte header."""

    source: str
    who: str
    content: int
    type: int
    body: bytes


def vectors(pattern: str = "*") -> list[Vector]:
    """Return all messages of the files whose name fits, in the order in which they were sent."""
    return [v for path in sorted(FOLDER.glob(f"{pattern}.txt")) for v in of_file(path)]


def of_file(path: Path) -> list[Vector]:
    """Return the messages of one file."""
    lines = path.read_text().splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#"))
    return [of_block(path.stem, block) for block in text.strip().split("\n\n")]


def of_block(source: str, block: str) -> Vector:
    """Return the message of one block: a line about it, then hex."""
    about, _, hexed = block.partition("\n")
    who, content = about.split()
    data = bytes.fromhex(hexed)
    if content != "22":
        return Vector(source, who, int(content), -1, data)
    return Vector(source, who, 22, data[0], data[4:])


def body(source: str, kind: int, nth: int = 0) -> bytes:
    """Return the body of the nth message of a handshake type in one file."""
    return [v.body for v in vectors(source) if v.type == kind][nth]
