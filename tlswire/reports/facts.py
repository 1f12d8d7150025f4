"""What a message says, in the few words that matter; one row a kind of message.

Reads the decoded fields of the contract, and must stand any of them missing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from tlswire.codes import ExtensionType, is_grease
from tlswire.few import and_more
from tlswire.language import counted, mark, say
from tlswire.observed import Connection, Message
from tlswire.records import MISSING

#: A list in one line: this many of it, then how many more.
FEW = 3

Fields = dict[str, Any]


def title(kind: str) -> str:
    """Return the name of a message as the RFCs write it: `ServerHello` for `server_hello`."""
    return "".join(part[:1].upper() + part[1:] for part in kind.split("_"))


def facts(message: Message, connection: Connection | None = None) -> str:
    """Return what matters of a message, "" when nothing is known of it."""
    tell = (REMAINS if is_cut(message) else FACTS).get(message.type)
    if message.fields is None or tell is None:
        return say("{size} bytes", size=message.length) if message.type in BY_SIZE else ""
    return ", ".join(part for part in tell(message.fields) if part)


def is_cut(message: Message) -> bool:
    """Tell whether the capture lacks some of a message: what is not in its fields may be there."""
    return message.trouble is not None and message.trouble.found == say(MISSING)


def name(code: object) -> str:
    """Return the name of a registry number, the number itself when nobody gave it one."""
    if not isinstance(code, dict):
        return str(code)
    number = code.get("code")
    shown = f"0x{number:04x}" if isinstance(number, int) else "?"
    return str(code["name"]) if code.get("name") else shown


def names(codes: Iterable[Any], most: int = FEW) -> str:
    """Return the first few of a list by name, GREASE left out, and how many more there are."""
    real = [c for c in codes if not _grease(c)]
    return and_more(" ".join(name(code) for code in real[:most]), len(real) - most)


def text(hexed: object) -> str:
    """Return opaque bytes that hold a name as text."""
    try:
        return bytes.fromhex(str(hexed)).decode("utf-8", "backslashreplace")
    except ValueError:
        return str(hexed)


def subject(hexed: str) -> str:
    """Return subject, issuer and end of a certificate; imports cryptography to read it."""
    from tlswire import certificates

    try:
        facts = certificates.read(bytes.fromhex(hexed))
    except ValueError:
        return say("not a certificate")
    if facts.trouble is not None:
        return facts.trouble
    return say(
        SELF_SIGNED if facts.self_signed else ISSUED,
        subject=_common(facts.subject),
        issuer=_common(facts.issuer),
        begins=_day(facts.not_before),
        ends=_day(facts.not_after),
    )


SELF_SIGNED = mark("{subject}, self-signed, valid {begins} to {ends}")
ISSUED = mark("{subject}, issued by {issuer}, valid {begins} to {ends}")


def extension(fields: Fields, number: int) -> Fields:
    """Return the body of an extension of a hello, empty when absent or not well formed."""
    for each in fields.get("extensions", ()):
        if each["type"]["code"] == number:
            return each.get("body") or {}
    return {}


def versions(fields: Fields) -> str:
    """Return the versions a ClientHello offers: `TLS 1.3 to TLS 1.0` (RFC 8446 section 4.2.1)."""
    listed = extension(fields, ExtensionType.supported_versions).get("versions", ())
    real = [version for version in listed if not _grease(version)]
    if not real:
        return say("up to {version}", version=name(fields.get("legacy_version")))
    if len(real) == 1:
        return name(real[0])
    return say("{first} to {last}", first=name(real[0]), last=name(real[-1]))


def suites(fields: Fields) -> list[Any]:
    """Return the suites a ClientHello offers, GREASE and signalling values left out."""
    offered = fields.get("cipher_suites", ())
    return [s for s in offered if not _grease(s) and not name(s).endswith("_SCSV")]


def _grease(code: object) -> bool:
    number = code.get("code") if isinstance(code, dict) else None
    return isinstance(number, int) and is_grease(number)


def _client_hello(fields: Fields) -> Iterable[str]:
    yield versions(fields)
    offered = suites(fields)
    yield _suites(offered)
    hosts = extension(fields, ExtensionType.server_name).get("server_name_list", ())
    yield _names_of(hosts) if hosts else say("no SNI")
    alpn = extension(fields, ExtensionType.application_layer_protocol_negotiation)
    protocols = alpn.get("protocol_name_list", ())
    yield "ALPN " + " ".join(text(p) for p in protocols) if protocols else ""
    groups = extension(fields, ExtensionType.supported_groups).get("named_group_list")
    yield say("groups {groups}", groups=names(groups)) if groups else ""


def _start_of_client_hello(fields: Fields) -> Iterable[str]:
    yield _suites(suites(fields)) if "cipher_suites" in fields else ""
    hosts = extension(fields, ExtensionType.server_name).get("server_name_list", ())
    yield _names_of(hosts) if hosts else ""


def _start_of_server_hello(fields: Fields) -> Iterable[str]:
    yield name(fields["cipher_suite"]) if "cipher_suite" in fields else ""


def _names_of(hosts: Iterable[Fields]) -> str:
    return "SNI " + " ".join(text(host.get("host_name")) for host in hosts)


def _suites(offered: list[Any]) -> str:
    if not offered:
        return say("no suite")
    first = name(offered[0])
    return counted(
        "{number} suite {first}", "{number} suites, first {first}", len(offered), first=first
    )


def _server_hello(fields: Fields) -> Iterable[str]:
    chosen = extension(fields, ExtensionType.supported_versions).get("selected_version")
    yield name(chosen or fields.get("legacy_version"))
    yield name(fields.get("cipher_suite"))
    share = extension(fields, ExtensionType.key_share)
    group = (share.get("server_share") or {}).get("group") or share.get("selected_group")
    yield say("group {group}", group=name(group)) if group else ""
    alpn = extension(fields, ExtensionType.application_layer_protocol_negotiation)
    protocols = alpn.get("protocol_name_list", ())
    yield "ALPN " + " ".join(text(p) for p in protocols) if protocols else ""


def _certificate(fields: Fields) -> Iterable[str]:
    chain = fields.get("certificate_list", ())
    if not chain:
        yield say("no certificate")
        return
    first = chain[0].get("cert_data") if isinstance(chain[0], dict) else chain[0]
    yield subject(str(first))
    yield counted("{number} certificate sent", "{number} certificates sent", len(chain))


def _common(name: str) -> str:
    """Return the common name out of a name (RFC 4514), all of it when it has none."""
    found = re.search(r"CN=((?:\\.|[^,\\])*)", name)
    return found[0] if found else name


def _day(at: float | None) -> str:
    """Return a date, for a time in seconds since the epoch."""
    try:
        return "?" if at is None else f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d}"
    except (ValueError, OverflowError, OSError):
        return "?"


def _server_key_exchange(fields: Fields) -> Iterable[str]:
    params = fields.get("params") or {}
    curve = (params.get("parameters") or {}).get("named_curve")
    yield say("group {group}", group=name(curve)) if curve else ""
    prime = params.get("dh_p")
    yield say("DH prime of {bits} bits", bits=len(prime) * 4) if prime else ""
    algorithm = fields.get("algorithm")
    yield say("signed with {algorithm}", algorithm=name(algorithm)) if algorithm else ""


def _certificate_request(fields: Fields) -> Iterable[str]:
    yield say("asks for a client certificate")
    count = len(fields.get("certificate_authorities") or ())
    yield counted("{number} authority named", "{number} authorities named", count) if count else ""


def _alert(fields: Fields) -> Iterable[str]:
    code = fields.get("description") or {}
    yield f"{name(fields.get('level'))} {name(code)} ({code.get('code')})"


#: Messages of which only the size tells something.
BY_SIZE = frozenset({"encrypted", "application_data", "early_data"})

FACTS: dict[str, Callable[[Fields], Iterable[str]]] = {
    "client_hello": _client_hello,
    "server_hello": _server_hello,
    "hello_retry_request": _server_hello,
    "certificate": _certificate,
    "server_key_exchange": _server_key_exchange,
    "certificate_request": _certificate_request,
    "alert": _alert,
}
#: The same of messages of which only the start is in the capture.
REMAINS: dict[str, Callable[[Fields], Iterable[str]]] = {
    "client_hello": _start_of_client_hello,
    "server_hello": _start_of_server_hello,
}
