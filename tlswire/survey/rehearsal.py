"""The clients of captures against a changed server: who would be locked out, and why.

Groups clients by what they offer, as their hellos say it; the order of extensions, which browsers
shuffle, does not count. Nothing is sent.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from tlswire.codes import VERSIONS
from tlswire.fingerprints import ja4
from tlswire.language import say
from tlswire.offer import Offer
from tlswire.seen import Seen
from tlswire.survey.meeting import additions, settle
from tlswire.survey.sides import ServerSide
from tlswire.surveyed import Rehearsal, Rehearsed

#: Names and addresses of one group that are told; the count tells of all.
MOST_NAMED: Final = 50

#: A capture's name, and its conversations.
Captured = tuple[str, Sequence[Seen]]


def rehearse(captures: Sequence[Captured], side: ServerSide) -> Rehearsal:
    """Say of every kind of client whether the server would still take it."""
    groups = group(captures)
    told = [_rehearsed(members, side) for members in groups]
    told.sort(key=lambda each: (each.would_pass, -each.count))
    unread = sum(
        seen.offer is None and seen.spoke_tls
        for _, conversations in captures
        for seen in conversations
    )
    return Rehearsal(
        policy=side.label,
        captures=tuple(name for name, _ in captures),
        clients=sum(each.count for each in told),
        groups=tuple(told),
        locked_out=sum(each.count for each in told if not each.would_pass),
        notes=tuple(_notes(side, unread)),
    )


def group(captures: Sequence[Captured]) -> list[list[tuple[str, Seen]]]:
    """Put the clients together that offer the same, whomever they ask."""
    groups: dict[object, list[tuple[str, Seen]]] = {}
    for name, conversations in captures:
        for seen in conversations:
            if seen.offer is not None:
                groups.setdefault(shape(seen.offer), []).append((name, seen))
    return list(groups.values())


def shape(offer: Offer) -> Offer:
    """Return what is offered, without what differs from one connection to the next."""
    return offer._replace(
        extensions=tuple(sorted(offer.extensions)),
        session_id=b"\0" if offer.session_id else b"",
        server_name=None,
        key_shares=None,
        size=0,
    )


def _rehearsed(members: Sequence[tuple[str, Seen]], side: ServerSide) -> Rehearsed:
    first = members[0][1]
    offer = first.offer
    assert offer is not None
    settled = settle(offer, side)
    best, passed = settled.best, settled.obstacle is None
    hello = first.transcript.client_hello
    outcomes: set[str] = {seen.ending.outcome for _, seen in members}
    return Rehearsed(
        count=len(members),
        ja4=ja4(hello) if hello is not None else None,
        server_names=_named(seen.offer.server_name for _, seen in members if seen.offer),
        addresses=_named(seen.flow.client.endpoint.address for _, seen in members),
        connections=_named(f"{name}#{seen.flow.number}" for name, seen in members),
        client_version=VERSIONS.get(offer.highest, f"0x{offer.highest:04x}"),
        would_pass=passed,
        version=best.version if best and passed else None,
        suite=best.chosen_suite if best and passed else None,
        group=best.chosen_group if best and passed else None,
        why=_why(settled.obstacle, best.version if best else None),
        additions=() if passed else tuple(additions(offer, side, settled)),
        passed_before=_passed(outcomes),
    )


def _passed(outcomes: set[str]) -> bool | None:
    """Tell whether such clients got through in the captures; None where no one can tell."""
    if "established" in outcomes:
        return True
    return False if "failed" in outcomes else None


def _why(obstacle: str | None, version: str | None) -> str:
    if obstacle is None:
        return say("both have what it takes")
    return (
        say("{obstacle} in {version}", obstacle=obstacle, version=version) if version else obstacle
    )


def _named(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name is not None))[:MOST_NAMED]


def _notes(side: ServerSide, unread: int) -> Iterable[str]:
    if unread:
        yield say(
            "{unread} conversations without a ClientHello that can be read are not counted",
            unread=unread,
        )
    if all(version.groups is None for version in side.versions):
        yield say("nothing is said of groups: clients are not tried against them")
