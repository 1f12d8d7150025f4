"""The ClientHello breaks the rules of its own format.

What it is: a length that does not fit, an extension twice, a list cut short: a hand-built stack,
or a box that rewrites hellos.

At the client, at the server and in the middle: decode_error(50), illegal_parameter(47),
unexpected_message(10) or unsupported_extension(110) at once. Forbidden without being unreadable: an
extension twice, pre_shared_key before the end or without psk_key_exchange_modes, two key shares for
one group, compression beside TLS 1.3, a renegotiation_info that is not empty in a first hello.

Mistaken for: version-intolerance.

Proof: compare the hello as it left the client with the hello as it reached the server; replay a
repaired one.

Sources: RFC 8446 section 4.1.2, 4.2, 4.2.8, 4.2.9 and 4.2.11, RFC 5246 section 7.4.1.2, RFC 5746
section 3.6.
"""

from __future__ import annotations

from collections.abc import Iterator

from tlswire.causes import refusals, suspects, wording
from tlswire.causes.case import Case, Cited, Finding, Refuted, Stage, cite
from tlswire.codes import Alert, ExtensionType
from tlswire.language import mark, say
from tlswire.offer import Offer
from tlswire.transcript import Entry

ID = "malformed-client-hello"
STAGE: Stage = "client_hello"
CHANGED = mark(
    "the ClientHello, well formed here, did not reach the server so, or is misread there"
)
SUMMARY = mark("the ClientHello is malformed at {path}: {expected} expected, {found} found")
REMEDIES: tuple[Cited, ...] = (
    Cited(
        "client",
        "Upgrade or repair the stack.",
    ),
    Cited(
        "firewall",
        "Exempt the connection from rewriting, if the hello that left the client was well formed.",
    ),
)
SPLIT_BY: tuple[str, ...] = ("extension",)

FORBIDDEN = mark("the ClientHello breaks a rule of TLS: {rule}")

SAID = (
    Alert.decode_error,
    Alert.illegal_parameter,
    Alert.unexpected_message,
    Alert.handshake_failure,
    Alert.internal_error,
    Alert.record_overflow,
)
#: What else servers say of an extension that may not be there.
OF_RULES = (Alert.unsupported_extension, Alert.missing_extension, Alert.protocol_version)


def look(case: Case) -> Finding | Refuted | None:
    """A hello that does not parse, refused."""
    if case.hello is None or not case.stopped("SERVER_HELLO"):
        return None
    broken = next(_broken_rules(case.hello, case.offer), None)
    if not case.hello.troubles and broken is not None:
        return _forbidden(case, broken)
    if not case.hello.troubles:
        return _well_formed(case)
    if not (case.alerted("server", *SAID) or refusals.mute(case)):
        return None
    trouble = case.hello.troubles[0]
    parts = (wording.escape(str(part)) for part in (trouble.path, trouble.expected, trouble.found))
    path, expected, found = parts
    why = say(SUMMARY, path=path, expected=expected, found=found)
    return Finding("likely", (cite(case.hello, why), case.closing), why, 85)


def _forbidden(case: Case, rule: str) -> Finding | None:
    """A hello that can be read and may not be so."""
    if not (case.alerted("server", *SAID, *OF_RULES) or refusals.mute(case)):
        return None
    return Finding("likely", (cite(case.hello, rule), case.closing), say(FORBIDDEN, rule=rule), 87)


def _broken_rules(hello: Entry, offer: Offer | None) -> Iterator[str]:
    """Yield what RFC 8446, 5246 and 5746 forbid in a ClientHello that can be read."""
    kinds = [extension["type"] for extension in hello.fields.get("extensions") or ()]
    for kind in _twice(kinds):
        yield say("the extension {name} is in it twice", name=wording.extension(kind))
    if ExtensionType.pre_shared_key in kinds[:-1]:
        yield say("pre_shared_key is not its last extension")
    if ExtensionType.pre_shared_key in kinds and ExtensionType.psk_key_exchange_modes not in kinds:
        yield say("pre_shared_key is in it without psk_key_exchange_modes")
    shares = hello.extension(ExtensionType.key_share) or {}
    for group in _twice([share["group"] for share in shares.get("client_shares") or ()]):
        yield say("key_share holds {group} twice", group=wording.groups([group]))
    renegotiation = hello.extension(ExtensionType.renegotiation_info) or {}
    if renegotiation.get("renegotiated_connection"):
        yield say("renegotiation_info is not empty in a first ClientHello")
    methods = hello.fields.get("compression_methods", [0])
    if 0 not in methods:
        yield say("it does not offer to go without compression")
    elif offer is not None and suspects.offers_tls13(offer) and len(methods) > 1:
        yield say("it offers compression beside TLS 1.3")


def _twice(numbers: list[int]) -> list[int]:
    return [number for n, number in enumerate(numbers) if number in numbers[:n]]


def _well_formed(case: Case) -> Finding | None:
    """Here it is well formed; it may have reached the server otherwise."""
    if not case.alerted("server", Alert.decode_error, Alert.illegal_parameter):
        return None
    return Finding("possible", (case.closing,), say(CHANGED), 25)
