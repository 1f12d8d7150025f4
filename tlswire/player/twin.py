"""The twin of a captured hello: what must differ, so that we hold the keys, and nothing else.

Random and session id are fresh, every key share is one of ours of the same group and length, and
sessions of before are not asked for: each a listed edit. A share that cannot be made here stays
as captured.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, NamedTuple

from tlswire.codes import GROUPS, ExtensionType, is_grease
from tlswire.flight import Flight, Piece
from tlswire.keys.schedule import Schedule
from tlswire.language import say
from tlswire.messages import MESSAGE_HEADER
from tlswire.player import shares
from tlswire.player.shares import Share
from tlswire.player.stop import Stop
from tlswire.variants import Edit, Hello, apply, open_hello
from tlswire.variants.edits import Draft, words

#: What the reasons of edits say; a report folds equal ones.


class Twin(NamedTuple):
    """What is changed, the shares that are ours now, and what the user should know."""

    edits: tuple[Edit, ...]
    shares: Mapping[int, Share]
    notes: tuple[str, ...] = ()


def twin(hello: Hello, psk: bytes | None = None) -> Twin:
    """Re-key a captured hello in place (RFC 8446 section 4.2.8).

    With the pre-shared key that it offers, the offer stays and its binder is made anew.
    """
    bound = psk is not None and _binder(hello) in hello.places
    draft, own = Draft(hello, bound=bound), dict[int, Share]()
    draft.replace(
        "random",
        os.urandom(len(hello.fields["random"])),
        say("random: fresh, so that the keys are ours"),
    )
    session = hello.fields["session_id"]
    if session:
        draft.replace(
            "session_id", os.urandom(len(session)), say("session id: fresh, no session asked")
        )
    _forget(draft, hello)
    kept = _share(draft, hello, own)
    if psk is not None and bound:
        _bind(draft, hello, psk, b"")
    return Twin(draft.edits(), own, tuple(_tell_kept(kept)))


def _binder(hello: Hello) -> str:
    return f"extensions[{hello.index(ExtensionType.pre_shared_key)}].body.binders[0]"


def _bind(draft: Draft, hello: Hello, psk: bytes, before: bytes) -> None:
    """Vouch for the changed hello, and the messages before it (RFC 8446 section 4.2.11.2)."""
    flight = Flight((Piece(hello.data),))
    message = _message(apply(flight, draft.edits()))
    path = _binder(hello)
    size = hello.places[path][1] - 1  # each binder begins with its length
    listed = 2 + hello.places[path.removesuffix("[0]")][1]
    name = {32: "sha256", 48: "sha384"}.get(size)
    if name is None:
        raise Stop(say("a binder of {size} bytes is of no hash that is known here", size=size))
    made = Schedule(name, psk).binder(before + message[: len(message) - listed], external=True)
    draft.replace(path, bytes((size,)) + made, say("the binder, made anew with the key given"))


def _share(draft: Draft, hello: Hello, own: dict[int, Share]) -> list[int]:
    """Replace the key shares; return the groups whose shares cannot be ours."""
    at, kept = hello.index(ExtensionType.key_share), list[int]()
    for number, group in enumerate(hello.listed(ExtensionType.key_share)):
        path = f"extensions[{at}].body.client_shares[{number}].key_exchange"
        share = None if is_grease(group) or group in own else shares.make(group)
        if share is not None and len(share.public) == hello.places.get(path, (0, -1))[1]:
            own[group] = share
            draft.replace(
                path,
                share.public,
                say("key share of {group}: fresh, so that the keys are ours", group=_name(group)),
            )
        elif not is_grease(group):
            kept.append(group)
    return kept


def _tell_kept(kept: list[int]) -> list[str]:
    if not kept:
        return []
    names = ", ".join(map(_name, kept))
    return [
        say(
            "the twin keeps the captured key share of {names}: none of the kind can be made here",
            names=names,
        )
    ]


def _forget(draft: Draft, hello: Hello) -> None:
    """Ask for no session of before; keys of TLS 1.3 go with any edit (RFC 5077 section 3.2)."""
    at = hello.index(ExtensionType.session_ticket)
    path = f"extensions[{at}].body"
    if at is not None and hello.places.get(path, (0, 0))[1]:
        draft.replace(path, b"", say("session ticket: empty, no session asked"))


# -- the second hello ----------------------------------------------------------------------------


def again(
    sent: bytes,
    retry: dict[int, dict[str, Any]],
    own: dict[int, Share],
    heard: bytes = b"",
    psk: bytes | None = None,
) -> bytes:
    """Return the second ClientHello, header included (RFC 8446 section 4.1.2).

    `sent` is the flight with the first one, `retry` the bodies of the HelloRetryRequest's
    extensions by number, `heard` what a binder vouches for before it. A share made for it joins
    `own`. Raises Stop.
    """
    flight = Flight((Piece(sent),))
    hello = open_hello(flight)
    if hello is None:
        raise Stop(say("the hello cannot be opened to answer the HelloRetryRequest"))
    bound = psk is not None and _binder(hello) in hello.places
    draft = Draft(hello, bound=bound)
    group = retry.get(ExtensionType.key_share, {}).get("selected_group")
    if group is not None:
        _share_again(draft, hello, group, own)
    cookie = retry.get(ExtensionType.cookie, {}).get("cookie")
    if cookie is not None:
        body = len(cookie).to_bytes(2, "big") + cookie
        draft.add(ExtensionType.cookie, body, say("the server's cookie"))
    if psk is not None and bound:
        _bind(draft, hello, psk, heard)
    return _message(apply(flight, draft.edits()))


def _share_again(draft: Draft, hello: Hello, group: int, own: dict[int, Share]) -> None:
    share = shares.make(group)
    if share is None:
        raise Stop(
            say(
                "the server asks for a key share of {group}, which cannot be made here",
                group=_name(group),
            )
        )
    own.clear()
    own[group] = share
    entry = words((group, len(share.public))) + share.public
    at = hello.index(ExtensionType.key_share)
    if at is None:
        body = words((len(entry),)) + entry
        draft.add(ExtensionType.key_share, body, say("the share that the server asks for"))
        return
    path = f"extensions[{at}].body.client_shares"
    draft.replace(path, entry, say("the share that the server asks for"))


def _message(flight: Flight) -> bytes:
    hello = open_hello(flight)
    if hello is None:
        raise Stop(say("the second hello cannot be made from the first"))
    return hello.message.header + hello.body[: hello.size - MESSAGE_HEADER]


def _name(group: int) -> str:
    return GROUPS.get(group, f"0x{group:04x}")
