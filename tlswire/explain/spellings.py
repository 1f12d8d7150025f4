"""Everything that has a name, by how anybody writes it: registries, libraries, people.

Case, blanks, hyphens and underscores do not count. Finds numbers; explains nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from tlswire.codes import REGISTRIES, ExtensionType, Group, Version
from tlswire.explain.articles import library_names
from tlswire.suites import SUITES


class Spelling(NamedTuple):
    """A name as somebody writes it, and what it stands for."""

    spelling: str
    registry: str
    code: int


#: Words that people use and no registry has.
ALIASES: tuple[Spelling, ...] = (
    Spelling("SNI", "ExtensionType", ExtensionType.server_name),
    Spelling("ALPN", "ExtensionType", ExtensionType.application_layer_protocol_negotiation),
    Spelling("NPN", "ExtensionType", ExtensionType.next_protocol_negotiation),
    Spelling("ALPS", "ExtensionType", ExtensionType.application_settings),
    Spelling("ECH", "ExtensionType", ExtensionType.encrypted_client_hello),
    Spelling("ESNI", "ExtensionType", ExtensionType.encrypted_server_name),
    Spelling("EMS", "ExtensionType", ExtensionType.extended_master_secret),
    Spelling("SCT", "ExtensionType", ExtensionType.signed_certificate_timestamp),
    Spelling("OCSP stapling", "ExtensionType", ExtensionType.status_request),
    Spelling("elliptic_curves", "ExtensionType", ExtensionType.supported_groups),
    Spelling("PSK", "ExtensionType", ExtensionType.pre_shared_key),
    Spelling("0-RTT", "ExtensionType", ExtensionType.early_data),
    Spelling("P-256", "Group", Group.secp256r1),
    Spelling("prime256v1", "Group", Group.secp256r1),
    Spelling("P-384", "Group", Group.secp384r1),
    Spelling("P-521", "Group", Group.secp521r1),
    Spelling("Curve25519", "Group", Group.x25519),
    Spelling("SSLv2", "Version", Version.ssl_2_0),
    Spelling("SSLv3", "Version", Version.ssl_3_0),
    Spelling("TLSv1", "Version", Version.tls_1_0),
    Spelling("TLSv1.0", "Version", Version.tls_1_0),
    Spelling("TLSv1.1", "Version", Version.tls_1_1),
    Spelling("TLSv1.2", "Version", Version.tls_1_2),
    Spelling("TLSv1.3", "Version", Version.tls_1_3),
)

#: Registries in the order of who is likely meant; the rest follows in its own order.
FIRST = ("CipherSuite", "Alert", "ExtensionType", "Group", "SignatureScheme", "Version")
ORDER = (*FIRST, *(name for name in REGISTRIES if name not in FIRST))


def plain(word: str) -> str:
    """Strip what spellings differ in: case, blanks, hyphens, underscores."""
    return re.sub(r"[\s_-]+", "", word.lower())


@cache
def spelled() -> dict[str, list[Spelling]]:
    """Return everything that has a name, by its plain spelling."""
    found: dict[str, list[Spelling]] = {}
    for spelling in _spellings():
        same = found.setdefault(plain(spelling.spelling), [])
        if all((s.registry, s.code) != (spelling.registry, spelling.code) for s in same):
            same.append(spelling)
    return found


def _spellings() -> Iterator[Spelling]:
    """Yield names of registries, of libraries, and aliases."""
    for registry in ORDER:
        for code, name in REGISTRIES[registry].items():
            yield Spelling(name, registry, code)
    for facts in SUITES.values():
        for name in filter(None, library_names(facts).values()):
            yield Spelling(name, "CipherSuite", facts.code)
    yield from ALIASES
