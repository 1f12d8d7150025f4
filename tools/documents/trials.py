"""The table of experiments as a list, made from `tlswire.experiments`."""

from __future__ import annotations

from itertools import groupby

from tlswire.experiments import EXPERIMENTS, Experiment


def table() -> str:
    """Return the rows by what is changed: the changes, and the causes that they prove."""
    rows = ["| variant | what is changed | proves |", "|---|---|---|"]
    for variant, experiments in groupby(sorted(EXPERIMENTS, key=_variant), key=_variant):
        causes: dict[str, list[str]] = {}
        for each in experiments:
            causes.setdefault(each.told, []).append(each.cause)
        rows += (f"| `{variant}` | {told} | {_links(ids)} |" for told, ids in causes.items())
    return "\n".join(rows) + "\n"


def _variant(experiment: Experiment) -> str:
    return experiment.variant


def _links(ids: list[str]) -> str:
    return ", ".join(f"[{cause}](../causes.md#{cause})" for cause in dict.fromkeys(ids))
