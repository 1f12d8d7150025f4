"""What a survey found, for a person: a screen or two, the weak things first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tlswire.reports.page import Cell, Page, Span
from tlswire.surveyed import Survey, SurveyedVersion

#: Columns before the text of a labelled line.
LABEL: Final = 13
ORDERS: Final = {
    "server": "in the server's order",
    "client": "the client's order decides",
    "mixed": "the server's order, for some the client's",
    None: "",
}
OUTCOMES: Final = {"surveyed": "good"}


def render(survey: Survey, page: Page) -> None:
    """Write one survey."""
    _head(page, survey)
    for version, also in _alike(survey.versions):
        _version(page, version, also)
    _refused(page, survey)
    for note in survey.notes:
        page.wrap(note, Span("  note: ", "warn"))


def _head(page: Page, survey: Survey) -> None:
    spoken = [survey.address] if survey.address and survey.address != survey.target else []
    spoken += [f"name {survey.server_name}"] if survey.server_name else []
    spoken += [f"after {survey.preamble}"] if survey.preamble else []
    page.line(Span(survey.target, "title"), "  ", "  ".join(spoken))
    page.wrap(survey.summary, "  ", style=OUTCOMES.get(survey.outcome, "bad"))
    if survey.next_step:
        page.wrap(survey.next_step, _lead("Next"))
    used = (
        f"{survey.connections_used} connections" if survey.connections_used != 1 else "1 connection"
    )
    page.line(Span(f"  {used}, {survey.elapsed_ms / 1000:.2f} s", "dim"))


def _alike(versions: Sequence[SurveyedVersion]) -> list[tuple[SurveyedVersion, list[str]]]:
    """Put versions with the same suites together: they are told once."""
    told: list[tuple[SurveyedVersion, list[str]]] = []
    for version in versions:
        last = told[-1][0] if told else None
        if last and (last.suites, last.preference) == (version.suites, version.preference):
            told[-1][1].append(version.version)
        else:
            told.append((version, []))
    return told


def _version(page: Page, version: SurveyedVersion, also: Sequence[str]) -> None:
    names = " and ".join([version.version, *also])
    count = f"{len(version.suites)} suite{'s' * (len(version.suites) != 1)}"
    order = ORDERS[version.preference]
    page.title(f"{names}  {count}{', ' * bool(order)}{order}")
    page.table([_suite(version, n) for n in range(len(version.suites))], elastic=(1,))
    if version.groups:
        page.wrap(" ".join(version.groups), _lead("groups"))
    if version.signature_algorithms:
        page.wrap(" ".join(version.signature_algorithms), _lead("signs with"))
    if version.dh_bits:
        page.wrap(", ".join(f"{bits} bits" for bits in version.dh_bits), _lead("DHE prime"))
    for note in version.notes:
        page.wrap(note, Span("  note: ", "warn"))


def _suite(version: SurveyedVersion, place: int) -> tuple[Cell | str, ...]:
    number = str(place + 1) if version.preference == "server" else ""
    return (Cell(number, "dim", right=True), version.suites[place])


def _refused(page: Page, survey: Survey) -> None:
    if not survey.refused:
        return
    page.title("Refused")
    page.table([(each.version, each.how) for each in survey.refused], elastic=(1,))


def _lead(word: str) -> Span:
    return Span(f"  {word:<{LABEL - 2}}", "strong")
