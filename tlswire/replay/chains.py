"""What our own roots say of a chain that the captured client refused without a word.

They need not be the client's. But a chain that leads to none of them, and has no other fault, is
what most clients refuse for want of trust. Sends nothing.
"""

from __future__ import annotations

from typing import Final

from msgspec import structs

from tlswire import revealed
from tlswire.comparison import refused_by_client
from tlswire.language import mark, say
from tlswire.replay.own import Own
from tlswire.result import Cause, Chain, Evidence, Verdict
from tlswire.seen import Seen
from tlswire.trust import MINDED_BY_SOME

#: What a want of trust comes to.
UNTRUSTED: Final = frozenset({"cert-untrusted-root", "cert-missing-intermediate"})
BY_OURS: Final = mark("by {roots}: {told}")


def weigh(verdict: Verdict, captured: Seen, shown: Seen, own: Own) -> Verdict:
    """Where nothing else is wrong with the chain, the first want of trust named is likely."""
    if not refused_by_client(captured) or captured.trust is not None or not verdict.causes:
        return verdict
    first, *others = verdict.causes
    if first.id not in UNTRUSTED or first.confidence != "possible":
        return verdict
    chain = revealed.chain(shown, captured, own.roots)
    told = _want(chain) if chain is not None else None
    if told is None or chain is None:
        return verdict
    return structs.replace(verdict, causes=(_likely(first, chain.roots, told), *others))


def _want(chain: Chain) -> str | None:
    """Return what leads to no root, when that is all that is wrong."""
    faults = [fault for fault in chain.faults if fault.cause not in MINDED_BY_SOME]
    if chain.trusted or not faults or any(fault.cause not in UNTRUSTED for fault in faults):
        return None
    return faults[0].text


def _likely(cause: Cause, roots: str, told: str) -> Cause:
    shown = Evidence(text=say(BY_OURS, roots=roots, told=told))
    return structs.replace(cause, confidence="likely", evidence=(*cause.evidence, shown))
