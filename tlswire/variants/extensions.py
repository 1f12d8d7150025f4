"""What a hello says in extensions: name, version, protocols, tickets, padding.

Each function changes the one thing of its name; () when there is nothing to change.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from tlswire.codes import EXTENSIONS, VERSIONS, ExtensionType, NameType, Version
from tlswire.errors import SelectionError
from tlswire.language import say
from tlswire.variants.edits import Draft, Edit, words
from tlswire.variants.hello import Hello
from tlswire.variants.lists import NEEDED

#: What brings a session of before back (RFC 5077 section 3.2, RFC 8446 section 4.2.11).
TICKETS: Final = (ExtensionType.session_ticket, ExtensionType.pre_shared_key)


def sni(hello: Hello, name: str | None) -> tuple[Edit, ...]:
    """Ask for another name, or for none (RFC 6066 section 3); SelectionError when it is none."""
    if name is None:
        return without(hello, ExtensionType.server_name, say("ask for no name"))
    draft = Draft(hello)
    place = (
        f"extensions[{hello.index(ExtensionType.server_name)}].body.server_name_list[0].host_name"
    )
    if place in hello.places:
        draft.replace(place, _host(name), say("ask for {name}", name=name))
    else:
        draft.drop(ExtensionType.server_name, say("ask for {name}", name=name))
        draft.add(
            ExtensionType.server_name, _server_name(_host(name)), say("ask for {name}", name=name)
        )
    return draft.edits()


def version(hello: Hello, highest: int) -> tuple[Edit, ...]:
    """Offer nothing newer than this version, of TLS 1.2 or older (RFC 8446 appendix D.1)."""
    draft = Draft(hello)
    name = VERSIONS.get(highest, f"0x{highest:04x}")
    told = say("offer {name} at most", name=name)
    draft.drop(ExtensionType.supported_versions, told)
    draft.replace("legacy_version", highest.to_bytes(2, "big"), told)
    return draft.edits()


def newer(hello: Hello) -> tuple[Edit, ...]:
    """Offer TLS 1.2 to a server that takes no older (RFC 5246 section 7.4.1.2)."""
    if int.from_bytes(hello.body[:2], "big") >= Version.tls_1_2:
        return ()
    draft = Draft(hello)
    draft.replace("legacy_version", Version.tls_1_2.to_bytes(2, "big"), say("offer TLS 1.2"))
    wanted = ExtensionType.signature_algorithms
    if hello.index(wanted) is None:
        draft.add(wanted, NEEDED[wanted], say("signature_algorithms, which belongs to TLS 1.2"))
    return draft.edits()


def older(hello: Hello) -> tuple[Edit, ...]:
    """Offer TLS 1.1 and 1.0 as well, where the versions are listed (RFC 8446 section 4.2.1)."""
    old = (Version.tls_1_1, Version.tls_1_0)
    return _listing(hello, old, say("offer TLS 1.1 and 1.0 as well"))


def tls12(hello: Hello) -> tuple[Edit, ...]:
    """Offer TLS 1.2 as well, where the versions are listed; its suites are another change."""
    return _listing(hello, (Version.tls_1_2,), say("offer TLS 1.2 as well"))


def _listing(hello: Hello, versions: Sequence[int], told: str) -> tuple[Edit, ...]:
    place = f"extensions[{hello.index(ExtensionType.supported_versions)}].body.versions"
    present = hello.listed(ExtensionType.supported_versions)
    new = [version for version in versions if version not in present]
    if place not in hello.places or not new:
        return ()
    draft = Draft(hello)
    draft.append(place, words(new), told)
    return draft.edits()


def unlisted_versions(hello: Hello) -> tuple[Edit, ...]:
    """Leave supported_versions out, and legacy_version as it is (RFC 8446 section 4.2.1)."""
    return without(hello, ExtensionType.supported_versions)


def alpn(hello: Hello, protocol: bytes | None = None) -> tuple[Edit, ...]:
    """Offer no application protocol, or this one alone (RFC 7301)."""
    wanted = ExtensionType.application_layer_protocol_negotiation
    at = hello.index(wanted)
    if protocol is None:
        return without(hello, wanted, say("offer no application protocol"))
    if at is None:
        return ()
    body = bytes((len(protocol),)) + protocol
    draft = Draft(hello)
    told = say(
        "offer the application protocol {protocol} alone",
        protocol=protocol.decode("ascii", "backslashreplace"),
    )
    draft.replace(f"extensions[{at}].body", len(body).to_bytes(2, "big") + body, told)
    return draft.edits()


def ticketless(hello: Hello) -> tuple[Edit, ...]:
    """Ask for no session of before: neither ticket nor key (RFC 8446 section 4.2.11), nor id.

    A hello that offers TLS 1.3 has an id that names no session (RFC 8446 appendix D.4).
    """
    draft = Draft(hello)
    for extension in TICKETS:
        draft.drop(extension, say("leave {name} out", name=EXTENSIONS[extension]))
    modern = Version.tls_1_3 in hello.listed(ExtensionType.supported_versions)
    if hello.fields["session_id"] and not modern:
        draft.replace("session_id", b"", say("name no session"))
    return draft.edits()


def added(hello: Hello, extension: int, body: bytes) -> tuple[Edit, ...]:
    """Put an extension in that the hello lacks."""
    if hello.index(extension) is not None:
        return ()
    draft = Draft(hello)
    draft.add(extension, body, say("say {name}", name=EXTENSIONS.get(extension, extension)))
    return draft.edits()


def extended_master_secret(hello: Hello) -> tuple[Edit, ...]:
    """Bind the master secret to the handshake (RFC 7627 section 5.1)."""
    return added(hello, ExtensionType.extended_master_secret, b"")


def renegotiation_info(hello: Hello) -> tuple[Edit, ...]:
    """Signal secure renegotiation (RFC 5746 section 3.4)."""
    return added(hello, ExtensionType.renegotiation_info, b"\0")


def elliptic_extensions(hello: Hello) -> tuple[Edit, ...]:
    """Say what the elliptic-curve suites need and the hello lacks (RFC 8422 section 5.1)."""
    draft = Draft(hello)
    for extension in (ExtensionType.supported_groups, ExtensionType.ec_point_formats):
        if hello.index(extension) is None:
            draft.add(
                extension,
                NEEDED[extension],
                say("say {name}", name=EXTENSIONS[extension]),
            )
    return draft.edits()


def padded(hello: Hello, size: int) -> tuple[Edit, ...]:
    """Bring the message, its 4-byte header included, to `size` bytes (RFC 7685)."""
    draft = Draft(hello)
    draft.pad(
        size, say("pad the hello from {before} to {after} bytes", before=hello.size, after=size)
    )
    return draft.edits()


def without(hello: Hello, extension: int, why: str = "") -> tuple[Edit, ...]:
    """Leave an extension out."""
    draft = Draft(hello)
    name = EXTENSIONS.get(extension) or say("extension {number}", number=extension)
    draft.drop(extension, why or say("leave {name} out", name=name))
    return draft.edits()


def _host(name: str) -> bytes:
    try:
        return name.encode("idna")
    except UnicodeError:
        raise SelectionError(say("{name!r} is not a host name", name=name)) from None


def _server_name(host: bytes) -> bytes:
    entry = bytes((NameType.host_name,)) + len(host).to_bytes(2, "big") + host
    return len(entry).to_bytes(2, "big") + entry
