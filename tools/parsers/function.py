"""One parser while it is being written: for each kind of construct, the lines that read it."""

from __future__ import annotations

from collections.abc import Callable
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from tlswire.grammar import words as w

from .constructs import (
    COST_OF_A_CALL,
    bound,
    bounds,
    braces,
    fixed_size,
    length_piece,
    pieces,
    run_size,
    width_of_items,
)

if TYPE_CHECKING:
    from .source import Source


class Function:
    """The text of one parser while it is being written.

    Reading stands `shift` bytes behind `base`, which is the name of an offset, or "" for the
    first byte; `sure` bytes from there are known to lie inside the window. `read` emits what
    reads a construct, `exactly` what reads one that has to end where its window ends.
    """

    def __init__(self, source: Source, name: str) -> None:
        self.source = source
        self.lines = [f"def {name}(b: bytes, e: int) -> Any:"]
        self.depth = 1
        self.names = 0
        self.stand("")

    # -- text ----------------------------------------------------------------------------

    def say(self, line: str) -> None:
        """Add a line at the present depth."""
        self.lines.append("    " * self.depth + line)

    def name(self, letter: str = "v") -> str:
        """Return a name not used before."""
        self.names += 1
        return f"{letter}{self.names}"

    def let(self, expression: str, letter: str = "v") -> str:
        """Emit an assignment and return its name."""
        name = self.name(letter)
        self.say(f"{name} = {expression}")
        return name

    def unless(self, condition: str) -> None:
        """Emit a check that gives up when `condition` holds."""
        self.say(f"if {condition}:")
        self.say("    raise Unreadable")

    # -- where we are --------------------------------------------------------------------

    def stand(self, base: str, sure: int = 0) -> None:
        """Take note that reading goes on at `base`."""
        self.base, self.shift, self.sure = base, 0, sure

    def place(self, further: int = 0) -> str:
        """Return the expression of where the next byte stands."""
        behind = self.shift + further
        if not self.base:
            return str(behind)
        return f"{self.base} + {behind}" if behind else self.base

    def need(self, size: int, end: str) -> None:
        """Emit a bounds check, unless one before has covered these bytes."""
        if size > self.sure:
            place = self.place(size)
            self.unless(f"{place} > {end}" if self.base else f"{end} < {place}")
            self.sure = size

    def pass_over(self, size: int) -> None:
        """Count bytes as read."""
        self.shift += size
        self.sure -= size

    def settle(self) -> None:
        """Emit what makes `o` the place, so that a loop or branches can begin or end here."""
        if self.place() != "o":
            self.say(f"o = {self.place()}")
        self.stand("o", max(self.sure, 0))

    def finish(self, end: str) -> None:
        """Emit the check that the window ends here."""
        if self.place() != end:
            self.unless(f"{self.place()} != {end}")
        self.stand(end)

    # -- any construct -------------------------------------------------------------------

    def read(self, con: Any, end: str, scope: dict[str, str]) -> str:
        """Emit what reads `con` and return the expression of its value."""
        reader: Callable[[Any, str, dict[str, str]], str] = getattr(
            self, f"read_{type(con).__name__.lower()}"
        )
        return reader(con, end, scope)

    def exactly(self, con: Any, end: str, scope: dict[str, str]) -> str:
        """Emit what reads `con`, which has to reach to `end`, and return its value."""
        size = fixed_size(con)
        if size is not None:
            self.unless(f"{end} != {self.place(size)}")
            self.sure = size
        filling = getattr(self, f"fill_{type(con).__name__.lower()}", None)
        value: str = (filling or self.read)(con, end, scope)
        if size is None:
            self.finish(end)
        self.stand(end)
        return value

    def read_renamed(self, con: Any, end: str, scope: dict[str, str]) -> str:
        """Read what the name stands for."""
        return self.read(con.subcon, end, scope)

    def fill_renamed(self, con: Any, end: str, scope: dict[str, str]) -> str:
        """Read what the name stands for."""
        return self.exactly(con.subcon, end, scope)

    def fill_body(self, con: w.Body, end: str, scope: dict[str, str]) -> str:
        """Read a message."""
        return self.exactly(con.inside, end, scope)

    # -- numbers and bytes ---------------------------------------------------------------

    def read_number(self, con: w.Number, end: str, scope: dict[str, str]) -> str:
        """Read an integer."""
        return self.let(self.number(con, end))

    def number(self, con: w.Number, end: str) -> str:
        """Return the expression of an integer at this place."""
        self.need(con.size, end)
        places = [self.place(k) for k in range(con.size)]
        first, behind = self.place(), self.place(con.size)
        self.pass_over(con.size)
        if con.size > 3:
            return f'int.from_bytes(b[{first} : {behind}], "big")'
        shifts = range(8 * (con.size - 1), -1, -8)
        parts = [f"b[{p}] << {s}" if s else f"b[{p}]" for p, s in zip(places, shifts, strict=True)]
        return " | ".join(parts)

    def read_code(self, con: w.Code, end: str, scope: dict[str, str]) -> str:
        """Read a registered number."""
        return self.read_number(con.number, end, scope)

    def read_varint(self, con: w.Varint, end: str, scope: dict[str, str]) -> str:
        """Read an integer of QUIC."""
        self.need(1, end)
        first = self.place()
        size = self.let(f"1 << (b[{first}] >> 6)", "n")
        stop = self.let(f"{first} + {size}", "e")
        self.unless(f"{stop} > {end}")
        number = f'int.from_bytes(b[{first} : {stop}], "big")'
        self.stand(stop)
        return self.let(f"{number} & ((1 << (8 * {size} - 2)) - 1)")

    def read_fixed(self, con: w.Fixed, end: str, scope: dict[str, str]) -> str:
        """Read bytes of a known number."""
        self.need(con.size, end)
        value = self.let(f"b[{self.place()} : {self.place(con.size)}]")
        self.pass_over(con.size)
        return value

    def read_missing(self, con: w.Missing, end: str, scope: dict[str, str]) -> str:
        """Read nothing."""
        return repr(con.value)

    def read_rest(self, con: w.Rest, end: str, scope: dict[str, str]) -> str:
        """Read up to the end of the window."""
        self.need(con.least, end)
        value = self.let(f"b[{self.place()} : {end}]")
        self.stand(end)
        return value

    # -- structs -------------------------------------------------------------------------

    def read_struct(self, con: Any, end: str, scope: dict[str, str], filling: bool = False) -> str:
        """Read fields, a run of fixed ones at once; the last may have to reach to the end."""
        own: dict[str, str] = {}
        fields = list(con.subcons)
        while fields:
            self.need(max(self.sure, run_size(fields)), end)
            taken, announced = self.read_run(fields, own)
            del fields[:taken]
            if not fields:
                break
            field = fields.pop(0)
            inside = field.subcon
            if filling and not fields:
                self.announced = announced
                own[field.name] = self.exactly(inside, end, own)
            elif isinstance(inside, w.Framed):
                self.announced = announced
                own[field.name] = self.read_framed(inside, end, own, run_size(fields))
            else:
                own[field.name] = self.read(inside, end, own)
        return braces(own)

    def fill_struct(self, con: Any, end: str, scope: dict[str, str]) -> str:
        """Read fields of which the last has to reach to the end."""
        return self.read_struct(con, end, scope, filling=True)

    #: The name that holds the length of the next frame, when it was unpacked with what precedes.
    announced: str | None = None

    def read_run(self, fields: list[Any], own: dict[str, str]) -> tuple[int, str | None]:
        """Emit one `struct` call for the leading fields of a fixed size, where that pays.

        Returns how many fields it read, and the name of the length behind them, if it read that.
        """
        run = list(takewhile(lambda field: pieces(field) is not None, fields))
        letters = [piece for field in run for piece in pieces(field) or ()]
        length = length_piece(fields[len(run)]) if len(run) < len(fields) else None
        every = [*letters, *([length] if length else [])]
        if sum(cost for _, _, cost in every) <= COST_OF_A_CALL:
            return 0, None
        names = [self.name("v") for _ in letters]
        announced = self.name("n") if length else None
        unpack = self.source.unpacker("".join(letter for letter, _, _ in every))
        targets = ", ".join([*names, *([announced] if announced else [])])
        comma = "," if len(every) == 1 else ""
        self.say(f"{targets}{comma} = {unpack}(b, {self.place()})")
        self.pass_over(sum(size for _, size, _ in every))
        left = iter(names)
        own.update({field.name: bound(field, left) for field in run})
        return len(run), announced

    # -- what stands behind a length -------------------------------------------------------

    def length(self, con: w.Framed, end: str, scope: dict[str, str]) -> str:
        """Return the length that a frame announces: a name, or an expression to use once."""
        announced, self.announced = self.announced, None
        if announced:
            return announced
        length: Any = con.length
        return (
            self.number(length, end)
            if isinstance(length, w.Number)
            else self.read(length, end, scope)
        )

    def read_framed(self, con: w.Framed, end: str, scope: dict[str, str], ahead: int = 0) -> str:
        """Read what stands behind a length, when `ahead` bytes must follow it."""
        size = self.length(con, end, scope)
        if con.least or con.most is not None or width_of_items(con.inside) == 2:
            size = size if size.isidentifier() else self.let(size, "n")
        start = self.place() if self.place().isalnum() else self.let(self.place(), "s")
        stop = self.let(f"{start} + {size if size.isidentifier() else f'({size})'}", "e")
        beyond = f"{stop} + {ahead}" if ahead else stop
        self.unless(" or ".join([*bounds(con, size), f"{beyond} > {end}"]))
        self.stand(start)
        value = self.inside(con.inside, stop, scope, size)
        self.stand(stop, ahead)
        return value

    read_vector = read_framed

    def fill_framed(self, con: w.Framed, end: str, scope: dict[str, str]) -> str:
        """Read what stands behind a length that reaches to the end."""
        if self.announced is None and isinstance(con.length, w.Number):
            self.need(con.length.size + con.least, end)
        size = self.length(con, end, scope)
        if con.most is not None or (con.least and self.sure < con.least):
            size = size if size.isidentifier() else self.let(size, "n")
            limits = bounds(con, size)
        else:
            limits = []
        whole = (
            f"{size} != {end} - {self.place()}"
            if not self.base
            else (f"{self.place()} + {size if size.isidentifier() else f'({size})'} != {end}")
        )
        self.unless(" or ".join([*limits, whole]))
        return self.inside(con.inside, end, scope, f"{end} - {self.place()}")

    fill_vector = fill_framed

    def read_counted(self, con: w.Counted, end: str, scope: dict[str, str]) -> str:
        """Read what fills the bytes that an earlier field announced."""
        stop = self.let(f"{self.place()} + {scope[con.length]}", "e")
        self.unless(f"{stop} > {end}")
        value = self.inside(con.inside, stop, scope, scope[con.length])
        self.stand(stop)
        return value

    def inside(self, con: Any, stop: str, scope: dict[str, str], size: str) -> str:
        """Emit what reads `con`, which fills the `size` bytes from here to `stop`."""
        quick = self.quickly(con, stop, size)
        if quick is None:
            return self.exactly(con, stop, scope)
        value = self.let(quick)
        self.stand(stop)
        if isinstance(con.item, w.Tagged) and con.count < w.MOST_ELEMENTS:
            self.unless(f"len({value}) > {con.count}")
        return value

    def quickly(self, con: Any, stop: str, size: str) -> str | None:
        """Return the one expression that reads a list of extensions or of short numbers."""
        if isinstance(con, w.Several) and isinstance(con.item, w.Tagged):
            return f"extensions(b, {self.place()}, {stop}, {self.source.bodies(con.item)})"
        if width_of_items(con) == 1:
            return f"[*b[{self.place()} : {stop}]]"
        return f"[*SHORTS[{size}](b, {self.place()})]" if width_of_items(con) == 2 else None

    def read_several(self, con: w.Several, end: str, scope: dict[str, str]) -> str:
        """Read elements in a loop."""
        self.settle()
        items = self.name()
        self.say(f"{items}: list[Any] = []")
        self.say(f"while o < {end}:")
        self.depth += 1
        if con.count < w.MOST_ELEMENTS:
            self.unless(f"len({items}) == {con.count}")
        self.stand("o", 1)
        self.say(f"{items}.append({self.read(con.item, end, scope)})")
        self.settle()
        self.depth -= 1
        self.stand(end)  # elements never end behind it
        return items

    # -- one of several --------------------------------------------------------------------

    def read_tail(self, con: w.Tail, end: str, scope: dict[str, str], filling: bool = False) -> str:
        """Read a field that may be absent."""
        cases = [(f"{self.place()} != {end}", con.inside), (None, w.Missing(con.absent))]
        return self.branch(cases, end, scope, filling)

    def fill_tail(self, con: w.Tail, end: str, scope: dict[str, str]) -> str:
        """Read a field that may be absent and ends the window if it is not."""
        return self.read_tail(con, end, scope, filling=True)

    def read_by(self, con: w.By, end: str, scope: dict[str, str], filling: bool = False) -> str:
        """Read by an earlier field."""
        key = scope[con.key]
        cases = [(f"{key} == {number}", case) for number, case in con.cases.items()]
        return self.branch([*cases, (None, con.otherwise)], end, scope, filling)

    def fill_by(self, con: w.By, end: str, scope: dict[str, str]) -> str:
        """Read by an earlier field what has to reach to the end."""
        return self.read_by(con, end, scope, filling=True)

    def branch(
        self, cases: list[tuple[str | None, Any]], end: str, scope: dict[str, str], filling: bool
    ) -> str:
        """Emit an if-chain, each branch reading its construct into the same name."""
        if not filling:
            self.settle()
        where = self.base, self.shift
        value = self.name()
        self.say(f"{value}: Any")
        for index, (condition, case) in enumerate(cases):
            self.say("else:" if condition is None else f"{'elif' if index else 'if'} {condition}:")
            self.depth += 1
            (self.base, self.shift), self.sure = where, 0
            absent = filling and condition is None and isinstance(case, w.Missing)
            if absent:  # the condition has told that the window ends here
                self.say(f"{value} = {self.read(case, end, scope)}")
            elif filling:
                self.say(f"{value} = {self.exactly(case, end, scope)}")
            else:
                self.say(f"{value} = {self.read(case, end, scope)}")
                self.settle()
            self.depth -= 1
        self.stand(end if filling else "o")
        return value
