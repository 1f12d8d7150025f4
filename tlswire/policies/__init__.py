"""What authorities say of TLS configurations, as data, and one judge for all of them.

A policy is a table of its own file; the rows keep the source's levels and say where they stand.
Judges what it is given by name, knows no server and no bytes.
"""

from __future__ import annotations

from typing import Final

from tlswire.policies.anssi import ANSSI
from tlswire.policies.bsi import BSI
from tlswire.policies.judge import RANK, disagreements, judge, judge_one, level_of
from tlswire.policies.mozilla import INTERMEDIATE, MODERN, OLD
from tlswire.policies.nist import NIST
from tlswire.policies.pci import PCI
from tlswire.policies.policy import Kind, Policy, expand

__all__ = [
    "BY_ID",
    "POLICIES",
    "RANK",
    "Kind",
    "Policy",
    "disagreements",
    "expand",
    "judge",
    "judge_one",
    "level_of",
]

#: Every policy, in the order in which they are told.
POLICIES: Final[tuple[Policy, ...]] = (ANSSI, MODERN, INTERMEDIATE, OLD, NIST, BSI, PCI)
BY_ID: Final[dict[str, Policy]] = {policy.id: policy for policy in POLICIES}
