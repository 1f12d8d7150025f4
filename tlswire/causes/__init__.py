"""Why a handshake stopped: the catalogue of causes, one a file, whose docstring is its page.

A cause reads a `Case` and nothing else; it opens no file, asks no clock and sends nothing. The
catalogue is imported when the first handshake has failed: a healthy capture never pays for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tlswire.causes.case import Case, CauseModule
from tlswire.offer import Offer
from tlswire.result import Confidence, Remedy, Verdict

if TYPE_CHECKING:
    from tlswire.causes.catalogue import CAUSES

__all__ = ["CAUSES", "cause", "diagnose", "page", "remedies", "sentence"]


def diagnose(case: Case) -> Verdict:
    """Say why a connection ended as it did, with evidence and remedies."""
    from tlswire.causes import diagnosis

    plain = diagnosis.without_causes(case)
    if plain is not None:
        return plain
    from tlswire.causes.catalogue import CAUSES

    return diagnosis.judge(case, CAUSES)


def sentence(told: str, why: str, confidence: Confidence, others: int) -> str:
    """Return a summary: how it ended, why, how sure that is, and how many other causes are left."""
    from tlswire.causes import diagnosis

    return diagnosis.sentence(told, why, confidence, others)


def cause(cause_id: str) -> CauseModule:
    """Return the cause of that id. Raises SelectionError when there is none."""
    from tlswire.causes import catalogue

    return catalogue.cause(cause_id)


def page(cause_id: str) -> str:
    """Return the page of a cause: its docstring, then its remedies by whom they are for."""
    from tlswire.causes import catalogue

    return catalogue.page(cause_id)


def remedies(cause_id: str, offer: Offer | None = None) -> tuple[Remedy, ...]:
    """Return what helps against a cause, with the settings that admit the client of an offer."""
    from tlswire.causes import catalogue

    return catalogue.remedies(cause_id, offer)


def __getattr__(name: str) -> Any:
    if name == "CAUSES":
        from tlswire.causes.catalogue import CAUSES

        return CAUSES
    raise AttributeError(name)
