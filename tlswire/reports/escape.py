"""The one place where text from the wire is made safe to print.

Whoever writes the bytes of a capture must not write to the terminal of its reader: no control
character, no escape sequence, no mark that reverses or hides text may pass.
"""

from __future__ import annotations

import unicodedata

#: Unicode categories that never pass: controls, invisible and bidi marks, surrogates, private
#: use, unassigned, and the separators that break lines.
UNSAFE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def escape(text: str) -> str:
    r"""Return `text` on one line, each unsafe character as `\xNN`, `\uNNNN` or `\UNNNNNNNN`."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escaped(c) if _unsafe(c) else c for c in text)


def _unsafe(character: str) -> bool:
    return unicodedata.category(character) in UNSAFE


def _escaped(character: str) -> str:
    number = ord(character)
    if number < 0x100:
        return f"\\x{number:02x}"
    return f"\\u{number:04x}" if number < 0x10000 else f"\\U{number:08x}"
