"""What a hello offers in lists: suites, groups, signature schemes, put in or taken out.

Only the lists that are named change, and what a longer list is the first to need. What the hello
lacked before stays lacking: that would be another change.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Final

from tlswire.codes import (
    CIPHER_SUITES,
    EXTENSIONS,
    GROUPS,
    SIGNATURE_SCHEMES,
    ECPointFormat,
    ExtensionType,
    Group,
    SignatureScheme,
    Suite,
    Version,
    is_grease,
    is_hybrid,
)
from tlswire.language import mark, say
from tlswire.variants.edits import Draft, Edit, words
from tlswire.variants.hello import Hello

#: The list inside an extension that is one list of 16-bit numbers.
LISTS: Final[dict[int, str]] = {
    ExtensionType.supported_groups: "named_group_list",
    ExtensionType.signature_algorithms: "supported_signature_algorithms",
    ExtensionType.supported_versions: "versions",
    ExtensionType.key_share: "client_shares",
}

#: What a server looks at before it answers (RFC 8446 section 9.2, RFC 8422, RFC 7627, RFC 5746).
ESSENTIAL: Final = frozenset(
    {
        ExtensionType.server_name,
        ExtensionType.supported_groups,
        ExtensionType.signature_algorithms,
        ExtensionType.supported_versions,
        ExtensionType.key_share,
        ExtensionType.ec_point_formats,
        ExtensionType.extended_master_secret,
        ExtensionType.renegotiation_info,
    }
)


def suites(hello: Hello, added: Sequence[int]) -> tuple[Edit, ...]:
    """Offer these suites as well, with the extensions that they are the first to need.

    What suites of the captured hello needed before, and it lacks, stays lacking: that would be
    another change (RFC 8422 section 5.1).
    """
    draft = Draft(hello)
    new = [suite for suite in added if suite not in hello.suites]
    names = _names(new, CIPHER_SUITES)
    draft.append("cipher_suites", words(new), say("offer {names}", names=names))
    for extension, body in NEEDED.items():
        if hello.index(extension) is None and not _needed_before(extension, hello):
            draft.add(
                extension,
                body,
                say("{names}, which these suites need", names=EXTENSIONS[extension]),
            )
    for kind, usual in SIGNING.items():
        if _signs(kind, new) and not _signs(kind, hello.suites) and not _offers_tls13(hello):
            _sign(draft, hello, kind, usual)
    return draft.edits()


def tls13(hello: Hello) -> tuple[Edit, ...]:
    """Offer TLS 1.3 as well, with what it needs (RFC 8446 section 9.2); () when it is offered."""
    if Version.tls_1_3 in hello.listed(ExtensionType.supported_versions):
        return ()
    draft = Draft(hello)
    if int.from_bytes(hello.body[:2], "big") < Version.tls_1_2:  # RFC 8446 section 4.1.2
        draft.replace("legacy_version", Version.tls_1_2.to_bytes(2, "big"), say("offer TLS 1.3"))
    suites = [suite for suite in OF_TLS13 if suite not in hello.suites]
    draft.append(
        "cipher_suites", words(suites), say("offer {names}", names=_names(suites, CIPHER_SUITES))
    )
    for extension, wanted in WANTED_BY_TLS13.items():
        present = hello.listed(extension)
        new = [number for number in wanted if number not in present]
        place = f"extensions[{hello.index(extension)}].body.{LISTS[extension]}"
        told = say("{name}, which TLS 1.3 needs", name=EXTENSIONS[extension])
        if place in hello.places:
            draft.append(place, words(new), told)
        elif hello.index(extension) is None:
            draft.add(extension, listed(wanted), told)
    versions = bytes((4,)) + words((Version.tls_1_3, Version.tls_1_2))
    draft.drop(ExtensionType.supported_versions, say("offer TLS 1.3"))
    draft.add(ExtensionType.supported_versions, versions, say("offer TLS 1.3"))
    draft.add(ExtensionType.key_share, X25519_SHARE, say("a share of x25519, which TLS 1.3 needs"))
    return draft.edits()


def required_by_tls13(hello: Hello) -> tuple[Edit, ...]:
    """Say what TLS 1.3 requires (RFC 8446 section 9.2) where not even the groups are said."""
    offered = Version.tls_1_3 in hello.listed(ExtensionType.supported_versions)
    if not offered or hello.index(ExtensionType.supported_groups) is not None:
        return ()
    draft = Draft(hello)
    wanted = {name: listed(numbers) for name, numbers in WANTED_BY_TLS13.items()}
    for extension, body in (wanted | {ExtensionType.key_share: X25519_SHARE}).items():
        if hello.index(extension) is None:
            told = say("say {name}, which TLS 1.3 requires", name=EXTENSIONS[extension])
            draft.add(extension, body, told)
    return draft.edits()


def schemes_for_tls13(hello: Hello) -> tuple[Edit, ...]:
    """Say which signatures are taken, where TLS 1.3 is offered and they lack (RFC 8446 9.2)."""
    wanted = ExtensionType.signature_algorithms
    offered = Version.tls_1_3 in hello.listed(ExtensionType.supported_versions)
    if not offered or hello.index(wanted) is not None:
        return ()
    draft = Draft(hello)
    told = say("say {name}, which TLS 1.3 requires", name=EXTENSIONS[wanted])
    draft.add(wanted, listed(WANTED_BY_TLS13[wanted]), told)
    return draft.edits()


def without_suites(hello: Hello, unwanted: Collection[int]) -> tuple[Edit, ...]:
    """Leave these suites out, never all of them."""
    if not set(hello.suites) - set(unwanted):
        return ()
    draft = Draft(hello)
    for index, suite in enumerate(hello.suites):
        if suite in unwanted:
            draft.cut(
                f"cipher_suites[{index}]",
                say("leave {name} out", name=_names((suite,), CIPHER_SUITES)),
            )
    return draft.edits()


def groups(hello: Hello, added: Sequence[int]) -> tuple[Edit, ...]:
    """Offer these groups as well, without shares; () without supported_groups (RFC 8422 5.1.1)."""
    return _longer(hello, ExtensionType.supported_groups, added, GROUPS)


def schemes(hello: Hello, added: Sequence[int]) -> tuple[Edit, ...]:
    """Accept these signature schemes as well; () without signature_algorithms (RFC 8446 4.2.3)."""
    return _longer(hello, ExtensionType.signature_algorithms, added, SIGNATURE_SCHEMES)


def without_groups(hello: Hello, unwanted: Collection[int], size: int = 0) -> tuple[Edit, ...]:
    """Leave groups and their shares out, never all; pad to `size` bytes of message if not 0."""
    if not set(hello.listed(ExtensionType.supported_groups)) - set(unwanted):
        return ()
    draft = Draft(hello)
    _take_out(draft, hello, ExtensionType.supported_groups, unwanted)
    _take_out(draft, hello, ExtensionType.key_share, unwanted)
    if draft.begun and size:
        draft.pad(size, say("padding, so that the hello keeps its {size} bytes", size=size))
    return draft.edits()


def hybrids(hello: Hello, *, same_size: bool = False) -> tuple[Edit, ...]:
    """Leave the groups with a post-quantum part out, with the size kept or not."""
    found = {group for group in hello.listed(ExtensionType.supported_groups) if is_hybrid(group)}
    return without_groups(hello, found, hello.size if same_size else 0)


def essential(hello: Hello) -> tuple[Edit, ...]:
    """Leave out what a server needs not: post-quantum groups, and extensions beyond `ESSENTIAL`."""
    draft = Draft(hello)
    hybrid = {g for g in hello.listed(ExtensionType.supported_groups) if is_hybrid(g)}
    if hybrid < set(hello.listed(ExtensionType.supported_groups)):
        _take_out(draft, hello, ExtensionType.supported_groups, hybrid)
        _take_out(draft, hello, ExtensionType.key_share, hybrid)
    for extension in dict.fromkeys(hello.extensions):
        if extension not in ESSENTIAL:
            name = EXTENSIONS.get(extension) or say("extension {number}", number=extension)
            draft.drop(extension, say("leave {name} out", name=name))
    return draft.edits()


def grease(hello: Hello) -> tuple[Edit, ...]:
    """Leave every reserved value out: suites, extensions, and inside the lists (RFC 8701)."""
    draft = Draft(hello)
    for index, suite in enumerate(hello.suites):
        if is_grease(suite):
            draft.cut(f"cipher_suites[{index}]", say("leave the GREASE suite out"))
    for extension in dict.fromkeys(hello.extensions):
        if is_grease(extension):
            draft.drop(extension, say("leave the GREASE extension out"))
    for extension in LISTS:
        reserved = {number for number in hello.listed(extension) if is_grease(number)}
        _take_out(draft, hello, extension, reserved)
    return draft.edits()


def fallback(hello: Hello) -> tuple[Edit, ...]:
    """Do not say that this is a second try with an older version (RFC 7507)."""
    return without_suites(hello, (Suite.TLS_FALLBACK_SCSV,))


def _longer(
    hello: Hello, extension: int, added: Sequence[int], names: dict[int, str]
) -> tuple[Edit, ...]:
    present = hello.listed(extension)
    new = [number for number in added if number not in present]
    place = f"extensions[{hello.index(extension)}].body.{LISTS[extension]}"
    if not new or place not in hello.places:
        return ()
    draft = Draft(hello)
    draft.append(place, words(new), say("offer {names}", names=_names(new, names)))
    return draft.edits()


def _take_out(draft: Draft, hello: Hello, extension: int, unwanted: Collection[int]) -> None:
    at, listing = hello.index(extension), LISTS[extension]
    for index, number in enumerate(hello.listed(extension)):
        path = f"extensions[{at}].body.{listing}[{index}]"
        if number in unwanted and path in hello.places:
            name = "GREASE" if is_grease(number) else GROUPS.get(number, f"0x{number:04x}")
            share = extension == ExtensionType.key_share
            told = WITHOUT_SHARE if share else WITHOUT_MEMBER
            draft.cut(path, say(told, name=name, extension=EXTENSIONS[extension]))


WITHOUT_SHARE: Final = mark("leave the share of {name} out of {extension}")
WITHOUT_MEMBER: Final = mark("leave {name} out of {extension}")


def _names(numbers: Sequence[int], names: dict[int, str]) -> str:
    return ", ".join(names.get(number, f"0x{number:04x}") for number in numbers)


def _needed_before(extension: int, hello: Hello) -> bool:
    exchanges = [CIPHER_SUITES.get(s, "").removeprefix("TLS_") for s in hello.suites]
    return any(exchange.startswith(NEEDING[extension]) for exchange in exchanges)


def _offers_tls13(hello: Hello) -> bool:
    """Tell whether a hello needs a scheme for every kind of key already (RFC 8446 4.2.3)."""
    return Version.tls_1_3 in hello.listed(ExtensionType.supported_versions)


def _signs(kind: str, suites: Sequence[int]) -> bool:
    return any(f"_{kind}_WITH_" in CIPHER_SUITES.get(suite, "") for suite in suites)


def _sign(draft: Draft, hello: Hello, kind: str, usual: Sequence[int]) -> None:
    """Suites for another kind of key need a scheme of that kind (RFC 8422 section 5.1.3)."""
    at = hello.index(ExtensionType.signature_algorithms)
    place = f"extensions[{at}].body.supported_signature_algorithms"
    present = hello.listed(ExtensionType.signature_algorithms)
    names = (SIGNATURE_SCHEMES.get(scheme, "") for scheme in present)
    if place in hello.places and not any(name.startswith(kind.lower()) for name in names):
        told = say("{names}, which these suites need", names=_names(usual, SIGNATURE_SCHEMES))
        draft.append(place, words(usual), told)


def listed(numbers: Sequence[int]) -> bytes:
    """Return 16-bit numbers as a list with its 16-bit length."""
    return (2 * len(numbers)).to_bytes(2, "big") + words(numbers)


#: The usual schemes of each kind of key (RFC 8446 section 4.2.3).
SIGNING: Final[dict[str, tuple[int, ...]]] = {
    "RSA": (SignatureScheme.rsa_pss_rsae_sha256, SignatureScheme.rsa_pkcs1_sha256),
    "ECDSA": (SignatureScheme.ecdsa_secp256r1_sha256,),
}
#: What the elliptic-curve suites of TLS 1.2 need (RFC 8422 section 5.1, RFC 5246 7.4.1.4.1).
NEEDED: Final[dict[int, bytes]] = {
    ExtensionType.supported_groups: listed((Group.x25519, Group.secp256r1, Group.secp384r1)),
    ExtensionType.ec_point_formats: bytes((1, ECPointFormat.uncompressed)),
    ExtensionType.signature_algorithms: listed(
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

#: A share of x25519 that every server can work with: its base point (RFC 7748 section 4.1).
X25519_SHARE: Final = bytes((0, 36)) + words((Group.x25519, 32)) + bytes((9,)) + bytes(31)
#: The suites of TLS 1.3 that every implementation has (RFC 8446 section 9.1).
OF_TLS13: Final = tuple(
    number
    for number, name in CIPHER_SUITES.items()
    if name in ("TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384")
)
#: What TLS 1.3 cannot do without (RFC 8446 section 9.2).
WANTED_BY_TLS13: Final[dict[int, tuple[int, ...]]] = {
    ExtensionType.supported_groups: (Group.x25519,),
    ExtensionType.signature_algorithms: (
        SignatureScheme.rsa_pss_rsae_sha256,
        SignatureScheme.ecdsa_secp256r1_sha256,
    ),
}
#: Which key exchanges need them.
NEEDING: Final[dict[int, tuple[str, ...]]] = {
    ExtensionType.supported_groups: ("ECDH",),
    ExtensionType.ec_point_formats: ("ECDH",),
    ExtensionType.signature_algorithms: ("ECDHE", "DHE"),
}
