"""Key shares of a hello: listed as groups, added for those that lack one, or made anew.

Only `key_share` and the list that must name its groups change. Nothing here makes a key: who
adds a share brings its bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tlswire.codes import GROUPS, ExtensionType, is_grease
from tlswire.language import say
from tlswire.variants.edits import Draft, Edit, words
from tlswire.variants.hello import Hello
from tlswire.variants.lists import listed


def stray(hello: Hello) -> tuple[int, ...]:
    """Return the groups of shares that supported_groups does not list (RFC 8446 4.2.8)."""
    known = hello.listed(ExtensionType.supported_groups)
    return tuple(g for g in hello.listed(ExtensionType.key_share) if g not in known)


def lacking(hello: Hello) -> tuple[int, ...]:
    """Return the groups listed that no share is sent for; () without key_share."""
    if hello.index(ExtensionType.key_share) is None:
        return ()
    sent = hello.listed(ExtensionType.key_share)
    groups = hello.listed(ExtensionType.supported_groups)
    return tuple(g for g in groups if g not in sent and not is_grease(g))


def listing_shares(hello: Hello) -> tuple[Edit, ...]:
    """List every group that a share is sent for; () where all are listed."""
    missing = stray(hello)
    if not missing:
        return ()
    draft, told = (
        Draft(hello),
        say("list {groups}, of which a share is sent", groups=_names(missing)),
    )
    at = hello.index(ExtensionType.supported_groups)
    place = f"extensions[{at}].body.named_group_list"
    if at is None:
        draft.add(ExtensionType.supported_groups, listed(missing), told)
    elif place in hello.places:
        draft.append(place, words(missing), told)
    return draft.edits()


def with_shares(hello: Hello, points: Mapping[int, bytes]) -> tuple[Edit, ...]:
    """Send a share of these groups as well, behind the others (RFC 8446 section 4.2.8)."""
    at = hello.index(ExtensionType.key_share)
    new = {g: point for g, point in points.items() if g in lacking(hello)}
    place = f"extensions[{at}].body.client_shares"
    if place not in hello.places or not new:
        return ()
    draft = Draft(hello)
    entries = b"".join(words((g, len(point))) + point for g, point in new.items())
    told = say("send a share of {groups} as well", groups=_names(tuple(new)))
    draft.append(place, entries, told)
    return draft.edits()


def other_shares(hello: Hello, points: Mapping[int, bytes]) -> tuple[Edit, ...]:
    """Put other shares of the same groups and lengths in the place of the captured ones."""
    at, draft = hello.index(ExtensionType.key_share), Draft(hello)
    for number, group in enumerate(hello.listed(ExtensionType.key_share)):
        path = f"extensions[{at}].body.client_shares[{number}].key_exchange"
        point = points.get(group)
        if point is not None and hello.places.get(path, (0, -1))[1] == len(point):
            draft.replace(path, point, say("another share of {groups}", groups=_names((group,))))
    return draft.edits()


def _names(groups: Sequence[int]) -> str:
    return ", ".join(GROUPS.get(group, f"0x{group:04x}") for group in groups)
