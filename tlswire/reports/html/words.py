"""What the page's script says: its sentences by name, with their blanks, as JSON for the page.

A name ending in `.one` or `.other` is the form that agrees with a number, as CLDR calls them.
"""

from __future__ import annotations

from typing import Final

import msgspec

from tlswire.language import counted, mark, say
from tlswire.reports.escape import escape

WORDS: Final[dict[str, str]] = {
    "old": mark("This browser cannot unpack what is packed here; any of 2023 or later can."),
    "from": mark("from byte {offset} of its sender's stream"),
    "place": mark("{number} of {total}"),
    "size": mark("{size} bytes"),
    "cut": mark("{size} not shown"),
    "trouble": mark("At byte {offset}: {what}"),
    "unread": mark("No field of it can be read: it is protected, or its kind is not known."),
    "no_bytes": mark("No bytes of it are in this report."),
    "byte": mark("byte {offset}, {value}, {field}"),
    "no_field": mark("no field"),
    "not_shown": mark("Not shown"),
    "copied": mark("Copied"),
    "found": mark("{number} of {total} connections"),
}


def packed() -> str:
    """Return the words in the language in use, safe inside a script element."""
    told = {name: say(message) for name, message in WORDS.items()}
    for form, number in (("all.one", 1), ("all.other", 2)):
        said = counted("{number} connection", "{number} connections", number)
        told[form] = said.replace(str(number), "{number}", 1)
    text = msgspec.json.encode({name: escape(said) for name, said in told.items()}).decode()
    return text.replace("<", "\\u003c")
