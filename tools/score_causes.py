"""How good the causes are, from captures alone: over scenarios whose truth is known.

    python tools/score_causes.py FOLDER [--all]

FOLDER holds a folder a scenario, each with `expect.json` and the capture that it names: `causes`
are the accepted ids, `flow` the connection, `soft` says that the wire cannot show it, `healthy`
that nothing may be blamed. Prints the shares that are asked for, and each scenario that misses;
with `--all` each scenario.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tlswire import decode
from tlswire.seen import explain


class Score(NamedTuple):
    """One scenario: what was accepted, what was named, and what was called proved."""

    name: str
    expected: dict[str, Any]
    named: tuple[str, ...]
    proved: tuple[str, ...]

    @property
    def place(self) -> int | None:
        """Return where the truth stands among the causes named, from 1; None where it is not."""
        places = (n for n, cause in enumerate(self.named, 1) if cause in self.expected["causes"])
        return next(places, None)

    @property
    def false(self) -> tuple[str, ...]:
        """Return what is called proved and is not true."""
        return tuple(cause for cause in self.proved if cause not in self.expected["causes"])


def main(arguments: list[str]) -> int:
    """Print the score; 1 when something false is proved or a healthy handshake is blamed."""
    folders = [each for each in arguments if each != "--all"]
    if len(folders) != 1:
        sys.exit((__doc__ or "").split("\n\n")[1])
    scores = list(score(Path(folders[0])))
    judged = [s for s in scores if s.expected["causes"] and not s.expected["soft"]]
    soft = [s for s in scores if s.expected["causes"] and s.expected["soft"]]
    blamed = [s for s in scores if s.expected["healthy"] and s.named]
    false = [s for s in scores if s.false]
    for each in scores:
        if "--all" in arguments or each in blamed or each in false or _missed(each, judged):
            print(f"{_told(each):8} {each.name}: {', '.join(each.named) or 'nothing'}")
    print(f"named first      {share(judged, lambda s: s.place == 1)}")
    print(f"among the five   {share(judged, lambda s: s.place is not None)}")
    print(f"soft, named      {share(soft, lambda s: s.place is not None)}")
    print(f"false and proved {len(false)}")
    print(f"healthy, blamed  {len(blamed)} of {sum(s.expected['healthy'] for s in scores)}")
    return int(bool(false or blamed))


def score(folder: Path) -> Iterator[Score]:
    """Yield the score of each scenario that is wanted now."""
    for path in sorted(folder.glob("*/expect.json")):
        expected = json.loads(path.read_text())
        capture = path.parent / expected["capture"]
        if expected.get("later") or expected.get("skip") or not capture.exists():
            continue
        listed = explain(decode.scan(capture).listed())
        causes = next(
            (s.verdict.causes for s in listed if s.verdict and s.flow.number == expected["flow"]),
            (),
        )
        proved = tuple(cause.id for cause in causes if cause.confidence == "proved")
        yield Score(path.parent.name, expected, tuple(cause.id for cause in causes), proved)


def share(scores: list[Score], good: Any) -> str:
    """Return how many are good, and the share."""
    count = sum(1 for each in scores if good(each))
    return f"{count} of {len(scores)}, {100 * count / max(1, len(scores)):.1f} %"


def _missed(each: Score, judged: list[Score]) -> bool:
    return each in judged and each.place != 1


def _told(each: Score) -> str:
    if each.false:
        return "FALSE"
    return "blamed" if each.expected["healthy"] and each.named else f"place {each.place or '-'}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
