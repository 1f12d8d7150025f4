"""What the client offers against what the server is seen to take, part by part.

Only what was seen: a server that refuses says nothing of what it would take.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from tlswire.codes import VERSIONS, ExtensionType, Version
from tlswire.language import mark, say
from tlswire.reports.facts import Fields, extension, name, suites, text
from tlswire.reports.played import FIRST
from tlswire.result import Attempt, Message

#: Of a list so many are shown at once.
FEW = 8


class Item(NamedTuple):
    """A member of a list; `common` when the other side has it too, `how` it came to be known."""

    name: str
    common: bool
    how: str = ""


class Part(NamedTuple):
    """One thing that both sides must agree on."""

    name: str
    offered: list[Item]
    taken: list[Item]
    note: str

    @property
    def first(self) -> list[Item]:
        """Return what is shown at once: the first few, and all that both sides have."""
        return [item for n, item in enumerate(self.offered) if n < FEW or item.common]

    @property
    def rest(self) -> list[Item]:
        """Return what is shown when asked for."""
        return [item for n, item in enumerate(self.offered) if n >= FEW and not item.common]

    @property
    def agreed(self) -> bool | None:
        """Tell whether there is something common; None when the server took nothing."""
        return any(item.common for item in self.taken) if self.taken else None


Hello = Sequence[Message]


def match(captured: Hello, attempts: Sequence[Attempt]) -> list[Part]:
    """Return the parts of a handshake on which both sides must agree."""
    hello = next((m for m in captured if m.type == "client_hello" and m.fields), None)
    if hello is None or hello.fields is None:
        return []
    answers = [(say("as captured"), captured)]
    for attempt in attempts:
        plain = attempt.variant in (*FIRST, "twin")
        changed = say("with {variant} changed", variant=attempt.variant)
        answers.append((say("replayed") if plain else changed, attempt.messages))
    return [part for row in PARTS for part in _part(*row, hello.fields, answers)]


def _part(
    label: str,
    offers: Callable[[Fields], Iterable[str]],
    takes: Callable[[Hello], Iterable[str]],
    fields: Fields,
    answers: Sequence[tuple[str, Hello]],
) -> Iterator[Part]:
    offered = list(dict.fromkeys(offers(fields)))
    taken: dict[str, str] = {}
    for how, messages in answers:
        for value in takes(messages):
            taken.setdefault(value, how)
    if offered or taken:
        yield Part(
            say(label),
            [Item(value, value in taken) for value in offered],
            [Item(value, value in offered, how) for value, how in taken.items()],
            "" if taken else say("the server has not said"),
        )


# -- what is offered -----------------------------------------------------------------------------


def _versions(fields: Fields) -> list[str]:
    listed = extension(fields, ExtensionType.supported_versions).get("versions", ())
    if listed:
        return _named(listed)
    newest = (fields.get("legacy_version") or {}).get("code", 0)
    older = sorted(code for code in VERSIONS if Version.tls_1_0 <= code <= newest)
    return [VERSIONS[code] for code in reversed(older)] or [name(fields.get("legacy_version"))]


def _suites(fields: Fields) -> list[str]:
    return [name(suite) for suite in suites(fields)]


def _groups(fields: Fields) -> list[str]:
    return _named(extension(fields, ExtensionType.supported_groups).get("named_group_list", ()))


def _signatures(fields: Fields) -> list[str]:
    found = extension(fields, ExtensionType.signature_algorithms)
    return _named(found.get("supported_signature_algorithms", ()))


def _protocols(fields: Fields) -> list[str]:
    found = extension(fields, ExtensionType.application_layer_protocol_negotiation)
    return [text(protocol) for protocol in found.get("protocol_name_list", ())]


def _named(codes: Iterable[Any]) -> list[str]:
    return [name(code) for code in codes if name(code) != "GREASE"]


# -- what is taken -------------------------------------------------------------------------------


def _fields(messages: Hello, kind: str) -> Fields:
    said = (m for m in reversed(messages) if m.type == kind and m.sender == "server")
    return next((m.fields or {} for m in said), {})


def _version(messages: Hello) -> Iterator[str]:
    hello = _fields(messages, "server_hello")
    chosen = extension(hello, ExtensionType.supported_versions).get("selected_version")
    if hello:
        yield name(chosen or hello.get("legacy_version"))


def _suite(messages: Hello) -> Iterator[str]:
    hello = _fields(messages, "server_hello")
    if hello.get("cipher_suite"):
        yield name(hello["cipher_suite"])


def _group(messages: Hello) -> Iterator[str]:
    for kind in ("server_hello", "hello_retry_request"):
        share = extension(_fields(messages, kind), ExtensionType.key_share)
        group = (share.get("server_share") or {}).get("group") or share.get("selected_group")
        if group:
            yield name(group)
    params = _fields(messages, "server_key_exchange").get("params") or {}
    curve = (params.get("parameters") or {}).get("named_curve")
    if curve:
        yield name(curve)


def _signature(messages: Hello) -> Iterator[str]:
    for kind in ("server_key_exchange", "certificate_verify"):
        algorithm = _fields(messages, kind).get("algorithm")
        if algorithm:
            yield name(algorithm)


def _protocol(messages: Hello) -> Iterator[str]:
    for kind in ("server_hello", "encrypted_extensions"):
        yield from _protocols(_fields(messages, kind))


PARTS: tuple[
    tuple[str, Callable[[Fields], Iterable[str]], Callable[[Hello], Iterable[str]]], ...
] = (
    (mark("Version"), _versions, _version),
    (mark("Cipher suite"), _suites, _suite),
    (mark("Group"), _groups, _group),
    (mark("Signature"), _signatures, _signature),
    ("ALPN", _protocols, _protocol),
)
