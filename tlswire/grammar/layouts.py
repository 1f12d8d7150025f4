"""Messages of a layout seen often are read at one stroke, all others by the parsers of `fast`.

The world's hellos come in few layouts: the same lengths, the same extensions in the same order;
randoms, shares and names differ. `drawing` turns a message into a function that reads all others
of its layout; here is decided when: once so many of a length came that a layout would have saved
what drawing it costs. Bounded in number and size, whatever comes. What is returned is what the
parser would return, to the letter.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tlswire.grammar.fast import LISTED, PARSERS
from tlswire.grammar.fast_words import Parser

#: Messages of one length that the parser reads before the layout of the next is drawn. Drawing
#: takes 1 to 2 milliseconds, and saves 3 to 5 microseconds for each hello.
OFTEN = 400
#: Bytes of a message beyond which no layout is drawn.
LARGEST_DRAWN = 1 << 14
#: Layouts of one length: the oldest gives way.
MOST_OF_A_LENGTH = 8
#: Layouts of one form, of 20 KB each; then all are forgotten.
MOST_LAYOUTS = 128
#: Lengths of one form that are counted; then all counts begin anew.
MOST_COUNTED = 4096


class Reader:
    """What reads the messages of one form: layouts by length, and the parser behind them."""

    __slots__ = ("counts", "form", "layouts", "parser")

    def __init__(self, form: str, parser: Parser) -> None:
        self.form = form
        self.parser = parser
        self.layouts: dict[int, tuple[Callable[[bytes], Any], ...]] = {}
        self.counts: dict[int, int] = {}

    def read(self, body: bytes) -> Any:
        """Return the fields of a message; raise Unreadable when the parser does."""
        for layout in self.layouts.get(len(body), ()):
            fields = layout(body)
            if fields is not None:
                return fields
        fields = self.parser(body, len(body))
        self.count(body)
        return fields

    def count(self, body: bytes) -> None:
        """Take note of a message that the parser has read; draw its layout when it is time."""
        counts, size = self.counts, len(body)
        times = counts[size] = counts.get(size, 0) + 1
        if times > OFTEN:
            counts.pop(size, None)
            self.draw(body)
        elif len(counts) > MOST_COUNTED:
            counts.clear()

    def draw(self, body: bytes) -> None:
        """Draw the layout of a message that the parser has read."""
        from tlswire.grammar.drawing import Undrawable
        from tlswire.grammar.nodes import drawn
        from tlswire.grammar.trees import TREES

        if len(body) > LARGEST_DRAWN:
            return
        try:
            layout = drawn(TREES[self.form], body)
        except Undrawable:
            return
        if sum(map(len, self.layouts.values())) >= MOST_LAYOUTS:
            self.layouts.clear()
        others = self.layouts.get(len(body), ())
        self.layouts[len(body)] = (layout, *others[: MOST_OF_A_LENGTH - 1])


def alone(parser: Parser) -> Callable[[bytes], Any]:
    """Return what reads the messages of a form that has no layouts."""
    return lambda body: parser(body, len(body))


#: form -> what reads a body of it, or raises Unreadable.
READERS: dict[str, Callable[[bytes], Any]] = {
    form: Reader(form, parser).read if form in LISTED else alone(parser)
    for form, parser in PARSERS.items()
}
