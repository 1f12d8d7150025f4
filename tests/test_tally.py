"""Connections counted one by one: what a report needs of many is kept, and no more."""

from __future__ import annotations

from pathlib import Path

from conftest import SHARED
from results import HANDSHAKE_FAILURE, established, failed

from tlswire.cli.printing import _digest
from tlswire.cli.progress import Progress
from tlswire.cli.selection import Asked, decode_chosen
from tlswire.reports.page import Page
from tlswire.reports.text import render
from tlswire.tally import MOST_GROUPS, MOST_SHOWN, Digest, Tally

LABORATORY = sorted((SHARED / "lab" / "scenarios").glob("*/*.pcap"))


def written(path: Path, *, digested: bool) -> str:
    page, name = Page(), str(path)
    document = _digest(name, Asked(), Progress()) if digested else decode_chosen(name, Asked())
    render(document, page)
    return page.plain()


def test_a_report_of_what_was_kept_is_the_report_of_all(captures: Path) -> None:
    for path in (*sorted(captures.glob("*.pcapng")), *LABORATORY):
        assert written(path, digested=True) == written(path, digested=False), path


def test_the_lowest_numbers_are_kept() -> None:
    digest = Digest(2)
    for number in (9, 4, 7, 1):
        digest.keep(failed(number, messages=()), lambda n=number: failed(n))  # type: ignore[misc]
        digest.keep(established(number + 100), lambda: established(0))
    assert [c.id for c in digest.kept()] == [1, 101, 104]
    assert digest.kept()[0].messages
    (group,) = digest.groups()
    assert group.connections == (1, 4, 7, 9)
    assert group.ended_by == HANDSHAKE_FAILURE
    assert digest.outcomes["established"] == 4


def test_kinds_of_failure_are_bounded() -> None:
    tally, digest = Tally(), Digest(2)
    for number in range(MOST_GROUPS + 5):
        tally.count(failed(number, server=f"192.0.2.1:{number}"))
    assert len(tally.groups()) == MOST_GROUPS
    assert tally.outcomes["failed"] == MOST_GROUPS + 5
    for number in range(MOST_SHOWN + 5):
        one = failed(number, server=f"192.0.2.1:{number}")
        digest.keep(one, lambda one=one: one)  # type: ignore[misc]
    assert len(digest.kept()) == MOST_SHOWN
