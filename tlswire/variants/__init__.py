"""What may be changed in a captured hello, each change a list of in-place edits.

One function a variant; it returns () when there is nothing to change. Nothing here sends, and
nothing judges what a change proves.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tlswire.codes import (
    CIPHER_SUITES,
    EXTENSIONS,
    SIGNATURE_SCHEMES,
    VERSIONS,
    ECPointFormat,
    ExtensionType,
    Group,
    NameType,
    SignatureScheme,
)
from tlswire.errors import SelectionError
from tlswire.variants.edits import Draft, Edit, apply, words
from tlswire.variants.hello import Hello, open_hello

__all__ = ["Edit", "Hello", "alpn", "apply", "open_hello", "sni", "suites", "version", "without"]


def suites(hello: Hello, added: Sequence[int]) -> tuple[Edit, ...]:
    """Offer these suites as well, with the extensions that they are the first to need.

    What suites of the captured hello needed before, and it lacks, stays lacking: that would be
    another change (RFC 8422 section 5.1).
    """
    draft = Draft(hello)
    new = [suite for suite in added if suite not in hello.suites]
    names = ", ".join(CIPHER_SUITES.get(suite, f"0x{suite:04x}") for suite in new)
    draft.append("cipher_suites", words(new), f"offer {names}")
    for extension, body in NEEDED.items():
        if hello.index(extension) is None and not _needed_before(extension, hello):
            draft.add(extension, body, f"{EXTENSIONS[extension]}, which these suites need")
    if any("ECDSA" in CIPHER_SUITES.get(suite, "") for suite in new):
        _sign_with_ecdsa(draft, hello)
    return draft.edits()


def _needed_before(extension: int, hello: Hello) -> bool:
    exchanges = [CIPHER_SUITES.get(s, "").removeprefix("TLS_") for s in hello.suites]
    return any(exchange.startswith(NEEDING[extension]) for exchange in exchanges)


def _sign_with_ecdsa(draft: Draft, hello: Hello) -> None:
    """Suites with ECDSA need a scheme with ECDSA (RFC 8422 section 5.1.3)."""
    at = hello.index(ExtensionType.signature_algorithms)
    place = f"extensions[{at}].body.supported_signature_algorithms"
    if at is None or place not in hello.places:
        return
    scheme = SignatureScheme.ecdsa_secp256r1_sha256
    if scheme not in hello.listed(ExtensionType.signature_algorithms):
        name = SIGNATURE_SCHEMES[scheme]
        draft.append(place, words((scheme,)), f"{name}, which these suites need")


def sni(hello: Hello, name: str | None) -> tuple[Edit, ...]:
    """Ask for another name, or for none (RFC 6066 section 3); SelectionError when it is none."""
    if name is None:
        return without(hello, ExtensionType.server_name, "ask for no name")
    draft = Draft(hello)
    place = (
        f"extensions[{hello.index(ExtensionType.server_name)}].body.server_name_list[0].host_name"
    )
    if place in hello.places:
        draft.replace(place, _host(name), f"ask for {name}")
    else:
        draft.drop(ExtensionType.server_name, f"ask for {name}")
        draft.add(ExtensionType.server_name, _server_name(_host(name)), f"ask for {name}")
    return draft.edits()


def version(hello: Hello, highest: int) -> tuple[Edit, ...]:
    """Offer nothing newer than this version, of TLS 1.2 or older (RFC 8446 appendix D.1)."""
    draft = Draft(hello)
    name = VERSIONS.get(highest, f"0x{highest:04x}")
    draft.drop(ExtensionType.supported_versions, f"offer {name} at most")
    draft.replace("legacy_version", highest.to_bytes(2, "big"), f"offer {name} at most")
    return draft.edits()


def alpn(hello: Hello) -> tuple[Edit, ...]:
    """Offer no application protocol (RFC 7301)."""
    wanted = ExtensionType.application_layer_protocol_negotiation
    return without(hello, wanted, "offer no application protocol")


def without(hello: Hello, extension: int, why: str = "") -> tuple[Edit, ...]:
    """Leave an extension out."""
    draft = Draft(hello)
    name = EXTENSIONS.get(extension, f"extension {extension}")
    draft.drop(extension, why or f"leave {name} out")
    return draft.edits()


def _listed(numbers: Sequence[int]) -> bytes:
    return (2 * len(numbers)).to_bytes(2, "big") + words(numbers)


#: What the elliptic-curve suites of TLS 1.2 need (RFC 8422 section 5.1, RFC 5246 7.4.1.4.1).
NEEDED: Final[dict[int, bytes]] = {
    ExtensionType.supported_groups: _listed((Group.x25519, Group.secp256r1, Group.secp384r1)),
    ExtensionType.ec_point_formats: bytes((1, ECPointFormat.uncompressed)),
    ExtensionType.signature_algorithms: _listed(
        (
            SignatureScheme.ecdsa_secp256r1_sha256,
            SignatureScheme.ecdsa_secp384r1_sha384,
            SignatureScheme.rsa_pss_rsae_sha256,
            SignatureScheme.rsa_pkcs1_sha256,
            SignatureScheme.rsa_pkcs1_sha384,
            SignatureScheme.rsa_pkcs1_sha512,
            SignatureScheme.rsa_pkcs1_sha1,
        )
    ),
}


#: Which key exchanges need them.
NEEDING: Final[dict[int, tuple[str, ...]]] = {
    ExtensionType.supported_groups: ("ECDH",),
    ExtensionType.ec_point_formats: ("ECDH",),
    ExtensionType.signature_algorithms: ("ECDHE", "DHE"),
}


def _host(name: str) -> bytes:
    try:
        return name.encode("idna")
    except UnicodeError:
        raise SelectionError(f"{name!r} is not a host name") from None


def _server_name(host: bytes) -> bytes:
    entry = bytes((NameType.host_name,)) + len(host).to_bytes(2, "big") + host
    return len(entry).to_bytes(2, "big") + entry
