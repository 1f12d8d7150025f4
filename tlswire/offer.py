"""A ClientHello by meaning: what the client offers, and what it leaves out."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

from tlswire.codes import ExtensionType, Suite, Version
from tlswire.transcript import Entry, is_tls13

#: 0x0A0A, 0x1A1A … 0xFAFA (RFC 8701 section 2), as `codes.is_grease` tells them one by one.
GREASE = frozenset(range(0x0A0A, 0x10000, 0x1010))


class Offer(NamedTuple):
    """What one ClientHello offers, in wire order, GREASE values left out of the lists."""

    legacy_version: int
    versions: tuple[int, ...]  # supported_versions, else what legacy_version implies; (): unknown
    suites: tuple[int, ...]
    groups: tuple[int, ...] | None  # None: the extension is absent
    key_shares: tuple[int, ...] | None
    signature_algorithms: tuple[int, ...] | None
    alpn: tuple[bytes, ...] | None
    server_name: str | None
    extensions: tuple[int, ...]
    session_id: bytes
    grease: bool
    size: int  # bytes of the message, header included
    ssl2: bool = False
    whole: bool = True  # False: the capture lacks some of it, and what is absent may be there
    empty_end: bool = False  # the last extension has no content
    resumes: bool = False  # a ticket, or a pre-shared key

    @property
    def highest(self) -> int:
        """Return the highest version offered (RFC 8446 section 4.2.1)."""
        return max(self.versions, key=_rank, default=self.legacy_version)

    @property
    def renegotiation_info(self) -> bool:
        """Tell whether secure renegotiation is signalled, by extension or suite (RFC 5746 3.4)."""
        scsv = Suite.TLS_EMPTY_RENEGOTIATION_INFO_SCSV
        return ExtensionType.renegotiation_info in self.extensions or scsv in self.suites

    def has(self, extension: int) -> bool:
        """Tell whether the hello carries the extension."""
        return extension in self.extensions


def _rank(version: int) -> int:
    """Order versions by age: SSL 2.0 (0x0002) first, drafts of TLS 1.3 just below it."""
    if version >> 8 == 3:
        return version * 2
    return Version.tls_1_3 * 2 - 1 if is_tls13(version) else 0


def read_offer(hello: Entry) -> Offer | None:
    """Return what a client_hello entry offers; None when its body cannot be read at all."""
    fields = hello.fields
    if "cipher_suites" not in fields:
        return None
    legacy = int(fields["legacy_version"])
    versions = _list(hello, ExtensionType.supported_versions, "versions")
    suites = tuple(fields["cipher_suites"])
    groups = _list(hello, ExtensionType.supported_groups, "named_group_list")
    schemes = _list(hello, ExtensionType.signature_algorithms, "supported_signature_algorithms")
    shares = hello.extension(ExtensionType.key_share)
    alpn = hello.extension(ExtensionType.application_layer_protocol_negotiation)
    extensions = tuple(e["type"] for e in fields.get("extensions", ()))
    everything = (*suites, *extensions, *(groups or ()), *(versions or ()))
    return Offer(
        legacy_version=legacy,
        versions=_plain(versions) or (() if hello.cut else (legacy,)),
        suites=_plain(suites) or (),
        groups=_plain(groups),
        key_shares=_plain(tuple(s["group"] for s in shares["client_shares"]))
        if shares and "client_shares" in shares
        else None,
        signature_algorithms=_plain(schemes),
        alpn=tuple(alpn["protocol_name_list"]) if alpn else None,
        server_name=server_name(hello),
        extensions=_plain(extensions) or (),
        session_id=fields.get("session_id", b""),
        grease=not GREASE.isdisjoint(everything),
        size=hello.length + 4,
        ssl2=hello.kind == "ssl2_client_hello",
        whole=not hello.cut,
        empty_end=bool(fields.get("extensions")) and not fields["extensions"][-1]["length"],
        resumes=_resumes(hello, extensions),
    )


def _resumes(hello: Entry, extensions: tuple[int, ...]) -> bool:
    if ExtensionType.pre_shared_key in extensions:
        return True
    ticket = hello.extension(ExtensionType.session_ticket)
    return ticket is not None and bool(ticket.get("data"))


class Glance(NamedTuple):
    """What of a ClientHello decides how the handshake is told, and by which name."""

    highest: int
    suites: int  # how many, GREASE values left out
    server_name: str | None
    early_data: bool


def glance(fields: dict[str, Any]) -> Glance:
    """Return what `read_offer` would say of a well-formed hello, as far as a list needs it."""
    names = versions = None
    early = False
    for extension in fields["extensions"]:
        kind = extension["type"]
        if kind == ExtensionType.server_name and names is None:
            names = extension["body"]
        elif kind == ExtensionType.supported_versions and versions is None:
            versions = extension["body"]
        elif kind == ExtensionType.early_data:
            early = True
    offered = tuple(versions["versions"]) if versions else (fields["legacy_version"],)
    suites = sum(suite not in GREASE for suite in fields["cipher_suites"])
    return Glance(_highest(offered, fields["legacy_version"]), suites, _host(names), early)


@lru_cache(maxsize=1024)
def _highest(versions: tuple[int, ...], legacy: int) -> int:
    return max(_plain(versions) or (legacy,), key=_rank)


class Chosen(NamedTuple):
    """What a ServerHello chooses."""

    version: int
    suite: int


def chosen_by(fields: dict[str, Any]) -> Chosen:
    """Return what a well-formed ServerHello chooses (RFC 8446 section 4.2.1)."""
    version = fields["legacy_version"]
    for extension in reversed(fields["extensions"]):
        if extension["type"] == ExtensionType.supported_versions:
            version = (extension["body"] or {}).get("selected_version", fields["legacy_version"])
    return Chosen(version, fields["cipher_suite"])


def server_name(hello: Entry) -> str | None:
    """Return the host_name of server_name, undecodable bytes escaped (RFC 6066 section 3)."""
    return _host(hello.extension(ExtensionType.server_name))


def _host(body: dict[str, Any] | None) -> str | None:
    for name in (body or {}).get("server_name_list", ()):
        host = name["host_name"]
        return host if isinstance(host, str) else bytes(host).decode("utf-8", "backslashreplace")
    return None


def _list(hello: Entry, extension: int, name: str) -> tuple[int, ...] | None:
    body = hello.extension(extension)
    return tuple(body[name]) if body and name in body else None


def _plain(numbers: tuple[int, ...] | None) -> tuple[int, ...] | None:
    if numbers is None or GREASE.isdisjoint(numbers):
        return numbers
    return tuple(n for n in numbers if n not in GREASE)


def is_host_name(name: str) -> bool:
    """Tell whether a name may stand in server_name (RFC 6066 section 3, RFC 1123 section 2.1)."""
    labels = name.split(".")
    plain = all(label and label.isascii() and _is_label(label) for label in labels)
    return plain and len(name) <= 253 and not labels[-1].isdigit()


def _is_label(label: str) -> bool:
    return len(label) <= 63 and all(letter.isalnum() or letter == "-" for letter in label)
