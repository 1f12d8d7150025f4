"""Fuzz the grammar with atheris: any bytes are read, or a trouble is noted, never anything else.

Every entry is tried: the first byte chooses the kind, the second the situation. The fast parser,
the layouts, which are drawn much earlier than usual, and the interpreted grammar must agree.
Usage: `python tools/fuzz_grammar.py [corpus] [-runs=N]`, with the options of libFuzzer; the corpus
is seeded from tests/vectors when its folder is empty. The interpreted grammar takes most of the
time: `--every=50` asks it about one input in fifty. `--blind -runs=N` needs no atheris and no
corpus: it changes the vectors by chance, the same each time.
"""

from __future__ import annotations

import random
import sys
from contextlib import nullcontext, suppress
from pathlib import Path

try:
    import atheris
except ImportError:  # enough for --blind
    atheris = None

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
BLIND = "--blind" in sys.argv

with nullcontext() if BLIND else atheris.instrument_imports(include=["tlswire.grammar"]):
    from tlswire.grammar import Situation, fast, kind_of, layouts, locate, read, show
    from tlswire.grammar.fast_words import Unreadable
    from tlswire.grammar.forms import KINDS, choose
    from tlswire.grammar.interpreted import attempt

layouts.OFTEN = 2

SITUATIONS = [
    Situation(version, key_exchange)
    for version in (None, 0x0303, 0x0300, 0x0302, 0x0304, 0x7F12)
    for key_exchange in (None, "RSA", "DHE_RSA", "ECDHE_RSA", "PSK", "ECDHE_PSK", "SRP", "GOST")
]


class Fuzz:
    """Takes inputs; of `every` so many one is read in every way, the others by the fast parsers."""

    def __init__(self, every: int) -> None:
        self.every = every
        self.taken = 0

    def __call__(self, data: bytes) -> None:
        """Take one input."""
        if len(data) < 2:
            return
        kind, situation = KINDS[data[0] % len(KINDS)], SITUATIONS[data[1] % len(SITUATIONS)]
        self.taken += 1
        (in_every_way if self.taken % self.every == 0 else quickly)(kind, data[2:], situation)


def quickly(kind: str, body: bytes, situation: Situation) -> None:
    """Read by the fast parsers and by layouts alone: they read, or give up, and agree."""
    for form in choose(kind, body, situation).forms:
        with suppress(Unreadable):
            fields = fast.PARSERS[form](body, len(body))
            show(kind, fields, situation)
            assert layouts.READERS[form](body) == fields


def in_every_way(kind: str, body: bytes, situation: Situation) -> None:
    """Read as tlswire does, locate every field, and compare with the grammar."""
    fields, troubles = read(kind, body, situation)
    if fields is not None:
        show(kind, fields, situation)
    assert all(0 <= trouble.offset <= len(body) for trouble in troubles)
    places = locate(kind, body, situation).values()
    assert all(start >= 0 and start + length <= len(body) for start, length in places)
    for form in choose(kind, body, situation).forms:
        agree(form, body)


def agree(form: str, body: bytes) -> None:
    """Compare the fast parser with the grammar it was made from."""
    slow = attempt(form, form, body)
    try:
        fields = layouts.READERS[form](body)
    except Unreadable:
        assert slow.troubles
    else:
        assert fields == fast.PARSERS[form](body, len(body)) == slow.fields
        assert not slow.troubles


def seeds() -> dict[str, bytes]:
    """Return the vectors as inputs, by name."""
    from vectors.reading import vectors

    found = {}
    for number, vector in enumerate(v for v in vectors() if kind_of(v.type) in KINDS):
        choice = bytes([KINDS.index(kind_of(vector.type)), number % len(SITUATIONS)])
        found[f"{vector.source}-{number}"] = choice + vector.body
    return found


def seed(folder: Path) -> None:
    """Put the vectors into an empty corpus."""
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.iterdir()):
        for name, data in seeds().items():
            (folder / name).write_bytes(data)


def changed(data: bytes, chance: random.Random) -> bytes:
    """Return an input with a few bytes set, cut out or put in."""
    made = bytearray(data)
    for _ in range(chance.randrange(4)):
        place = chance.randrange(len(made) + 1)
        made[place : place + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
    return bytes(made[: chance.randrange(len(made) + 1)] if chance.random() < 0.1 else made)


def blind(fuzz: Fuzz, runs: int) -> None:
    """Feed the vectors, changed by chance."""
    chance, known = random.Random(1), [*seeds().values()]
    for _ in range(runs):
        fuzz(changed(chance.choice(known), chance))
    readers = [getattr(read, "__self__", None) for read in layouts.READERS.values()]
    drawn = sum(len(found) for reader in readers if reader for found in reader.layouts.values())
    print(f"{fuzz.taken} inputs, each read or refused; {drawn} layouts")


def main(arguments: list[str]) -> None:
    """Fuzz as the arguments say; those that are not ours are for libFuzzer."""
    own = {name: value for name, _, value in (a.partition("=") for a in arguments)}
    fuzz = Fuzz(int(own.get("--every", 1)))
    if BLIND:
        return blind(fuzz, int(own.get("-runs", 10_000)))
    for argument in arguments:
        if not argument.startswith("-") and not Path(argument).is_file():
            seed(Path(argument))
    atheris.Setup([sys.argv[0], *(a for a in arguments if not a.startswith("--every="))], fuzz)
    return atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1:])
