"""What a played server shows of itself, and asks of its client: bodies of messages.

Certificate, CertificateStatus and CertificateRequest, RFC 5246 section 7.4, RFC 6066 section 8,
RFC 8446 section 4.4.2. Makes bytes, and decides nothing.
"""

from __future__ import annotations

from typing import Final

from tlswire.codes import CertificateStatusType, ExtensionType, Version
from tlswire.player import part
from tlswire.player.credentials import Credentials

#: What a CertificateRequest of ours accepts where the captured one was not seen.
_SCHEMES: Final = (0x0804, 0x0403, 0x0805, 0x0806, 0x0503, 0x0603, 0x0807, 0x0401)


def certificates12(credentials: Credentials) -> bytes:
    """Return the body of a Certificate up to TLS 1.2."""
    listed = b"".join(len(der).to_bytes(3, "big") + der for der in credentials.chain)
    return len(listed).to_bytes(3, "big") + listed


def certificates13(credentials: Credentials, staple: bytes | None) -> bytes:
    """Return the body of a Certificate of TLS 1.3, with an OCSP response for its first one."""
    more = (part.Extension(ExtensionType.status_request, status(staple)),) if staple else ()
    beside = [part.join(more), *[part.join(())] * (len(credentials.chain) - 1)]
    listed = b"".join(
        len(der).to_bytes(3, "big") + der + extensions
        for der, extensions in zip(credentials.chain, beside, strict=True)
    )
    return b"\0" + len(listed).to_bytes(3, "big") + listed


def status(staple: bytes) -> bytes:
    """Return an OCSP response as a CertificateStatus."""
    return bytes((CertificateStatusType.ocsp,)) + len(staple).to_bytes(3, "big") + staple


def ask13() -> bytes:
    """Return the body of a CertificateRequest of TLS 1.3."""
    listed = b"".join(scheme.to_bytes(2, "big") for scheme in _SCHEMES)
    body = len(listed).to_bytes(2, "big") + listed
    return b"\0" + part.join((part.Extension(ExtensionType.signature_algorithms, body),))


def ask12(version: int) -> bytes:
    """Return the body of a CertificateRequest up to TLS 1.2."""
    listed = b"".join(scheme.to_bytes(2, "big") for scheme in _SCHEMES)
    schemes = len(listed).to_bytes(2, "big") + listed if version >= Version.tls_1_2 else b""
    return b"\2\1\x40" + schemes + b"\0\0"
