"""What a run found: the document of the JSON contract, schema `tlswire/1`, and its parts by name.

The JSON schema is printed from these types; their fields are the contract. Nothing here looks at
bytes, and nothing here prints.

    observed.py   what was seen of a connection, and the verdict on it
    replayed.py   what replays and narrowings brought
    surveyed.py   what a survey, a rehearsal and a reach found
"""

from __future__ import annotations

from msgspec import Struct

from tlswire.observed import (
    Addressee,
    AlertCode,
    AlertSeen,
    Brief,
    Cause,
    Confidence,
    Connection,
    Datagrams,
    EndedAt,
    EndedBy,
    Evidence,
    Exhibit,
    Group,
    Message,
    Outcome,
    Remedy,
    RuledOut,
    Side,
    Spoken,
    Summary,
    TroubleAt,
    Trust,
    Verdict,
)
from tlswire.replayed import (
    Agreed,
    Answer,
    Attempt,
    CertificateSeen,
    Chain,
    ChainFault,
    Change,
    Edit,
    FirstDifference,
    Narrowing,
    Replay,
    Step,
)
from tlswire.surveyed import Meeting, Reach, Rehearsal, Survey

__all__ = [
    "SCHEMA",
    "Addressee",
    "Agreed",
    "AlertCode",
    "AlertSeen",
    "Answer",
    "Attempt",
    "Brief",
    "Cause",
    "CertificateSeen",
    "Chain",
    "ChainFault",
    "Change",
    "Confidence",
    "Connection",
    "Datagrams",
    "Document",
    "Edit",
    "EndedAt",
    "EndedBy",
    "Evidence",
    "Exhibit",
    "FirstDifference",
    "Group",
    "Message",
    "Narrowing",
    "Outcome",
    "Remedy",
    "Replay",
    "RuledOut",
    "Side",
    "Spoken",
    "Step",
    "Summary",
    "TroubleAt",
    "Trust",
    "Verdict",
]

SCHEMA = "tlswire/1"


class Document(Struct, frozen=True, kw_only=True):
    """What `--json` prints."""

    schema: str = SCHEMA
    capture: str | None
    connections: tuple[Connection, ...]
    summary: Summary
    replays: tuple[Replay, ...] | None = None
    surveys: tuple[Survey, ...] | None = None
    meetings: tuple[Meeting, ...] | None = None
    rehearsal: Rehearsal | None = None
    reach: tuple[Reach, ...] | None = None
    narrowings: tuple[Narrowing, ...] | None = None
